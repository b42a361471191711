"""A moment after which a fetch is over, whatever the other side does.

Socket timeouts start anew with every byte that arrives, so a server that drips can stretch them for ever. Here a timer
shuts the connection down instead, and the blocked read ends. Leaving the `with` block leaves no thread and no socket.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self.is_over = False

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        self._release()

    def remaining(self) -> float:
        """Seconds left, never zero: zero would mean "do not wait" to some and "wait for ever" to others."""
        return max(self._ends - time.monotonic(), 0.001)

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection when time is up. It replaces the one before: a fetch has one at a time."""
        # A duplicate, because TLS detaches the original, and a descriptor closed elsewhere may already be reused.
        duplicate = connection.dup()
        with self._lock:
            self._release()
            self._socket = duplicate
            if self.is_over:
                self._cut()

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            self._cut()

    def _cut(self) -> None:
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _release(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None
