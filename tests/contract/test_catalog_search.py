"""What a catalog promises about finding an owner's media: order, pages that lose nothing, and every filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from gateway.core.changes import Changes
from gateway.core.listing import Place
from gateway.core.moving import Arrived
from gateway.core.ports import Catalog
from gateway.core.records import Media, Owner
from gateway.core.search import Query
from tests.contract.samples import NOW, ODD_TEXTS, a_media, a_token, an_album, minutes

LATER = NOW + minutes(10_000)


def add(catalog: Catalog, owner: Owner, number: int = 1, **facts: Any) -> list[Media]:
    """As many media, each a minute older than the one before; gives the newest first."""
    newest = facts.pop("created_at", NOW)
    added = [a_media(owner, created_at=newest - minutes(at), **facts) for at in range(number)]
    for media in added:
        catalog.add_media(media, a_token(), reuse=False)
    return added


def search(catalog: Catalog, owner: Owner, after: Media | None = None, limit: int = 100, **asked: Any) -> list[Media]:
    place = Place(after.created_at, after.id) if after else None
    found = catalog.search(Query(owner.id, **asked), place, NOW, limit)
    return [media for one in found if (media := catalog.media(one.id))]


def walk(catalog: Catalog, owner: Owner, size: int, **asked: Any) -> list[Media]:
    seen: list[Media] = []
    while page := search(catalog, owner, seen[-1] if seen else None, size, **asked):
        assert len(page) <= size
        seen += page
    return seen


def newest_first(media: Sequence[Media]) -> list[Media]:
    return sorted(media, key=lambda one: (one.created_at, one.id), reverse=True)


def test_it_works(catalog: Catalog, alice: Owner) -> None:
    added = add(catalog, alice, 5, tags=("cat",))
    assert search(catalog, alice) == added
    assert search(catalog, alice, limit=2) == added[:2]
    assert search(catalog, alice, added[1], limit=2) == added[2:4]


@pytest.mark.parametrize("asked", [{}, {"tag": "cat"}, {"text": "cat"}, {"is_public": False}], ids=str)
def test_a_list_says_the_same_as_the_media_itself(catalog: Catalog, alice: Owner, asked: dict[str, Any]) -> None:
    catalog.add_album(album := an_album(alice))
    [media] = add(
        catalog, alice, description="a cat", kind="video", duration=1.5, bitrate=64_000, is_public=False, is_nsfw=True,
        album_id=album.id, expires_at=LATER, allowed_referers=("self",), tags=("cat", "dog"),
    )  # fmt: skip
    [listed] = catalog.search(Query(alice.id, **asked), None, NOW, 9)
    for fact in fields(listed):
        assert getattr(listed, fact.name) == getattr(media, fact.name)
    assert (listed.blob(), listed.blob("th"), listed.has("th")) == (media.blob(), media.blob("th"), media.has("th"))


def test_nothing_is_found_where_nothing_is(catalog: Catalog, alice: Owner) -> None:
    for asked in ({}, {"tag": "cat"}, {"text": "cat"}, {"kinds": ("video",)}):
        assert search(catalog, alice, **asked) == []


@pytest.mark.parametrize(
    "asked", [{}, {"tag": "cat"}, {"text": "cat"}, {"kinds": ("image",)}, {"is_public": True}], ids=str
)
def test_others_see_nothing_of_it(catalog: Catalog, alice: Owner, bob: Owner, asked: dict[str, Any]) -> None:
    own = add(catalog, bob, tags=("cat",))
    add(catalog, alice, 3, tags=("cat",))
    assert search(catalog, bob, **asked) == own


# every way of asking gives the same order, page by page


WAYS: dict[str, dict[str, Any]] = {
    "all": {},
    "a kind": {"kinds": ("image",)},
    "two kinds": {"kinds": ("image", "video")},
    "a visibility": {"is_public": True},
    "a kind and a visibility": {"kinds": ("image",), "is_public": True},
    "a tag": {"tag": "cat"},
    "a tag and a kind": {"tag": "cat", "kinds": ("image",)},
    "a text": {"text": "cat"},
    "a text and a tag": {"text": "cat", "tag": "cat"},
    "a letter": {"text": "t"},
    "dates": {"since": NOW - minutes(10_000), "until": LATER},
}


@pytest.mark.parametrize("size", [1, 2, 7, 100])
@pytest.mark.parametrize("way", WAYS)
def test_pages_of_any_size_show_each_media_once(catalog: Catalog, alice: Owner, way: str, size: int) -> None:
    added = add(catalog, alice, 9, tags=("cat",)) + add(catalog, alice, 3, tags=("cat", "dog"))
    added += [one for _ in range(9) for one in add(catalog, alice, tags=("cat",))]
    assert walk(catalog, alice, size, **WAYS[way]) == newest_first(added)


@pytest.mark.parametrize("way", WAYS)
def test_a_walk_is_not_disturbed_by_what_comes_and_goes(catalog: Catalog, alice: Owner, way: str) -> None:
    added = newest_first(add(catalog, alice, 9, tags=("cat",)))
    page = search(catalog, alice, limit=3, **WAYS[way])
    catalog.remove_media(page[-1].id, NOW)  # the very one after which the next page begins
    catalog.remove_media(added[5].id, NOW)
    add(catalog, alice, tags=("cat",), created_at=NOW + minutes(1))
    assert search(catalog, alice, page[-1], **WAYS[way]) == [*added[3:5], *added[6:]]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_past_its_time_is_left_out(catalog: Catalog, alice: Owner, way: str) -> None:
    add(catalog, alice, tags=("cat",), expires_at=NOW)
    [stays] = add(catalog, alice, tags=("cat",), expires_at=NOW + minutes(1))
    assert search(catalog, alice, **WAYS[way]) == [stays]


@pytest.mark.parametrize("year", [1, 1830, 1969, 1970, 2026, 2110, 9999])
@pytest.mark.parametrize("way", sorted(WAYS.keys() - {"dates"}))
def test_any_date_has_its_place(catalog: Catalog, alice: Owner, way: str, year: int) -> None:
    added = [one for month in (1, 2) for one in add(catalog, alice, 2, tags=("cat",), created_at=in_year(year, month))]
    added += add(catalog, alice, tags=("cat",))
    assert walk(catalog, alice, 2, **WAYS[way]) == newest_first(added)


def in_year(year: int, month: int) -> Any:
    return NOW.replace(year=year, month=month)


# kinds, visibility, dates


def test_kinds_are_told_apart(catalog: Catalog, alice: Owner) -> None:
    [sound] = add(catalog, alice, kind="audio", created_at=NOW - minutes(1))
    [film] = add(catalog, alice, kind="video")
    add(catalog, alice, created_at=NOW - minutes(2))
    assert search(catalog, alice, kinds=("audio",)) == [sound]
    assert search(catalog, alice, kinds=("audio", "video")) == [film, sound]
    assert search(catalog, alice, kinds=("audio",), text="cat") == [sound]


@pytest.mark.parametrize("asked", [{}, {"kinds": ("image",)}, {"text": "cat"}, {"tag": "cat"}], ids=str)
def test_private_ones_can_be_asked_for(catalog: Catalog, alice: Owner, asked: dict[str, Any]) -> None:
    [hidden] = add(catalog, alice, is_public=False, tags=("cat",))
    [shown] = add(catalog, alice, tags=("cat",), created_at=NOW - minutes(1))
    assert search(catalog, alice, is_public=False, **asked) == [hidden]
    assert search(catalog, alice, is_public=True, **asked) == [shown]
    assert search(catalog, alice, **asked) == [hidden, shown]


@pytest.mark.parametrize("asked", [{}, {"kinds": ("image",)}, {"text": "cat"}, {"tag": "cat"}], ids=str)
def test_dates_include_the_first_moment_and_not_the_last(catalog: Catalog, alice: Owner, asked: dict[str, Any]) -> None:
    added = add(catalog, alice, 4, tags=("cat",))
    assert search(catalog, alice, since=added[2].created_at, until=added[0].created_at, **asked) == added[1:3]
    assert search(catalog, alice, until=added[2].created_at, **asked) == added[3:]
    assert search(catalog, alice, since=NOW + timedelta(milliseconds=1), **asked) == []


# tags


def test_a_tag_is_whole_and_its_case_matters(catalog: Catalog, alice: Owner) -> None:
    [found] = add(catalog, alice, tags=("Cat",))
    add(catalog, alice, tags=("cat",))
    add(catalog, alice, tags=("Cats",))
    assert search(catalog, alice, tag="Cat") == [found]
    assert search(catalog, alice, tag="C%") == []


# text


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("Holiday at the lake", "lake"),
        ("Holiday at the lake", "DAY AT"),
        ("Holiday at the lake", "h"),
        ("Holiday at the lake", "Holiday at the lake"),
        ("100 % cotton_shirt", "% c"),
        ("100 % cotton_shirt", "n_s"),
        ("Straße", "STRASSE"),
        ("ÄRGER", "ärger"),
        ("e\u0301te\u0301", "\u00c9T\u00c9"),
        ("Привет, мир", "ПРИВЕТ"),
        ("我的照片", "照片"),
        ("我的照片", "照"),
        ("a 'quoted' \"word\"", "d' \"W"),
        ("back\\slash*", "\\SLASH*"),
        ("👩‍👩‍👧 at home", "👩‍👩‍👧"),
        ("x AND y NOT z", "AND y NOT"),
        ("\ue05f is nobody's", "\ue05f"),
    ],
)
def test_text_is_found_in_any_script_and_case(catalog: Catalog, alice: Owner, title: str, asked: str) -> None:
    [found] = add(catalog, alice, title=title, filename="1.png")
    add(catalog, alice, title="Something else", filename="2.png")
    assert search(catalog, alice, text=asked) == ([found] if asked != "h" else search(catalog, alice))


def test_text_is_found_in_the_file_name_too(catalog: Catalog, alice: Owner) -> None:
    [found] = add(catalog, alice, title=None, filename="IMG_2041.JPG")
    add(catalog, alice, title="2041", filename="2040.png", created_at=NOW - minutes(1))
    assert search(catalog, alice, text="img_2041.jpg") == [found]
    assert len(search(catalog, alice, text="2041")) == 2


@pytest.mark.parametrize(
    "asked", ["cat_", "c%t", "c*t", "catt", "tac", "c\0t", "\ud83d", "x" * 5000, '"', "cat OR dog"]
)
def test_what_is_not_there_is_not_found(catalog: Catalog, alice: Owner, asked: str) -> None:
    add(catalog, alice, title="cat", filename="cat.png")
    assert search(catalog, alice, text=asked) == []


def test_pieces_that_are_all_there_are_not_yet_the_text(catalog: Catalog, alice: Owner) -> None:
    add(catalog, alice, title="abcx xbcd", filename="1.png")
    assert search(catalog, alice, text="abcd") == []


@pytest.mark.parametrize("title", ODD_TEXTS)
def test_every_title_finds_itself(catalog: Catalog, alice: Owner, title: str) -> None:
    [found] = add(catalog, alice, title=title)
    assert search(catalog, alice, text=title) == [found]


def test_a_long_text_is_found_whole(catalog: Catalog, alice: Owner) -> None:
    title = " ".join(map(str, range(60)))
    [found] = add(catalog, alice, title=title)
    add(catalog, alice, title=title.removesuffix("59"))
    assert search(catalog, alice, text=title) == [found]


def test_a_removed_media_is_not_found_by_its_text(catalog: Catalog, alice: Owner) -> None:
    [gone, stays] = add(catalog, alice, 2)
    catalog.remove_media(gone.id, NOW)
    assert search(catalog, alice, text="cat") == [stays]


def test_a_new_title_is_found_and_the_old_one_is_not(catalog: Catalog, alice: Owner) -> None:
    [media] = add(catalog, alice, title="before", filename="1.png")
    changed = catalog.change_media(media.id, Changes(title="after"), NOW)
    assert search(catalog, alice, text="after") == [changed]
    assert search(catalog, alice, text="before") == []


def test_media_of_one_moment_are_told_apart(catalog: Catalog, alice: Owner) -> None:
    """They may share a row of whatever makes texts fast to find."""
    ids = [f"same{number:07}" for number in range(12)]
    added = [a_media(alice, id=one, title=f"number {at}") for at, one in enumerate(ids)]
    for media in added:
        catalog.add_media(media, a_token(), reuse=False)
    assert search(catalog, alice, text="number 1") == [added[11], added[10], added[1]]
    catalog.remove_media(added[10].id, NOW)
    catalog.change_media(added[11].id, Changes(title="renamed"), NOW)
    assert search(catalog, alice, text="number 1") == [added[1]]
    assert [one.id for one in walk(catalog, alice, 2, text="n")] == sorted({*ids} - {added[10].id}, reverse=True)


def test_the_rare_is_found_among_many_that_are_nearly_it(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    def pictures(owner: Owner) -> list[Media]:
        return [
            a_media(owner, title=None, filename=f"IMG_{number:04}.jpg", created_at=NOW - minutes(number))
            for number in range(400)
        ]

    own = pictures(alice)
    catalog.add_arrived([Arrived(media) for media in [*own, *pictures(bob)]])
    assert search(catalog, alice, text="img_0123.jpg") == own[123:124]
    assert search(catalog, alice, text="img_012") == own[120:130]
    assert search(catalog, alice, text="img_", limit=400) == own
    assert walk(catalog, alice, 7, text="9.jpg") == own[9::10]
    assert search(catalog, alice, text="img_0400.jpg") == []
