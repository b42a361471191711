"""The albums, categories and keys of an old library, and what was deleted there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from gateway.core.ids import digest, new_id
from gateway.core.keys import lookup_prefix, secret_of
from gateway.core.moving import Origin
from gateway.core.records import PRIVACIES, Album, ApiKey, Kind, Privacy, Tombstone
from gateway.core.scopes import TIERS, understand_scopes
from gateway.core.titles import clean
from gateway.store.opening import Opened
from gateway.store.passwords import hash_password
from migrate.bringing import Bringing, in_batches
from migrate.items import Gone, Item, OldAlbum, OldCategory, OldKey, OldTombstone
from migrate.people import People

GUEST_SCOPES = ("media.write",)  # known to everybody: whoever has it may add, and neither list nor delete


class Places:
    def __init__(self, bringing: Bringing, opened: Opened, people: People) -> None:
        self.bringing = bringing
        self.catalog = opened.catalog
        self.people = people
        self.albums: dict[str, str] = {}
        self.categories: dict[str, int] = {}
        self.covers: dict[str, str] = {}  # the key of an item by the album it is the cover of

    # albums

    def bring_albums(self, albums: Iterator[OldAlbum]) -> None:
        for batch in in_batches(albums, 200):
            known = self.bringing.known("album", batch)
            for old in batch:
                here = old.id or known.get(old.key)
                album = self.catalog.album(here) if here else None
                self.albums[old.key] = album.id if album else self.add_album(old)
                # Its picture may come in a later run than the album.
                if old.cover and not (album and album.cover_id):
                    self.covers[self.albums[old.key]] = old.cover
                self.bringing.lead("album", self.albums[old.key], self.bringing.origins_in(old), old.addresses)

    def add_album(self, old: OldAlbum) -> str:
        privacy: Privacy = next((one for one in PRIVACIES if one == old.privacy), "private")
        password_hash = old.password_hash
        if old.password and self.bringing.writes:
            password_hash = hash_password(old.password)
        if privacy == "password" and not (old.password or old.password_hash):
            self.bringing.note("An album was to ask for a password and had none: it is private now")
            privacy = "private"
        album = Album(
            id=old.id or new_id(),
            owner_id=self.people.of(old.owner),
            name=clean(old.name) or "Album",
            created_at=old.created_at or self.bringing.now,
            description=clean(old.description or "") or None,
            parent_id=self.albums.get(old.parent) if old.parent else None,
            privacy=privacy,
            password_hash=password_hash,
            views=old.views,
            likes=old.likes,
            created_local=old.created_local,
        )
        self.bringing.adds("album", album.id, album.name)
        if self.bringing.writes:
            self.catalog.add_album(album)
        return album.id

    def set_covers(self) -> None:
        """Last of all: an album is there before the pictures in it."""
        for batch in in_batches(iter(self.covers.items()), 200):
            known = self.catalog.origins(self.bringing.site.id, "media", [cover for _, cover in batch])
            wanted = {album_id: known[cover].target_id if cover in known else cover for album_id, cover in batch}
            here = self.catalog.media_ids([one for one in wanted.values() if one])
            for album_id, media_id in wanted.items():
                if media_id and media_id in here:
                    self.catalog.set_album_cover(album_id, media_id)

    def category_of(self, item: Item) -> int | None:
        """An export knows numbers, known here or not; the keys of all other sources mean nothing here."""
        if item.category is None or item.category in self.categories:
            return self.categories.get(item.category or "")
        return int(item.category) if item.id and item.category.isdecimal() else None

    # categories

    def bring_categories(self, categories: Iterator[OldCategory]) -> None:
        for old in categories:
            here = self.catalog.category_named(old.url_key)
            self.categories[old.key] = here.id if here else self.add_category(old)
            self.bringing.lead("category", str(self.categories[old.key]), self.bringing.origins_in(old), old.addresses)

    def add_category(self, old: OldCategory) -> int:
        wanted = old.id if old.id and not self.catalog.category(old.id) else None
        if not self.bringing.writes:
            number = wanted or -1 - len(self.categories)
        else:
            number = self.catalog.add_category(clean(old.name), old.url_key, old.description, wanted).id
        self.bringing.adds("category", str(number), old.name)
        return number

    # keys

    def bring_keys(self, keys: Iterator[OldKey]) -> None:
        for batch in in_batches(keys, 200):
            known = self.bringing.known("key", batch)
            keys_here = self.catalog.keys() if any(old.id for old in batch) else []
            here = {key.id for key in keys_here}
            for old in batch:
                if self.bringing.options.owner:
                    self.bringing.note("API keys were left out: with --owner they would all act for one owner")
                elif old.key not in known and old.id not in here:
                    self.add_key(old)

    def add_key(self, old: OldKey) -> None:
        sha256, prefix, last4 = old.sha256, old.prefix, old.last4
        if old.text:
            sha256, prefix = digest(secret_of(old.text)), lookup_prefix(old.text)
            last4 = old.text[-4:] if len(old.text) >= 24 else ""
        scopes = old.scopes or (TIERS["read_write_delete"] if old.owner else GUEST_SCOPES)
        key = ApiKey(
            id=old.id or new_id(),
            owner_id=self.people.of(old.owner) if old.owner else self.people.guests(),
            name=clean(old.name),
            prefix=prefix,
            last4=last4,
            sha256=sha256,
            legacy_hash=old.legacy_hash,
            scopes=understand_scopes(scopes),
            created_at=old.created_at or self.bringing.now,
            last_used_at=old.last_used_at,
            revoked_at=old.revoked_at,
        )
        self.bringing.adds("key", key.id, key.name)
        if self.bringing.writes:
            self.catalog.add_key(key)
        self.bringing.lead("key", key.id, self.bringing.origins_in(old), ())

    # what is gone

    def bring_gone(self, gone: Iterator[Gone]) -> None:
        for batch in in_batches(gone, 1000):
            if self.bringing.writes:
                site, run = self.bringing.site.id, self.bringing.run_id
                self.bury([one for one in batch if one.tombstone])
                self.catalog.add_origins(
                    [Origin(one.site or site, one.kind, one.key, None, run) for one in batch if not one.tombstone]
                )
                for one in batch:
                    self.bringing.lead("media", one.key, one.origins, one.addresses)

    def bury(self, gone: list[Gone]) -> None:
        keys = {one.key for one in gone}
        self.bringing.journal.lead("tombstone", sorted(keys - self.catalog.tombstones_among(sorted(keys))), "")
        self.catalog.add_tombstones([self.tombstone(one.key, one.tombstone) for one in gone if one.tombstone])

    def tombstone(self, media_id: str, old: OldTombstone) -> Tombstone:
        return Tombstone(media_id, cast(Kind, old.kind), self.people.of(old.owner), old.deleted_at)
