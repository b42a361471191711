"""The recorded sites, read from their dumps and from a real server: what they answered is what comes out."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import bcrypt
import pytest

from gateway.core.shortids import decode, encode
from migrate.items import Absent, Item, OnDisk
from migrate.sources.chevereto.reader import TABLES, CheveretoSource
from migrate.sources.live import LiveTables
from migrate.sources.staging import Dump
from tests.migrate.mysql import load
from tests.migrate.old_site import NOW
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared("golden")
GOLDEN = SHARED / "golden"
DUMPS = {"v4": "chevereto-v4.2.0.sql", "v3": "chevereto-free-1.6.2.sql"}


@pytest.fixture(params=DUMPS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def files(version: str, tmp_path: Path) -> Path:
    with tarfile.open(GOLDEN / version / "images.tar.gz") as archive:
        archive.extractall(tmp_path / "site", filter="data")
    return tmp_path / "site"


@pytest.fixture
def site(version: str, files: Path, tmp_path: Path) -> Iterator[CheveretoSource]:
    tables = Dump.open(GOLDEN / version / DUMPS[version], tmp_path / "work", TABLES)
    source = CheveretoSource(tables, files, now=NOW, keep_expired=True)
    yield source
    source.close()


def lab(version: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((GOLDEN / version / "ids-and-lab-keys.json").read_text())
    return facts


def answers(version: str) -> Iterator[dict[str, Any]]:
    """The pictures of which uploads were answered with JSON."""
    for file in sorted((GOLDEN / version).glob("*.response.txt")):
        _, _, body = file.read_bytes().partition(b"\r\n\r\n")
        if body.startswith(b'{"status_code":200') and "image" in (answer := json.loads(body)):
            yield answer["image"]


def by_number(site: CheveretoSource) -> dict[int, Item]:
    return {int(item.key): item for item in site.items()}


def test_every_upload_that_was_answered_is_there_as_it_was_answered(site: CheveretoSource, version: str) -> None:
    (old,) = site.sites()
    items, compared = by_number(site), 0
    for answer in answers(version):
        item = items.get(decode(answer["id_encoded"], old.salt or "", old.padding))
        if item and item.md5 == answer["md5"] and item.key != "1":  # deleted in between; one was renamed by hand
            compared += 1
            assert unquote(urlsplit(answer["url"]).path) == item.name
            assert answer["original_filename"] == item.filename
            assert answer["date"] == item.created_local
            assert int(answer["size"]) == item.size_bytes
            assert answer["title"] == item.title
            assert answer["source_md5"] == item.source_md5 if "source_md5" in answer else True
    assert compared >= {"v4": 60, "v3": 4}[version]


def test_files_are_those_of_their_rows(site: CheveretoSource, version: str) -> None:
    count, written_by_hand = {"v4": (112, "A V2 era picture"), "v3": (13, "Direct mode")}[version]
    found = [(item, item.content.path) for item in site.items() if isinstance(item.content, OnDisk)]
    assert len(found) == count
    others = {item.title for item, path in found if hashlib.md5(path.read_bytes()).hexdigest() != item.md5}
    assert others == {written_by_hand}


def test_every_file_in_the_folder_belongs_to_an_item(site: CheveretoSource, version: str, files: Path) -> None:
    known = set()
    for item in site.items():
        if isinstance(item.content, OnDisk):
            known |= {item.content.path, *item.renditions.values()}
    there = {path for path in files.rglob("*") if path.is_file() and path.name != ".htaccess"}
    without_row = {"v4": {f"mida22996a6d4e5b2ae{ending}.png" for ending in ("", ".th", ".md")}, "v3": set()}
    assert {path.name for path in there - known} == without_row[version]
    assert known <= there


def test_what_has_no_file_says_why(site: CheveretoSource, version: str) -> None:
    absent = {item.filename: item.content.reason for item in site.items() if isinstance(item.content, Absent)}
    assert absent == {
        "v4": {
            "gone.png": "no-file", "remote pic.JPG": "external", "disk2.jpg": "no-file", "in path.png": "no-file",
        },
        "v3": {"remote pic.JPG": "external"},
    }[version]  # fmt: skip


def test_short_ids_are_those_of_the_site(site: CheveretoSource, version: str) -> None:
    (old,) = site.sites()
    for number, text in lab(version)["encode"].items():
        assert encode(int(number), old.salt or "", old.padding) == text


def test_keys_are_known_again(site: CheveretoSource, version: str) -> None:
    facts, keys = lab(version), list(site.keys())
    guest = facts["guest_api_key"] if version == "v3" else facts["api_keys"].pop("guest_public")
    assert [key.text for key in keys if key.text] == [guest]
    for text in facts.get("api_keys", {}).values():
        (key,) = (key for key in keys if key.prefix and text.startswith(key.prefix))
        assert key.legacy_hash
        assert bcrypt.checkpw(text.encode()[:72], key.legacy_hash.replace("$2y$", "$2b$").encode())


def test_the_admin_can_sign_in(site: CheveretoSource, version: str) -> None:
    admin = next(owner for owner in site.owners() if owner.role == "admin")
    assert admin.password_hash
    password = lab(version)["passwords"][admin.username]
    assert bcrypt.checkpw(password.encode(), admin.password_hash.replace("$2y$", "$2b$").encode())


def test_the_live_database_and_its_dump_say_the_same(
    site: CheveretoSource, version: str, files: Path, mysql: str
) -> None:
    load(mysql, GOLDEN / version / DUMPS[version])
    live = CheveretoSource(LiveTables.open(mysql), files, now=NOW, keep_expired=True)
    assert live.sites() == site.sites()
    for part in ("owners", "categories", "albums", "keys", "gone", "items"):
        assert list(getattr(live, part)()) == list(getattr(site, part)()), part
    assert (live.notes, live.count()) == (site.notes, site.count())
    live.close()
