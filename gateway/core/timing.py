"""How long something takes: how often it was done within each of a few rising bounds, and how long in all."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Timing:
    __slots__ = ("bounds", "counts", "lock", "seconds")

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        """`counts` are one more than `bounds`: the last one is of what took longer than all of them."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.seconds = 0.0
        self.lock = threading.Lock()

    def add(self, seconds: float) -> None:
        at = bisect_left(self.bounds, seconds)
        with self.lock:
            self.counts[at] += 1
            self.seconds += seconds

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Around what is timed. What fails is not counted."""
        began = time.perf_counter()
        yield
        self.add(time.perf_counter() - began)

    def read(self) -> tuple[list[int], float]:
        """Counts and seconds that belong together."""
        with self.lock:
            return self.counts[:], self.seconds
