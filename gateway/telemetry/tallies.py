"""What was asked of the gateway, counted: by door, route, method and status, none of which a caller can make up."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from gateway.core.timing import Timing

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Asked:
    door: str
    route: str
    method: str
    status: int


class Tally:
    """Of all requests that were alike."""

    __slots__ = ("received_bytes", "sent_bytes", "timing")

    def __init__(self) -> None:
        self.timing = Timing()
        self.received_bytes = 0
        self.sent_bytes = 0


class Tallies:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: dict[tuple[str, str, str, int], Tally] = {}
        self.in_progress = 0

    def begin(self) -> None:
        with self.lock:
            self.in_progress += 1

    def end(self, door: str, route: str, method: str, status: int, seconds: float, received: int, sent: int) -> None:
        key = door, route, method, status
        with self.lock:
            self.in_progress -= 1
            tally = self.known.get(key)
            if not tally:
                tally = self.known[key] = Tally()
            tally.received_bytes += received
            tally.sent_bytes += sent
        tally.timing.add(seconds)

    def read(self) -> dict[Asked, Tally]:
        with self.lock:
            return {Asked(*key): tally for key, tally in self.known.items()}
