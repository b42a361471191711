"""An upgrade that dies at any system call leaves the old catalog or the new one, and the next start goes on from
there."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.schema import steps
from gateway.store.upgrading import copies
from tests.journeys.faults.rounds import IS_LONG
from tests.journeys.faults.tracing import deadly
from tests.store.first_schema import contents, make_first

UPGRADE = """
import sys
from pathlib import Path
from gateway.store.sqlite import SqliteCatalog
SqliteCatalog(Path(sys.argv[1])).close()
"""
STEP = {"fsync": 1, "fdatasync": 1 if IS_LONG else 5, "rename": 1, "unlink": 1, "pwrite64": 1 if IS_LONG else 60}
NAMES = [step.name for step in steps._migrations]


def applied(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [name for (name,) in db.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]


def schema(file: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(file)) as db:
        return db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()


@pytest.mark.parametrize("call", STEP)
def test_r34_an_upgrade_that_dies_at_any_call_leaves_the_old_catalog_or_the_new(tmp_path: Path, call: str) -> None:
    first, clean = make_first(tmp_path / "first.db"), tmp_path / "clean.db"
    shutil.copyfile(first, clean)
    run(clean)
    died = 0
    for number in range(1, 100_000, STEP[call]):
        folder = tmp_path / str(number)
        folder.mkdir()
        file = Path(shutil.copyfile(first, folder / "catalog.db"))
        done = run(file, *deadly(call, number))
        if not done.returncode:
            break
        died += 1
        there = applied(file)
        assert there == NAMES[: len(there)] and there
        for copy in copies(file):
            assert applied(copy) == NAMES[: NAMES.index(copy.name.partition("before-")[2])]
        assert run(file).returncode == 0
        assert (applied(file), schema(file), contents(file)) == (NAMES, schema(clean), contents(clean))
    assert died, "the upgrade does not make this call"
    print(f"an upgrade died at {died} calls of {call}: old or new each time, and new after the next start")


def run(file: Path, *before: str) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-c", UPGRADE, str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=100)
