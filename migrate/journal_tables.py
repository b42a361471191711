"""Journals in the database of the catalog, in a schema of their own, where every machine sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter

from gateway.core.errors import StoreUnavailable
from migrate.journal import Journal, Tables, run_of
from migrate.journals import Machine, chosen
from migrate.machines import Machines, SharedTables, Together
from migrate.outcome import Run
from migrate.sharing import Sharing

RUN_ID = re.compile(r"[0-9a-f-]+")
STEPS = {
    "runs": (
        'CREATE TABLE imports.runs (id text COLLATE "C" PRIMARY KEY, data text NOT NULL, fingerprint text,'
        " part_items integer)",
        'CREATE TABLE imports.items (run_id text COLLATE "C" NOT NULL, number bigserial NOT NULL,'
        ' key text COLLATE "C" NOT NULL, name text NOT NULL, verdict text NOT NULL, reason text, media_id text,'
        " size_bytes bigint NOT NULL, notes text, wants_attention integer NOT NULL, PRIMARY KEY (run_id, key))",
        "CREATE INDEX items_in_order ON imports.items (run_id, number)",
        "CREATE INDEX items_by_verdict ON imports.items (run_id, verdict, number)",
        "CREATE INDEX items_to_look_at ON imports.items (run_id, number) WHERE wants_attention = 1",
        'CREATE TABLE imports.added (run_id text COLLATE "C" NOT NULL, number bigserial NOT NULL, kind text NOT NULL,'
        ' id text COLLATE "C" NOT NULL, name text NOT NULL, PRIMARY KEY (run_id, kind, id))',
        'CREATE TABLE imports.leads (run_id text COLLATE "C" NOT NULL, kind text NOT NULL, id text NOT NULL,'
        " target text NOT NULL, PRIMARY KEY (run_id, kind, id))",
        'CREATE TABLE imports.notes (run_id text COLLATE "C" NOT NULL, number bigserial NOT NULL,'
        ' sentence text COLLATE "C" NOT NULL, count bigint NOT NULL, PRIMARY KEY (run_id, sentence))',
    ),
    "machines": (
        'CREATE TABLE imports.machines (id text PRIMARY KEY, run_id text COLLATE "C" NOT NULL, name text NOT NULL,'
        " process integer NOT NULL, began_at timestamptz NOT NULL, alive_at timestamptz NOT NULL, left_at timestamptz)",
        'CREATE TABLE imports.parts (run_id text COLLATE "C" NOT NULL, number integer NOT NULL, machine text NOT NULL,'
        " is_done boolean NOT NULL DEFAULT false, PRIMARY KEY (run_id, number))",
        "CREATE INDEX parts_by_machine ON imports.parts (machine)",
    ),
}


class SharedJournal(Journal):
    runs, schema, number = "imports.runs", "imports.", "number"
    own_column = "run_id, "
    rule = "split_part(reason, ':', 1)"

    def __init__(self, tables: Tables, run_id: str) -> None:
        if not RUN_ID.fullmatch(run_id):
            raise ValueError(f"{run_id!r} is no id of a run")
        super().__init__(tables, run_id)
        self.own = f"run_id = '{run_id}'"
        self.own_value = f"'{run_id}', "

    def beside(self, run_id: str) -> Journal | None:
        found = self.tables.rows("SELECT id FROM imports.runs WHERE id = ?", run_id)
        return SharedJournal(self.tables, run_id) if found else None

    def close(self) -> None:
        """The database stays open for the others."""


class SharedJournals:
    is_shared = True
    place = "this library"

    def __init__(self, tables: SharedTables) -> None:
        self.tables = tables
        self.watch = Machines(tables)

    def runs(self) -> list[Run]:
        if not self.is_made():
            return []
        found = [run_of(run_id, data) for run_id, data in self.tables.rows("SELECT id, data FROM imports.runs")]
        return sorted(found, key=attrgetter("started_at"), reverse=True)

    def open(self, run_id: str | None = None) -> Journal:
        ids = [one for (one,) in self.tables.rows("SELECT id FROM imports.runs")] if self.is_made() else []
        return SharedJournal(self.tables, chosen(sorted(ids), run_id, self.place))

    def begin(self, run: Run) -> Journal:
        self.make()
        journal = SharedJournal(self.tables, run.id)
        journal.save(run)
        return journal

    @contextmanager
    def at_work(self, run_id: str, *, joins: bool = False) -> Iterator[Sharing]:
        self.make()
        machine = self.watch.enter(run_id, joins=joins)
        with self.watch.beating(machine):
            together = Together(self.tables, run_id, machine, joins=joins)
            try:
                yield together
            finally:
                together.leave()

    def is_busy(self) -> bool:
        return bool(self.machines())

    def machines(self) -> Sequence[Machine]:
        return self.watch.at_work() if self.is_made() else []

    # its tables

    def is_made(self) -> bool:
        [(steps,)] = self.tables.rows("SELECT to_regclass('imports.steps') IS NOT NULL")
        if steps:
            self.refuse_newer({name for (name,) in self.tables.rows("SELECT name FROM imports.steps")})
        return bool(steps)

    def make(self) -> None:
        with self.tables.transaction() as db:
            self.tables.hold(db, "imports")
            db.execute("CREATE SCHEMA IF NOT EXISTS imports")
            db.execute("CREATE TABLE IF NOT EXISTS imports.steps (name text PRIMARY KEY)")
            applied = {name for (name,) in db.execute("SELECT name FROM imports.steps").fetchall()}
            self.refuse_newer(applied)
            for step in STEPS.keys() - applied:
                for sql in STEPS[step]:
                    db.execute(sql)
                db.execute("INSERT INTO imports.steps VALUES (?)", (step,))

    def refuse_newer(self, applied: set[str]) -> None:
        if unknown := sorted(applied - STEPS.keys()):
            raise StoreUnavailable(
                f"The journals in the database were written by a newer version of Picgate (they have the step "
                f"{unknown[-1]!r}).\nInstall that version or a later one."
            )
