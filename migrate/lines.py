"""What is told of a run where nobody watches a screen: a line now and then, and one for each item to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from migrate.items import Verdict
from migrate.outcome import Outcome, Run, Summary
from migrate.tally import Tally
from migrate.words import counted, harmless, lasting

EVERY_ITEMS = 1000
EVERY_SECONDS = 10.0


class Lines:
    """A watcher that prints lines."""

    def __init__(
        self, out: Callable[[str], None], before: Mapping[Verdict, int] | None = None, tally: Tally | None = None
    ) -> None:
        self.out = out
        self.before = before or {}
        self.tally = tally or Tally()
        self.said_at = self.tally.elapsed

    def reading(self, done: int, total: int) -> None:
        if self.is_time():
            self.out(f"reading the dump: {done * 100 // max(total, 1)}%")

    def begun(self, run: Run, total: int | None) -> None:
        self.tally.begin(total, self.before)
        of = f": {counted(total, 'item')}" if total is not None else ""
        self.out(f"run {run.id} begins{of}")

    def working_on(self, name: str) -> None:
        pass

    def settled(self, outcome: Outcome) -> None:
        self.tally.count(outcome)
        if outcome.wants_attention:
            self.out(attention_line(outcome))
        if self.tally.items % EVERY_ITEMS == 0 or self.is_time():
            self.said_at = self.tally.elapsed
            self.out(self.progress())

    def said(self, sentence: str) -> None:
        self.out(harmless(sentence))

    def ended(self, summary: Summary) -> None:
        if self.tally.items:
            self.out(self.progress())

    def is_time(self) -> bool:
        is_time = self.tally.elapsed - self.said_at >= EVERY_SECONDS
        if is_time:
            self.said_at = self.tally.elapsed
        return is_time

    def progress(self) -> str:
        tally = self.tally
        of = f" of {tally.total:,}" if tally.total is not None else ""
        left = tally.seconds_left
        rest = f", {lasting(left)} left" if left else ""
        return f"{tally.done:,}{of} items, {tally.items_a_second:,.1f}/s{rest}"


def attention_line(outcome: Outcome) -> str:
    """`missing  /2026/a.jpg  no-file: looked for …`; what was imported is here for one of its notes."""
    why = [outcome.reason, *outcome.losses]
    return "  ".join(harmless(part) for part in (outcome.verdict, outcome.name, *why) if part)
