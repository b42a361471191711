"""The machines that work at one import together, and which part of the source is whose.

Each says every few seconds that it is alive; what one has in hand that says so no more is taken over by the others.
All times are those of the database. That an item comes twice to nobody's harm, when a machine was only slow, is seen
to where it is written: the catalog keeps one record for each, and the journal one line.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain, count, islice
from typing import Protocol

from gateway.core.errors import StoreUnavailable
from gateway.store.moves import ALIVE
from gateway.store.rows import Db
from migrate.items import Item, Source, SourceError
from migrate.journal import Tables
from migrate.journals import Busy, Machine
from migrate.sharing import Part
from migrate.stopping import Stop

BEAT = 3.0  # seconds between two signs of life
LOOK = 0.5  # seconds between two looks at what the others do
LEAST_ITEMS, MOST_ITEMS = 10, 500  # in a part
PARTS = 200  # that a source is to have, so that nobody waits long for the last of them
HEAD = 100  # items by which a source is known again

NOBODY = "Nobody is at work on this import.\nGo on with it by yourself: `migrate resume {}`"
SOMEBODY = "Another import is at work, on {}.\n`migrate status` says how far it is."
MATES = "This import is under way on {}.\nTo help there: `migrate join {}`"
STRANGER = (
    "The source that is found here is not the one that the others read.\n"
    "It has to be the same, at the same place, on each machine: check what is mounted there."
)


class SharedTables(Tables, Protocol):
    """Those of a catalog, which has locks as well."""

    def hold(self, db: Db, *names: str) -> None: ...

    def alone(self, name: str) -> AbstractContextManager[bool]: ...


class Machines:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def enter(self, run_id: str, *, joins: bool) -> str:
        """The id of this machine from now on. Whoever was silent for a moment only will speak again: that is waited
        for. Raises `Busy`."""
        seen: dict[str, object] = {}
        while True:
            machine, others = self.try_to_enter(run_id, joins=joins)
            if machine:
                return machine
            for other, (name, its_run, alive_at) in others.items():
                if seen.setdefault(other, alive_at) != alive_at:
                    raise Busy((MATES if its_run == run_id else SOMEBODY).format(name, run_id))
            time.sleep(LOOK)

    def try_to_enter(self, run_id: str, *, joins: bool) -> tuple[str | None, dict[str, tuple[str, str, object]]]:
        sql = f"SELECT id, name, run_id, extract(epoch FROM alive_at)::float8 FROM imports.machines WHERE {ALIVE}"
        with self.tables.transaction() as db:
            db.execute("LOCK TABLE imports.machines IN SHARE ROW EXCLUSIVE MODE")
            others = {one: (name, its_run, at) for one, name, its_run, at in db.execute(sql).fetchall()}
            if joins and run_id not in {its_run for _, its_run, _ in others.values()}:
                raise Busy(NOBODY.format(run_id))
            if others and not joins:
                return None, others
            if not joins:
                db.execute("DELETE FROM imports.parts WHERE run_id = ?", (run_id,))
                db.execute("UPDATE imports.runs SET fingerprint = NULL WHERE id = ?", (run_id,))
            db.execute(
                "INSERT INTO imports.machines (id, run_id, name, process, began_at, alive_at)"
                " VALUES (?, ?, ?, ?, clock_timestamp(), clock_timestamp())",
                (machine := secrets.token_hex(8), run_id, socket.gethostname(), os.getpid()),
            )
            return machine, others

    @contextmanager
    def beating(self, machine: str) -> Iterator[None]:
        """From a thread of its own: some files take longer than a sign of life may."""
        is_over = threading.Event()

        def beat() -> None:
            while not is_over.wait(BEAT):
                with suppress(StoreUnavailable), self.tables.transaction() as db:
                    db.execute("UPDATE imports.machines SET alive_at = clock_timestamp() WHERE id = ?", (machine,))

        thread = threading.Thread(target=beat, name="sign of life", daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def at_work(self) -> list[Machine]:
        rows = self.tables.rows(
            "SELECT m.run_id, m.name, m.process, extract(epoch FROM m.began_at)::float8, r.part_items,"
            " count(*) FILTER (WHERE p.is_done), min(p.number) FILTER (WHERE NOT p.is_done),"
            " max(p.number) FILTER (WHERE NOT p.is_done) FROM imports.machines AS m"
            " LEFT JOIN imports.runs AS r ON r.id = m.run_id"
            " LEFT JOIN imports.parts AS p ON p.run_id = m.run_id AND p.machine = m.id"
            f" WHERE {ALIVE} GROUP BY m.id, r.part_items ORDER BY m.began_at, m.id"
        )
        return [
            Machine(
                run_id, name, process, datetime.fromtimestamp(since, UTC), done,
                None if first is None or not size else (first * size + 1, (last + 1) * size),
            )
            for run_id, name, process, since, size, done, first, last in rows
        ]  # fmt: skip


class Together:
    """Implements `migrate.sharing.Sharing`."""

    is_alone = False

    def __init__(self, tables: SharedTables, run_id: str, machine: str, *, joins: bool) -> None:
        self.tables = tables
        self.run_id = run_id
        self.machine = machine
        self.joins = joins
        self.part_items = MOST_ITEMS
        self.has_turn = False

    def begin(self, source: Source) -> None:
        found, total = fingerprint(source), source.count()
        while True:
            with self.tables.transaction() as db:
                wanted, size = db.execute(
                    "SELECT fingerprint, part_items FROM imports.runs WHERE id = ? FOR UPDATE", (self.run_id,)
                ).fetchone()
                if wanted is None and not (self.joins and self.mates(db)):
                    wanted, size = found, part_size(total)
                    db.execute(
                        "UPDATE imports.runs SET fingerprint = ?, part_items = ? WHERE id = ?",
                        (wanted, size, self.run_id),
                    )
            if wanted == found:
                self.part_items = size
                return
            if wanted is not None:
                raise SourceError(STRANGER)
            time.sleep(LOOK)

    # one at a time

    @contextmanager
    def turn(self) -> Iterator[None]:
        if self.has_turn:
            yield
            return
        with self.only_one("turn"):
            self.has_turn = True
            try:
                yield
            finally:
                self.has_turn = False

    @contextmanager
    def only_one(self, what: str) -> Iterator[None]:
        pause = 0.02
        while True:
            with self.tables.alone(f"import {self.run_id} {what}") as is_ours:
                if is_ours:
                    yield
                    return
            time.sleep(pause)
            pause = min(2 * pause, LOOK)

    # parts

    def parts(self, items: Iterator[Item]) -> Iterator[Part]:
        for number in count():
            first = next(items, None)
            if first is None:
                return
            part = chain([first], islice(items, self.part_items - 1))
            if self.take(number):
                yield number, part
            deque(part, maxlen=0)

    def take(self, number: int) -> bool:
        sql = (
            "INSERT INTO imports.parts (run_id, number, machine) SELECT id, ?, ? FROM imports.runs"
            " WHERE id = ? AND data::json->>'state' = 'running'"
            " ON CONFLICT (run_id, number) DO UPDATE SET machine = excluded.machine WHERE NOT parts.is_done"
            f" AND NOT EXISTS (SELECT 1 FROM imports.machines AS m WHERE m.id = parts.machine AND {ALIVE})"
        )
        with self.tables.transaction() as db:
            return db.execute(sql, (number, self.machine, self.run_id)).rowcount > 0

    def finished(self, part: int) -> None:
        with self.tables.transaction() as db:
            db.execute("UPDATE imports.parts SET is_done = true WHERE run_id = ? AND number = ?", (self.run_id, part))

    def has_more(self, stop: Stop) -> bool:
        sql = (
            "SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM imports.machines AS m"
            f" WHERE m.id = p.machine AND {ALIVE}))"
            " FROM imports.parts AS p JOIN imports.runs AS r ON r.id = p.run_id"
            " WHERE p.run_id = ? AND NOT p.is_done AND r.data::json->>'state' = 'running'"
        )
        while not stop.is_asked:
            [(left, abandoned)] = self.tables.rows(sql, self.run_id)
            if abandoned or not left:
                return bool(abandoned)
            time.sleep(LOOK)
        return False

    # and leaving

    @contextmanager
    def ending(self, *, for_all: bool) -> Iterator[bool]:
        with self.only_one("ending"):
            sql = "SELECT data::json->>'state' = 'running' FROM imports.runs WHERE id = ?"
            [(is_running,)] = self.tables.rows(sql, self.run_id)
            with self.tables.transaction() as db:
                self.step_back(db)
                mates = self.mates(db)
            yield bool(is_running and (for_all or not mates))

    def leave(self) -> None:
        """Harmless when repeated. Where it cannot be said, silence says it."""
        with suppress(StoreUnavailable), self.tables.transaction() as db:
            self.step_back(db)

    def step_back(self, db: Db) -> None:
        sql = "UPDATE imports.machines SET left_at = clock_timestamp() WHERE id = ? AND left_at IS NULL"
        db.execute(sql, (self.machine,))

    def mates(self, db: Db) -> int:
        sql = f"SELECT count(*) FROM imports.machines WHERE run_id = ? AND id != ? AND {ALIVE}"
        mates: int = db.execute(sql, (self.run_id, self.machine)).fetchone()[0]
        return mates


def part_size(total: int | None) -> int:
    return MOST_ITEMS if total is None else max(LEAST_ITEMS, min(total // PARTS, MOST_ITEMS))


def fingerprint(source: Source) -> str:
    """The same on each machine that reads the same: how much there is, what comes first, and whether it is there."""
    head = [
        (one.key, one.filename, one.size_bytes, one.md5, one.sha256, type(one.content).__name__)
        for one in islice(source.items(), HEAD)
    ]
    told = json.dumps([[site.id for site in source.sites()], source.count(), head])
    return hashlib.sha256(told.encode()).hexdigest()
