"""One that is asked to stop does: what was begun is finished, nothing else is begun, and a resumed run is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.arrivals import Arrival
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.outcome import Outcome
from migrate.stopping import Stop
from migrate.working import Job, Workers
from tests.conftest import draw
from tests.migrate.engine import Importer
from tests.migrate.fakes import FakeSource, picture

FILES = 60


@pytest.fixture
def importer(opened: Opened, settings: Settings) -> Importer:
    return Importer(opened, settings)


def stop_after(importer: Importer, count: int) -> None:
    """Asked when so many have a verdict."""

    def count_down(_: Outcome) -> None:
        if len(importer.listener.outcomes) == count:
            importer.stop.is_asked = True

    importer.listener.on_item = count_down


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_was_handed_out_and_not_begun_is_left(importer: Importer, tmp_path: Path, jobs: int) -> None:
    source = FakeSource([picture(tmp_path, f"{number}.png", seed=number) for number in range(FILES)])
    journal = importer.begin()
    stop_after(importer, 1)
    stopped = importer.bring(source, journal, jobs=jobs)
    assert stopped.run.state == "stopped" and stopped.adds_up
    assert 0 < stopped.verdicts["imported"] < FILES / 2
    importer.stop.is_asked = False
    importer.listener.on_item = lambda _: None
    finished = importer.bring(source, journal, jobs=jobs)
    assert (finished.run.state, finished.verdicts) == ("finished", {"imported": FILES})


@pytest.mark.parametrize("jobs", [1, 2])
def test_one_with_nothing_left_is_finished(importer: Importer, tmp_path: Path, jobs: int) -> None:
    source = FakeSource([picture(tmp_path, f"{number}.png", seed=number) for number in range(3)])
    stop_after(importer, 3)
    summary = importer.bring(source, jobs=jobs)
    assert importer.stop.is_asked
    assert (summary.run.state, summary.verdicts, summary.exit_code) == ("finished", {"imported": 3}, 0)


def test_a_process_does_not_go_on_with_what_it_was_given(opened: Opened, settings: Settings, tmp_path: Path) -> None:
    """However much that is: one of its files is asked for, the stop comes, and the rest is left undone."""
    stop, path = Stop(), tmp_path / "a.png"
    path.write_bytes(draw())
    jobs = [Job(str(number), Arrival(path, "a.png", opened.clock.now())) for number in range(2000)]
    workers = Workers(settings, 2, stop)
    try:
        assert len(workers.submit(jobs[:1]).result().done) == 1
        given = workers.submit(jobs)
        stop.is_asked = True
        assert len(given.result().done) < len(jobs)
        assert workers.submit(jobs).result().done == []
    finally:
        workers.close()
