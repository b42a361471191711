"""The two recorded sites moved in, and every address they had walked: files, thumbnails, pages, keys, delete links."""

from __future__ import annotations

import json
import mimetypes
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.shortids import decode, encode
from gateway.settings import Server, Settings, Storage
from gateway.store.opening import Opened, open_data
from gateway.store.passwords import matches_password
from gateway.urls import slugify
from migrate.items import Item
from migrate.sources.chevereto.reader import TABLES, CheveretoSource
from migrate.sources.live import LiveTables
from migrate.sources.staging import Dump
from migrate.sources.tables import Tables
from tests.conftest import PUBLIC_URL, Client, FrozenClock, draw
from tests.migrate.engine import Importer
from tests.migrate.mysql import load
from tests.migrate.test_round_trip import rows
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared("golden/v4/images.tar.gz")
THEN = datetime(2026, 11, 21, 4, 18, tzinfo=UTC)  # soon after the last recording


@dataclass
class Golden:
    version: str
    root: Path
    source: CheveretoSource
    importer: Importer
    client: FlaskClient
    facts: dict[str, Any]

    @property
    def opened(self) -> Opened:
        return self.importer.opened

    def short(self, number: int | str) -> str:
        inputs = self.facts["algorithm_inputs"]
        return encode(int(number), inputs["crypt_salt"], inputs["id_padding"])

    def imported(self) -> Iterator[Item]:
        verdicts = self.importer.verdicts()
        yield from (item for item in self.source.items() if verdicts[item.key] == "imported")

    def lands_on(self, path: str) -> str:
        """Where a visitor ends, who must find a page there."""
        answer = self.client.get(path, follow_redirects=True)
        assert (answer.status_code, answer.mimetype) == (200, "text/html"), (path, answer.status, answer.request.path)
        return answer.request.path


def folder(version: str) -> Path:
    return SHARED / "golden" / version


def dump_of(version: str) -> Path:
    return next(folder(version).glob("*.sql"))


@pytest.fixture(scope="module", params=["v4", "v3"])
def golden(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Golden]:
    place = tmp_path_factory.mktemp(request.param)
    with tarfile.open(folder(request.param) / "images.tar.gz") as archive:
        archive.extractall(place / "site", filter="data")
    tables = Dump.open(dump_of(request.param), place, TABLES)
    source = CheveretoSource(tables, place / "site", now=THEN)
    settings = Settings(server=Server(public_url=PUBLIC_URL), storage=Storage(data=str(place / "data")))
    clock = FrozenClock()
    clock.time = THEN
    opened = open_data(settings, clock)
    importer = Importer(opened, settings)
    importer.bring(source, jobs=2)
    client = Client(create_app(settings, opened))
    facts = json.loads((folder(request.param) / "ids-and-lab-keys.json").read_text())
    yield Golden(request.param, place / "site", source, importer, client, facts)
    source.close()
    opened.close()


def test_every_row_is_here_or_named(golden: Golden) -> None:
    missing = {one.name for one in golden.importer.listener.outcomes.values() if one.verdict == "missing"}
    assert (
        missing
        == {
            "v4": {"/bucket/2015/02/03/remote-pic.jpg", "/images2/disk2-pic.jpg", "/images/sub/dir/in-path.png"},
            "v3": {"/bucket/2015/02/03/remote-pic.jpg"},
        }[golden.version]
    )
    assert not {"failed", "rejected"} & set(golden.importer.verdicts().values())
    skipped = {key for key, verdict in golden.importer.verdicts().items() if verdict == "skipped"}
    expired = {item.key for item in golden.source.items() if item.expires_at and item.expires_at <= THEN}
    assert skipped == expired


def test_every_file_answers_at_its_old_path_with_its_bytes_and_type(golden: Golden) -> None:
    walked = 0
    for item in golden.imported():
        if not item.is_public:
            continue
        for path in [golden.root / item.name[1:], *item.renditions.values()]:
            address = "/" + str(path.relative_to(golden.root))
            answer = golden.client.get(quote(address))
            assert (answer.status_code, answer.data) == (200, path.read_bytes()), address
            assert answer.mimetype == mimetypes.guess_type(address)[0], address
            walked += 1
    assert walked > {"v4": 200, "v3": 30}[golden.version]


def test_every_viewer_in_every_spelling_lands_on_its_page(golden: Golden) -> None:
    for item in golden.imported():
        media = golden.opened.library.get(golden.importer.media_id(item.key))
        short, slug = golden.short(item.key), slugify(item.title or "")
        album = golden.opened.catalog.album(media.album_id) if media.album_id else None
        for path in (
            f"/image/{short}", f"/image/{slug}.{short}", f"/image/wrong-slug.{short}", f"/video/{short}",
            f"/image/{short}/", f"/image/{short}?x=1&lang=de",
        ):  # fmt: skip
            if not media.is_public or (album and album.privacy == "private"):
                assert golden.client.get(path, follow_redirects=True).status_code == 404, path
            else:
                assert golden.lands_on(path).endswith(media.id), path


def test_a_leniently_read_id_is_the_same_picture(golden: Golden) -> None:
    for text, number in golden.facts.get("decode_lenient", {}).items():
        answer = golden.client.get(f"/image/{text}", follow_redirects=True)
        assert answer.status_code == (200 if number == 62 else 404), text


def test_albums_land_on_their_pages_as_private_as_they_were(golden: Golden) -> None:
    for old in golden.source.albums():
        path = f"/album/{slugify(old.name)}.{golden.short(old.key)}"
        answer = golden.client.get(path, follow_redirects=True)
        if old.privacy == "private":
            assert answer.status_code == 404, path
        else:
            assert answer.status_code == 200, path
            assert ("password" in answer.text) == (old.privacy == "password"), path
            assert (old.name in answer.text) == (old.privacy != "password"), path


def test_people_land_on_their_pages(golden: Golden) -> None:
    for name in ("admin", "bob"):
        for path in (f"/{name}", f"/user/{name}", f"/{name.upper()}", f"/{name}/albums", f"/{name}/?sort=views_desc"):
            assert golden.lands_on(path).startswith(f"/user/{name}"), path


def test_what_was_deleted_there_is_gone(golden: Golden) -> None:
    for gone in golden.source.gone():
        assert golden.client.get(f"/image/{golden.short(gone.key)}").status_code == 410


def test_what_never_was_is_not_found(golden: Golden) -> None:
    for path in ("/image/zzzzzz", "/album/zzzzzz", "/nobody", "/images/2026/11/21/never.png", "/i/", "/?v=never.png"):
        answer = golden.client.get(path)
        assert answer.status_code == (200 if path.startswith("/?") else 404), path


def test_redirects_of_v3_lead_where_they_led(golden: Golden) -> None:
    if golden.version == "v4":
        assert golden.client.get("/old/pic.html").status_code == 404
        return
    assert golden.lands_on("/old/pic.html").endswith(golden.importer.media_id("1"))
    assert golden.lands_on("/?album=7").startswith("/album/Admin-public.")
    assert golden.lands_on("/?v=exif.jpg").endswith(golden.importer.media_id("3"))


def test_old_keys_still_upload(golden: Golden) -> None:
    keys = golden.facts.get("api_keys") or {"guest": golden.facts["guest_api_key"]}
    for number, (name, key) in enumerate(keys.items()):
        form = {"source": (BytesIO(draw(seed=900 + number)), "new.png"), "key": key}
        answer = golden.client.post("/api/1/upload", data=form)
        assert answer.status_code == 200, (name, answer.text)


def test_old_passwords_still_match(golden: Golden) -> None:
    stored = golden.opened.owners.named("admin").password_hash
    assert stored and matches_password(golden.facts["passwords"]["admin"], stored)


def test_ids_here_are_not_read_as_old_ones(golden: Golden) -> None:
    """A native id is looked up as such before anybody decodes it."""
    inputs = golden.facts["algorithm_inputs"]
    for item in golden.imported():
        media_id = golden.importer.media_id(item.key)
        assert decode(media_id, inputs["crypt_salt"], inputs["id_padding"]) > 10**6


@pytest.mark.parametrize("version", ["v4", "v3"])
def test_live_and_dump_give_one_library(version: str, mysql: str, tmp_path: Path) -> None:
    with tarfile.open(folder(version) / "images.tar.gz") as archive:
        archive.extractall(tmp_path / "site", filter="data")
    load(mysql, dump_of(version))
    libraries = [
        library(tables, tmp_path / "site", tmp_path / name)
        for name, tables in (("live", LiveTables.open(mysql)), ("dump", Dump.open(dump_of(version), tmp_path, TABLES)))
    ]
    assert len(libraries[0]["media"]) > 10
    assert libraries[0] == libraries[1]


def library(tables: Tables, site: Path, data: Path) -> dict[str, list[str]]:
    """All rows of what an import makes of these tables, with names in place of what is drawn by lot."""
    settings, clock = Settings(storage=Storage(data=str(data))), FrozenClock()
    clock.time = THEN
    opened = open_data(settings, clock)
    source = CheveretoSource(tables, site, now=THEN)
    Importer(opened, settings).bring(source)
    found = rows(opened)
    names = {str(row[0]): f"owner {row[1]}" for row in found["owners"]}
    names |= {str(target): f"{kind} {key}" for _, kind, key, target in found["origins"] if target}
    opened.close()
    source.close()

    def named(value: object) -> str:
        return "a hash" if str(value).startswith("scrypt:") else names.get(str(value), str(value))

    return {table: sorted(" | ".join(map(named, row)) for row in these) for table, these in found.items()}
