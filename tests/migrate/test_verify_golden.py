"""The recorded sites moved in and proven; taken back; and moved out and in again, and proven once more."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.settings import Server, Settings, Storage
from gateway.store.opening import open_data
from migrate.export import export
from migrate.sources.chevereto.reader import TABLES, CheveretoSource
from migrate.sources.manifest import ManifestSource
from migrate.sources.staging import Dump
from migrate.undo import undo
from tests.conftest import PUBLIC_URL, FrozenClock
from tests.migrate.proving import Prover
from tests.migrate.undoing import files, rows
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared("golden/v4/images.tar.gz")
THEN = datetime(2026, 11, 21, 4, 18, tzinfo=UTC)  # soon after the last recording
OpenGateway = Callable[[str], Prover]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[OpenGateway]:
    opened = []

    def open_one(name: str) -> Prover:
        settings = Settings(server=Server(public_url=PUBLIC_URL), storage=Storage(data=str(tmp_path / name)))
        clock = FrozenClock()
        clock.time = THEN
        opened.append(open_data(settings, clock))
        return Prover.of(opened[-1], settings)

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture(params=["v4", "v3"])
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CheveretoSource]:
    folder = SHARED / "golden" / request.param
    with tarfile.open(folder / "images.tar.gz") as archive:
        archive.extractall(tmp_path / "site", filter="data")
    tables = Dump.open(next(folder.glob("*.sql")), tmp_path, TABLES)
    source = CheveretoSource(tables, tmp_path / "site", now=THEN)
    yield source
    source.close()


def missing_in(prover: Prover) -> list[str]:
    """What no run can bring."""
    found = prover.importer.listener.outcomes.values()
    return [
        f"item {one.name}: file: expected here, found missing: {one.reason}"
        for one in found
        if one.verdict == "missing"
    ]


def test_all_that_could_be_brought_is_proven(golden: CheveretoSource, gateway: OpenGateway) -> None:
    prover = gateway("data")
    prover.bring(golden, jobs=2)
    missing = missing_in(prover)
    for read_data in (False, True):
        assert prover.differences(golden, read_data=read_data) == missing
    verified = prover.hearing.verified
    assert verified
    assert verified.found == verified.checked + sum(verified.left_out.values()) + len(missing)
    assert verified.addresses > 5 * verified.checked


@pytest.mark.parametrize("read_data", [False, True])
def test_what_was_merged_is_proven(golden: CheveretoSource, gateway: OpenGateway, read_data: bool) -> None:
    prover = gateway("data")
    prover.bring(golden, jobs=2, duplicates="merge")
    assert "duplicate" in prover.importer.verdicts().values()
    assert prover.differences(golden, read_data=read_data) == missing_in(prover)


@pytest.mark.parametrize("duplicates", ["keep", "merge"])
def test_what_came_in_two_runs_is_proven(golden: CheveretoSource, gateway: OpenGateway, duplicates: str) -> None:
    first = gateway("data")
    first.bring(golden, jobs=2, only="*.png", duplicates=duplicates)
    second = Prover.of(first.opened, first.settings)
    second.bring(golden, jobs=2, duplicates=duplicates)
    assert {"imported", "already-imported"} <= set(second.importer.verdicts().values())
    assert second.differences(golden, read_data=True) == missing_in(second)


def test_an_undo_leaves_nothing_of_it(golden: CheveretoSource, gateway: OpenGateway) -> None:
    prover = gateway("data")
    before = rows(prover.settings)
    prover.bring(golden, jobs=2)
    undone = undo(prover.opened, prover.journal)
    assert (undone.kept, rows(prover.settings), files(prover.settings)) == (0, before, [])


def test_what_was_moved_out_and_in_again_is_proven(
    golden: CheveretoSource, gateway: OpenGateway, tmp_path: Path
) -> None:
    first, second = gateway("data"), gateway("again")
    first.bring(golden, jobs=2)
    export(first.opened, tmp_path / "export")
    before = rows(second.settings)
    second.bring(source := ManifestSource(tmp_path / "export" / "manifest.jsonl"), jobs=2)
    assert second.differences(source, read_data=True) == []
    assert undo(second.opened, second.journal).kept == 0
    assert (rows(second.settings), files(second.settings)) == (before, [])
