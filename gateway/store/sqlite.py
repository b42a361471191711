"""The catalog in one SQLite file: WAL, `synchronous=FULL`, one writer connection, one reader per thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from gateway.core.errors import StoreUnavailable
from gateway.store.reading import connect_reading
from gateway.store.rows import Db, time_text
from gateway.store.schema import steps
from gateway.store.sql.counting import CountingRows
from gateway.store.sql.editing import EditingRows
from gateway.store.sql.feed import FeedRows
from gateway.store.sql.moving import MovingRows
from gateway.store.sql.owners import OwnerRows
from gateway.store.sql.places import PlaceRows
from gateway.store.sql.sessions import SessionRows
from gateway.store.words import WordRows

BUSY_SECONDS = 20


class NewerCatalog(Exception):
    """The catalog was written by a newer version of this program."""


class SqliteCatalog(WordRows, OwnerRows, PlaceRows, EditingRows, MovingRows, CountingRows, FeedRows, SessionRows):
    def __init__(self, file: Path, *, reads_only: bool = False) -> None:
        self.file = file
        self.reads_only = reads_only
        self.writing = threading.Lock()
        self.readers = threading.local()
        self.connections: list[sqlite3.Connection] = []
        try:
            self.writer = self.connect()
            migrate(self.writer, file, reads_only=reads_only)
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreUnavailable(f"{file} cannot be opened as a catalog: {error}.") from error
        except BaseException:
            self.close()
            raise

    def connect(self) -> sqlite3.Connection:
        options: dict[str, Any] = {
            "timeout": BUSY_SECONDS, "isolation_level": None, "check_same_thread": False, "cached_statements": 256,
        }  # fmt: skip
        if self.reads_only:
            self.connections.append(connection := connect_reading(self.file, **options))
        else:
            self.connections.append(connection := sqlite3.connect(self.file, **options))
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
    def transaction(self) -> Iterator[Db]:
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

    def rows(self, sql: str, *values: object, db: Db | None = None) -> list[tuple[Any, ...]]:
        try:
            return (db or self.reader).execute(sql, values).fetchall()
        except (UnicodeEncodeError, OverflowError):
            return []  # half a character or a number of a hundred digits, which no row can hold
        except sqlite3.OperationalError as error:
            raise unavailable(error) from error

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


def migrate(connection: sqlite3.Connection, file: Path, *, reads_only: bool) -> None:
    db = Database(connection)
    known = {step.name for step in steps._migrations}
    if unknown := [step.name for step in steps.applied(db) if step.name not in known]:
        raise NewerCatalog(
            f"{file} was written by a newer version of Picgate (it has the schema step {unknown[-1]!r}): "
            "install that version or a later one."
        )
    if not reads_only:
        steps.apply(db)
    elif steps.pending(db):
        raise StoreUnavailable(
            f"{file} was written by an older version of Picgate, and may not be changed by you.\n"
            "Run the command as somebody who may write it."
        )


def busy() -> StoreUnavailable:
    return StoreUnavailable("The catalog is busy. Nothing was changed; try again in a moment.")


def unavailable(error: sqlite3.OperationalError) -> StoreUnavailable:
    if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return busy()
    if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return StoreUnavailable("The disk of the catalog is full. Nothing was changed.")
    return StoreUnavailable("The catalog cannot be written or read just now. Nothing was changed.")
