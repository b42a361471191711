"""The owners of the old library: is each of them here, as they were, with their pictures and their pages?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gateway.core.records import Asset, Owner
from migrate.checking.findings import Plain
from migrate.checking.standing import Standing
from migrate.items import OldAddress, OldOwner

TEXTS = ("name", "bio", "website", "time_zone", "language", "password_hash")
NO_NAME = re.compile(r"[\s/\\@]")  # such names cannot be part of an address, and were changed
MAX_USERNAME = 60


class CheckPeople:
    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.catalog = standing.catalog
        self.options = standing.options
        self.findings = standing.findings
        self.made = {owner_id for owner_id, _ in standing.journal.added("owner")}
        self.filled = {owner_id for owner_id, _ in standing.journal.added("profile")}
        self.assets = {asset.id: asset for asset in self.catalog.assets()}
        takers = Counter(name.casefold() for name in self.options.owners.values())
        self.several = {name for name, count in takers.items() if count > 1}
        self.emails = {owner.email.casefold(): owner.id for owner in self.catalog.owners() if owner.email}

    def check(self, owners: Iterator[OldOwner]) -> None:
        for old in owners:
            owner = self.here(old)
            if not owner:
                self.findings.differ("owner", old.username, "account", Plain("here"), Plain("nobody"))
                continue
            self.standing.owners[old.key] = owner.id
            if self.options.owner:
                self.findings.note("Owners whose things were given to somebody else, as asked")
            elif owner.id in self.filled or owner.username.casefold() in self.several:
                self.same_as_far_as_empty(old, owner)
            elif owner.id in self.made:
                self.same(old, owner)
            else:
                self.findings.note("Owners who were here before the run were left as they are")
            self.pages(old, owner)

    def here(self, old: OldOwner) -> Owner | None:
        if self.options.owner:
            return self.catalog.owner_named(self.options.owner)
        owner_id = old.id or self.standing.target_of("owner", old)
        if owner_id:
            return self.catalog.owner(owner_id)
        return self.catalog.owner_named(self.options.owners.get(old.username, old.username))

    def same(self, old: OldOwner, owner: Owner) -> None:
        expected: dict[str, object] = {name: getattr(old, name) or None for name in TEXTS}
        expected |= {"is_active": old.is_active, "is_private": old.is_private}
        expected["role"] = old.role if old.role in ("admin", "manager", "user", "guest") else "user"
        if old.created_at:
            expected["created_at"] = old.created_at
        if old.quota_bytes is not None:
            expected["quota_bytes"] = old.quota_bytes
        if not self.is_anothers(self.emails.get((old.email or "").casefold()), owner):
            expected["email"] = old.email or None
        wanted = self.options.owners.get(old.username, old.username)
        if not self.is_anothers(self.holder_of(wanted), owner) and is_name(wanted):
            expected["username"] = wanted
        self.findings.compare("owner", old.username, expected, owner)
        self.pictures(old, owner)

    def same_as_far_as_empty(self, old: OldOwner, owner: Owner) -> None:
        """Who was here before keeps what he had, and gets what he had not."""
        for field in ("email", *TEXTS):
            is_free = field != "email" or not self.is_anothers(self.emails.get((old.email or "").casefold()), owner)
            if getattr(old, field) and not getattr(owner, field) and is_free:
                self.findings.differ("owner", old.username, field, getattr(old, field), None)
        for field in ("avatar", "background"):
            addresses, own = getattr(old, f"{field}_addresses"), getattr(owner, f"{field}_id")
            if addresses or not own:
                self.picture(old, field, getattr(old, field), self.led_to(addresses) or own, addresses)

    def led_to(self, addresses: tuple[OldAddress, ...]) -> str | None:
        """The picture he had there: his own is another one, if he had one here before."""
        found = self.catalog.addresses_at([address.path for address in addresses])
        return next((one.target_id for one in found if one.target_id in self.assets), None)

    def pictures(self, old: OldOwner, owner: Owner) -> None:
        self.picture(old, "avatar", old.avatar, owner.avatar_id, old.avatar_addresses)
        self.picture(old, "background", old.background, owner.background_id, old.background_addresses)

    def holder_of(self, username: str) -> str | None:
        owner = self.catalog.owner_named(username)
        return owner.id if owner else None

    def is_anothers(self, holder: str | None, owner: Owner) -> bool:
        """Nobody is robbed of a name or an address by an import."""
        return holder is not None and holder != owner.id

    def picture(
        self, old: OldOwner, field: str, path: Path | None, asset_id: str | None, addresses: tuple[OldAddress, ...]
    ) -> None:
        if not path:
            return
        asset = self.assets.get(asset_id or "")
        if not asset:
            return self.findings.differ("owner", old.username, field, Plain(path.name), None)
        size, stored = path.stat().st_size, self.standing.opened.blobs.size(asset.blob())
        if not size == stored == asset.size_bytes:
            self.findings.differ("owner", old.username, field, Plain(f"{size} bytes"), Plain(f"{stored} bytes"))
        for address in addresses:
            self.answers(old, address, asset)

    def answers(self, old: OldOwner, address: OldAddress, asset: Asset) -> None:
        answer = self.standing.asker.file(self.standing.host_of(address), address.path, reads=False)
        if answer.status != 200 or (answer.length, answer.mime) != (asset.size_bytes, asset.mime):
            expected, found = f"{asset.size_bytes} bytes of {asset.mime}", f"{answer}, {answer.length} of {answer.mime}"
            self.findings.differ("owner", old.username, f"address {address.path}", Plain(expected), Plain(found))

    def pages(self, old: OldOwner, owner: Owner) -> None:
        is_shown = owner.is_active and not owner.is_private and owner.role != "guest"
        for address in old.addresses:
            host = self.standing.host_of(address)
            self.standing.expect_page("owner", old.username, host, address.path, owner.username if is_shown else None)


def is_name(username: str) -> bool:
    return bool(username) and len(username) <= MAX_USERNAME and not NO_NAME.search(username)
