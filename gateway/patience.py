"""How long a request may take to arrive, however little of it keeps coming: whoever sends a byte now and then, only to
hold a connection, is not waited for."""

from __future__ import annotations

# A telephone with one bar manages more. Slower, and the largest body would hold its connection for days.
SLOWEST_BYTES = 100  # a second
FIRST_SECONDS = 60  # in which nobody asks how fast a body comes


def is_too_slow(seconds: float, header_seconds: int, *, headers_finished: bool, body_bytes: int) -> bool:
    """`seconds` is the time since the first byte."""
    if not headers_finished:
        return seconds > header_seconds
    return seconds > FIRST_SECONDS and body_bytes < SLOWEST_BYTES * seconds
