"""The old site's albums: their tree, their privacy, and what they lead to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.items import OldAlbum
from migrate.sources.chevereto.albums import (
    CUSTOM,
    CYCLE,
    NO_BUTTONS,
    NO_OWNER,
    NO_PARENT,
    NO_PASSWORD,
    cut_circles,
    read_levels,
)  # fmt: skip
from migrate.sources.tables import Value
from tests.migrate.old_site import RowOf, TablesOf, notes_of, open_site


def album(id: int, name: str = "Trip", **more: Value) -> RowOf:
    return {"id": id, "name": name, "privacy": "public", **more}


def albums(files: Path, tables: TablesOf) -> list[OldAlbum]:
    return list(open_site(files, tables).albums())


def test_what_an_album_says_is_kept(tmp_path: Path) -> None:
    tables: TablesOf = {
        "users": [{"id": 2, "username": "bob"}],
        "albums": [
            album(5, "A & B", user_id=2, description="'x'\n—", views=9, cover_id=77, date="2026-11-21 01:03:58",
                  date_gmt="2026-11-21 04:03:58"),
        ],
    }  # fmt: skip
    (found,) = albums(tmp_path, tables)
    assert (found.key, found.name, found.owner, found.description) == ("5", "A & B", "2", "'x'\n—")
    assert (found.views, found.cover, found.created_local) == (9, "77", "2026-11-21 01:03:58")
    assert found.created_at
    assert found.created_at.hour == 4


def test_parents_come_before_their_children(tmp_path: Path) -> None:
    rows = [album(1, parent_id=3), album(2, parent_id=1), album(3), album(4)]
    assert [(one.key, one.parent) for one in albums(tmp_path, {"albums": rows})] == [
        ("3", None), ("4", None), ("1", "3"), ("2", "1"),
    ]  # fmt: skip


def test_a_circle_is_cut_at_its_first_album(tmp_path: Path) -> None:
    rows = [album(1, parent_id=4), album(2, parent_id=4), album(3, parent_id=2), album(4, parent_id=3)]
    source = open_site(tmp_path, {"albums": rows})
    assert [(one.key, one.parent) for one in source.albums()] == [("2", None), ("3", "2"), ("4", "3"), ("1", "4")]
    assert notes_of(source, after="albums") == {CYCLE.format("Trip"): 1}


def test_an_album_inside_itself_comes_to_the_top(tmp_path: Path) -> None:
    source = open_site(tmp_path, {"albums": [album(1, parent_id=1, name="Mirrors")]})
    assert [one.parent for one in source.albums()] == [None]
    assert notes_of(source, after="albums") == {
        "The album 'Mirrors' was inside itself by way of others; it comes to the top.": 1
    }


def test_an_album_whose_parent_is_gone_comes_to_the_top(tmp_path: Path) -> None:
    source = open_site(tmp_path, {"albums": [album(1, parent_id=9)]})
    assert [one.parent for one in source.albums()] == [None]
    assert notes_of(source, after="albums") == {NO_PARENT: 1}


def test_versions_without_nesting_have_all_albums_at_the_top(tmp_path: Path) -> None:
    assert [one.parent for one in albums(tmp_path, {"albums": [album(1), album(2)]})] == [None, None]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.integers(1, 12), st.none() | st.integers(1, 12), max_size=12))
def test_whatever_the_tree_every_album_is_there_once_below_its_parent(raw: dict[int, int | None]) -> None:
    parents = {key: parent if parent in raw else None for key, parent in raw.items()}
    before = dict(parents)
    cut = cut_circles(parents)
    levels = read_levels(parents)
    assert levels.keys() == raw.keys()
    assert all(levels[key] == (0 if parent is None else levels[parent] + 1) for key, parent in parents.items())
    assert {key for key in before if before[key] != parents[key]} == cut


# privacy


@pytest.mark.parametrize(
    ("privacy", "expected"),
    [
        ("public", "public"),
        ("private", "private"),
        ("private_but_link", "link"),
        ("custom", "private"),
        (None, "public"),
    ],
)
def test_privacy_is_as_it_was(tmp_path: Path, privacy: str | None, expected: str) -> None:
    (found,) = albums(tmp_path, {"albums": [album(1, privacy=privacy, password="left over")]})
    assert (found.privacy, found.password) == (expected, None)


def test_a_password_is_kept_as_it_was_written(tmp_path: Path) -> None:
    (found,) = albums(tmp_path, {"albums": [album(1, privacy="password", password="s3cret")]})
    assert (found.privacy, found.password) == ("password", "s3cret")


def test_a_password_stays_out_of_what_is_printed(tmp_path: Path) -> None:
    assert "s3cret" not in repr(albums(tmp_path, {"albums": [album(1, privacy="password", password="s3cret")]}))


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (album(1, privacy="custom"), CUSTOM),
        (album(1, privacy="password", password=""), NO_PASSWORD),
        (album(1, user_id=9), NO_OWNER),
        (album(1, cta_enable=1), NO_BUTTONS),
    ],
)
def test_what_cannot_be_kept_is_counted(tmp_path: Path, row: RowOf, note: str) -> None:
    source = open_site(tmp_path, {"albums": [row]})
    assert [(one.owner, one.password) for one in source.albums()] == [(None, None)]
    assert notes_of(source, after="albums") == {note: 1}


def test_an_album_for_a_password_without_one_is_private(tmp_path: Path) -> None:
    assert albums(tmp_path, {"albums": [album(1, privacy="password")]})[0].privacy == "private"


def test_likes_are_recounted_where_each_was_kept(tmp_path: Path) -> None:
    likes: list[RowOf] = [
        {"content_id": 1, "content_type": "album"},
        {"content_id": 1, "content_type": "image"},
        {"content_id": 1, "content_type": "album"},
    ]
    rows = [album(1, likes=8), album(2, likes=8)]
    assert [one.likes for one in albums(tmp_path, {"albums": rows, "likes": likes})] == [2, 0]
    assert [one.likes for one in albums(tmp_path, {"albums": rows})] == [8, 8]


def test_a_redirect_of_v3_leads_to_an_album(tmp_path: Path) -> None:
    redirects: list[RowOf] = [{"id": 1, "from": "/?album=7", "content_id": 1, "content_type": "album"}]
    found = albums(tmp_path, {"albums": [album(1), album(2)], "redirects": redirects})
    assert [[one.path for one in album.addresses] for album in found] == [["/?album=7"], []]


def test_categories_are_found_by_their_keys(tmp_path: Path) -> None:
    source = open_site(
        tmp_path, {"categories": [{"id": 3, "name": "Nature", "url_key": "nature", "description": "Trees"}]}
    )
    (found,) = source.categories()
    assert (found.key, found.name, found.url_key, found.description) == ("3", "Nature", "nature", "Trees")
    assert [address.path for address in found.addresses] == ["/category/nature"]
