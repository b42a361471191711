"""Owners and their keys."""

from __future__ import annotations

from datetime import datetime

from gateway.core.errors import InvalidInput, QuotaExceeded
from gateway.core.records import ApiKey, Owner
from gateway.store.rows import API_KEY, OWNER, Db, time_text
from gateway.store.sql.base import Sql, of_owner

PROFILE = (
    "email", "password_hash", "name", "bio", "website", "time_zone", "language", "is_private", "avatar_id",
    "background_id",
)  # fmt: skip
KEYS_AND_OWNERS = (
    f"SELECT {API_KEY.qualified}, {OWNER.qualified} FROM api_keys JOIN owners ON owners.id = api_keys.owner_id"
    " WHERE api_keys.prefix = ?"
)


class OwnerRows(Sql):
    def add_owner(self, owner: Owner) -> None:
        with self.transaction() as db:
            self.hold(db, "owners")
            taken = db.execute(
                "SELECT username_key = ? FROM owners WHERE username_key = ? OR email_key = ?",
                (key := owner.username.casefold(), key, owner.email and owner.email.casefold()),
            ).fetchone()
            if taken:
                what = f"name {owner.username}" if taken[0] else f"email address {owner.email}"
                raise InvalidInput(f"The {what} is taken by another owner.", code="OWNER_TAKEN")
            OWNER.insert(db, owner, username_key=key, email_key=owner.email and owner.email.casefold())

    def owner(self, owner_id: str) -> Owner | None:
        return self.read(OWNER, "id = ?", owner_id)

    def owner_named(self, username: str) -> Owner | None:
        return self.read(OWNER, "username_key = ?", username.casefold())

    def owners(self) -> list[Owner]:
        return [OWNER.record(row) for row in self.rows(f"{OWNER.select} ORDER BY created_at, id")]

    def set_owner_active(self, owner_id: str, is_active: bool) -> None:
        with self.transaction() as db:
            db.execute("UPDATE owners SET is_active = ? WHERE id = ?", (is_active, owner_id))

    def set_owner_limits(self, owner_id: str, plan: str | None, quota_bytes: int | None) -> None:
        with self.transaction() as db:
            db.execute("UPDATE owners SET plan = ?, quota_bytes = ? WHERE id = ?", (plan, quota_bytes, owner_id))

    def set_owner_private(self, owner_id: str, is_private: bool) -> None:
        with self.transaction() as db:
            db.execute("UPDATE owners SET is_private = ? WHERE id = ?", (is_private, owner_id))

    def set_owner_profile(self, owner: Owner) -> None:
        columns = ", ".join(f"{name} = ?" for name in PROFILE)
        with self.transaction() as db:
            db.execute(
                f"UPDATE owners SET {columns}, email_key = ? WHERE id = ?",
                (*(getattr(owner, name) for name in PROFILE), owner.email and owner.email.casefold(), owner.id),
            )

    # keys

    def add_key(self, key: ApiKey, at_most: int | None = None) -> None:
        with self.transaction() as db:
            if at_most is not None:
                self.hold(db, of_owner(key.owner_id))
                refuse_too_many(db, key.owner_id, at_most)
            API_KEY.insert(db, key)

    def keys_with_prefix(self, prefix: str) -> list[tuple[ApiKey, Owner]]:
        width = len(API_KEY.columns)
        return [(API_KEY.record(row[:width]), OWNER.record(row[width:])) for row in self.rows(KEYS_AND_OWNERS, prefix)]

    def keys(self) -> list[ApiKey]:
        return [API_KEY.record(row) for row in self.rows(f"{API_KEY.select} ORDER BY created_at, id")]

    def keys_of(self, owner_id: str) -> list[ApiKey]:
        found = self.rows(f"{API_KEY.select} WHERE owner_id = ? ORDER BY created_at DESC, id", owner_id)
        return [API_KEY.record(row) for row in found]

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        with self.transaction() as db:
            changed = db.execute(
                "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (time_text(at), key_id)
            )
            return changed.rowcount > 0

    def mark_key_used(self, key_id: str, at: datetime, sha256: str | None = None) -> None:
        with self.transaction() as db:
            db.execute(
                "UPDATE api_keys SET last_used_at = ?, sha256 = coalesce(sha256, ?) WHERE id = ?",
                (time_text(at), sha256, key_id),
            )


def refuse_too_many(db: Db, owner_id: str, at_most: int) -> None:
    (used,) = db.execute(
        "SELECT count(*) FROM api_keys WHERE owner_id = ? AND revoked_at IS NULL", (owner_id,)
    ).fetchone()
    if used >= at_most:
        raise QuotaExceeded(
            f"The plan's quota of {at_most} keys is used up. Revoke one that is no longer needed.",
            type="api_key_count",
            used=used,
            limit=at_most,
        )
