"""Rows from one catalog to another, range by range of keys.

Promises: a range that is the same on both sides, by the SHA-256 of its rows, is left alone, so that whoever was killed
and begins again goes on; any other one is made the same, in one transaction, and read back. After a whole pass the
target holds what the source held at the moment it was read at.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import StoreUnavailable
from gateway.store.copying.tables import TABLES, Copied
from gateway.store.rows import MEDIA, Db
from gateway.store.sql.base import Row
from gateway.store.sql.search import SearchRows

RANGE_ROWS = 2000
NUL = json.dumps("\0").strip('"')

Key = tuple[Any, ...] | None
Counted = Callable[[int, int | None], None]  # how many are done, of how many if that is known


@dataclass(frozen=True, slots=True)
class Span:
    """The rows with keys above `after`, up to `last`; both are None where there is no bound."""

    after: Key = None
    last: Key = None
    rows: int = 0
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class TableReport:
    """`rows` are in the target now, of which `there` had been there before; `written` and `removed` is what it took. A
    text of `changed` rows held a NUL, which was left out."""

    table: str
    rows: int
    there: int
    written: int
    removed: int
    changed: int
    sha256: str


class CatalogCopy:
    """Nobody else may write into the target meanwhile: what was found equal is not looked at again."""

    def __init__(
        self, source: SearchRows, target: SearchRows, tables: Sequence[Copied] = TABLES, *, writes: bool = True,
        counted: Counted = lambda done, total: None,
    ) -> None:  # fmt: skip
        """Without `writes` it only counts."""
        self.source = source
        self.target = target
        self.tables = tables
        self.writes = writes
        self.counted = counted
        self.equal: dict[str, list[Span]] = {}
        self.there: dict[str, int] = {}
        self.written: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()
        self.changed: set[tuple[str, Key]] = set()

    def bring(self, read: Db) -> list[TableReport]:
        """One pass over what `read`, a transaction of the source, sees."""
        total = 2 * sum(self.count(table, read) for table in self.tables)
        done = 0
        different: dict[str, set[Span]] = {}
        for table in reversed(self.tables):
            known, found = set(self.equal.get(table.name, ())), []
            different[table.name] = set()
            for span, rows in self.spans(table, read):
                if span not in known and digest(self.target_rows(table, span)) != span.sha256:
                    different[table.name].add(span)
                    self.make_room(table, span, rows)
                found.append(span)
                self.counted(done := done + span.rows, total)
            self.equal[table.name] = found
        for table in self.tables:
            before = self.written[table.name]
            for span in self.equal[table.name]:
                if span in different[table.name]:
                    self.write(table, span, read)
                self.counted(done := done + span.rows, total)
            number = sum(span.rows for span in self.equal[table.name])
            self.there.setdefault(table.name, number - self.written[table.name] + before)
        return [self.report(table) for table in self.tables]

    def count(self, table: Copied, read: Db) -> int:
        return int(self.source.rows(f"SELECT count(*) FROM {table.name}", db=read)[0][0])

    def spans(self, table: Copied, read: Db) -> Iterator[tuple[Span, list[Row]]]:
        """Those of the last pass, or where they have grown, smaller ones."""
        for known in self.equal.get(table.name) or [Span()]:
            after = known.after
            while True:
                rows, sha256 = self.source_rows(table, read, after, known.last, RANGE_ROWS)
                is_last = len(rows) < RANGE_ROWS
                last = known.last if is_last else table.key_of(rows[-1])
                yield Span(after, last, len(rows), sha256), rows
                if is_last:
                    break
                after = last

    def make_room(self, table: Copied, span: Span, rows: list[Row]) -> None:
        """What is in the way of others goes first, in all tables, and from the last table to the first."""
        wanted = {table.key_of(row): row for row in rows}
        before = {table.key_of(row): row for row in self.target_rows(table, span)}
        gone = [key for key in before if key not in wanted]
        other = [key for key, row in before.items() if wanted.get(key, row) != row]
        self.removed[table.name] += len(gone)
        if not self.writes or not (gone or other):
            return
        with self.target.transaction(checked=False) as db:
            if table.name == "media":
                self.target.forget_words(db, [MEDIA.record(before[key]) for key in gone])
            db.executemany(f"DELETE FROM {table.name} WHERE {table.is_key}", gone)
            if table.freed:
                db.executemany(f"{table.free} WHERE {table.is_key}", other)

    def write(self, table: Copied, span: Span, read: Db) -> None:
        rows, _ = self.source_rows(table, read, span.after, span.last)
        before = {table.key_of(row): row for row in self.target_rows(table, span)}
        new = [row for row in rows if before.get(table.key_of(row)) != row]
        self.written[table.name] += len(new)
        if not self.writes:
            return
        with self.target.transaction(checked=False) as db:
            db.executemany(table.upsert, new)
            if table.name == "media":
                self.note_words(db, [(before.get(table.key_of(row)), row) for row in new])
        if digest(self.target_rows(table, span)) != span.sha256:
            raise StoreUnavailable(
                f"Rows of the table {table.name} came back otherwise than they were written.\n"
                "Nobody else may use the catalog that is copied to; then begin again."
            )

    def note_words(self, db: Db, changes: list[tuple[Row | None, Row]]) -> None:
        """Of those that have other words now: one more view is none."""
        other = [(old, new) for old, new in changes if not old or said(old) != said(new)]
        self.target.forget_words(db, [MEDIA.record(old) for old, _ in other if old])
        self.target.note_words(db, [MEDIA.record(new) for _, new in other])

    def source_rows(
        self, table: Copied, read: Db, after: Key, last: Key, limit: int | None = None
    ) -> tuple[list[Row], str]:
        """As they can be kept, and what they hash to."""
        where, values = table.within(after, last)
        sql = f"{table.select} WHERE {where} {table.order}"
        if limit:
            sql, values = f"{sql} LIMIT ?", [*values, limit]
        rows = self.source.rows(sql, *values, db=read)
        packed = json.dumps(rows)
        if NUL in packed:
            clean = [without_nul(row) for row in rows]
            self.changed |= {(table.name, table.key_of(row)) for row in set(clean) - set(rows)}
            rows, packed = clean, json.dumps(clean)
        return rows, hashed(packed)

    def target_rows(self, table: Copied, span: Span) -> list[Row]:
        where, values = table.within(span.after, span.last)
        return self.target.rows(f"{table.select} WHERE {where} {table.order}", *values)

    def report(self, table: Copied) -> TableReport:
        spans = self.equal[table.name]
        return TableReport(
            table.name,
            rows=sum(span.rows for span in spans),
            there=self.there[table.name],
            written=self.written[table.name],
            removed=self.removed[table.name],
            changed=sum(name == table.name for name, _ in self.changed),
            sha256=hashed("".join(str(span.sha256) for span in spans)),
        )


def digest(rows: list[Row]) -> str:
    return hashed(json.dumps(rows))


def hashed(packed: str) -> str:
    return hashlib.sha256(packed.encode("ascii")).hexdigest()


def without_nul(row: Row) -> Row:
    """PostgreSQL takes everything but this in a text."""
    return tuple(value.replace("\0", "") if isinstance(value, str) else value for value in row)


SAID = [MEDIA.columns.index(name) for name in ("owner_id", "kind", "created_at", "title", "filename")]


def said(row: Row) -> list[Any]:
    """All that words are made of."""
    return [row[at] for at in SAID]
