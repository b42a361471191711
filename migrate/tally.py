"""Counting while a run goes on: how many, how fast, and how long it will take from here."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from migrate.items import Verdict
from migrate.outcome import Outcome

WINDOW = 30.0  # seconds that the speed is measured over: long enough to be steady, short enough to be true
STEP = 0.5


@dataclass(frozen=True, slots=True)
class Sample:
    at: float
    items: int
    bytes: int


class Tally:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.started = now()
        self.verdicts: Counter[Verdict] = Counter()
        self.total: int | None = None
        self.items = 0  # in this sitting; a resumed run had some before
        self.bytes = 0
        self.samples: deque[Sample] = deque([Sample(self.started, 0, 0)])

    def begin(self, total: int | None, before: Mapping[Verdict, int]) -> None:
        self.total = total
        self.verdicts.update(before)
        self.samples = deque([Sample(self.now(), 0, 0)])

    def count(self, outcome: Outcome) -> None:
        self.verdicts[outcome.verdict] += 1
        self.items += 1
        self.bytes += outcome.size_bytes if outcome.verdict == "imported" else 0
        now = self.now()
        if now - self.samples[-1].at >= STEP:
            self.samples.append(Sample(now, self.items, self.bytes))
            while len(self.samples) > 2 and now - self.samples[1].at > WINDOW:
                self.samples.popleft()

    @property
    def done(self) -> int:
        return self.verdicts.total()

    @property
    def elapsed(self) -> float:
        return self.now() - self.started

    @property
    def items_a_second(self) -> float:
        return self.speed(self.items - self.samples[0].items)

    @property
    def bytes_a_second(self) -> float:
        return self.speed(self.bytes - self.samples[0].bytes)

    def speed(self, amount: int) -> float:
        seconds = self.now() - self.samples[0].at
        return amount / seconds if seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None as long as nobody can know."""
        speed = self.items_a_second
        if self.total is None or not speed:
            return None
        return max(self.total - self.done, 0) / speed
