"""What a program is told of a run: one JSON object a line, the summary last. The same lines while it runs and later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from migrate.journal import Journal, printable
from migrate.outcome import Outcome, Run, Summary

Event = dict[str, Any]


def events(journal: Journal) -> Iterator[Event]:
    """All that there is to say about a run that has been."""
    summary = journal.summary()
    yield run_event(summary.run, summary.found)
    yield from map(item_event, journal.outcomes())
    yield from closing_events(summary)


def run_event(run: Run, total: int | None) -> Event:
    event = {"event": "run", "run": run.id, "kind": run.kind, "total": total, "started_at": run.started_at.isoformat()}
    return event | marks(run)


def item_event(outcome: Outcome) -> Event:
    return {
        "event": "item",
        "key": printable(outcome.key),
        "name": printable(outcome.name),
        "verdict": outcome.verdict,
        "reason": outcome.reason and printable(outcome.reason),
        "media_id": outcome.media_id,
        "size_bytes": outcome.size_bytes,
        "notes": [printable(note) for note in outcome.notes],
    }


def closing_events(summary: Summary) -> Iterator[Event]:
    for sentence, count in summary.notes.items():
        yield {"event": "note", "sentence": sentence, "count": count}
    yield {
        "event": "summary",
        "run": summary.run.id,
        "state": summary.run.state,
        "message": summary.run.message,
        "found": summary.found,
        "verdicts": dict(summary.verdicts),
        "added": dict(summary.added),
        "attention": summary.attention,
        "stored_bytes": summary.stored_bytes,
        "exit_code": summary.exit_code,
    } | marks(summary.run)


def marks(run: Run) -> Event:
    return {"dry_run": True} if run.is_dry else {}


def line_of(event: Event) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


class EventLines:
    """A watcher that prints events as they come."""

    def __init__(self, out: Callable[[str], None]) -> None:
        self.out = out

    def reading(self, done: int, total: int) -> None:
        pass

    def begun(self, run: Run, total: int | None) -> None:
        self.tell(run_event(run, total))

    def working_on(self, name: str) -> None:
        pass

    def settled(self, outcome: Outcome) -> None:
        self.tell(item_event(outcome))

    def said(self, sentence: str) -> None:
        self.tell({"event": "note", "sentence": sentence, "count": 1})

    def ended(self, summary: Summary) -> None:
        for event in closing_events(summary):
            self.tell(event)

    def tell(self, event: Event) -> None:
        self.out(line_of(event))
