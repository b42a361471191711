"""The journals of imports, read: SQLite files beside the catalog, or tables in the database that it is in.

Promises: nothing is written, nor made; a journal in the middle of being written is read as it was a moment ago. Where
there are none, there were no imports.
"""

from __future__ import annotations

import fcntl
import json
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from gateway.core.errors import StoreUnavailable
from gateway.core.moves import Item, Move, State, Totals
from gateway.store.reading import connect_reading

Rows = Callable[..., list[tuple[Any, ...]]]
RUN_ID = re.compile(r"[0-9a-f-]{1,64}", re.ASCII)
LOCK = ".running"
# A machine that said nothing for so long counts as gone, here and among those that work together.
ALIVE = "left_at IS NULL AND alive_at > clock_timestamp() - interval '30 seconds'"


class Journals(ABC):
    """`schema` is in front of the tables, `number` what orders their rows, `own` picks those of a run."""

    schema: str
    number: str
    own: str

    @abstractmethod
    def all(self) -> Sequence[Move]: ...

    def totals(self, run_id: str) -> Totals:
        with self.reading(run_id) as (rows, own):
            verdicts: dict[str, int] = {}
            attention = stored = 0
            for verdict, count, wanting, size in rows(
                "SELECT verdict, count(*), coalesce(sum(wants_attention), 0), coalesce(sum(size_bytes), 0)"
                f" FROM {self.schema}items WHERE {self.own} GROUP BY verdict",
                *own,
            ):
                verdicts[verdict] = count
                attention += int(wanting)
                stored += int(size) if verdict == "imported" else 0
            added = rows(f"SELECT kind, count(*) FROM {self.schema}added WHERE {self.own} GROUP BY kind", *own)
            notes = rows(
                f"SELECT sentence, count FROM {self.schema}notes WHERE {self.own} ORDER BY {self.number}", *own
            )
        return Totals(verdicts, dict(added), dict(notes), attention, stored)

    def items(self, run_id: str, verdict: str | None, after: int, limit: int) -> Sequence[Item]:
        which, values = ("verdict = ?", (verdict,)) if verdict else ("wants_attention = 1", ())
        with self.reading(run_id) as (rows, own):
            found = rows(
                f"SELECT {self.number}, name, verdict, reason, media_id, notes FROM {self.schema}items"
                f" WHERE {self.own} AND {which} AND {self.number} > ? ORDER BY {self.number} LIMIT ?",
                *own, *values, after, limit,
            )  # fmt: skip
        return [
            Item(number, name, said, reason, media_id, tuple(notes.split("\n")) if notes else ())
            for number, name, said, reason, media_id, notes in found
        ]

    def find(self, run_id: str) -> Move | None:
        return next((one for one in self.all() if one.id == run_id), None)

    @abstractmethod
    def reading(self, run_id: str) -> AbstractContextManager[tuple[Rows, tuple[object, ...]]]:
        """What asks, and the values for `own`."""


class FileMoves(Journals):
    schema, number, own = "", "rowid", "TRUE"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> Sequence[Move]:
        found, busy = [], is_busy(self.folder)
        for file in self.folder.glob("*.db"):
            try:
                with self.reading(file.stem) as (rows, _):
                    found += [move(run_id, data) for run_id, data in rows("SELECT id, data FROM run")]
            except (StoreUnavailable, ValueError, KeyError):
                continue
        return settled(found, [max((one.id for one in found if one.state == "running"), default="")] if busy else [])

    @contextmanager
    def reading(self, run_id: str) -> Iterator[tuple[Rows, tuple[object, ...]]]:
        try:
            if not RUN_ID.fullmatch(run_id):
                raise FileNotFoundError(run_id)
            with closing(connect_reading(self.folder / f"{run_id}.db", isolation_level=None)) as db:
                yield lambda sql, *values: db.execute(sql, values).fetchall(), ()
        except (OSError, sqlite3.DatabaseError) as error:
            raise StoreUnavailable(f"The journal of the import {run_id} cannot be read: {error}.") from error


def is_busy(folder: Path) -> bool:
    """Whether somebody has its lock."""
    try:
        with open(folder / LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


class SharedMoves(Journals):
    """`rows` asks the database of the catalog."""

    schema, number, own = "imports.", "number", "run_id = ?"

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def all(self) -> Sequence[Move]:
        if self.rows("SELECT to_regclass('imports.steps') IS NULL OR to_regclass('imports.machines') IS NULL")[0][0]:
            return []
        found = [move(run_id, data) for run_id, data in self.rows("SELECT id, data FROM imports.runs")]
        busy = [run_id for (run_id,) in self.rows(f"SELECT DISTINCT run_id FROM imports.machines WHERE {ALIVE}")]
        return settled(found, busy)

    @contextmanager
    def reading(self, run_id: str) -> Iterator[tuple[Rows, tuple[object, ...]]]:
        yield self.rows, (run_id,)


def move(run_id: str, text: str) -> Move:
    data = json.loads(text)
    finished, source = data["finished_at"], data["source"]
    return Move(
        id=run_id,
        kind=data["kind"],
        source=str(source.get("path") or source.get("db") or ""),
        is_dry=data["is_dry"],
        state=cast(State, data["state"]),
        started_at=datetime.fromisoformat(data["started_at"]),
        finished_at=finished and datetime.fromisoformat(finished),
        message=data["message"],
        found=data["found"],
    )


def settled(found: list[Move], busy: Sequence[str]) -> list[Move]:
    """Ids of runs begin with the time: the newest first."""
    runs = [replace(one, state="cut-off") if one.state == "running" and one.id not in busy else one for one in found]
    return sorted(runs, key=lambda one: one.started_at, reverse=True)
