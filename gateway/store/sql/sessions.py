"""What is remembered of uploads that come in pieces."""

from __future__ import annotations

from datetime import datetime

from gateway.core.pieces import Session
from gateway.core.plans import Plan
from gateway.store.rows import Table, time_text
from gateway.store.sql.base import Sql, of_owner
from gateway.store.sql.quotas import Coming, refuse_coming

SESSION = Table("upload_sessions", Session)
# What an owner's running uploads will take: the whole of those whose length is known, else what is here.
PROMISED = (
    "SELECT kind, coalesce(length_bytes, offset_bytes) FROM upload_sessions"
    " WHERE owner_id = ? AND media_id IS NULL AND expires_at > ?"
)


class SessionRows(Sql):
    def add_session(self, session: Session, plan: Plan) -> None:
        with self.transaction() as db:
            self.hold(db, of_owner(session.owner_id))
            running = db.execute(PROMISED, (session.owner_id, time_text(session.created_at))).fetchall()
            length, day = session.length_bytes or 0, session.created_at.date()
            everything = length + sum(size for _, size in running)
            alike = length + sum(size for kind, size in running if kind == session.kind)
            refuse_coming(db, Coming(session.owner_id, None, everything, day), plan)
            refuse_coming(db, Coming(session.owner_id, session.kind, alike, day), plan)
            SESSION.insert(db, session)

    def session(self, session_id: str) -> Session | None:
        return self.read(SESSION, "id = ?", session_id)

    def change_session(self, session: Session) -> bool:
        marks = ", ".join(f"{column} = ?" for column in SESSION.columns)
        with self.transaction() as db:
            changed = db.execute(
                f"UPDATE upload_sessions SET {marks} WHERE id = ?", [*SESSION.values(session), session.id]
            )
            return changed.rowcount > 0

    def remove_session(self, session_id: str) -> bool:
        with self.transaction() as db:
            return db.execute("DELETE FROM upload_sessions WHERE id = ?", (session_id,)).rowcount > 0

    def expired_sessions(self, now: datetime, limit: int) -> list[Session]:
        found = self.rows(
            f"{SESSION.select} WHERE expires_at <= ? ORDER BY expires_at, id LIMIT ?", time_text(now), limit
        )
        return [SESSION.record(row) for row in found]
