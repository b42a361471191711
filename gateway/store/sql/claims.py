"""Work that one process does for all of them, for as long as it says that it is at it; and the clock they go by."""

from __future__ import annotations

from datetime import datetime

from gateway.core.jumps import Believed, look
from gateway.store.rows import time_text
from gateway.store.sql.base import Sql

CLOCK = "clock"  # its row: until when it is believed, and where it jumped to


class ClaimRows(Sql):
    def claim(self, task: str, holder: str, until: datetime, now: datetime) -> bool:
        """A claim that lasts more than twice as long as this one would was made while the clock was wrong."""
        with self.transaction() as db:
            changed = db.execute(
                "INSERT INTO claims VALUES (?, ?, ?) ON CONFLICT (task) DO UPDATE"
                " SET holder = excluded.holder, until_at = excluded.until_at"
                " WHERE claims.holder = excluded.holder OR claims.until_at <= ? OR claims.until_at > ?",
                (task, holder, time_text(until), time_text(now), time_text(until + (until - now))),
            )
            return changed.rowcount > 0

    def believe(self, now: datetime) -> Believed:
        with self.transaction() as db:
            self.hold(db, CLOCK)
            row = self.row("SELECT until_at, holder FROM claims WHERE task = ?", CLOCK, db=db)
            before = read_believed(*row) if row else None
            believed = look(before, now)
            if believed != before:
                jumped_to = time_text(believed.jumped_to) if believed.jumped_to else ""
                db.execute(
                    "INSERT INTO claims VALUES (?, ?, ?) ON CONFLICT (task) DO UPDATE"
                    " SET holder = excluded.holder, until_at = excluded.until_at",
                    (CLOCK, jumped_to, time_text(believed.until)),
                )
            return believed


def read_believed(until: str, jumped_to: str) -> Believed:
    return Believed(datetime.fromisoformat(until), datetime.fromisoformat(jumped_to) if jumped_to else None)
