"""The catalog in one SQLite file: WAL, `synchronous=FULL`, one writer connection, one reader per thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from gateway.core.errors import InvalidInput, QuotaExceeded, StoreUnavailable
from gateway.core.records import Album, ApiKey, Category, FileEntry, Media, Owner, Usage, Variant
from gateway.core.sizes import format_size
from gateway.store.rows import (
    ALBUM,
    API_KEY,
    FILE_ENTRY,
    MEDIA,
    OWNER,
    T,
    Table,
    time_text,
)
from gateway.store.schema import steps

BUSY_SECONDS = 20
TAG_NAMES = "SELECT tags.name FROM media_tags JOIN tags ON tags.id = tag_id WHERE media_id = ? ORDER BY tag_id"


class NewerCatalog(Exception):
    """The catalog was written by a newer version of this program."""


class SqliteCatalog:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.writing = threading.Lock()
        self.readers = threading.local()
        self.connections: list[sqlite3.Connection] = []
        try:
            self.writer = self.connect()
            migrate(self.writer, file)
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreUnavailable(f"{file} cannot be opened as a catalog: {error}.") from error
        except BaseException:
            self.close()
            raise

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        self.connections.append(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @property
    def reader(self) -> sqlite3.Connection:
        try:
            connection: sqlite3.Connection = self.readers.connection
        except AttributeError:
            connection = self.readers.connection = self.connect()
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. `BEGIN IMMEDIATE` makes reading and then writing one step among all processes."""
        if not self.writing.acquire(timeout=BUSY_SECONDS):
            raise busy()
        try:
            self.writer.execute("BEGIN IMMEDIATE")
            try:
                yield self.writer
                self.writer.execute("COMMIT")
            except BaseException:
                if self.writer.in_transaction:
                    self.writer.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            raise unavailable(error) from error
        finally:
            self.writing.release()

    def row(self, sql: str, *values: object, db: sqlite3.Connection | None = None) -> tuple[Any, ...] | None:
        rows = self.rows(sql, *values, db=db)
        return rows[0] if rows else None

    def rows(self, sql: str, *values: object, db: sqlite3.Connection | None = None) -> list[tuple[Any, ...]]:
        try:
            return (db or self.reader).execute(sql, values).fetchall()
        except (UnicodeEncodeError, OverflowError):
            return []  # half a character or a number of a hundred digits, which no row can hold
        except sqlite3.OperationalError as error:
            raise unavailable(error) from error

    def read(self, table: Table[T], where: str, *values: object) -> T | None:
        rows = self.rows(f"{table.select} WHERE {where}", *values)
        return table.record(rows[0]) if rows else None

    # owners

    def add_owner(self, owner: Owner) -> None:
        with self.transaction() as db:
            taken = db.execute(
                "SELECT username_key = ? FROM owners WHERE username_key = ? OR email_key = ?",
                (key := owner.username.casefold(), key, owner.email and owner.email.casefold()),
            ).fetchone()
            if taken:
                what = f"name {owner.username}" if taken[0] else f"email address {owner.email}"
                raise InvalidInput(f"The {what} is taken by another owner.")
            OWNER.insert(db, owner, username_key=key, email_key=owner.email and owner.email.casefold())

    def owner(self, owner_id: str) -> Owner | None:
        return self.read(OWNER, "id = ?", owner_id)

    def owner_named(self, username: str) -> Owner | None:
        return self.read(OWNER, "username_key = ?", username.casefold())

    def owners(self) -> list[Owner]:
        return [OWNER.record(row) for row in self.rows(f"{OWNER.select} ORDER BY created_at, id")]

    def set_owner_active(self, owner_id: str, is_active: bool) -> None:
        with self.transaction() as db:
            db.execute("UPDATE owners SET is_active = ? WHERE id = ?", (is_active, owner_id))

    # keys

    def add_key(self, key: ApiKey) -> None:
        with self.transaction() as db:
            API_KEY.insert(db, key)

    def keys_with_prefix(self, prefix: str) -> list[ApiKey]:
        return [API_KEY.record(row) for row in self.rows(f"{API_KEY.select} WHERE prefix = ?", prefix)]

    def keys(self) -> list[ApiKey]:
        return [API_KEY.record(row) for row in self.rows(f"{API_KEY.select} ORDER BY created_at, id")]

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        with self.transaction() as db:
            changed = db.execute(
                "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (time_text(at), key_id)
            )
            return changed.rowcount > 0

    def mark_key_used(self, key_id: str, at: datetime, sha256: str | None = None) -> None:
        with self.transaction() as db:
            db.execute(
                "UPDATE api_keys SET last_used_at = ?, sha256 = coalesce(sha256, ?) WHERE id = ?",
                (time_text(at), sha256, key_id),
            )

    # albums and categories

    def add_album(self, album: Album) -> None:
        with self.transaction() as db:
            ALBUM.insert(db, album)

    def album(self, album_id: str) -> Album | None:
        return self.read(ALBUM, "id = ?", album_id)

    def albums(self) -> list[Album]:
        return [ALBUM.record(row) for row in self.rows(f"{ALBUM.select} ORDER BY created_at, id")]

    def add_category(self, name: str, url_key: str) -> Category:
        with self.transaction() as db:
            if db.execute("SELECT 1 FROM categories WHERE url_key = ?", (url_key,)).fetchone():
                raise InvalidInput(f"There is a category with the key {url_key} already.")
            added = db.execute("INSERT INTO categories (name, url_key) VALUES (?, ?)", (name, url_key))
            assert added.lastrowid
            return Category(added.lastrowid, name, url_key)

    def category(self, category_id: int) -> Category | None:
        row = self.row("SELECT id, name, url_key FROM categories WHERE id = ?", category_id)
        return Category(*row) if row else None

    def categories(self) -> list[Category]:
        return [Category(*row) for row in self.rows("SELECT id, name, url_key FROM categories ORDER BY id")]

    # media

    def add_media(self, media: Media, delete_token_hash: str, *, reuse: bool) -> Media | None:
        with self.transaction() as db:
            if reuse and (same := self.find_same(media.owner_id, media.source_sha256 or media.sha256, db)):
                db.execute("INSERT INTO delete_tokens VALUES (?, ?)", (delete_token_hash, same.id))
                return same
            used, limit = db.execute(
                "SELECT storage_used_bytes, quota_bytes FROM owners WHERE id = ?", (media.owner_id,)
            ).fetchone()
            if limit is not None and used + media.size_bytes > limit:
                raise over_quota(used, limit, media.size_bytes)
            db.execute(
                "UPDATE owners SET storage_used_bytes = storage_used_bytes + ?, media_count = media_count + 1"
                " WHERE id = ?",
                (media.size_bytes, media.owner_id),
            )
            MEDIA.insert(db, media)
            for name in media.tags:
                db.execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", (name,))
                db.execute(
                    "INSERT INTO media_tags (media_id, tag_id) SELECT ?, id FROM tags WHERE name = ?", (media.id, name)
                )
            db.execute("INSERT INTO delete_tokens VALUES (?, ?)", (delete_token_hash, media.id))
            return None

    def add_delete_token(self, media_id: str, token_hash: str) -> bool:
        with self.transaction() as db:
            added = db.execute("INSERT INTO delete_tokens SELECT ?, id FROM media WHERE id = ?", (token_hash, media_id))
            return added.rowcount > 0

    def media(self, media_id: str) -> Media | None:
        return self.one_media("id = ?", media_id)

    def file_entry(self, media_id: str) -> FileEntry | None:
        return self.read(FILE_ENTRY, "id = ?", media_id)

    def find_same(self, owner_id: str, sha256: str, db: sqlite3.Connection | None = None) -> Media | None:
        return self.one_media(
            "expires_at IS NULL AND owner_id = ? AND (sha256 = ? OR source_sha256 = ? AND NOT is_resized)"
            " ORDER BY created_at, id LIMIT 1",
            owner_id,
            sha256,
            sha256,
            db=db,
        )

    def media_with_token(self, media_id: str, token_hash: str) -> Media | None:
        return self.one_media(
            "id = (SELECT media_id FROM delete_tokens WHERE token_hash = ?) AND id = ?", token_hash, media_id
        )

    def one_media(self, where: str, *values: object, db: sqlite3.Connection | None = None) -> Media | None:
        """Read through `db` to see what the running transaction sees."""
        row = self.row(f"{MEDIA.select} WHERE {where}", *values, db=db)
        return self.with_tags(row, db) if row else None

    def with_tags(self, row: tuple[Any, ...], db: sqlite3.Connection | None = None) -> Media:
        return MEDIA.record(row, tags=tuple(name for (name,) in self.rows(TAG_NAMES, row[0], db=db)))

    def count_view(self, media_id: str) -> None:
        with self.transaction() as db:
            db.execute("UPDATE media SET views = views + 1 WHERE id = ?", (media_id,))

    def set_rendition(self, media_id: str, variant: Variant, size_bytes: int, size: tuple[int, int]) -> bool:
        changes: dict[str, int] = {
            "th": {"thumb_bytes": size_bytes},
            "md": {"medium_bytes": size_bytes, "medium_width": size[0], "medium_height": size[1]},
            "fr": {"frame_bytes": size_bytes},
        }[variant]
        columns = ", ".join(f"{column} = ?" for column in changes)
        with self.transaction() as db:
            changed = db.execute(f"UPDATE media SET {columns} WHERE id = ?", (*changes.values(), media_id))
            return changed.rowcount > 0

    def remove_media(self, media_id: str, at: datetime) -> bool:
        with self.transaction() as db:
            row = db.execute(
                "DELETE FROM media WHERE id = ? RETURNING id, kind, owner_id, size_bytes", (media_id,)
            ).fetchone()
            if not row:
                return False
            db.execute(
                "UPDATE owners SET storage_used_bytes = storage_used_bytes - ?, media_count = media_count - 1"
                " WHERE id = ?",
                (row[3], row[2]),
            )
            db.execute("INSERT INTO tombstones VALUES (?, ?, ?, ?)", (*row[:3], time_text(at)))
            return True

    def expired(self, now: datetime, limit: int) -> list[Media]:
        found = self.rows(
            f"{MEDIA.select} WHERE expires_at <= ? ORDER BY expires_at, id LIMIT ?", time_text(now), limit
        )
        return [self.with_tags(row) for row in found]

    def media_ids(self, ids: Sequence[str]) -> set[str]:
        marks = ", ".join("?" * len(ids))
        return {row[0] for row in self.rows(f"SELECT id FROM media WHERE id IN ({marks})", *ids)}

    def usage(self, now: datetime) -> Usage:
        row = self.row(
            "SELECT coalesce(sum(media_count), 0), coalesce(sum(storage_used_bytes), 0), count(*),"
            " (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL), (SELECT count(*) FROM albums),"
            " (SELECT count(*) FROM media WHERE expires_at <= ?) FROM owners",
            time_text(now),
        )
        assert row
        return Usage(*row)

    def claim(self, task: str, holder: str, until: datetime, now: datetime) -> bool:
        with self.transaction() as db:
            changed = db.execute(
                "INSERT INTO claims VALUES (?, ?, ?) ON CONFLICT (task) DO UPDATE"
                " SET holder = excluded.holder, until_at = excluded.until_at"
                " WHERE claims.holder = excluded.holder OR claims.until_at <= ?",
                (task, holder, time_text(until), time_text(now)),
            )
            return changed.rowcount > 0

    def close(self) -> None:
        for connection in self.connections:
            connection.close()


def migrate(connection: sqlite3.Connection, file: Path) -> None:
    db = Database(connection)
    known = {step.name for step in steps._migrations}
    if unknown := [step.name for step in steps.applied(db) if step.name not in known]:
        raise NewerCatalog(
            f"{file} was written by a newer version of Picgate (it has the schema step {unknown[-1]!r}): "
            "install that version or a later one."
        )
    steps.apply(db)


def over_quota(used: int, limit: int, needed: int) -> QuotaExceeded:
    return QuotaExceeded(
        f"Storage quota reached: {format_size(used)} of {format_size(limit)} are used and this file needs "
        f"{format_size(needed)}. Delete something or ask for more.",
        used=used,
        limit=limit,
        needed=needed,
    )


def busy() -> StoreUnavailable:
    return StoreUnavailable("The catalog is busy. Nothing was changed; try again in a moment.")


def unavailable(error: sqlite3.OperationalError) -> StoreUnavailable:
    if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return busy()
    if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return StoreUnavailable("The disk of the catalog is full. Nothing was changed.")
    return StoreUnavailable("The catalog cannot be written or read just now. Nothing was changed.")
