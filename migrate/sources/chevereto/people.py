"""The old site's users: who may sign in and as what, their profiles, and their pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from migrate.items import OldOwner
from migrate.sources.chevereto.install import Install, is_bcrypt
from migrate.sources.chevereto.instep import InStep
from migrate.sources.chevereto.pictures import Pictures
from migrate.sources.chevereto.redirects import redirects_by_id
from migrate.sources.chevereto.rows import Row, select

USER_COLUMNS = (
    "id", "name", "username", "date_gmt", "email", "avatar_filename", "background_filename", "website", "bio",
    "timezone", "language", "status", "is_admin", "is_manager", "is_private",
)  # fmt: skip
NO_PASSWORD = "A user's password is no bcrypt hash: a new one has to be set."
NO_SOCIAL = "Signing in with another service (V3) is not kept."
UNCONFIRMED = "A user never confirmed their address; they come as active users."


def read_owners(old: Install, notes: Counter[str]) -> Iterator[OldOwner]:
    found: Counter[str] = Counter()
    passwords, logins = InStep(read_passwords(old)), InStep(read_logins(old))
    sent_on, pictures = redirects_by_id(old.tables, "user"), Pictures(old, found)
    for row in select(old.tables, "users", "user_", USER_COLUMNS):
        key = row.number("id")
        older = logins.take(key)
        hashes = passwords.take(key) or [secret for kind, secret in older if kind == "password"]
        found[NO_SOCIAL] += sum(kind != "password" for kind, _ in older)
        found[NO_PASSWORD] += bool(hashes) and not is_bcrypt(hashes[-1])
        found[UNCONFIRMED] += (row.text("status") or "").startswith("awaiting")
        yield read_owner(old, row, hashes[-1] if hashes else None, sent_on.get(key, ()), pictures)
    notes |= +found


def read_owner(
    old: Install, row: Row, password_hash: str | None, sent_on: Sequence[str], pictures: Pictures
) -> OldOwner:
    key, username = row.number("id"), row.text("username") or ""
    avatar, avatar_addresses = pictures.find(key, row.text("avatar_filename"))
    background, background_addresses = pictures.find(key, row.text("background_filename"))
    return OldOwner(
        key=str(key),
        username=username,
        name=row.text("name"),
        email=row.text("email"),
        role="admin" if row.flag("is_admin") else "manager" if row.flag("is_manager") else "user",
        is_active=row.text("status") != "banned",
        is_private=row.flag("is_private"),
        password_hash=password_hash if is_bcrypt(password_hash) else None,
        bio=row.text("bio"),
        website=row.text("website"),
        time_zone=row.text("timezone"),
        language=row.text("language"),
        created_at=row.utc("date_gmt"),
        avatar=avatar,
        background=background,
        addresses=old.addresses(*pages(old, key, username), *sent_on),
        avatar_addresses=avatar_addresses,
        background_addresses=background_addresses,
    )


def pages(old: Install, key: int, username: str) -> Iterator[str]:
    """The database compared names without case, so these are the ones that are looked up for any spelling."""
    routes, name = old.settings.routes, username.casefold()
    if name:
        if routes.get("root") == "user":
            yield f"/{name}"
        yield f"/{routes['user']}/{name}"
        yield f"/user/{name}"
    if old.settings.personal and old.settings.personal[0] == key:
        yield f"/{old.settings.personal[1]}"


def read_passwords(old: Install) -> Iterator[tuple[int, str]]:
    """Of the V4 table. The last one of a user is the one that counts."""
    names = ("user_id", "hash", "id")
    for row in select(old.tables, "login_passwords", "login_password_", names, ("user_id", "id")):
        yield row.number("user_id"), row.text("hash") or ""


def read_logins(old: Install) -> Iterator[tuple[int, tuple[str, str]]]:
    """Of the V3 table: passwords, and services others sign in with. Cookies and sessions are left out."""
    names = ("user_id", "type", "secret", "id")
    for row in select(old.tables, "logins", "login_", names, ("user_id", "id")):
        kind = row.text("type") or ""
        if kind != "session" and not kind.startswith("cookie"):
            yield row.number("user_id"), (kind, row.text("secret") or "")
