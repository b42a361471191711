"""The processes of an import, when there are none to be had."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.run import KILLED
from tests.migrate.engine import Importer
from tests.migrate.fakes import FakeSource, picture


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ConnectionRefusedError(111, "Connection refused"),
            "A process of the import cannot be started: Connection refused.\n`migrate resume --jobs 1` needs none.",
        ),
        (BrokenProcessPool("one of them died"), KILLED),
    ],
)
def test_a_run_without_processes_is_stopped_and_says_why(
    opened: Opened, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def refuse(*arguments: object) -> None:
        raise error

    (tmp_path / "old").mkdir()
    source = FakeSource([picture(tmp_path / "old", "cat.png")])
    importer = Importer(opened, settings)
    journal = importer.begin()
    with monkeypatch.context() as patch:
        patch.setattr(ProcessPoolExecutor, "submit", refuse)
        summary = importer.bring(source, journal, jobs=2)
    assert (summary.run.state, summary.run.message) == ("stopped", said)
    assert importer.bring(source, journal).verdicts == {"imported": 1}
