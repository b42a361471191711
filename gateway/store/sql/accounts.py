"""How owners sign in."""

from __future__ import annotations

from datetime import datetime

from gateway.core.credentials import SignedIn
from gateway.core.records import Owner
from gateway.store.rows import OWNER, Db, time_text
from gateway.store.sql.base import Sql

LINKED = "id = (SELECT owner_id FROM password_links WHERE hash = ? AND expires_at > ?)"


class CredentialRows(Sql):
    def owner_with_email(self, email: str) -> Owner | None:
        return self.read(OWNER, "email_key = ?", email.casefold())

    def signed_in(self, owner_id: str) -> SignedIn | None:
        row = self.row(f"SELECT stamp, {OWNER.qualified} FROM owners WHERE id = ?", owner_id)
        return SignedIn(OWNER.record(row[1:]), row[0]) if row else None

    def sign_out(self, owner_id: str) -> None:
        with self.transaction() as db:
            db.execute("UPDATE owners SET stamp = stamp + 1 WHERE id = ?", (owner_id,))

    def set_password(self, owner_id: str, password_hash: str) -> None:
        with self.transaction() as db:
            keep_password(db, owner_id, password_hash)

    def set_owner_language(self, owner_id: str, language: str | None) -> None:
        with self.transaction() as db:
            db.execute("UPDATE owners SET language = ? WHERE id = ?", (language, owner_id))

    def add_password_link(self, link_hash: str, owner_id: str, expires_at: datetime, now: datetime) -> None:
        with self.transaction() as db:
            db.execute("DELETE FROM password_links WHERE expires_at <= ?", (time_text(now),))
            db.execute(
                "INSERT INTO password_links (hash, owner_id, expires_at) VALUES (?, ?, ?)",
                (link_hash, owner_id, time_text(expires_at)),
            )

    def linked_owner(self, link_hash: str, now: datetime) -> Owner | None:
        return self.read(OWNER, LINKED, link_hash, time_text(now))

    def use_password_link(self, link_hash: str, password_hash: str, now: datetime) -> Owner | None:
        with self.transaction() as db:
            used = db.execute(
                "DELETE FROM password_links WHERE hash = ? AND expires_at > ? RETURNING owner_id",
                (link_hash, time_text(now)),
            ).fetchone()
            if not used:
                return None
            keep_password(db, used[0], password_hash)
            return self.read(OWNER, "id = ?", used[0], db=db)


def keep_password(db: Db, owner_id: str, password_hash: str) -> None:
    db.execute("UPDATE owners SET password_hash = ?, stamp = stamp + 1 WHERE id = ?", (password_hash, owner_id))
    db.execute("DELETE FROM password_links WHERE owner_id = ?", (owner_id,))
