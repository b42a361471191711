"""A dump file as tables: read once from beginning to end, its wanted tables kept in a temporary SQLite file."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from migrate.items import SourceError
from migrate.sources.dump import DumpReader, TableName
from migrate.sources.sql.declarations import Column
from migrate.sources.sql.installation import ALWAYS_FILLED, ALWAYS_THERE, choose
from migrate.sources.sql.literals import Charset, converted
from migrate.sources.sql.textfile import Progress, TextFile
from migrate.sources.sql.window import Window
from migrate.sources.tables import Value

CACHE_KB = 20_000


@dataclass(slots=True)
class StagedTable:
    """`filled` are the generated columns for which the dump has values."""

    name: str
    columns: dict[str, Column]
    filled: set[str] = field(default_factory=set)
    rows: int = 0

    def existing(self) -> frozenset[str]:
        """Without the generated columns that the dump leaves out: their values are not known."""
        return frozenset(
            name
            for name, column in self.columns.items()
            if not column.is_generated or name in self.filled or not self.rows
        )


class Staging:
    """The shelf of one dump. Which of its prefixes is the right one is known only at its end."""

    def __init__(self, work: Path, wanted: Collection[str], prefix: str | None) -> None:
        self.work = work
        self.wanted = tuple(wanted)
        self.prefix = prefix
        self.seen: set[TableName] = set()
        self.declared = False
        self.numbers = count(1)
        self.tables: dict[TableName, StagedTable] = {}
        self.db = open_unnamed(work)

    def wants(self, table: TableName) -> bool:
        self.seen.add(table)
        if self.prefix is None:
            return table[1].endswith(self.wanted)
        return table[1].startswith(self.prefix) and table[1].removeprefix(self.prefix) in self.wanted

    def declare(self, table: TableName, columns: Sequence[Column], keep: bool) -> None:
        self.declared = True
        if not self.wants(table) or not columns or (keep and table in self.tables):
            return
        if old := self.tables.pop(table, None):
            self.db.execute(f"DROP TABLE {old.name}")
        self.add(table, columns)

    def add(self, table: TableName, columns: Sequence[Column]) -> StagedTable:
        staged = StagedTable(f"t{next(self.numbers)}", {column.name: column for column in columns})
        with room(self.work):
            self.db.execute(f"CREATE TABLE {staged.name} ({', '.join(map(quoted, staged.columns))})")
        self.tables[table] = staged
        return staged

    def columns_of(self, table: TableName, names: Sequence[str] | None) -> list[Column]:
        staged = self.tables.get(table)
        if not staged:
            if names is None:
                raise LookupError(
                    f"nothing says what the columns of {table[1]} are, as the dump was made with --no-create-info"
                )
            staged = self.add(table, [Column(name, "unknown") for name in names])
        if names is None:
            return list(staged.columns.values())
        if unknown := [name for name in names if name not in staged.columns]:
            raise LookupError(f"{table[1]} has no column {unknown[0]}")
        return [staged.columns[name] for name in names]

    def insert(
        self, table: TableName, columns: Sequence[Column], rows: Sequence[tuple[str, ...]], charset: Charset
    ) -> None:
        staged = self.tables[table]
        values = []
        for column, tokens in zip(columns, zip(*rows, strict=True), strict=True):
            values.append(converted(tokens, column.kind, charset))
            if column.is_generated and column.name not in staged.filled and set(tokens) != {"DEFAULT"}:
                staged.filled.add(column.name)
        staged.rows += len(rows)
        names = ", ".join(quoted(column.name) for column in columns)
        places = ", ".join("?" * len(columns))
        with room(self.work):
            self.db.executemany(f"INSERT INTO {staged.name} ({names}) VALUES ({places})", zip(*values, strict=True))

    def chosen(self, path: Path) -> tuple[str, dict[str, StagedTable]]:
        """The prefix, and the tables of its installation named without it."""
        needed = ALWAYS_THERE if self.declared else ALWAYS_FILLED
        database, prefix = choose(self.seen, self.prefix, f"dump {path}", needed)
        names = {table: (database, prefix + table) for table in self.wanted}
        return prefix, {table: self.tables[name] for table, name in names.items() if name in self.tables}


class Dump:
    """Implements `migrate.sources.tables.Tables`."""

    def __init__(self, db: sqlite3.Connection, work: Path, prefix: str, tables: dict[str, StagedTable]) -> None:
        self.db = db
        self.work = work
        self.prefix = prefix
        self.tables = tables
        self.notes: Counter[str] = Counter()

    @classmethod
    def open(
        cls,
        path: Path,
        work: Path,
        wanted: Collection[str],
        prefix: str | None = None,
        progress: Progress | None = None,
    ) -> Dump:
        """Reads `path` and keeps the `wanted` tables, named without prefix, in a file in the folder `work`."""
        with closing(TextFile(path, progress)) as file:
            staging = Staging(work, wanted, prefix)
            try:
                reader = DumpReader(Window(file), staging)
                reader.read()
                dump = cls(staging.db, work, *staging.chosen(path))
            except BaseException:
                staging.db.close()
                raise
        dump.note(reader.charset, file)
        return dump

    def note(self, charset: Charset, file: TextFile) -> None:
        better = "a dump made with --default-character-set=utf8mb4 and --result-file=FILE has them"
        if charset.is_latin1:
            self.notes[f"The dump is written in latin1, in which other letters became question marks: {better}."] = 1
        if charset.misfits:
            said = f"A text is not UTF-8 and was read as latin1; other letters may be lost: {better}."
            self.notes[said] = charset.misfits
        if file.is_utf_16:
            self.notes[f"The dump is UTF-16, as PowerShell writes it; other than ASCII may be damaged: {better}."] = 1

    def columns(self, table: str) -> frozenset[str]:
        return self.tables[table].existing() if table in self.tables else frozenset()

    def count(self, table: str) -> int:
        return self.tables[table].rows if table in self.tables else 0

    def rows(self, table: str, columns: Sequence[str], order: Sequence[str] = ()) -> Iterator[tuple[Value, ...]]:
        staged = self.tables[table]
        names = [quoted(staged.columns[name].name) for name in columns]
        keys = [sort_key(staged.columns[name]) for name in order]
        if keys:
            index = quoted(f"{staged.name} by {', '.join(keys)}")
            with room(self.work):
                self.db.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {staged.name} ({', '.join(keys)})")
        by = ", ".join([*keys, "rowid"])
        yield from self.db.execute(f"SELECT {', '.join(names)} FROM {staged.name} ORDER BY {by}")

    def close(self) -> None:
        self.db.close()


def open_unnamed(work: Path) -> sqlite3.Connection:
    """A database in a file that has lost its name already, so that nothing is left behind even by a killed process."""
    with room(work):
        work.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(prefix="dump-", suffix=".sqlite", dir=work)
        os.close(handle)
        try:
            db = sqlite3.connect(path, isolation_level=None)
            db.execute("PRAGMA journal_mode = OFF")
            db.execute("PRAGMA synchronous = OFF")
            db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN")
        finally:
            os.unlink(path)
    return db


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def sort_key(column: Column) -> str:
    return f"CAST({quoted(column.name)} AS REAL)" if column.kind == "number" else quoted(column.name)


@contextmanager
def room(work: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise SourceError(
            f"The tables of the dump cannot be kept in {work}: {error}.\n"
            "They need about as much room there as the unpacked dump has. Make room and start again."
        ) from error
