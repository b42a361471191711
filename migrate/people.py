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


class People:
    def __init__(self, bringing: Bringing, opened: Opened) -> None:
        self.bringing = bringing
        self.opened = opened
        self.catalog = opened.catalog
        self.options = bringing.options
        self.ids: dict[str, str] = {}  # by the key the owner had in the source
        self.nobody: str | None = None

    def bring(self, owners: Iterator[OldOwner]) -> None:
        for batch in in_batches(owners, 200):
            known = self.bringing.known("owner", batch)
            for old in batch:
                self.ids[old.key] = self.found(old, known.get(old.key)) or self.made(old)
                self.bringing.lead("owner", self.ids[old.key], self.bringing.origins_in(old), old.addresses)

    def found(self, old: OldOwner, known: str | None) -> str | None:
        """Somebody who is here already: brought before, named by the operator, or clearly the same person."""
        if self.options.owner:
            return self.named(self.options.owner)
        if known and self.catalog.owner(known):
            return known
        if old.username in self.options.owners:
            return self.named(self.options.owners[old.username])
        if old.id:
            return old.id if self.catalog.owner(old.id) else None
        namesake = self.catalog.owner_named(old.username)
        return self.fill(namesake, old) if namesake and is_same(old, namesake) else None

    def named(self, username: str) -> str:
        owner = self.catalog.owner_named(username)
        return owner.id if owner else self.add(OldOwner(key=username, username=username), username).id

    def fill(self, here: Owner, old: OldOwner) -> str:
        """What he had there and has not here, a password above all, and a page if he had one."""
        facts: dict[str, Any] = {name: getattr(here, name) or getattr(old, name) for name in FILLED}
        filled = replace(here, **facts, is_private=here.is_private and old.is_private)
        if self.bringing.writes:
            self.bringing.journal.add("profile", here.id, json.dumps({name: getattr(here, name) for name in PROFILE}))
            self.catalog.set_owner_profile(self.pictured(filled, old))
        return here.id

    def made(self, old: OldOwner) -> str:
        username = self.free_name(old.username)
        if username.casefold() != old.username.casefold():
            self.bringing.note(f"The name {old.username!r} is taken here: its owner is called {username!r}")
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
        return self.write(owner) if self.bringing.writes else owner

    def write(self, owner: Owner) -> Owner:
        try:
            self.catalog.add_owner(owner)
        except InvalidInput:
            self.bringing.note(f"The email address of {owner.username!r} belongs to somebody else here: left out")
            owner = replace(owner, email=None)
            self.catalog.add_owner(owner)
        return owner

    def free_name(self, username: str) -> str:
        tidy = re.sub(r"[\s/\\@]+", "-", username)[:60] or "owner"
        names = [tidy, *(f"{tidy}-{number}" for number in range(2, 1000))]
        return next(name for name in names if not self.catalog.owner_named(name) and not self.is_planned(name))

    def is_planned(self, name: str) -> bool:
        """In a dry run nobody is written, and two may still not have one name."""
        return self.bringing.is_planned("owner", name)

    def pictured(self, owner: Owner, old: OldOwner) -> Owner:
        avatar = self.picture(owner, old.avatar, old.avatar_id, old.avatar_addresses)
        background = self.picture(owner, old.background, old.background_id, old.background_addresses)
        return replace(owner, avatar_id=avatar or owner.avatar_id, background_id=background or owner.background_id)

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
            self.nobody = self.named(self.options.owner) if self.options.owner else self.taker()
        return self.nobody

    def taker(self) -> str:
        """Guests own what guests sent to an old host. A folder belongs to whoever runs this place."""
        owners = self.catalog.owners()
        if self.bringing.site.kind != "chevereto":
            for owner in owners:
                if owner.role == "admin" and owner.is_active:
                    return owner.id
        for owner in owners:
            if owner.role == GUEST:
                return owner.id
        return self.add(OldOwner(key="", username=GUEST, role=GUEST), self.free_name(GUEST)).id


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
