"""The SQLite catalog: what is safe on disk, what a busy or full one answers, and which files it refuses."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.changes import Changes
from gateway.core.errors import StoreUnavailable
from gateway.core.records import Owner
from gateway.store import sqlite
from gateway.store.sql.base import NewerCatalog
from gateway.store.sqlite import SqliteCatalog
from tests.contract.samples import NOW, a_key, a_media, a_token, an_album, an_owner, at_once


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "catalog.db"


@pytest.fixture
def catalog(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteCatalog]:
    """Waits for nobody, so that a test about waiting takes no time."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    catalog = SqliteCatalog(file)
    yield catalog
    catalog.close()


@pytest.fixture
def alice(catalog: SqliteCatalog) -> Owner:
    catalog.add_owner(owner := an_owner("alice"))
    return owner


def ask(file: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as db, db:
        return db.execute(sql, values).fetchall()


WRITES: dict[str, Callable[[SqliteCatalog, Owner], object]] = {
    "add_owner": lambda catalog, owner: catalog.add_owner(an_owner("bob")),
    "set_owner_active": lambda catalog, owner: catalog.set_owner_active(owner.id, False),
    "add_key": lambda catalog, owner: catalog.add_key(a_key(owner)),
    "revoke_key": lambda catalog, owner: catalog.revoke_key("any", NOW),
    "mark_key_used": lambda catalog, owner: catalog.mark_key_used("any", NOW),
    "add_album": lambda catalog, owner: catalog.add_album(an_album(owner)),
    "add_category": lambda catalog, owner: catalog.add_category("Nature", "nature"),
    "add_media": lambda catalog, owner: catalog.add_media(a_media(owner, tags=("cat",)), a_token(), reuse=True),
    "add_delete_token": lambda catalog, owner: catalog.add_delete_token("any", a_token()),
    "count_view": lambda catalog, owner: catalog.count_view("any"),
    "remove_media": lambda catalog, owner: catalog.remove_media("any", NOW),
    "change_media": lambda catalog, owner: catalog.change_media("any", Changes(title="new"), NOW),
    "secret": lambda catalog, owner: catalog.secret("signing"),
    "recount": lambda catalog, owner: catalog.recount(),
    "claim": lambda catalog, owner: catalog.claim("sweep", "me", NOW, NOW),
}


def test_it_works(catalog: SqliteCatalog, alice: Owner, file: Path) -> None:
    assert ask(file, "SELECT username FROM owners") == [("alice",)]
    assert ask(file, "PRAGMA integrity_check") == [("ok",)]
    assert ask(file, "PRAGMA foreign_key_check") == []


def test_what_is_written_survives_a_power_cut(catalog: SqliteCatalog) -> None:
    for connection in (catalog.writer, catalog.reader):
        asked = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        assert asked == ["wal", 2]
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_every_table_is_strict(catalog: SqliteCatalog, file: Path) -> None:
    loose = "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"
    assert {name for (name,) in ask(file, loose)} <= {"_sqlite_migrations"}


def test_the_image_view_shows_images_alone(catalog: SqliteCatalog, alice: Owner, file: Path) -> None:
    catalog.add_media(image := a_media(alice), a_token(), reuse=False)
    catalog.add_media(a_media(alice, kind="video"), a_token(), reuse=False)
    assert ask(file, "SELECT id FROM img_images") == [(image.id,)]


def test_removed_media_leaves_a_tombstone_and_nothing_else(catalog: SqliteCatalog, alice: Owner, file: Path) -> None:
    catalog.add_media(media := a_media(alice, tags=("cat",)), a_token(), reuse=False)
    catalog.add_delete_token(media.id, a_token())
    catalog.remove_media(media.id, NOW)
    assert ask(file, "SELECT * FROM tombstones") == [(media.id, "image", alice.id, "2026-11-21T12:00:00.123Z")]
    for table in ("media", "media_tags", "delete_tokens"):
        assert ask(file, f"SELECT * FROM {table}") == []


def test_a_wrong_sum_is_found_and_put_right(catalog: SqliteCatalog, alice: Owner, file: Path) -> None:
    catalog.add_media(a_media(alice), a_token(), reuse=False)
    before = catalog.owner(alice.id), catalog.totals(alice.id)
    for wrong in ("UPDATE totals SET number = 7", "DELETE FROM totals", "UPDATE owners SET storage_used_bytes = 0"):
        ask(file, wrong)
        assert catalog.recount()
        assert (catalog.owner(alice.id), catalog.totals(alice.id)) == before
        assert not catalog.recount()


def test_a_failure_in_the_middle_takes_everything_back(catalog: SqliteCatalog, alice: Owner) -> None:
    catalog.add_media(media := a_media(alice), a_token(), reuse=False)
    before = catalog.owner(alice.id)
    with pytest.raises(sqlite3.IntegrityError):
        catalog.add_media(media, a_token(), reuse=False)
    assert catalog.owner(alice.id) == before
    catalog.add_media(a_media(alice), a_token(), reuse=False)


@pytest.mark.parametrize("name", WRITES)
def test_a_catalog_that_stays_locked_is_busy(catalog: SqliteCatalog, alice: Owner, file: Path, name: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="busy"):
            WRITES[name](catalog, alice)
        assert catalog.owners() == [alice]  # reading goes on
    WRITES[name](catalog, alice)


def test_a_writer_that_never_ends_makes_the_others_of_its_process_busy(catalog: SqliteCatalog, alice: Owner) -> None:
    with catalog.transaction():
        [result] = at_once(1, lambda _: catalog.set_owner_active(alice.id, False))
    assert isinstance(result, StoreUnavailable)
    assert catalog.owner(alice.id) == alice


def test_a_full_disk_keeps_nothing_and_may_be_tried_again(catalog: SqliteCatalog, alice: Owner) -> None:
    [pages] = catalog.writer.execute("PRAGMA page_count").fetchone()
    catalog.writer.execute(f"PRAGMA max_page_count = {pages}")
    media = a_media(alice, description="x" * 100_000)
    with pytest.raises(StoreUnavailable, match="full"):
        catalog.add_media(media, token := a_token(), reuse=True)
    assert catalog.media(media.id) is None
    assert catalog.owner(alice.id) == alice
    catalog.writer.execute("PRAGMA max_page_count = 1000000")
    assert catalog.add_media(media, token, reuse=True) is None


# files that are no catalog of ours


def test_a_catalog_of_a_newer_version_is_refused_and_left_alone(catalog: SqliteCatalog, file: Path) -> None:
    catalog.writer.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('picgate', 'sharing', '2030-01-01')"
    )
    before = ask(file, "SELECT type, name, sql FROM sqlite_master")
    with pytest.raises(NewerCatalog, match=r"newer version of Picgate .*'sharing'"):
        SqliteCatalog(file)
    assert ask(file, "SELECT type, name, sql FROM sqlite_master") == before


def test_a_file_that_is_no_catalog_is_refused_and_left_alone(file: Path) -> None:
    file.write_bytes(b"This is a diary, and it is not short. " * 200)
    before = file.read_bytes()
    with pytest.raises(StoreUnavailable, match=r"catalog\.db cannot be opened"):
        SqliteCatalog(file)
    assert file.read_bytes() == before


def test_a_folder_in_its_place_is_refused(file: Path) -> None:
    file.mkdir()
    with pytest.raises(StoreUnavailable, match=r"catalog\.db cannot be opened"):
        SqliteCatalog(file)


def test_opening_again_changes_nothing(catalog: SqliteCatalog, file: Path) -> None:
    before = ask(file, "SELECT * FROM sqlite_master"), ask(file, "SELECT * FROM _sqlite_migrations")
    SqliteCatalog(file).close()
    assert (ask(file, "SELECT * FROM sqlite_master"), ask(file, "SELECT * FROM _sqlite_migrations")) == before
