"""A catalog of the first version becomes one of this version, with everything in it, after a copy of it was made."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from gateway.core.errors import StoreUnavailable
from gateway.store.schema import steps
from gateway.store.sqlite import SqliteCatalog
from gateway.store.upgrading import copies
from tests.store.first_schema import FIRST, contents, make_first

NEWEST = steps._migrations[-1].name
SECOND = steps._migrations[1].name


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return make_first(tmp_path / "catalog.db")


def upgrade(file: Path) -> None:
    SqliteCatalog(file).close()


def applied(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        return [name for (name,) in db.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]


def test_r34_the_first_schema_has_rows_in_every_table(old: Path) -> None:
    assert applied(old) == [FIRST]
    assert all(contents(old).values())


def test_r34_every_row_of_the_first_schema_is_there_afterwards(old: Path) -> None:
    before = contents(old)
    upgrade(old)
    after = contents(old)
    assert applied(old) == [step.name for step in steps._migrations]
    for table, rows in before.items():
        assert len(after[table]) == len(rows)
        for was, now in zip(rows, after[table], strict=True):
            changed = {name for name in was if name != "is_private" and was[name] != now[name]}
            assert not changed, (table, changed)


def test_r34_what_is_new_is_made_of_what_was_there(old: Path) -> None:
    upgrade(old)
    catalog = SqliteCatalog(old)
    assert not catalog.recount()
    assert catalog.structure(thorough=True).damage == ()
    [owner] = catalog.owners()
    assert [tally.number for tally in catalog.totals(owner.id).tallies] == [1, 1]
    catalog.close()


def test_r34_the_copy_is_the_catalog_as_it_was(old: Path) -> None:
    before = contents(old)
    upgrade(old)
    [copy] = copies(old)
    assert copy.name == f"catalog.db.before-{SECOND}"
    assert (contents(copy), applied(copy)) == (before, [FIRST])
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_r34_a_catalog_that_is_up_to_date_or_new_is_not_copied(tmp_path: Path) -> None:
    file = tmp_path / "catalog.db"
    upgrade(file)
    upgrade(file)
    assert copies(file) == []


def test_r34_only_the_last_two_copies_stay(old: Path) -> None:
    for number, name in enumerate(("one", "two")):
        copy = old.with_name(f"catalog.db.before-{name}")
        copy.write_bytes(b"older")
        os.utime(copy, (1_000_000_000 + number, 1_000_000_000 + number))
    upgrade(old)
    assert [copy.name for copy in copies(old)] == ["catalog.db.before-two", f"catalog.db.before-{SECOND}"]


def test_r34_where_no_copy_can_be_made_nothing_is_changed(old: Path) -> None:
    before = contents(old)
    old.with_name(f"catalog.db.before-{SECOND}.part").mkdir()
    with pytest.raises(StoreUnavailable, match=r"could not be copied before that.*\nSee that .* has room"):
        SqliteCatalog(old)
    assert (contents(old), applied(old)) == (before, [FIRST])


def test_r34_a_step_that_fails_leaves_the_catalog_as_it_was_before_it(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(db: Database) -> None:
        original(db)
        raise RuntimeError("in the middle of it")

    original = steps._migrations[1].fn
    before = contents(old)
    monkeypatch.setattr(steps._migrations[1], "fn", fail)
    with pytest.raises(RuntimeError):
        SqliteCatalog(old)
    assert (contents(old), applied(old)) == (before, [FIRST])
    monkeypatch.undo()
    upgrade(old)
    assert applied(old)[-1] == NEWEST
