"""Users of the old site: roles, passwords, addresses, pictures."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.shortids import encode
from migrate.items import OldOwner
from migrate.sources.chevereto.people import NO_PASSWORD, NO_SOCIAL, UNCONFIRMED
from migrate.sources.chevereto.pictures import NO_PICTURE
from tests.migrate.old_site import BCRYPT, RowOf, TablesOf, notes_of, open_site, settings, write

OLDER = BCRYPT[:-1] + "9"
CODE = encode(7, "231e0d82", 999)


def user(id: int = 7, username: str = "Bob", **more: str | int | None) -> RowOf:
    return {"id": id, "username": username, **more}


def owners(files: Path, tables: TablesOf, old_url: str | None = None) -> list[OldOwner]:
    return list(open_site(files, tables, old_url=old_url).owners())


def owner(files: Path, row: RowOf, **tables: list[RowOf] | None) -> OldOwner:
    (found,) = owners(files, {"users": [row], **tables})
    return found


def test_a_profile_is_kept(tmp_path: Path) -> None:
    found = owner(
        tmp_path,
        user(
            name="Bob B.", email="bob@example.test", bio="I <3 cats", website="https://b.example",
            timezone="Europe/Rome", language="it", is_private=1, date_gmt="2020-02-03 04:05:06", status="valid",
        ),
    )  # fmt: skip
    assert found == OldOwner(
        key="7", username="Bob", name="Bob B.", email="bob@example.test", bio="I <3 cats", website="https://b.example",
        time_zone="Europe/Rome", language="it", is_private=True, created_at=datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC),
        addresses=found.addresses,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "role"),
    [(user(is_admin=1, is_manager=1), "admin"), (user(is_manager=1), "manager"), (user(is_admin=0), "user")],
)
def test_roles_are_kept(tmp_path: Path, row: RowOf, role: str) -> None:
    assert owner(tmp_path, row).role == role


def test_who_was_banned_is_not_active(tmp_path: Path) -> None:
    assert not owner(tmp_path, user(status="banned")).is_active
    assert owner(tmp_path, user(status="awaiting-email")).is_active


def test_who_never_confirmed_is_counted(tmp_path: Path) -> None:
    source = open_site(tmp_path, {"users": [user(status="awaiting-confirmation"), user(8, "eve", status="valid")]})
    assert notes_of(source, after="owners") == {UNCONFIRMED: 1}


def test_names_that_differ_in_case_are_both_there(tmp_path: Path) -> None:
    found = owners(tmp_path, {"users": [user(2, "bob"), user(1, "Bob")]})
    assert [(one.key, one.username) for one in found] == [("1", "Bob"), ("2", "bob")]


# passwords


def test_v4_keeps_passwords_in_a_table_of_their_own(tmp_path: Path) -> None:
    passwords: list[RowOf] = [{"id": 1, "user_id": 7, "hash": OLDER}, {"id": 2, "user_id": 7, "hash": BCRYPT}]
    logins: list[RowOf] = [{"id": 1, "user_id": 7, "type": "password", "secret": OLDER}]
    assert owner(tmp_path, user(), login_passwords=passwords, logins=logins).password_hash == BCRYPT


def test_v3_keeps_passwords_among_other_ways_to_sign_in(tmp_path: Path) -> None:
    logins: list[RowOf] = [
        {"id": 1, "user_id": 7, "type": "password", "secret": BCRYPT},
        {"id": 2, "user_id": 7, "type": "cookie", "secret": OLDER},
        {"id": 3, "user_id": 7, "type": "cookie_google", "secret": OLDER},
        {"id": 4, "user_id": 7, "type": "google", "secret": "token"},
        {"id": 5, "user_id": 8, "type": "password", "secret": OLDER},
    ]
    source = open_site(tmp_path, {"users": [user()], "logins": logins, "images_hash": None})
    assert [one.password_hash for one in source.owners()] == [BCRYPT]
    assert notes_of(source, after="owners") == {NO_SOCIAL: 1}


def test_a_password_that_is_no_bcrypt_hash_is_said(tmp_path: Path) -> None:
    source = open_site(tmp_path, {"users": [user()], "login_passwords": [{"id": 1, "user_id": 7, "hash": "md5:1"}]})
    assert [one.password_hash for one in source.owners()] == [None]
    assert notes_of(source, after="owners") == {NO_PASSWORD: 1}


# addresses


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ({}, ["/bob", "/user/bob"]),
        ({"route_user": "u"}, ["/bob", "/u/bob", "/user/bob"]),
        ({"root_route": "image", "route_user": "u"}, ["/u/bob", "/user/bob"]),
        ({"user_routing": "0"}, ["/user/bob"]),
        ({"website_mode": "personal", "website_mode_personal_uid": "7", "website_mode_personal_routing": "/Me"},
         ["/bob", "/user/bob", "/Me"]),
        ({"website_mode": "personal", "website_mode_personal_uid": "8", "website_mode_personal_routing": "me"},
         ["/bob", "/user/bob"]),
    ],
)  # fmt: skip
def test_a_profile_is_found_by_its_name_in_lower_case(
    tmp_path: Path, configured: dict[str, str], expected: list[str]
) -> None:
    found = owner(tmp_path, user(username="BoB"), settings=settings(**configured))
    assert [address.path for address in found.addresses] == expected


def test_a_name_of_any_alphabet_is_folded(tmp_path: Path) -> None:
    assert owner(tmp_path, user(username="ПЁТР")).addresses[0].path == "/пётр"


def test_profiles_of_a_site_in_a_sub_folder_were_below_it(tmp_path: Path) -> None:
    (found,) = owners(tmp_path, {"users": [user()]}, "https://example.org/pics")
    assert [address.path for address in found.addresses] == ["/pics/bob", "/pics/user/bob"]


def test_a_redirect_of_v3_leads_to_a_profile(tmp_path: Path) -> None:
    redirects: list[RowOf] = [{"id": 1, "from": "/?user=7", "content_id": 7, "content_type": "user"}]
    assert owner(tmp_path, user(), redirects=redirects).addresses[-1].path == "/?user=7"


# pictures


@pytest.mark.parametrize(
    "folder", ["content/images/users", "_assets/content/images/users", "images/content/images/users",
               "images/_assets/content/images/users"],
)  # fmt: skip
@pytest.mark.parametrize("given", [".", "images"])
def test_a_picture_is_found_in_each_folder_that_versions_used(tmp_path: Path, folder: str, given: str) -> None:
    write(tmp_path, f"{folder}/{CODE}/av_1.jpg")
    (tmp_path / "images").mkdir(exist_ok=True)
    found = owner(tmp_path / given, user(avatar_filename="av_1.jpg"))
    assert found.avatar == tmp_path / folder / CODE / "av_1.jpg"
    assert [one.path for one in found.avatar_addresses] == [f"/{folder}/{CODE}/av_1.jpg"]


def test_pictures_of_a_storage_for_assets_are_found_there(tmp_path: Path) -> None:
    write(tmp_path, f"static/content/images/users/{CODE}/av.jpg")
    assets = {
        "asset_storage_api_id": "8",
        "asset_storage_url": "http://a.example/cdn/",
        "asset_storage_bucket": "/srv/www/static/",
    }
    found = owner(tmp_path, user(avatar_filename="av.jpg"), settings=settings(**assets))
    assert found.avatar == tmp_path / f"static/content/images/users/{CODE}/av.jpg"
    assert [one.path for one in found.avatar_addresses] == [f"/cdn/content/images/users/{CODE}/av.jpg"]


def test_a_background_was_also_shown_smaller(tmp_path: Path) -> None:
    write(tmp_path, "images/index.html", *(f"content/images/users/{CODE}/{name}" for name in ("bg.jpg", "bg.md.jpg")))
    found = owner(tmp_path, user(background_filename="bg.jpg"))
    assert found.background == tmp_path / f"content/images/users/{CODE}/bg.jpg"
    assert [(one.path.rpartition("/")[2], one.variant) for one in found.background_addresses] == [
        ("bg.jpg", None),
        ("bg.md.jpg", "md"),
    ]


def test_a_picture_that_is_not_there_is_counted(tmp_path: Path) -> None:
    source = open_site(tmp_path, {"users": [user(avatar_filename="a.jpg", background_filename="../../b.jpg")]})
    assert [(one.avatar, one.avatar_addresses) for one in source.owners()] == [(None, ())]
    assert notes_of(source, after="owners") == {NO_PICTURE: 2}
