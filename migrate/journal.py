"""The journal of a run: which item got which verdict, and what else was brought.

Promises, wherever it is kept: an item has one line, however often a run is resumed and however many machines work at
it; a verdict that stands is never changed; a line is written after what it tells of is safe in the catalog, never
before. What is the same in a file and in a database is written once, here.
"""

from __future__ import annotations

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from gateway.core.moving import Target
from gateway.store.rows import Db
from migrate.items import Verdict
from migrate.outcome import Outcome, Run, State, Summary

LeadKind = Literal["address", "token", "tombstone"]

COLUMNS = ("key", "name", "verdict", "reason", "media_id", "size_bytes", "notes")
PAGE = 1000


class Tables(Protocol):
    """Where a journal is written: an SQLite file, or the database of the catalog. Values stand as `?`."""

    def transaction(self) -> AbstractContextManager[Db]: ...

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]: ...


class Journal(ABC):
    """`runs`, `schema` and `number` are how its tables and the order of their rows are called; `own` picks the rows of
    this run, and `own_column` with `own_value` make a row one of them. `rule` is the first word of a reason."""

    runs: str
    schema: str
    number: str
    own: str
    own_column: str
    own_value: str
    rule: str

    def __init__(self, tables: Tables, run_id: str) -> None:
        self.tables = tables
        self.run_id = run_id

    @abstractmethod
    def beside(self, run_id: str) -> Journal | None:
        """That of another run, kept where this one is."""

    @abstractmethod
    def close(self) -> None: ...

    # the run itself

    def save(self, run: Run) -> None:
        data = {
            name: getattr(run, name)
            for name in ("kind", "source", "options", "is_dry", "state", "message", "found", "is_resumed")
        }
        data["started_at"] = run.started_at.isoformat()
        data["finished_at"] = run.finished_at and run.finished_at.isoformat()
        sql = f"INSERT INTO {self.runs} (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data"
        with self.tables.transaction() as db:
            db.execute(sql, (run.id, json.dumps(data)))

    @property
    def run(self) -> Run:
        [(data,)] = self.tables.rows(f"SELECT data FROM {self.runs} WHERE id = ?", self.run_id)
        return run_of(self.run_id, data)

    def end(self, state: State, found: int, message: str | None = None) -> None:
        self.save(replace(self.run, state=state, message=message, found=found, finished_at=datetime.now(UTC)))

    # its items

    def write(self, outcomes: Iterable[Outcome]) -> None:
        """Only what failed gets another line, when it is tried again."""
        columns = (*COLUMNS, "wants_attention")
        changes = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
        sql = (
            f"INSERT INTO {self.schema}items ({self.own_column}{', '.join(columns)})"
            f" VALUES ({self.own_value}{', '.join('?' * len(columns))})"
            f" ON CONFLICT ({self.own_column}key) DO UPDATE SET {changes} WHERE items.verdict = 'failed'"
        )
        with self.tables.transaction() as db:
            db.executemany(sql, [row_of(one) for one in outcomes])

    def settled(self, keys: Sequence[str]) -> dict[str, Verdict]:
        """Those of `keys` that have a verdict which stands; what failed is tried again."""
        marks = ", ".join("?" * len(keys))
        sql = (
            f"SELECT key, verdict FROM {self.schema}items WHERE {self.own} AND verdict != 'failed' AND key IN ({marks})"
        )
        return dict(self.tables.rows(sql, *map(printable, keys)))

    def told(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """What became of those of `keys` that were met."""
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT {', '.join(COLUMNS)} FROM {self.schema}items WHERE {self.own} AND key IN ({marks})"
        return {row[0]: outcome_of(row) for row in self.tables.rows(sql, *map(printable, keys))}

    def outcomes(self, *, verdicts: Sequence[Verdict] = (), attention: bool = False) -> Iterator[Outcome]:
        """In the order in which they were first met."""
        where = [self.own, f"{self.number} > ?"]
        where += [f"verdict IN ({', '.join('?' * len(verdicts))})"] if verdicts else []
        where += ["wants_attention = 1"] if attention else []
        sql = (
            f"SELECT {', '.join(COLUMNS)}, {self.number} FROM {self.schema}items WHERE {' AND '.join(where)}"
            f" ORDER BY {self.number} LIMIT {PAGE}"
        )
        after = 0
        while page := self.tables.rows(sql, after, *verdicts):
            yield from (outcome_of(row[:-1]) for row in page)
            after = page[-1][-1]

    # and all else

    def add(self, kind: Target | str, target_id: str, name: str) -> None:
        """Something the run brought into the catalog, to be taken back by an undo."""
        with self.tables.transaction() as db:
            db.execute(self.adding("added", "kind", "id", "name"), (kind, target_id, printable(name)))

    def added(self, kind: str) -> list[tuple[str, str]]:
        """In the order in which they came."""
        sql = f"SELECT id, name FROM {self.schema}added WHERE {self.own} AND kind = ? ORDER BY {self.number}"
        return [(one, name) for one, name in self.tables.rows(sql, kind)]

    def lead(self, kind: LeadKind, ids: Iterable[str], target_id: str) -> None:
        """What is about to lead to a record that was here before this run."""
        if rows := [(kind, one, target_id) for one in ids]:
            with self.tables.transaction() as db:
                db.executemany(self.adding("leads", "kind", "id", "target"), rows)

    def leads(self, kind: LeadKind) -> list[tuple[str, str]]:
        """With the record each leads to."""
        sql = f"SELECT id, target FROM {self.schema}leads WHERE {self.own} AND kind = ?"
        return [(one, target) for one, target in self.tables.rows(sql, kind)]

    def adding(self, table: str, *columns: str) -> str:
        """What is there already stays as it is."""
        return (
            f"INSERT INTO {self.schema}{table} ({self.own_column}{', '.join(columns)})"
            f" VALUES ({self.own_value}{', '.join('?' * len(columns))}) ON CONFLICT DO NOTHING"
        )

    def note(self, notes: Iterable[tuple[str, int]]) -> None:
        sql = (
            f"INSERT INTO {self.schema}notes ({self.own_column}sentence, count) VALUES ({self.own_value}?, ?)"
            f" ON CONFLICT ({self.own_column}sentence) DO UPDATE SET count = excluded.count"
        )
        if rows := [(printable(sentence), count) for sentence, count in notes]:
            with self.tables.transaction() as db:
                db.executemany(sql, rows)

    def skipped(self) -> dict[str, int]:
        """By the rule that said so, the first word of the reason."""
        return dict(
            self.tables.rows(
                f"SELECT {self.rule} AS rule, count(*) FROM {self.schema}items"
                f" WHERE {self.own} AND verdict = 'skipped' AND reason IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
            )
        )

    def summary(self) -> Summary:
        verdicts: dict[Any, int] = {}
        attention = stored = 0
        sql = (
            "SELECT verdict, count(*), coalesce(sum(wants_attention), 0), coalesce(sum(size_bytes), 0)"
            f" FROM {self.schema}items WHERE {self.own} GROUP BY verdict"
        )
        for verdict, count, wanting, size in self.tables.rows(sql):
            verdicts[verdict] = count
            attention += int(wanting)
            stored += int(size) if verdict == "imported" else 0
        sql = f"SELECT kind, count(*) FROM {self.schema}added WHERE {self.own} GROUP BY kind"
        added = dict(self.tables.rows(sql))
        sql = f"SELECT sentence, count FROM {self.schema}notes WHERE {self.own} ORDER BY {self.number}"
        notes = dict(self.tables.rows(sql))
        return Summary(run := self.run, run.found, verdicts, added, notes, attention, stored)


def run_of(run_id: str, text: str) -> Run:
    data = json.loads(text)
    finished = data.pop("finished_at")
    return Run(
        id=run_id,
        started_at=datetime.fromisoformat(data.pop("started_at")),
        finished_at=finished and datetime.fromisoformat(finished),
        **data,
    )


def row_of(one: Outcome) -> tuple[object, ...]:
    return (
        printable(one.key), printable(one.name), one.verdict, one.reason and printable(one.reason), one.media_id,
        one.size_bytes, "\n".join(map(printable, one.notes)) or None, int(one.wants_attention),
    )  # fmt: skip


def outcome_of(row: Sequence[Any]) -> Outcome:
    key, name, verdict, reason, media_id, size_bytes, notes = row
    sentences = tuple(notes.split("\n")) if notes else ()
    return Outcome(key, name, verdict, reason, media_id, size_bytes, sentences)


def new_run_id(now: datetime) -> str:
    """Sorts by time, to 4 ms, and two started at once differ."""
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 3907:02x}{secrets.token_hex(2)}"


def printable(text: str) -> str:
    """File names need not be text; what is not is written as its bytes. And not every database keeps a NUL."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
