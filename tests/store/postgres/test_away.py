"""The database behind a catalog is away for a while; and what is left behind when the catalog is."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

pytest.importorskip("psycopg", reason="psycopg is not installed")


from gateway.core.errors import OutcomeUnknown, StoreUnavailable
from gateway.core.records import Owner
from gateway.store.postgres import PostgresCatalog
from tests.contract.samples import at_once
from tests.stores import execute
from tests.wire import Wire


def test_reading_goes_on_after_every_connection_was_lost(far: PostgresCatalog, wire: Wire, alice: Owner) -> None:
    assert at_once(8, lambda _: far.owners()) == [[alice]] * 8
    wire.drop()
    assert at_once(8, lambda _: far.owners()) == [[alice]] * 8


def test_writing_goes_on_after_every_connection_was_lost(far: PostgresCatalog, wire: Wire, alice: Owner) -> None:
    wire.drop()
    far.set_owner_active(alice.id, False)
    assert [owner.is_active for owner in far.owners()] == [False]


def test_a_database_that_is_away_is_told_and_found_again(
    far: PostgresCatalog, wire: Wire, alice: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    wire.cut()
    for ask in (far.owners, lambda: far.set_owner_active(alice.id, False), far.probe):
        with pytest.raises(StoreUnavailable, match="cannot be written or read just now") as told:
            ask()
        assert "127.0.0.1" not in told.value.message
        assert re.match(r"PostgreSQL on 127\.0\.0\.1:.* Start it, or correct storage\.catalog\.$", caplog.messages[-1])
        caplog.clear()
    with pytest.raises(StoreUnavailable), far.alone("sweep"):
        pass
    wire.mend()
    assert far.owners() == [alice]
    far.set_owner_active(alice.id, False)


def test_a_connection_that_breaks_in_the_middle_keeps_nothing(far: PostgresCatalog, wire: Wire, alice: Owner) -> None:
    with pytest.raises(StoreUnavailable) as told, far.transaction() as db:
        db.execute("UPDATE owners SET username = 'carol'")
        wire.drop()
        db.execute("SELECT 1")
    assert not isinstance(told.value, OutcomeUnknown)
    assert far.owners() == [alice]


def test_an_answer_to_a_commit_that_never_came_is_told_as_such(far: PostgresCatalog, wire: Wire, alice: Owner) -> None:
    wire.hears = b"COMMIT"
    with pytest.raises(OutcomeUnknown, match="whether it is there"):
        far.set_owner_active(alice.id, False)
    wire.hears = None
    assert [owner.is_active for owner in far.owners()] == [False]


# what is left behind

ALONE = """
import gc, sys, threading
from gateway.store.postgres import PostgresCatalog
catalog = PostgresCatalog(sys.argv[1])
assert catalog.owners() == []
with catalog.transaction() as db, catalog.alone("x"):
    pass
catalog.close()
del catalog, db
gc.collect()
print([thread.name for thread in threading.enumerate()])
"""
FORKED = """
import os, sys
from gateway.store.postgres import PostgresCatalog
catalog = PostgresCatalog(sys.argv[1])
catalog.owners()
child = os.fork()
for _ in range(20):
    assert catalog.rows("SELECT ?::int", os.getpid()) == [(os.getpid(),)]
    with catalog.transaction() as db:
        assert catalog.row("SELECT ?::int", os.getpid(), db=db) == (os.getpid(),)
catalog.close()
if child:
    assert os.waitpid(child, 0)[1] == 0
    print("both")
"""


def run(script: str, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *options, "-c", script, url], capture_output=True, text=True, timeout=60)


def test_nothing_is_left_after_closing(url: str) -> None:
    done = run(ALONE, url, "-W", "error")
    assert (done.stdout, done.stderr) == ("['MainThread']\n", "")
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
    assert execute(url, f"SELECT count(*) {others} AND application_name = 'picgate'") == [(0,)]


def test_after_a_fork_both_go_on(url: str) -> None:
    done = run(FORKED, url)
    assert (done.returncode, done.stdout) == (0, "both\n"), done.stderr
