"""The journal of a run, an SQLite file of its own: which item got which verdict, and what else was brought.

Promises: an item has one line, however often a run is resumed; a line is written after what it tells of is safe in the
catalog, never before.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database

from gateway.core.errors import StoreUnavailable
from gateway.core.moving import Target
from gateway.store.reading import connect_reading, may_write
from migrate.items import Verdict
from migrate.outcome import Outcome, Run, State, Summary

LeadKind = Literal["address", "token", "tombstone"]

COLUMNS = "key, name, verdict, reason, media_id, size_bytes, notes"


class NoSuchRun(Exception):
    """There is no journal of that name, or more than one."""


class Journal:
    def __init__(self, file: Path) -> None:
        """One that may only be read is opened for that."""
        self.file = file
        try:
            if may_write(file):
                self.db = Database(file)
                self.db.enable_wal()
            else:
                self.db = Database(connect_reading(file))
                self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            raise StoreUnavailable(f"The journal {file} cannot be opened: {error}.") from error

    @classmethod
    def begin(cls, folder: Path, run: Run) -> Journal:
        folder.mkdir(parents=True, exist_ok=True)
        journal = cls(folder / f"{run.id}.db")
        db = journal.db
        db.table("run").create({"id": str, "data": str}, pk="id", strict=True)
        db.table("items").create(
            {
                "key": str,
                "name": str,
                "verdict": str,
                "reason": str,
                "media_id": str,
                "size_bytes": int,
                "notes": str,
                "wants_attention": int,
            },
            pk="key",
            not_null={"name", "verdict", "size_bytes", "wants_attention"},
            strict=True,
        )
        db.table("items").create_index(["verdict"])
        db.table("items").create_index(["wants_attention"])
        db.table("added").create({"kind": str, "id": str, "name": str}, pk=("kind", "id"), strict=True)
        db.table("leads").create({"kind": str, "id": str, "target": str}, pk=("kind", "id"), strict=True)
        db.table("notes").create({"sentence": str, "count": int}, pk="sentence", strict=True)
        journal.save(run)
        return journal

    @classmethod
    def open(cls, folder: Path, run_id: str | None = None) -> Journal:
        """The newest one when none is named; the beginning of an id is enough."""
        files = journals(folder)
        if not files:
            raise NoSuchRun(f"No import has been run into {folder.parent}.")
        found = [file for file in files if file.stem.startswith(run_id or "")]
        if not found:
            raise NoSuchRun(f"There is no run {run_id!r} in {folder}.")
        if run_id and len(found) > 1 and found[0].stem != run_id:
            raise NoSuchRun(f"Several runs begin with {run_id!r}: {', '.join(file.stem for file in found)}.")
        return cls(found[0] if run_id else found[-1])

    # the run itself

    def save(self, run: Run) -> None:
        data = {
            name: getattr(run, name)
            for name in ("kind", "source", "options", "is_dry", "state", "message", "found", "is_resumed")
        }
        data["started_at"] = run.started_at.isoformat()
        data["finished_at"] = run.finished_at and run.finished_at.isoformat()
        with self.writing():
            self.db.table("run").upsert({"id": run.id, "data": json.dumps(data)}, pk="id")

    @contextmanager
    def writing(self) -> Iterator[None]:
        try:
            with self.db.atomic():
                yield
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"The journal {self.file} cannot be written: {error}.") from error

    @property
    def run(self) -> Run:
        row = next(self.db.table("run").rows)
        data = json.loads(row["data"])
        finished = data.pop("finished_at")
        return Run(
            id=row["id"],
            started_at=datetime.fromisoformat(data.pop("started_at")),
            finished_at=finished and datetime.fromisoformat(finished),
            **data,
        )

    def end(self, state: State, found: int, message: str | None = None) -> None:
        self.save(replace(self.run, state=state, message=message, found=found, finished_at=datetime.now(UTC)))

    # its items

    def write(self, outcomes: Iterable[Outcome]) -> None:
        with self.writing():
            self.db.conn.executemany(
                f"INSERT OR REPLACE INTO items ({COLUMNS}, wants_attention) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        printable(one.key), printable(one.name), one.verdict, one.reason and printable(one.reason),
                        one.media_id, one.size_bytes, "\n".join(map(printable, one.notes)) or None,
                        one.wants_attention,
                    )
                    for one in outcomes
                ],
            )  # fmt: skip

    def settled(self, keys: Sequence[str]) -> dict[str, Verdict]:
        """Those of `keys` that have a verdict which stands; what failed is tried again."""
        marks = ", ".join("?" * len(keys))
        rows = self.db.execute(
            f"SELECT key, verdict FROM items WHERE verdict != 'failed' AND key IN ({marks})", list(map(printable, keys))
        )
        return dict(rows.fetchall())

    def told(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """What became of those of `keys` that were met."""
        marks = ", ".join("?" * len(keys))
        rows = self.db.execute(
            f"SELECT {COLUMNS} FROM items WHERE key IN ({marks})", [printable(key) for key in keys]
        ).fetchall()
        return {row[0]: outcome_of(row) for row in rows}

    def outcomes(self, *, verdicts: Sequence[Verdict] = (), attention: bool = False) -> Iterator[Outcome]:
        where = [f"verdict IN ({', '.join('?' * len(verdicts))})"] if verdicts else []
        where += ["wants_attention"] if attention else []
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        for row in self.db.execute(f"SELECT {COLUMNS} FROM items{condition} ORDER BY rowid", list(verdicts)):
            yield outcome_of(row)

    # and all else

    def add(self, kind: Target | str, target_id: str, name: str) -> None:
        """Something the run brought into the catalog, to be taken back by an undo."""
        with self.writing():
            self.db.table("added").insert({"kind": kind, "id": target_id, "name": printable(name)}, ignore=True)

    def added(self, kind: str) -> list[tuple[str, str]]:
        """In the order in which they came."""
        rows = self.db.table("added").rows_where("kind = ?", [kind], order_by="rowid")
        return [(row["id"], row["name"]) for row in rows]

    def lead(self, kind: LeadKind, ids: Iterable[str], target_id: str) -> None:
        """What is about to lead to a record that was here before this run."""
        rows = [{"kind": kind, "id": one, "target": target_id} for one in ids]
        self.db.table("leads").insert_all(rows, ignore=True)

    def leads(self, kind: LeadKind) -> list[tuple[str, str]]:
        """With the record each leads to."""
        return [(row["id"], row["target"]) for row in self.db.table("leads").rows_where("kind = ?", [kind])]

    def note(self, notes: Iterable[tuple[str, int]]) -> None:
        with self.writing():
            self.db.table("notes").upsert_all(
                [{"sentence": printable(sentence), "count": count} for sentence, count in notes], pk="sentence"
            )

    def skipped(self) -> dict[str, int]:
        """By the rule that said so, the first word of the reason."""
        rows = self.db.execute(
            "SELECT substr(reason, 1, instr(reason || ':', ':') - 1) AS rule, count(*) FROM items"
            " WHERE verdict = 'skipped' AND reason IS NOT NULL GROUP BY rule ORDER BY 2 DESC, 1"
        )
        return dict(rows.fetchall())

    def summary(self) -> Summary:
        verdicts: dict[Any, int] = dict(
            self.db.execute("SELECT verdict, count(*) FROM items GROUP BY verdict").fetchall()
        )
        attention, stored = self.db.execute(
            "SELECT coalesce(sum(wants_attention), 0),"
            " coalesce(sum(size_bytes) FILTER (WHERE verdict = 'imported'), 0) FROM items"
        ).fetchone()
        added = dict(self.db.execute("SELECT kind, count(*) FROM added GROUP BY kind").fetchall())
        notes = dict(self.db.execute("SELECT sentence, count FROM notes ORDER BY rowid").fetchall())
        return Summary(run := self.run, run.found, verdicts, added, notes, attention, stored)

    def close(self) -> None:
        self.db.close()


def journals(folder: Path) -> list[Path]:
    """The oldest first. Raises `OSError` for a folder that may not be read, as it may hold some."""
    try:
        return sorted(folder / name for name in os.listdir(folder) if name.endswith(".db"))
    except FileNotFoundError:
        return []


def outcome_of(row: Sequence[Any]) -> Outcome:
    key, name, verdict, reason, media_id, size_bytes, notes = row
    sentences = tuple(notes.split("\n")) if notes else ()
    return Outcome(key, name, verdict, reason, media_id, size_bytes, sentences)


def new_run_id(now: datetime) -> str:
    """Sorts by time, to 4 ms, and two started at once differ."""
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 3907:02x}{secrets.token_hex(2)}"


def printable(text: str) -> str:
    """File names need not be text; what is not is written as its bytes."""
    return text.encode("utf-8", "backslashreplace").decode()
