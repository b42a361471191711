"""The owners of an old library, found or made here: who is who, and under which name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.core.arrivals import Digests
from gateway.core.errors import FileRefused, InvalidInput
from gateway.core.formats.registry import SNIFF_BYTES, sniff
from gateway.core.ids import new_id
from gateway.core.records import ROLES, Asset, Owner, Role
from gateway.store.opening import Opened
from migrate.bringing import Bringing, in_batches
from migrate.items import OldAddress, OldOwner

GUEST = "guest"
FILLED = ("email", "password_hash", "name", "bio", "website", "time_zone", "language")
PROFILE = (*FILLED, "is_private", "avatar_id", "background_id")
EMAIL_TAKEN = "The email address of {!r} belongs to somebody else here: left out"


class People:
    def __init__(self, bringing: Bringing, opened: Opened) -> None:
        self.bringing = bringing
        self.opened = opened
        self.catalog = opened.catalog
        self.options = bringing.options
        self.ids: dict[str, str] = {}  # by the key the owner had in the source
        self.planned: dict[str, Owner] = {}  # by name, in a dry run, which writes nobody
        self.nobody: str | None = None

    def bring(self, owners: Iterator[OldOwner]) -> None:
        unknown = dict(self.options.owners)
        for batch in in_batches(owners, 200):
            known = self.bringing.known("owner", batch)
            for old in batch:
                unknown.pop(old.username, None)
                self.ids[old.key] = self.found(old, known.get(old.key)) or self.made(old, old.username)
                self.bringing.lead("owner", self.ids[old.key], self.bringing.origins_in(old), old.addresses)
        for name in unknown:
            self.bringing.note(f"--owners names {name!r}, whom the old site does not know")

    def found(self, old: OldOwner, known: str | None) -> str | None:
        """Somebody who is here already: brought before, named by the operator, or clearly the same person."""
        if self.options.owner:
            return self.named(self.options.owner)
        if known and self.catalog.owner(known):
            return known
        if name := self.options.owners.get(old.username):
            here = self.owner_named(tidied(name))
            return self.fill(here, old) if here else self.made(old, name)
        if old.id:
            return old.id if self.catalog.owner(old.id) else None
        namesake = self.catalog.owner_named(old.username)
        return self.fill(namesake, old) if namesake and is_same(old, namesake) else None

    def owner_named(self, username: str) -> Owner | None:
        return self.planned.get(username.casefold()) or self.catalog.owner_named(username)

    def named(self, username: str) -> str:
        owner = self.owner_named(username)
        return owner.id if owner else self.add(OldOwner(key=username, username=username), username).id

    def fill(self, here: Owner, old: OldOwner) -> str:
        """What he had there and has not here, a password above all, and a page if he had one. His role stays."""
        self.bringing.note(f"The old site's {old.username!r} is your {here.username!r}")
        if self.bringing.writes and here.id not in self.bringing.made:
            self.bringing.journal.add("profile", here.id, json.dumps({name: getattr(here, name) for name in PROFILE}))
        facts: dict[str, Any] = {name: getattr(here, name) or getattr(old, name) for name in FILLED}
        if not here.email and old.email and self.catalog.owner_with_email(old.email):
            self.bringing.note(EMAIL_TAKEN.format(here.username))
            facts["email"] = None
        filled = self.pictured(replace(here, **facts, is_private=here.is_private and old.is_private), old)
        if self.bringing.writes:
            self.catalog.set_owner_profile(filled)
        return here.id

    def made(self, old: OldOwner, wanted: str) -> str:
        username = self.free_name(wanted)
        if username.casefold() != old.username.casefold():
            self.bringing.note(renamed(old.username, wanted, username))
        owner = self.add(old, username)
        pictured = self.pictured(owner, old)
        if pictured != owner and self.bringing.writes:
            self.catalog.set_owner_profile(pictured)
        return owner.id

    def add(self, old: OldOwner, username: str) -> Owner:
        role: Role = next((role for role in ROLES if role == old.role), "user")
        owner = Owner(
            id=old.id or new_id(),
            username=username,
            email=old.email or None,
            role=role,
            is_active=old.is_active,
            quota_bytes=old.quota_bytes,
            plan=old.plan,
            storage_used_bytes=0,
            media_count=0,
            password_hash=old.password_hash,
            created_at=old.created_at or self.bringing.now,
            name=old.name or None,
            bio=old.bio or None,
            website=old.website or None,
            time_zone=old.time_zone or None,
            language=old.language or None,
            is_private=old.is_private,
        )
        self.bringing.adds("owner", owner.id, username)
        return self.write(owner) if self.bringing.writes else self.plan(owner)

    def plan(self, owner: Owner) -> Owner:
        self.planned[owner.username.casefold()] = owner
        return owner

    def write(self, owner: Owner) -> Owner:
        try:
            self.catalog.add_owner(owner)
        except InvalidInput:
            self.bringing.note(EMAIL_TAKEN.format(owner.username))
            owner = replace(owner, email=None)
            self.catalog.add_owner(owner)
        return owner

    def free_name(self, username: str) -> str:
        tidy = tidied(username)
        names = [tidy, *(f"{tidy}-{number}" for number in range(2, 1000))]
        return next(name for name in names if not self.catalog.owner_named(name) and not self.is_planned(name))

    def is_planned(self, name: str) -> bool:
        """In a dry run nobody is written, and two may still not have one name."""
        return self.bringing.is_planned("owner", name)

    def pictured(self, owner: Owner, old: OldOwner) -> Owner:
        """Of one who has pictures here the old ones are kept as well, for their addresses."""
        avatar, background = owner.avatar_id, owner.background_id
        if old.avatar_addresses or not avatar:
            avatar = self.picture(owner, old.avatar, old.avatar_id, old.avatar_addresses)
        if old.background_addresses or not background:
            background = self.picture(owner, old.background, old.background_id, old.background_addresses)
        return replace(owner, avatar_id=owner.avatar_id or avatar, background_id=owner.background_id or background)

    def picture(
        self, owner: Owner, path: Path | None, wanted: str | None, addresses: tuple[OldAddress, ...]
    ) -> str | None:  # fmt: skip
        if not path:
            return None
        try:
            asset = describe(path, owner, wanted or new_id())
        except (OSError, FileRefused) as error:
            self.bringing.note(f"A profile picture of {owner.username!r} cannot be kept: {error}")
            return None
        self.bringing.adds("asset", asset.id, path.name)
        if self.bringing.writes:
            self.opened.arrivals.keep_asset(asset, path)
        self.bringing.lead("asset", asset.id, (), addresses)
        return asset.id

    def of(self, key: str | None) -> str:
        """The id of an owner by his key in the source; of nobody's things, whoever takes those."""
        if key is not None and key in self.ids:
            return self.ids[key]
        if self.nobody is None:
            with self.bringing.turn():
                self.nobody = self.named(self.options.owner) if self.options.owner else self.taker()
        return self.nobody

    def taker(self) -> str:
        """Guests own what guests sent to an old host. A folder belongs to whoever runs this place."""
        if self.bringing.site.kind != "chevereto":
            for owner in self.catalog.owners():
                if owner.role == "admin" and owner.is_active:
                    return owner.id
        return self.guests()

    def guests(self) -> str:
        for owner in (*self.planned.values(), *self.catalog.owners()):
            if owner.role == GUEST:
                return owner.id
        return self.add(OldOwner(key="", username=GUEST, role=GUEST), self.free_name(GUEST)).id


def renamed(old: str, wanted: str, username: str) -> str:
    if username.casefold() == wanted.casefold():
        return f"The old site's {old!r} is called {username!r} here"
    why = "can be no part of an address" if tidied(wanted) != wanted else "is taken here"
    return f"The name {wanted!r} {why}: its owner is called {username!r}"


def tidied(username: str) -> str:
    """Names are parts of addresses here."""
    return re.sub(r"[\s/\\@]+", "-", username)[:60] or "owner"


def is_same(old: OldOwner, here: Owner) -> bool:
    """A name alone does not make a person. The email address does; so does being the one the gateway made for its
    operator at the first start, who has neither address nor password yet, when the old one ran his site as well."""
    if old.email and here.email:
        return old.email.casefold() == here.email.casefold()
    return here.role == old.role == "admin" and not here.email and not here.password_hash


def describe(path: Path, owner: Owner, asset_id: str) -> Asset:
    with open(path, "rb") as file:
        format = sniff(file.read(SNIFF_BYTES))
        if not format.is_raster:
            raise FileRefused(f"it is {format.label}, not a picture")
        found = Digests.of(file)
    return Asset(asset_id, owner.id, format.mime, format.extension, found.size, found.sha256, owner.created_at)
