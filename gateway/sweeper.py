"""Removes what is past its time while the gateway runs: one at a time, however many processes share the library.

What a machine has for itself, its cache and the uploads that passed through it, each process sweeps itself.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.core.errors import StoreUnavailable
from gateway.core.jumps import past
from gateway.core.library import Swept
from gateway.core.watching import Alive, unwatched
from gateway.store.opening import Opened

log = logging.getLogger(__name__)

ORPHANS_EVERY = timedelta(days=1)  # looking through every stored file is too much work for each minute


def sweep_all(opened: Opened, alive: Alive = unwatched) -> Swept:
    """All that the sweeper would, but in one go."""
    before = past(opened.catalog, opened.clock.now()) - opened.sweep_grace
    given_up = opened.sessions.sweep_expired() + opened.sessions.sweep_unclaimed(before)
    swept = opened.library.sweep(opened.sweep_grace, alive)
    return replace(swept, incoming=swept.incoming + given_up)


class Stopped(Exception):
    """The process ends, and whoever sweeps next goes on."""


class Sweeper(threading.Thread):
    def __init__(self, opened: Opened, interval: int) -> None:
        super().__init__(name="sweeper", daemon=True)
        self.opened = opened
        self.interval = interval
        self.name_here = secrets.token_hex(8)
        self.stopping = threading.Event()
        self.local_due_at = opened.clock.now()
        self.alive_at = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since the last sign of life: it looked, or was in the middle of that."""
        return time.monotonic() - self.alive_at

    @property
    def is_late(self) -> bool:
        """Whether it ended, or hangs, or fails each time."""
        return not self.stopping.is_set() and (not self.is_alive() or self.age > 3 * self.interval + 30)

    def live(self) -> None:
        """Raises `Stopped`: looking through every file of a large store may take many minutes."""
        if self.stopping.is_set():
            raise Stopped
        self.alive_at = time.monotonic()

    def run(self) -> None:
        while not self.stopping.wait(self.interval):
            try:
                self.sweep()
            except Stopped:
                return
            except StoreUnavailable as error:  # the stores' fault, and told as theirs
                log.warning("sweep failed; it is tried again in %s seconds: %s", self.interval, error.message)
            except Exception:  # whatever it was: a gateway that no longer expires anything would be worse
                log.exception("sweep failed; it is tried again in %s seconds", self.interval)
                continue
            self.alive_at = time.monotonic()

    def sweep(self) -> None:
        catalog, now = self.opened.catalog, self.opened.clock.now()
        if catalog.claim("sweep", self.name_here, now + timedelta(seconds=3 * self.interval), now):
            self.sweep_expired(now)
        if now >= self.local_due_at or now < self.local_due_at - ORPHANS_EVERY:  # or the clock was put right
            swept = self.opened.library.sweep_local(self.opened.sweep_grace)
            self.local_due_at = now + ORPHANS_EVERY
            if swept:
                log.info("swept %s abandoned uploads of this machine", swept)

    def sweep_expired(self, now: datetime) -> None:
        expired = self.opened.library.sweep_expired(self.live)
        self.opened.sessions.sweep_expired()
        if expired:
            log.info("removed %s expired files", expired)
        # A holder of its own each time, so that even this process has to wait until the day is over.
        if self.opened.catalog.claim("sweep all", secrets.token_hex(8), now + ORPHANS_EVERY, now):
            swept = sweep_all(self.opened, self.live)
            self.local_due_at = now + ORPHANS_EVERY
            log.info("swept %s abandoned uploads and %s files without a record", swept.incoming, swept.orphans)

    def stop(self) -> None:
        self.stopping.set()
        self.join()
