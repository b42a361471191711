"""A clock that jumps forward deletes nothing: what has expired by it is hidden at once, and stays for another day.

A computer that starts with a wrong clock, or in the wrong time zone, is put right within hours. Until then nothing may
be gone for good. Whether the clock jumped or nothing ran for a while cannot be told apart, and need not be.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.core.ports import Catalog

log = logging.getLogger(__name__)

GAP = timedelta(hours=1)  # longer than a sweeper sleeps
PATIENCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Believed:
    """Up to when the clock is believed, and, if it shows a later time since a jump, the time it jumped to."""

    until: datetime
    jumped_to: datetime | None = None


def look(before: Believed | None, now: datetime) -> Believed:
    """What to believe when the clock shows `now`. One that was put right, or goes back, is believed at once."""
    if not before or now - before.until <= GAP:
        return Believed(now)
    if not before.jumped_to or now < before.jumped_to:
        return Believed(before.until, now)
    return Believed(now) if now - before.jumped_to >= PATIENCE else before


def past(catalog: Catalog, now: datetime) -> datetime:
    """Up to when what is past its time may go for good."""
    believed = catalog.believe(now)
    if believed.jumped_to == now:
        log.warning(
            "nobody looked at the clock for %s, or it was set forward: what has expired meanwhile is hidden, and stays"
            " until %s",
            now - believed.until, (now + PATIENCE).isoformat(sep=" ", timespec="minutes"),
        )  # fmt: skip
    return believed.until
