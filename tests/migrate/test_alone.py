"""One import at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.store.moves import is_busy
from migrate.journal_files import FileJournals
from migrate.journals import Busy


def test_a_second_one_is_told(tmp_path: Path) -> None:
    journals = FileJournals(tmp_path / "imports")
    with journals.at_work("one"):
        assert journals.is_busy()
        with pytest.raises(Busy, match=r"at work.*\n.*migrate status"), journals.at_work("two"):
            pass
    assert not journals.is_busy()


def test_one_that_is_killed_stands_in_nobodys_way(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from migrate.alone import alone\n"
        "with alone(Path(sys.argv[1])): print('in', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline() == b"in\n"
        assert is_busy(tmp_path)
        other.kill()
    assert not is_busy(tmp_path)
