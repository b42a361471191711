"""What a catalog promises about changing and removing albums."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.changes import Changes
from gateway.core.edits import Edit
from gateway.core.errors import InvalidInput
from gateway.core.moving import Address, Arrived, Origin
from gateway.core.ports import Catalog
from gateway.core.records import Album, Owner
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, ODD_TEXTS, a_media, a_token, an_album, an_owner, at_once, minutes


def added(catalog: Catalog, owner: Owner, name: str = "Holiday", **facts: object) -> Album:
    catalog.add_album(album := an_album(owner, name, **facts))
    return album


def filled(catalog: Catalog, owner: Owner, album: Album, number: int) -> list[str]:
    media = [a_media(owner, album_id=album.id, created_at=NOW - minutes(at)) for at in range(number)]
    for one in media:
        catalog.add_media(one, a_token(), reuse=False)
    return [one.id for one in media]


def changed_ids(catalog: Catalog, owner: Owner) -> list[str]:
    return [one.id for one in catalog.changes(owner.id, (), None, NOW, 100)]


def test_everything_said_about_an_album_is_kept(catalog: Catalog, alice: Owner) -> None:
    parent, other = added(catalog, alice, "Years"), added(catalog, alice, "Other")
    album = added(catalog, alice, views=7, likes=3)
    changed = replace(
        album, name="2026", description="All of it", privacy="password", password_hash="x$y", parent_id=parent.id,
        cover_id="abc",
    )  # fmt: skip
    assert catalog.change_album(changed)
    assert catalog.album(album.id) == changed
    assert catalog.album(other.id) == other


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_texts_come_back_as_they_were(catalog: Catalog, alice: Owner, text: str) -> None:
    album = added(catalog, alice)
    assert catalog.change_album(replace(album, name=text, description=text))
    kept = catalog.album(album.id)
    assert kept and (kept.name, kept.description) == (text, text)


def test_what_others_write_meanwhile_stays(catalog: Catalog, alice: Owner) -> None:
    album = added(catalog, alice)
    filled(catalog, alice, album, 2)
    catalog.count_album_view(album.id)
    assert catalog.change_album(replace(album, name="New"))
    assert catalog.album(album.id) == replace(album, name="New", media_count=2, views=1)


def test_an_album_that_is_gone_is_not_changed(catalog: Catalog, alice: Owner) -> None:
    assert not catalog.change_album(an_album(alice))
    assert catalog.albums() == []


def test_an_album_never_lies_in_itself(catalog: Catalog, alice: Owner) -> None:
    top = added(catalog, alice, "top")
    middle = added(catalog, alice, "middle", parent_id=top.id)
    low = added(catalog, alice, "low", parent_id=middle.id)
    for inside in (top, middle, low):
        with pytest.raises(InvalidInput) as refusal:
            catalog.change_album(replace(top, parent_id=inside.id, name="moved"))
        assert refusal.value.code == "ALBUM_LOOP"
    assert catalog.album(top.id) == top
    assert catalog.change_album(replace(low, parent_id=top.id))


def test_two_who_put_two_albums_into_each_other_at_once(open_catalog: OpenCatalog) -> None:
    handles = [open_catalog(), open_catalog()]
    handles[0].add_owner(owner := an_owner())
    pair = added(handles[0], owner, "a"), added(handles[0], owner, "b")
    results = at_once(2, lambda at: handles[at].change_album(replace(pair[at], parent_id=pair[1 - at].id)))
    assert sorted(isinstance(result, InvalidInput) for result in results) == [False, True]


def test_nothing_is_put_into_an_album_of_another_or_of_nobody(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    album, foreign = added(catalog, alice), added(catalog, bob)
    for parent in (foreign.id, "nowhere"):
        with pytest.raises(InvalidInput) as refusal:
            catalog.change_album(replace(album, parent_id=parent))
        assert refusal.value.code == "ALBUM_PARENT"
    assert catalog.album(album.id) == album


def test_albums_that_lie_in_each_other_already_can_be_left(catalog: Catalog, alice: Owner) -> None:
    one = added(catalog, alice, "one")
    two = added(catalog, alice, "two", parent_id="three")
    three = added(catalog, alice, "three", id="three", parent_id=two.id)
    assert catalog.change_album(replace(one, parent_id=three.id))
    assert catalog.change_album(replace(two, parent_id=None))


# emptying and removing


def test_it_is_emptied_by_the_handful(catalog: Catalog, alice: Owner) -> None:
    album, other = added(catalog, alice), added(catalog, alice, "Other")
    ids, kept = filled(catalog, alice, album, 5), filled(catalog, alice, other, 1)
    later = NOW + minutes(1)
    assert [catalog.empty_album(album.id, later, 2) for _ in range(4)] == [2, 2, 1, 0]
    for media_id in ids:
        media = catalog.media(media_id)
        assert media and media.album_id is None and media.updated_at == later
    kept_one = catalog.media(kept[0])
    assert kept_one and kept_one.album_id == other.id
    counts = {one.id: one.media_count for one in catalog.albums()}
    assert counts == {album.id: 0, other.id: 1}
    assert changed_ids(catalog, alice)[-5:] != [] and set(changed_ids(catalog, alice)[-5:]) == set(ids)


def test_removing_keeps_what_was_in_it(catalog: Catalog, alice: Owner) -> None:
    album = added(catalog, alice)
    ids = filled(catalog, alice, album, 3)
    before = catalog.owner(alice.id)
    assert catalog.remove_album(album.id, NOW + minutes(1))
    assert catalog.album(album.id) is None
    for media_id in ids:
        media = catalog.media(media_id)
        assert media and media.album_id is None
    assert catalog.owner(alice.id) == before
    assert not catalog.recount()
    assert not catalog.remove_album(album.id, NOW)


def test_what_lay_in_it_lies_where_it_lay(catalog: Catalog, alice: Owner) -> None:
    top = added(catalog, alice, "top")
    middle = added(catalog, alice, "middle", parent_id=top.id)
    low = added(catalog, alice, "low", parent_id=middle.id)
    assert catalog.remove_album(middle.id, NOW)
    assert catalog.album(low.id) == replace(low, parent_id=top.id)
    assert catalog.remove_album(top.id, NOW)
    assert catalog.album(low.id) == replace(low, parent_id=None)


def test_nothing_leads_to_it_any_more(catalog: Catalog, alice: Owner) -> None:
    album, other = added(catalog, alice), added(catalog, alice, "Other")
    catalog.add_addresses([Address("/a/x", "s", "album", album.id), Address("/a/y", "s", "album", other.id)])
    catalog.add_origins([Origin("s", "album", "1", album.id, "r"), Origin("s", "album", "2", other.id, "r")])
    catalog.remove_album(album.id, NOW)
    assert [one.path for one in catalog.addresses_to([album.id, other.id])] == ["/a/y"]
    assert [one.key for one in catalog.origins_to([album.id, other.id])] == ["2"]


# into an album that was removed since somebody looked for it


def test_what_comes_for_a_removed_album_is_in_none(catalog: Catalog, alice: Owner) -> None:
    album = added(catalog, alice)
    sent, brought, beside = (a_media(alice, album_id=one) for one in ("gone", "gone", album.id))
    assert catalog.add_media(sent, a_token(), reuse=False) is None
    assert catalog.add_arrived([Arrived(brought), Arrived(beside)]) == [None, None]
    kept = [catalog.media(one.id) for one in (sent, brought, beside)]
    assert [one and one.album_id for one in kept] == [None, None, album.id]
    assert not catalog.recount()


def test_nothing_is_moved_into_a_removed_album(catalog: Catalog, alice: Owner) -> None:
    [media_id] = filled(catalog, alice, album := added(catalog, alice), 1)
    with pytest.raises(InvalidInput, match="no such album") as refused:
        catalog.change_media(media_id, Changes(album_id="gone"), NOW)
    assert refused.value.meta == {"field": "album_id"}
    with pytest.raises(InvalidInput, match="no such album") as refused:
        catalog.edit_media(alice.id, [media_id], Edit(album_id="gone"), NOW)
    assert refused.value.code == "ALBUM_GONE"
    media = catalog.media(media_id)
    assert media and media.album_id == album.id
