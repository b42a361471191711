"""The run that is proven, and the others whose journals lie beside its own: a library may be filled in several."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from migrate.journal import Journal
from migrate.outcome import Outcome


class Runs:
    def __init__(self, journal: Journal) -> None:
        self.own = journal
        self.others: dict[str, Journal | None] = {}

    def journal(self, run_id: str) -> Journal | None:
        """None for one that somebody removed."""
        if run_id == self.own.run.id:
            return self.own
        if run_id not in self.others:
            self.others[run_id] = self.own.beside(run_id)
        return self.others[run_id]

    def started_at(self, run_id: str) -> datetime:
        return (self.journal(run_id) or self.own).run.started_at

    def told(self, run_id: str, keys: Sequence[str]) -> dict[str, Outcome]:
        """What became of these items in that run."""
        journal = self.journal(run_id)
        return journal.told(keys) if journal else {}

    def close(self) -> None:
        for journal in filter(None, self.others.values()):
            journal.close()
