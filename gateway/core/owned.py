"""The part of the catalog an owner asks about what is theirs. Its promises are those of `ports.Catalog`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from gateway.core.changes import Changes
from gateway.core.feed import Change
from gateway.core.listing import Place
from gateway.core.records import ApiKey, Kind, Listed, Media
from gateway.core.search import Query
from gateway.core.totals import Totals, Uploads


class Owned(Protocol):
    def search(self, query: Query, after: Place | None, now: datetime, limit: int) -> list[Listed]:
        """Newest first, then by id from the highest; expired ones are left out. A page deep down costs what the first
        one costs, and who walks on from the last of each page sees what stays on the list exactly once."""
        ...

    def totals(self, owner_id: str) -> Totals:
        """Read, not counted: they change in the transaction that changes the media."""
        ...

    def recount(self) -> bool:
        """Count everything that is kept as a sum anew. True when a sum was wrong."""
        ...

    def uploads(self, owner_id: str, day: date) -> Uploads:
        """What `add_media` added on that day and in its month up to it."""
        ...

    def uploads_by_day(self, owner_id: str, since: date, until: date) -> dict[date, int]:
        """What `add_media` added on each day from `since` to `until`; days without an upload are left out."""
        ...

    def largest(self, owner_id: str, now: datetime, limit: int) -> list[Listed]:
        """By stored bytes, the largest first, without their tags; expired ones are left out."""
        ...

    def keys_of(self, owner_id: str) -> list[ApiKey]:
        """Newest first, revoked ones too."""
        ...

    def existing(self, owner_id: str, sha256s: Sequence[str]) -> dict[str, Media]:
        """What `find_same` finds for each of these hashes, where it finds something."""
        ...

    def change_media(self, media_id: str, changes: Changes, at: datetime) -> Media | None:
        """Row, tags, counters and the feed in one transaction; gives what is there now. None when it is gone. Raises
        `InvalidInput` for an album that was removed meanwhile."""
        ...

    def changes(
        self,
        owner_id: str,
        kinds: Sequence[Kind],
        after: tuple[datetime, str] | None,
        now: datetime,
        limit: int,
    ) -> list[Change]:
        """The last change of each media, oldest first, then by id. No kinds are all kinds; expired ones are left out
        until they are deleted, and a deletion after `DELETED_FOR`."""
        ...

    def secret(self, name: str) -> bytes:
        """32 random bytes, made when first asked for and the same ever after."""
        ...
