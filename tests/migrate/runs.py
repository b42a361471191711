"""Runs and outcomes for what only tells of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from migrate.items import Verdict
from migrate.journal import Journal
from migrate.journal_files import FileJournals
from migrate.outcome import Outcome, Run

STARTED = datetime(2026, 11, 21, 12, tzinfo=UTC)


def a_run(**facts: object) -> Run:
    given: dict[str, object] = {
        "id": "20261121-120000-abcd",
        "kind": "folder",
        "source": {"path": "/srv/pics", "command": ["migrate", "import", "folder", "pics", "--dry-run"]},
        "options": {},
        "is_dry": False,
        "state": "running",
        "started_at": STARTED,
    }
    return Run(**(given | facts))  # type: ignore[arg-type]


def outcome(key: str, verdict: Verdict = "imported", reason: str | None = None, **facts: object) -> Outcome:
    return Outcome(key, f"/{key}", verdict, reason, **facts)  # type: ignore[arg-type]


def journal_with(folder: Path, *outcomes: Outcome, run: Run | None = None, finished: bool = True) -> Journal:
    journal = FileJournals(folder / "imports").begin(run or a_run())
    journal.write(outcomes)
    if finished:
        journal.end("finished", len(outcomes))
    return journal
