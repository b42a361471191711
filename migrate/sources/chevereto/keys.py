"""The old site's API keys, and the numbers it gave away and must never give again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from migrate.items import Gone, OldKey
from migrate.sources.chevereto.install import Install, is_bcrypt
from migrate.sources.chevereto.instep import InStep
from migrate.sources.chevereto.rows import ids, select

REISSUE = "An API key must be reissued: its hash is none that can be checked here."
NO_OWNER = "An API key's user is gone; it uploads for the guests, as it did."
GUESTS_OFF = "The guest key is kept although the old site took no guest uploads; revoke it if that should stay so."


def read_keys(old: Install, notes: Counter[str]) -> Iterator[OldKey]:
    found: Counter[str] = Counter()
    users = ids(old.tables, "users", "user_")
    for row in select(old.tables, "api_keys", "api_key_", ("id", "user_id", "name", "date_gmt", "hash")):
        number, user, hashed = row.number("id"), row.id("user_id"), row.text("hash")
        encoded = old.encoded(number)
        if not is_bcrypt(hashed) or not encoded:
            found[REISSUE] += 1
            continue
        found[NO_OWNER] += user not in users
        yield OldKey(
            key=str(number),
            owner=str(user) if user in users else None,
            name=row.text("name") or "Chevereto",
            legacy_hash=hashed,
            prefix=f"chv_{encoded}_",
            created_at=row.utc("date_gmt"),
        )
    guest_key = old.settings.guest_key
    if guest_key:
        found[GUESTS_OFF] += not old.settings.takes_guests and not old.settings.is_v3
        yield OldKey(key="guest", owner=None, name="Guest key", text=old.cipher.read(guest_key, found))
    notes |= +found


def read_gone(old: Install) -> Iterator[Gone]:
    there = InStep((row.number("id"), True) for row in select(old.tables, "images", "image_", ("id",)))
    last = None
    for row in select(old.tables, "deletions", "deleted_", ("content_id",), ("content_id",)):
        number = row.id("content_id")
        if number and number != last and not there.take(number):
            yield Gone("media", str(number))
        last = number
