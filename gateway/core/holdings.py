"""What an owner does with what is theirs: find it, count it, change it, remove it, follow it.

Promises: what belongs to somebody else, is past its time, or is of another kind than asked for, is not found - nobody
learns what others have.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.core.changes import Changes, checked
from gateway.core.errors import InvalidInput, NotFound, StoreUnavailable
from gateway.core.feed import Change
from gateway.core.library import Library, not_found
from gateway.core.listing import Place
from gateway.core.ports import Catalog, Clock
from gateway.core.records import Album, Kind, Listed, Media, Owner
from gateway.core.search import Query
from gateway.core.totals import Totals, Uploads


@dataclass(frozen=True, slots=True)
class Removed:
    """Ids, in the order in which they were given. What comes twice fails the second time."""

    removed: tuple[str, ...]
    failed: tuple[str, ...]


class Holdings:
    def __init__(self, catalog: Catalog, clock: Clock, library: Library) -> None:
        self.catalog = catalog
        self.clock = clock
        self.library = library

    # finding

    def search(self, query: Query, after: Place | None, limit: int) -> list[Listed]:
        return self.catalog.search(query, after, self.clock.now(), limit)

    def own(self, owner: Owner, media_id: str, kinds: Collection[Kind] = ()) -> Media:
        """No kinds are all kinds. Raises `NotFound`."""
        media = self.library.get(media_id)
        if media.owner_id != owner.id or (kinds and media.kind not in kinds):
            raise not_found()
        return media

    def own_album(self, owner: Owner, album_id: str) -> Album:
        """Raises `InvalidInput`: an album is a value of a request, and never its address."""
        album = self.catalog.album(album_id)
        if not album or album.owner_id != owner.id:
            raise InvalidInput("There is no such album of yours.", field="album_id")
        return album

    def existing(self, owner: Owner, sha256s: Sequence[str]) -> dict[str, Media]:
        """By hash, what an upload of these bytes would give again."""
        return self.catalog.existing(owner.id, sha256s)

    # counting

    def totals(self, owner: Owner) -> Totals:
        return self.catalog.totals(owner.id)

    def uploads(self, owner: Owner) -> Uploads:
        return self.catalog.uploads(owner.id, self.clock.now().date())

    def uploads_by_day(self, owner: Owner, days: int) -> dict[date, int]:
        """Of the last so many days (UTC), today among them and last; those without an upload as well."""
        today = self.clock.now().date()
        first = today - timedelta(days=days - 1)
        found = self.catalog.uploads_by_day(owner.id, first, today)
        return {day: found.get(day, 0) for day in (first + timedelta(days=at) for at in range(days))}

    def largest(self, owner: Owner, limit: int) -> list[Listed]:
        return self.catalog.largest(owner.id, self.clock.now(), limit)

    # changing and removing

    def change(self, owner: Owner, media_id: str, changes: Changes, kinds: Collection[Kind] = ()) -> Media:
        """Raises `NotFound`, and `InvalidInput` when one value cannot be kept; then nothing is changed."""
        media = self.own(owner, media_id, kinds)
        changes = checked(changes)
        if isinstance(changes.album_id, str):
            self.own_album(owner, changes.album_id)
        changed = self.catalog.change_media(media.id, changes, self.clock.now())
        if not changed:
            raise not_found()
        return changed

    def remove(self, owner: Owner, media_id: str, kinds: Collection[Kind] = ()) -> None:
        self.library.remove(self.own(owner, media_id, kinds))

    def remove_many(self, owner: Owner, ids: Sequence[str], kinds: Collection[Kind] = ()) -> Removed:
        removed: list[str] = []
        failed: list[str] = []
        for media_id in ids:
            try:
                self.remove(owner, media_id, kinds)
                removed.append(media_id)
            except (NotFound, StoreUnavailable):
                failed.append(media_id)
        return Removed(tuple(removed), tuple(failed))

    # following

    def changes(
        self, owner: Owner, kinds: Sequence[Kind], after: tuple[datetime, str] | None, limit: int
    ) -> list[Change]:
        """Oldest first; who goes on from the `place` of the last one misses nothing."""
        return self.catalog.changes(owner.id, kinds, after, self.clock.now(), limit)
