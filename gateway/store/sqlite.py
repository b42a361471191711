"""The catalog in one SQLite file: WAL, `synchronous=FULL`, one writer connection, one reader per thread."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import IO, Any

from sqlite_utils import Database

from gateway.core.checking.rows import Structure
from gateway.core.errors import CatalogDamaged, StoreUnavailable
from gateway.store.reading import connect_reading
from gateway.store.rows import Db
from gateway.store.schema import steps
from gateway.store.sql.accounts import CredentialRows
from gateway.store.sql.album_editing import AlbumEditingRows
from gateway.store.sql.base import NewerCatalog
from gateway.store.sql.beside import BesideRows
from gateway.store.sql.browsing import BrowsingRows
from gateway.store.sql.checking import CheckingRows
from gateway.store.sql.claims import ClaimRows
from gateway.store.sql.counting import CountingRows
from gateway.store.sql.editing import EditingRows
from gateway.store.sql.feed import FeedRows
from gateway.store.sql.moving import MovingRows
from gateway.store.sql.owners import OwnerRows
from gateway.store.sql.places import PlaceRows
from gateway.store.sql.sessions import SessionRows
from gateway.store.sql.standing import StandingRows, refuse_standing
from gateway.store.upgrading import upgrade
from gateway.store.words import WordRows

BUSY_SECONDS = 20


class SqliteCatalog(
    WordRows, CheckingRows, OwnerRows, CredentialRows, PlaceRows, EditingRows, BrowsingRows, BesideRows,
    AlbumEditingRows, MovingRows, CountingRows, FeedRows, SessionRows, StandingRows, ClaimRows,
):  # fmt: skip
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
            failure = CatalogDamaged if is_damage(error) else StoreUnavailable
            raise failure(f"{file} cannot be opened as a catalog: {error}.") from error
        except BaseException:
            self.close()
            raise

    def connect(self) -> sqlite3.Connection:
        """Only the first one makes a new catalog: where the file is gone later, a disk is, and nothing begins anew."""
        options: dict[str, Any] = {
            "timeout": BUSY_SECONDS, "isolation_level": None, "check_same_thread": False, "cached_statements": 256,
        }  # fmt: skip
        if self.reads_only:
            self.connections.append(connection := connect_reading(self.file, **options))
        else:
            place = f"{self.file.absolute().as_uri()}?mode={'rw' if self.connections else 'rwc'}"
            self.connections.append(connection := sqlite3.connect(place, uri=True, **options))
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
    def transaction(self, *, checked: bool = True) -> Iterator[Db]:
        """All of it or nothing. `BEGIN IMMEDIATE` makes reading and then writing one step among all processes."""
        if not self.writing.acquire(timeout=BUSY_SECONDS):
            raise busy()
        try:
            self.writer.execute("BEGIN IMMEDIATE")
            try:
                if checked:
                    refuse_standing(self.writer)
                yield self.writer
                self.writer.execute("COMMIT")
            except BaseException:
                if self.writer.in_transaction:
                    self.writer.execute("ROLLBACK")
                raise
        except sqlite3.DatabaseError as error:
            refuse(error)
            raise
        finally:
            self.writing.release()

    @contextmanager
    def snapshot(self) -> Iterator[Db]:
        connection = self.connect()
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM standing").fetchone()  # the moment is that of the first read
            yield connection
        except sqlite3.DatabaseError as error:
            refuse(error)
            raise
        finally:
            self.connections.remove(connection)
            connection.close()

    def copy_to(self, file: Path) -> None:
        """What was there at one moment, while others go on writing."""
        with closing(sqlite3.connect(file)) as copy:
            self.reader.backup(copy)

    def frozen(self) -> AbstractContextManager[Db]:
        return self.transaction(checked=False)

    def hold(self, db: Db, *names: str) -> None:
        """Transactions are one at a time as it is."""

    def share(self, db: Db, *names: str) -> None:
        """Transactions are one at a time as it is."""

    def rows(self, sql: str, *values: object, db: Db | None = None) -> list[tuple[Any, ...]]:
        try:
            return (db or self.reader).execute(sql, values).fetchall()
        except (UnicodeEncodeError, OverflowError):
            return []  # half a character or a number of a hundred digits, which no row can hold
        except sqlite3.DatabaseError as error:
            refuse(error)
            raise

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """By the lock of a file, which the system takes back from a process that was killed."""
        folder = self.file.with_name(".locks")
        folder.mkdir(exist_ok=True)
        path = folder / hashlib.sha256(name.encode()).hexdigest()[:32]
        with open(path, "w") as lock:
            if is_mine := take_lock(lock, path):
                try:
                    yield is_mine
                finally:
                    path.unlink(missing_ok=True)
            else:
                yield is_mine

    def structure(self, *, thorough: bool) -> Structure:
        db = Database(self.reader, execute_plugins=False)
        try:
            rows = self.reader.execute(f"PRAGMA {'integrity' if thorough else 'quick'}_check(100)").fetchall()
            said = [" ".join(row[0].removeprefix("*** in database main ***").split()) for row in rows]
        except sqlite3.DatabaseError as error:
            said = [f"{error}."]
        return Structure(steps.applied(db)[-1].name, tuple(one for one in said if one != "ok"))

    def probe(self) -> None:
        """A file that was deleted can be written on, and all of it is gone once nobody has it open any more."""
        if not self.file.exists():
            raise StoreUnavailable(f"{self.file} is not there any more.")
        super().probe()

    def close(self) -> None:
        for connection in self.connections:
            connection.close()


def take_lock(lock: IO[str], path: Path) -> bool:
    """The file may have gone with whoever had it just now: then it is no lock any more."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(lock.fileno()), os.stat(path))
    except (BlockingIOError, FileNotFoundError):
        return False


def migrate(connection: sqlite3.Connection, file: Path, *, reads_only: bool) -> None:
    db = Database(connection, execute_plugins=False)
    known = {step.name for step in steps._migrations}
    if unknown := [step.name for step in steps.applied(db) if step.name not in known]:
        raise NewerCatalog(
            f"{file} was written by a newer version of Picgate (it has the schema step {unknown[-1]!r}): "
            "install that version or a later one."
        )
    if not reads_only:
        upgrade(db, file)
    elif steps.pending(db):
        raise StoreUnavailable(
            f"{file} was written by an older version of Picgate, and may not be changed by you.\n"
            "Run the command as somebody who may write it."
        )


def busy() -> StoreUnavailable:
    return StoreUnavailable("The catalog is busy. Nothing was changed; try again in a moment.")


def refuse(error: sqlite3.DatabaseError) -> None:
    """Raises `StoreUnavailable` for what is no fault of the statement."""
    code = getattr(error, "sqlite_errorcode", None)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise busy() from error
    if code == sqlite3.SQLITE_FULL:
        raise StoreUnavailable("The disk of the catalog is full. Nothing was changed.") from error
    if is_damage(error):
        raise CatalogDamaged(f"The catalog is damaged: {error}.") from error
    if isinstance(error, sqlite3.OperationalError):
        raise StoreUnavailable("The catalog cannot be written or read just now. Nothing was changed.") from error


def is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
