"""At most so many at once, the others wait their turn. Whoever wants to know is told how many do either."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.core.timing import Timing


class Turns:
    def __init__(self, count: int) -> None:
        self.count = count
        self.busy = 0
        self.waiting = 0
        self.changed = threading.Condition()

    @contextmanager
    def taken(self, timing: Timing) -> Iterator[None]:
        """Around the work, whose time does not include the waiting."""
        with self.changed:
            self.waiting += 1
            try:
                self.changed.wait_for(lambda: self.busy < self.count)
            finally:
                self.waiting -= 1
            self.busy += 1
        try:
            with timing.measured():
                yield
        finally:
            with self.changed:
                self.busy -= 1
                self.changed.notify()
