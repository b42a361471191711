"""Ctrl-C, once: finish the files at hand, and stop. Twice: stop now."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Given to the processes of an import, it is asked of all of them at once."""

    def __init__(self) -> None:
        # Without a lock: a signal may come while one is held, and a process that is killed would keep it.
        self.flag = multiprocessing.RawValue("b", 0)

    @property
    def is_asked(self) -> bool:
        return bool(self.flag.value)

    @is_asked.setter
    def is_asked(self, is_asked: bool) -> None:
        self.flag.value = is_asked

    def ask(self, number: int, frame: FrameType | None) -> None:
        if self.is_asked:
            raise KeyboardInterrupt
        self.is_asked = True

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.ask) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
