"""Journals in the data folder, an SQLite file each. One machine works at a run, as nobody else has the folder."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

from gateway.core.errors import StoreUnavailable
from gateway.store.moves import is_busy
from gateway.store.reading import connect_reading, may_write
from gateway.store.rows import Db
from gateway.store.writing import sync_folder
from migrate.alone import alone
from migrate.journal import Journal
from migrate.journals import Busy, Machine, chosen
from migrate.outcome import Run
from migrate.sharing import Alone, Sharing

TABLES = """
CREATE TABLE run (id TEXT PRIMARY KEY, data TEXT) STRICT;
CREATE TABLE items (
    key TEXT PRIMARY KEY, name TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT, media_id TEXT,
    size_bytes INTEGER NOT NULL, notes TEXT, wants_attention INTEGER NOT NULL
) STRICT;
CREATE INDEX items_by_verdict ON items (verdict);
CREATE INDEX items_to_look_at ON items (wants_attention);
CREATE TABLE added (kind TEXT, id TEXT, name TEXT, PRIMARY KEY (kind, id)) STRICT;
CREATE TABLE leads (kind TEXT, id TEXT, target TEXT, PRIMARY KEY (kind, id)) STRICT;
CREATE TABLE notes (sentence TEXT PRIMARY KEY, count INTEGER) STRICT;
"""
PART = ".part"
ANOTHER = "Another import is at work in {}.\n`migrate status` says how far it is."
SHARED_ONLY = (
    "Several machines work at one import where the catalog is in a database.\n"
    "Set storage.catalog and storage.blobs, and begin the import there."
)


class FileTables:
    """A file that may only be read is opened for that."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            if may_write(file):
                self.db = sqlite3.connect(file, isolation_level=None)
                self.db.execute("PRAGMA journal_mode = WAL")
            else:
                self.db = connect_reading(file)
                self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            raise StoreUnavailable(f"The journal {file} cannot be opened: {error}.") from error

    @contextmanager
    def transaction(self) -> Iterator[Db]:
        try:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"The journal {self.file} cannot be written: {error}.") from error

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self.db.execute(sql, values).fetchall()

    def close(self) -> None:
        self.db.close()


class FileJournal(Journal):
    runs, schema, number = "run", "", "rowid"
    own, own_column, own_value = "TRUE", "", ""
    rule = "substr(reason, 1, instr(reason || ':', ':') - 1)"

    def __init__(self, file: Path) -> None:
        self.file = file
        self.opened = FileTables(file)
        super().__init__(self.opened, file.stem)

    def beside(self, run_id: str) -> Journal | None:
        file = self.file.with_name(f"{run_id}.db")
        return FileJournal(file) if file.exists() else None

    def close(self) -> None:
        self.opened.close()


class FileJournals:
    is_shared = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = str(folder.parent)

    def runs(self) -> list[Run]:
        found = []
        for file in self.files():
            with closing(FileJournal(file)) as journal:
                found.append(journal.run)
        return sorted(found, key=attrgetter("started_at"), reverse=True)

    def open(self, run_id: str | None = None) -> Journal:
        files = {file.stem: file for file in self.files()}
        return FileJournal(files[chosen(list(files), run_id, self.place)])

    def begin(self, run: Run) -> Journal:
        """Under another name until the run is in it: a journal of nothing would be in the way of all others."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{run.id}.db"
        part = file.with_suffix(PART)
        try:
            with closing(FileJournal(part)) as journal:
                with journal.tables.transaction() as db:
                    for sql in TABLES.split(";"):
                        db.execute(sql)
                journal.save(run)
            part.rename(file)
            sync_folder(str(self.folder))
        finally:
            part.unlink(missing_ok=True)
        return FileJournal(file)

    @contextmanager
    def at_work(self, run_id: str, *, joins: bool = False) -> Iterator[Sharing]:
        if joins:
            raise Busy(SHARED_ONLY)
        with alone(self.folder) as is_alone:
            if not is_alone:
                raise Busy(ANOTHER.format(self.place))
            yield Alone()

    def is_busy(self) -> bool:
        return is_busy(self.folder)

    def machines(self) -> Sequence[Machine]:
        return []

    def files(self) -> list[Path]:
        """The oldest first. Raises `OSError` for a folder that may not be read, as it may hold some."""
        try:
            return sorted(self.folder / name for name in os.listdir(self.folder) if name.endswith(".db"))
        except FileNotFoundError:
            return []
