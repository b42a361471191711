"""The last requests that failed inside, for whoever runs the gateway: in memory, of this process, and no longer than it
lives. The log has them all."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

FAILURE = "picgate.failure"  # in the environ: what went wrong, in the words of the exception
MOST = 200
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Failed:
    """One request. `request_id` finds it in the log of the node."""

    at: datetime
    request_id: str
    node: str
    method: str
    path: str
    status: int
    reason: str


class Recent:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: deque[Failed] = deque(maxlen=MOST)

    def add(self, request_id: str, node: str, method: str, path: str, status: int, reason: str) -> None:
        failed = Failed(datetime.now(UTC), request_id, node, method, path, status, reason[:LONGEST])
        with self.lock:
            self.kept.append(failed)

    def all(self) -> list[Failed]:
        """The newest first."""
        with self.lock:
            return list(reversed(self.kept))
