"""What the old site had configured: its ids, its routes, and where it lived."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.items import OldSite, SourceError
from migrate.sources.chevereto.reader import CheveretoSource
from migrate.sources.chevereto.settings import NO_SALT
from tests.migrate.old_site import MemoryTables, RowOf, TablesOf, open_site, settings


def site(files: Path, rows: list[RowOf], **tables: list[RowOf] | None) -> OldSite:
    found = open_site(files, {"settings": rows, **tables}).sites()
    assert len(found) == 1
    return found[0]


def test_a_site_is_named_by_its_salt_whatever_else_changes(tmp_path: Path) -> None:
    first = site(tmp_path, settings(website_name="Photos", route_image="image"))
    renamed = site(tmp_path, settings(website_name="Pictures", route_image="i"))
    other = site(tmp_path, settings(website_name="Photos", crypt_salt="00112233"))
    assert first.id == renamed.id != other.id
    assert len(first.id) == 12
    assert (first.name, renamed.name) == ("Photos", "Pictures")


def test_since_4_2_the_salt_and_the_padding_are_variables(tmp_path: Path) -> None:
    variables: list[RowOf] = [{"name": "crypt_salt", "value": "newer"}, {"name": "id_padding", "value": "999"}]
    found = site(tmp_path, settings(crypt_salt="older", id_padding="5000"), variables=variables)
    assert (found.salt, found.padding) == ("newer", 999)


def test_a_padding_of_zero_is_a_padding(tmp_path: Path) -> None:
    assert site(tmp_path, settings(id_padding="0")).padding == 0


def test_a_site_without_its_salt_says_so(tmp_path: Path) -> None:
    source = open_site(tmp_path, {"settings": settings(crypt_salt="")})
    assert source.sites()[0].salt is None
    assert source.notes[NO_SALT] == 1


def test_routes_that_are_not_written_down_have_their_own_names(tmp_path: Path) -> None:
    assert site(tmp_path, settings(route_image="/i/", route_album="")).routes == {
        "image": "i", "video": "video", "audio": "audio", "album": "album", "user": "user", "root": "user",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "root"),
    [
        ({"root_route": "album"}, "album"),
        ({"root_route": "nothing"}, None),
        ({"user_routing": "1"}, "user"),
        ({"user_routing": "0"}, None),
        ({"root_route": "image", "user_routing": "1"}, "image"),
    ],
)
def test_what_lives_at_the_root_is_a_setting_of_either_version(
    tmp_path: Path, values: dict[str, str], root: str | None
) -> None:
    assert site(tmp_path, settings(**values)).routes.get("root") == root


def test_the_address_of_the_site_is_the_one_that_was_given(tmp_path: Path) -> None:
    source = open_site(tmp_path, {"settings": settings(hostname="old.example")}, old_url="https://img.example/pics/")
    assert source.sites()[0].url == "https://img.example/pics/"


def test_v3_knows_its_own_host(tmp_path: Path) -> None:
    found = site(tmp_path, settings(hostname="old.example", website_name=""), images_hash=None)
    assert (found.url, found.name) == ("https://old.example", "old.example")


def test_v4_does_not_know_its_address(tmp_path: Path) -> None:
    assets = {"asset_storage_api_id": "8", "asset_storage_url": "http://localhost/images/_assets/"}
    assert site(tmp_path, settings(**assets)).url is None


def test_a_sub_folder_that_the_assets_tell_of_is_said(tmp_path: Path) -> None:
    assets = {"asset_storage_api_id": "8", "asset_storage_url": "http://localhost/gallery/images/_assets/"}
    source = open_site(tmp_path, {"settings": settings(**assets)})
    assert [note for note in source.notes if "/gallery" in note and "--old-url" in note]


@pytest.mark.parametrize("missing", ["image_name", "user_username", "album_id", "setting_value"])
def test_a_schema_without_what_every_version_has_is_refused(tmp_path: Path, missing: str) -> None:
    class Lacking(MemoryTables):
        def columns(self, table: str) -> frozenset[str]:
            return super().columns(table) - {missing}

    with pytest.raises(SourceError, match=rf"has no {missing}\.\nGive ") as caught:
        CheveretoSource(Lacking({"settings": settings()}), tmp_path)
    assert "chv_" in str(caught.value)


def test_what_is_left_behind_is_counted_once(tmp_path: Path) -> None:
    tables: TablesOf = {"follows": [{"id": 1}, {"id": 2}], "two_factors": [{"id": 1}], "ip_bans": []}
    source = open_site(tmp_path, tables)
    list(source.items())
    assert source.notes == {"Who follows whom is not kept.": 2, "Second factors for signing in are not kept.": 1}


def test_closing_the_source_closes_its_tables(tmp_path: Path) -> None:
    source = open_site(tmp_path, {})
    source.close()
    assert isinstance(source.tables, MemoryTables)
    assert source.tables.is_closed
