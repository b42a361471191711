"""Many ask for the same thing at once: one makes it, the others wait for that one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[T]] = {}

    def run(self, key: str, make: Callable[[], T]) -> T:
        """What `make` returns or raises, here or in the thread that came first."""
        with self._lock:
            flight = self._under_way.get(key)
            is_first = flight is None
            if flight is None:
                flight = self._under_way[key] = Future()
        if not is_first:
            return flight.result()
        try:
            flight.set_result(make())
        except BaseException as reason:
            flight.set_exception(reason)
        finally:
            with self._lock:
                del self._under_way[key]
        return flight.result()
