"""The layout of the bulk importer: users, albums, and files without either."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migrate.items import OldCategory, OldOrigin
from migrate.sources.folder import FolderSource
from tests.migrate.test_folder import put, read


@pytest.fixture
def importing(tmp_path: Path) -> Path:
    put(
        tmp_path,
        "importing/parse-users/alice/Holiday/a.jpg",
        "importing/parse-users/alice/Holiday/Beach/b.jpg",
        "importing/parse-users/alice/c.jpg",
        "importing/parse-albums/Cats/d.jpg",
        "importing/no-parse/deep/e.jpg",
        "importing/failed/f.jpg",
        "importing/other/g.jpg",
    )
    return tmp_path / "importing"


def put_json(path: Path, members: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(members))


@pytest.mark.parametrize("above", [False, True])
def test_each_folder_means_what_it_means_to_the_importer(importing: Path, above: bool) -> None:
    found = read(importing.parent if above else importing)
    assert {key: (item.owner, item.album) for key, item in found.items() if not item.skip} == {
        "no-parse/deep/e.jpg": (None, None),
        "parse-albums/Cats/d.jpg": (None, "parse-albums/Cats"),
        "parse-users/alice/c.jpg": ("alice", None),
        "parse-users/alice/Holiday/a.jpg": ("alice", "parse-users/alice/Holiday"),
        "parse-users/alice/Holiday/Beach/b.jpg": ("alice", "parse-users/alice/Holiday/Beach"),
    }
    assert (found["failed/f.jpg"].skip or "").startswith("failed:")
    assert (found["other/g.jpg"].skip or "").startswith("outside-layout:")


def test_albums_belong_to_their_users_and_lie_in_one_another(importing: Path) -> None:
    albums = [(album.name, album.owner, album.parent) for album in FolderSource(importing).albums()]
    assert albums == [
        ("Cats", None, None),
        ("Holiday", "alice", None),
        ("Beach", "alice", "parse-users/alice/Holiday"),
    ]


def test_nothing_was_served_from_here(importing: Path) -> None:
    assert not any(item.addresses for item in read(importing).values())


def test_a_folder_of_users_can_be_named_alone(importing: Path) -> None:
    found = read(importing / "parse-users", layout="users")
    assert (found["alice/Holiday/a.jpg"].owner, found["alice/Holiday/a.jpg"].album) == ("alice", "alice/Holiday")


def test_a_folder_of_albums_can_be_named_alone(importing: Path) -> None:
    found = read(importing / "parse-albums", layout="albums")
    assert (found["Cats/d.jpg"].album, found["Cats/d.jpg"].addresses) == ("Cats", ())


def test_the_layout_can_be_set_aside(importing: Path) -> None:
    assert read(importing, layout="plain")["failed/f.jpg"].album == "failed"


def test_a_user_is_what_his_metadata_says(importing: Path) -> None:
    user = importing / "parse-users/alice"
    put(user, ".assets/me.png", ".assets/sea.png")
    put_json(
        user / "metadata.json",
        {
            "unknown": {"deep": [1]},
            "userData": {
                "role": "manager",
                "name": "Alice A.",
                "username": "Alice",
                "email": "alice@example.org",
                "website": "https://alice.example",
                "bio": "Hi <b>",
                "profileImages": {"avatar": "me.png", "background": ".assets/sea.png"},
                "networks": {"twitter": "alice"},
                "timezone": "America/Santiago",
                "language": "es",
                "private": True,
            },
        },
    )
    source = FolderSource(importing)
    (owner,) = source.owners()
    assert (owner.key, owner.username, owner.name, owner.role) == ("alice", "Alice", "Alice A.", "manager")
    assert (owner.email, owner.website, owner.bio) == ("alice@example.org", "https://alice.example", "Hi <b>")
    assert (owner.time_zone, owner.language, owner.is_private) == ("America/Santiago", "es", True)
    assert (owner.avatar, owner.background) == (user / ".assets/me.png", user / ".assets/sea.png")
    assert owner.origins == (OldOrigin(source.sites()[0].id, "alice"),)
    assert source.notes == {"The networks of an owner are not kept.": 1}


def test_a_user_without_metadata_has_the_name_of_his_folder(importing: Path) -> None:
    (owner,) = FolderSource(importing).owners()
    assert (owner.username, owner.role, owner.email) == ("alice", "user", None)


@pytest.mark.parametrize("name", ["../../../secret.png", "/etc/hostname", "gone.png"])
def test_a_profile_picture_lies_in_its_folder_or_is_missing(importing: Path, name: str) -> None:
    put(importing.parent, "secret.png")
    put_json(importing / "parse-users/alice/metadata.json", {"userData": {"profileImages": {"avatar": name}}})
    source = FolderSource(importing)
    assert next(source.owners()).avatar is None
    assert [note for note in source.notes if note.startswith("A picture of an owner is missing")]


def test_an_unknown_role_is_that_of_a_user(importing: Path) -> None:
    put_json(importing / "parse-users/alice/metadata.json", {"userData": {"role": "root"}})
    source = FolderSource(importing)
    assert next(source.owners()).role == "user"
    assert any("'root'" in note for note in source.notes)


def test_a_broken_user_file_leaves_a_user(importing: Path) -> None:
    put(importing, "parse-users/alice/metadata.json", data=b"{")
    source = FolderSource(importing)
    assert next(source.owners()).username == "alice"
    assert any(note.startswith("metadata.json was not read") for note in source.notes)


def test_categories_are_made_where_name_and_key_are_given(importing: Path) -> None:
    users = importing / "parse-users/alice"
    put_json(
        users / "c.json", {"imageData": {"category": {"name": "Big Cats", "urlKey": "cats", "description": "Grr"}}}
    )
    put_json(users / "Holiday/a.json", {"imageData": {"category": {"urlKey": "cats"}, "tags": ["x", "y", "x"]}})
    put_json(users / "Holiday/Beach/b.json", {"imageData": {"category": {"name": "Big Cats"}}})
    put_json(importing / "no-parse/deep/e.json", {"imageData": {"category": {"name": "Dogs"}}})
    source = FolderSource(importing)
    origin = OldOrigin(source.sites()[0].id, "cats")
    assert list(source.categories()) == [OldCategory("cats", "Big Cats", "cats", "Grr", origins=(origin,))]
    found = read(importing)
    assert {key: item.category for key, item in found.items() if item.category} == dict.fromkeys(
        (
            "parse-users/alice/c.jpg",
            "parse-users/alice/Holiday/a.jpg",
            "parse-users/alice/Holiday/Beach/b.jpg",
        ),
        "cats",
    )
    assert found["parse-users/alice/Holiday/a.jpg"].tags == ("x", "y")
    assert len(found["no-parse/deep/e.jpg"].notes) == 1


def test_a_lock_is_left_out_and_said(importing: Path) -> None:
    put(importing, ".lock")
    source = FolderSource(importing)
    assert source.count() == 8
    assert any(".lock" in note for note in source.notes)
