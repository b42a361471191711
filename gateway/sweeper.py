"""Removes what is past its time while the gateway runs: one at a time, however many processes share the folder."""

from __future__ import annotations

import logging
import secrets
import threading
from dataclasses import replace
from datetime import timedelta

from gateway.core.library import Swept
from gateway.store.opening import Opened

log = logging.getLogger(__name__)

ORPHANS_EVERY = timedelta(days=1)  # looking through every stored file is too much work for each minute


def sweep_all(opened: Opened) -> Swept:
    """All that the sweeper would, but in one go."""
    before = opened.clock.now() - opened.sweep_grace
    given_up = opened.sessions.sweep_expired() + opened.sessions.sweep_unclaimed(before)
    swept = opened.library.sweep(opened.sweep_grace)
    return replace(swept, incoming=swept.incoming + given_up)


class Sweeper(threading.Thread):
    def __init__(self, opened: Opened, interval: int) -> None:
        super().__init__(name="sweeper", daemon=True)
        self.opened = opened
        self.interval = interval
        self.name_here = secrets.token_hex(8)
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(self.interval):
            try:
                self.sweep()
            except Exception:  # whatever it was: a gateway that no longer expires anything would be worse
                log.exception("sweep failed; it is tried again in %s seconds", self.interval)

    def sweep(self) -> None:
        catalog, library, now = self.opened.catalog, self.opened.library, self.opened.clock.now()
        if not catalog.claim("sweep", self.name_here, now + timedelta(seconds=3 * self.interval), now):
            return
        expired = library.sweep_expired()
        self.opened.sessions.sweep_expired()
        if expired:
            log.info("removed %s expired files", expired)
        # A holder of its own each time, so that even this process has to wait until the day is over.
        if catalog.claim("sweep all", secrets.token_hex(8), now + ORPHANS_EVERY, now):
            swept = sweep_all(self.opened)
            log.info("swept %s abandoned uploads and %s files without a record", swept.incoming, swept.orphans)

    def stop(self) -> None:
        self.stopping.set()
        self.join()
