"""What a catalog promises to somebody in front of a whole library: albums, what is expiring, many at once, tags."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.changes import MAX_TAGS
from gateway.core.edits import Edit
from gateway.core.listing import Place
from gateway.core.ports import Catalog
from gateway.core.records import Album, Media, Owner
from gateway.core.search import Query
from tests.contract.samples import NOW, a_media, a_token, an_album, minutes

SOON = NOW + minutes(1)
LATER = NOW + minutes(60)


def add(catalog: Catalog, owner: Owner, **facts: Any) -> Media:
    catalog.add_media(media := a_media(owner, **facts), a_token(), reuse=False)
    return media


def found(catalog: Catalog, query: Query, after: Place | None = None, limit: int = 100) -> list[str]:
    return [one.id for one in catalog.search(query, after, NOW, limit)]


@pytest.fixture
def album(catalog: Catalog, alice: Owner) -> Album:
    catalog.add_album(album := an_album(alice))
    return album


# looking for


def test_an_album_is_found_newest_first(catalog: Catalog, alice: Owner, album: Album) -> None:
    inside = [add(catalog, alice, album_id=album.id, created_at=NOW - minutes(age)) for age in (2, 0, 1)]
    add(catalog, alice)
    assert found(catalog, Query(alice.id, album_id=album.id)) == [inside[1].id, inside[2].id, inside[0].id]
    place = Place(inside[1].created_at, inside[1].id)
    assert found(catalog, Query(alice.id, album_id=album.id), place, 1) == [inside[2].id]


def test_an_album_of_another_is_empty(catalog: Catalog, alice: Owner, bob: Owner, album: Album) -> None:
    add(catalog, alice, album_id=album.id)
    assert found(catalog, Query(bob.id, album_id=album.id)) == []


def test_what_is_expiring_is_found(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    passing = add(catalog, alice, expires_at=LATER)
    add(catalog, alice)
    add(catalog, alice, expires_at=NOW)
    add(catalog, bob, expires_at=LATER)
    assert found(catalog, Query(alice.id, is_expiring=True)) == [passing.id]


@pytest.mark.parametrize(
    "narrower",
    [{"kinds": ("image",)}, {"kinds": ("image", "audio")}, {"is_public": False}, {"tag": "cat"}, {"text": "needle"}],
    ids=str,
)
@pytest.mark.parametrize("by", ["album", "expiring", "both"])
def test_it_is_narrowed_down(catalog: Catalog, alice: Owner, album: Album, by: str, narrower: dict[str, Any]) -> None:
    wanted: dict[str, Any] = {"kind": "image", "is_public": False, "tags": ("cat",), "title": "a needle"}
    other: dict[str, Any] = {"kind": "video", "is_public": True, "tags": ("dog",), "title": "hay"}
    where: dict[str, Any] = {"album_id": album.id, "expires_at": LATER}
    only = {"album": {"album_id": album.id}, "expiring": {"expires_at": LATER}, "both": where}[by]
    query = Query(
        alice.id, album_id=album.id if "album_id" in only else None, is_expiring="expires_at" in only, **narrower
    )
    hit = add(catalog, alice, **wanted, **only)
    add(catalog, alice, **other, **only)
    add(catalog, alice, **wanted)
    assert found(catalog, query) == [hit.id]


# changing many


def test_many_are_changed_at_once(catalog: Catalog, alice: Owner, album: Album) -> None:
    media = [add(catalog, alice, tags=("dog", "cat")) for _ in range(3)]
    edit = Edit(add_tags=("elk", "cat"), remove_tags=("dog",), is_public=False, album_id=album.id)
    assert catalog.edit_media(alice.id, [one.id for one in media[:2]], edit, SOON) == dict.fromkeys(
        [one.id for one in media[:2]]
    )
    for one in media[:2]:
        changed = catalog.media(one.id)
        assert changed == replace(
            one, tags=changed.tags if changed else (), is_public=False, album_id=album.id, updated_at=SOON
        )
        assert sorted(changed.tags) == ["cat", "elk"]
    assert catalog.media(media[2].id) == media[2]
    assert catalog.totals(alice.id).number(is_public=False) == 2
    stored = catalog.album(album.id)
    assert stored and stored.media_count == 2
    assert not catalog.recount()


def test_tags_are_found_after_that(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, alice, tags=("dog",))
    catalog.edit_media(alice.id, [media.id], Edit(add_tags=("elk",), remove_tags=("dog",)), SOON)
    assert found(catalog, Query(alice.id, tag="elk")) == [media.id]
    assert found(catalog, Query(alice.id, tag="dog")) == []


def test_what_is_out_of_an_album_is_counted_out(catalog: Catalog, alice: Owner, album: Album) -> None:
    media = add(catalog, alice, album_id=album.id)
    catalog.edit_media(alice.id, [media.id], Edit(album_id=None), SOON)
    stored = catalog.album(album.id)
    assert stored and stored.media_count == 0 and not catalog.recount()


def test_those_that_cannot_be_changed_do_not_hold_up_the_others(catalog: Catalog, alice: Owner) -> None:
    full = add(catalog, alice, tags=tuple(f"tag {number}" for number in range(MAX_TAGS)))
    free = add(catalog, alice)
    said = catalog.edit_media(alice.id, [full.id, free.id], Edit(add_tags=("one more",)), SOON)
    error = said[full.id]
    assert error and error.code == "TAGS_TOO_MANY" and said[free.id] is None
    assert catalog.media(full.id) == full
    changed = catalog.media(free.id)
    assert changed and changed.tags == ("one more",)


def test_only_what_is_theirs_and_there_is_changed(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    hers, past = add(catalog, alice), add(catalog, bob, expires_at=NOW)
    ids = [hers.id, past.id, "nothing"]
    said = catalog.edit_media(bob.id, ids, Edit(is_public=False), SOON)
    assert [error and error.code for error in (said[one] for one in ids)] == ["NOT_FOUND"] * 3
    assert catalog.media(hers.id) == hers and catalog.media(past.id) == past


def test_what_is_so_already_is_not_changed(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, alice, tags=("cat",))
    before = catalog.changes(alice.id, (), None, NOW, 10)
    assert catalog.edit_media(alice.id, [media.id], Edit(add_tags=("cat",), is_public=True), SOON) == {media.id: None}
    assert catalog.media(media.id) == media and catalog.changes(alice.id, (), None, NOW, 10) == before


def test_changes_are_in_the_feed(catalog: Catalog, alice: Owner) -> None:
    media = [add(catalog, alice) for _ in range(3)]
    [*_, last] = catalog.changes(alice.id, (), None, SOON, 10)
    catalog.edit_media(alice.id, [media[0].id, media[1].id], Edit(is_public=False), SOON)
    fed = catalog.changes(alice.id, (), last.place, SOON, 10)
    assert sorted(change.place[1] for change in fed) == sorted([media[0].id, media[1].id])


def test_nothing_is_asked_of_nothing(catalog: Catalog, alice: Owner) -> None:
    assert catalog.edit_media(alice.id, [], Edit(is_public=False), SOON) == {}
    assert catalog.drop_media(alice.id, [], SOON) == []


# removing many


def test_many_are_removed_at_once(catalog: Catalog, alice: Owner, album: Album) -> None:
    media = [add(catalog, alice, tags=("cat",), album_id=album.id, title="needle") for _ in range(3)]
    gone = catalog.drop_media(alice.id, [media[0].id, media[2].id, media[0].id], SOON)
    assert {one.id for one in gone} == {media[0].id, media[2].id}
    assert found(catalog, Query(alice.id)) == [media[1].id]
    assert found(catalog, Query(alice.id, text="needle")) == [media[1].id]
    assert found(catalog, Query(alice.id, tag="cat")) == [media[1].id]
    assert catalog.tombstones_among([one.id for one in media]) == {media[0].id, media[2].id}
    assert catalog.totals(alice.id).number() == 1 and not catalog.recount()
    stored = catalog.album(album.id)
    assert stored and stored.media_count == 1


def test_only_what_is_theirs_and_there_is_removed(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    hers, his, past = add(catalog, alice), add(catalog, bob), add(catalog, bob, expires_at=NOW)
    gone = catalog.drop_media(bob.id, [hers.id, past.id, "nothing", his.id], SOON)
    assert [one.id for one in gone] == [his.id]
    assert catalog.media(hers.id) and catalog.media(past.id) and not catalog.media(his.id)


# tags


def test_tags_are_found_by_their_beginning(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    add(catalog, alice, tags=("sunset", "sun", "Sun", "sea", "søn", "日光"))
    add(catalog, bob, tags=("sunrise",))
    assert catalog.tags_beginning(alice.id, "sun", 10) == ["sun", "sunset"]
    assert catalog.tags_beginning(alice.id, "日", 10) == ["日光"]
    assert catalog.tags_beginning(alice.id, "", 3) == ["Sun", "sea", "sun"]
    assert catalog.tags_beginning(alice.id, "sunr", 10) == []
    assert catalog.tags_beginning(alice.id, "\ud800", 10) == []


def test_a_tag_nobody_uses_any_more_is_none(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, alice, tags=("sun",))
    catalog.drop_media(alice.id, [media.id], SOON)
    assert catalog.tags_beginning(alice.id, "sun", 10) == []
