"""Imports that a test writes the journals of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from migrate.journals import Journals
from migrate.outcome import Outcome, Run

RUN = "20261121-120000-aabbcc"


def run_of(run_id: str = RUN, *, is_dry: bool = False) -> Run:
    started = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return Run(run_id, "chevereto", {"path": "/backup/old.sql"}, {}, is_dry, "running", started)


@contextmanager
def imported(imports: Journals, *outcomes: Outcome, run: Run | None = None) -> Iterator[None]:
    """A run that is at work, with these items so far; afterwards it has finished."""
    run = run or run_of()
    with imports.at_work(run.id), closing(imports.begin(run)) as journal:
        journal.write(outcomes)
        yield
        journal.end("finished", len(outcomes))


GOOD = Outcome("1", "2024/cat.jpg", "imported", media_id="xK9mR2pQ7vB", size_bytes=1_500_000)
LOST = Outcome("2", "2024/<lost>.jpg", "missing", "no-file: The source has no file for it.")
