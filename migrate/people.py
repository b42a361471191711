"""The owners of an old library, found or made here: who is who, and under which name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from gateway.core.arrivals import Digests
from gateway.core.errors import FileRefused, InvalidInput
from gateway.core.formats.registry import SNIFF_BYTES, sniff
from gateway.core.ids import new_id
from gateway.core.records import ROLES, Asset, Owner, Role
from gateway.store.opening import Opened
from migrate.bringing import Bringing, in_batches
from migrate.items import OldAddress, OldOwner

GUEST = "guest"


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
        return namesake.id if namesake and is_same(old, namesake) else None

    def named(self, username: str) -> str:
        owner = self.catalog.owner_named(username)
        return owner.id if owner else self.add(OldOwner(key=username, username=username), username).id

    def made(self, old: OldOwner) -> str:
        username = self.free_name(old.username)
        if username.casefold() != old.username.casefold():
            self.bringing.note(f"The name {old.username!r} is taken here: its owner is called {username!r}")
        owner = self.add(old, username)
        pictures = (
            self.picture(owner, old.avatar, old.avatar_addresses, f"{old.key}/avatar"),
            self.picture(owner, old.background, old.background_addresses, f"{old.key}/background"),
        )
        if any(pictures) and self.bringing.writes:
            self.catalog.set_owner_pictures(owner.id, *pictures)
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
        if self.bringing.writes:
            self.write(owner)
        return owner

    def write(self, owner: Owner) -> None:
        try:
            self.catalog.add_owner(owner)
        except InvalidInput:
            self.bringing.note(
                f"The email address of {owner.username!r} belongs to somebody else here and was left out"
            )
            self.catalog.add_owner(replace(owner, email=None))

    def free_name(self, username: str) -> str:
        tidy = re.sub(r"[\s/\\@]+", "-", username)[:60] or "owner"
        names = [tidy, *(f"{tidy}-{number}" for number in range(2, 1000))]
        return next(name for name in names if not self.catalog.owner_named(name) and not self.is_planned(name))

    def is_planned(self, name: str) -> bool:
        """In a dry run nobody is written, and two may still not have one name."""
        return self.bringing.is_planned("owner", name)

    def picture(self, owner: Owner, path: Path | None, addresses: tuple[OldAddress, ...], key: str) -> str | None:
        if not path:
            return None
        try:
            asset = describe(path, owner.id, owner.created_at)
        except (OSError, FileRefused) as error:
            self.bringing.note(f"A profile picture of {owner.username!r} cannot be kept: {error}")
            return None
        self.bringing.adds("asset", asset.id, path.name)
        if self.bringing.writes:
            self.opened.arrivals.keep_asset(asset, path)
        self.bringing.lead("asset", asset.id, self.bringing.origin(key), addresses)
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


def describe(path: Path, owner_id: str, created_at: datetime) -> Asset:
    with open(path, "rb") as file:
        format = sniff(file.read(SNIFF_BYTES))
        if not format.is_raster:
            raise FileRefused(f"it is {format.label}, not a picture")
        size = os.fstat(file.fileno()).st_size
        file.seek(0)
        sha256 = Digests.of(file).sha256
    return Asset(new_id(), owner_id, format.mime, format.extension, size, sha256, created_at)
