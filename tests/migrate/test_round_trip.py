"""Out and in again: an export brought into an empty gateway is the same library, ids and addresses included."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.settings import Settings, Storage
from gateway.store.opening import Opened, open_data
from migrate.export import export
from migrate.items import Gone, OldAddress, OldAlbum, OldCategory, OldKey, OldOrigin, OldOwner, OldSite
from migrate.sources.manifest import ManifestSource
from tests.conftest import FrozenClock, draw
from tests.core.filming import film
from tests.migrate.engine import Importer
from tests.migrate.fakes import FakeSource, picture

SITE = OldSite("old", "chevereto", "Old", "https://old.example", "5alt", 999, "America/Santiago", {"image": "i"})
BCRYPT = "$2y$10$" + "a" * 53
THEN = datetime(2015, 3, 4, 5, 6, 7, 890000, tzinfo=UTC)
# A run is one of this gateway; a row's place in its table is nobody's business.
TABLES = {
    "owners": "*", "api_keys": "*", "albums": "*", "categories": "*", "assets": "*", "tombstones": "*", "media": "*",
    "delete_tokens": "*", "addresses": "*", "origins": "site_id, kind, key, target_id",
    "legacy_sites": "id, kind, name, url, salt, padding, time_zone, routes",
    "media_tags JOIN tags ON tags.id = tag_id": "media_id, name",
}  # fmt: skip


def rows(opened: Opened) -> dict[str, list[tuple[object, ...]]]:
    file = opened.catalog.file  # type: ignore[attr-defined]
    with closing(sqlite3.connect(file)) as db:
        return {
            table: sorted(db.execute(f"SELECT {columns} FROM {table}").fetchall(), key=repr)
            for table, columns in TABLES.items()
        }


def files(settings: Settings) -> dict[str, bytes]:
    media = settings.data / "media"
    return {str(path.relative_to(media)): path.read_bytes() for path in media.glob("*/*") if path.is_file()}


@pytest.fixture
def library(opened: Opened, settings: Settings, tmp_path: Path, clock: FrozenClock) -> Importer:
    """Everything a library can hold."""
    importer, old = Importer(opened, settings), tmp_path / "old"
    opened.owners.add("admin", role="admin", quota_bytes=10**9)
    opened.keys.issue(opened.owners.named("admin"), "native", ["read"])
    old.mkdir()
    (old / "me.png").write_bytes(draw(seed=5))
    (old / "clip.mp4").write_bytes(film())
    said = {"owner": "1", "album": "2", "is_complete": True}
    files = [
        picture(
            old, "a.png", seed=1, **said, category="3", title="Ünï \U0001f600 <b>", description="x\ny",
            tags=("b", "B", "a"), allowed_referers=("*.x.org",),
            views=7, likes=2, created_at=THEN, created_local="2015-03-04 02:06:07", is_nsfw=True, exif_json='{"A":"b"}',
            source_md5="1" * 32, is_resized=True, token_hashes=(BCRYPT,),
            addresses=(OldAddress("/i/ä b.jpg", mime="image/jpeg"),),
        ),
        picture(old, "b.png", seed=2, is_complete=True, is_public=False, expires_at=clock.now() + timedelta(days=3)),
        replace(picture(old, "clip.png", seed=3), content=picture(old, "c.png").content, title=None),
    ]  # fmt: skip
    files[2] = replace(files[2], content=replace(files[2].content, path=old / "clip.mp4"), filename="clip.mp4")
    importer.bring(
        FakeSource(
            [replace(item, origins=(OldOrigin("old", str(at)),)) for at, item in enumerate(files, 1)],
            people=[
                OldOwner(
                    "1", "bob", name="Bob", email="b@x.org", role="manager", password_hash=BCRYPT, bio="b", website="w",
                    time_zone="UTC", language="en", is_private=True, created_at=THEN, avatar=old / "me.png",
                    addresses=(OldAddress("/bob"),), avatar_addresses=(OldAddress("/content/me.png"),),
                ),
                OldOwner("2", "eve", is_active=False),
            ],
            categories_there=[OldCategory("3", "Nature", "nature", "Trees", (OldAddress("/category/nature"),))],
            albums_there=[
                OldAlbum("1", "Top", "1", "all of it", privacy="password", password="s3cret", views=4, likes=1),
                OldAlbum("2", "Below", "1", parent="1", privacy="link", cover="1", created_local="2015-01-01 00:00:00"),
            ],
            keys_there=[
                OldKey("1", "1", "Old key", legacy_hash=BCRYPT, prefix="chv_a_"),
                OldKey("guest", None, "Guest", text="GUESTKEY0123456789abcdef", last_used_at=THEN),
            ],
            gone_there=[Gone("media", "99"), Gone("album", "98")],
            sites_there=[SITE],
        )
    )  # fmt: skip
    assert set(importer.verdicts().values()) == {"imported"}, importer.listener.outcomes
    gone = opened.library.get(importer.media_id("b.png"))
    opened.library.remove(gone)
    return importer


def test_everything_comes_back(library: Importer, tmp_path: Path, clock: FrozenClock) -> None:
    export(library.opened, tmp_path / "out")
    settings = Settings(server=library.settings.server, storage=Storage(data=str(tmp_path / "again")))
    again = open_data(settings, clock)
    shutil.move(tmp_path / "out", tmp_path / "moved")
    clock.advance(days=1)
    summary = Importer(again, settings).bring(ManifestSource(tmp_path / "moved" / "manifest.jsonl"))
    assert (summary.verdicts, summary.exit_code, dict(summary.notes)) == ({"imported": 2}, 0, {})
    assert rows(again) == rows(library.opened)
    assert files(settings) == files(library.settings)
    again.close()


def test_importing_an_export_where_it_came_from_changes_nothing(library: Importer, tmp_path: Path) -> None:
    export(library.opened, tmp_path / "out")
    before = rows(library.opened)
    summary = library.bring(ManifestSource(tmp_path / "out" / "manifest.jsonl"))
    assert (summary.verdicts, summary.exit_code) == ({"already-imported": 2}, 4)
    assert rows(library.opened) == before
