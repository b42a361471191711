"""What the library needs from outside. Each promise here is checked by the contract suites in `tests/contract/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from gateway.core.errors import GatewayError
from gateway.core.listing import Listing, Place
from gateway.core.moving import Address, Arrived, Leads, Origin, Site, Target
from gateway.core.owned import Owned
from gateway.core.pieces import Arriving, SessionRows
from gateway.core.plans import UNLIMITED, Plan
from gateway.core.records import (
    Album,
    ApiKey,
    Asset,
    Category,
    FileEntry,
    Media,
    Owner,
    Tombstone,
    Usage,
    Variant,
)  # fmt: skip


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class Upload(Protocol):
    """Bytes on their way in, hashed while they are written. Used once: kept by `BlobStore.put`, or discarded."""

    size: int
    limit_bytes: int

    def write(self, block: bytes, /) -> int:
        """Raises `TooBig` as soon as the limit is passed."""
        ...

    def sha256(self) -> str: ...

    def md5(self) -> str: ...

    def reader(self) -> BinaryIO:
        """The bytes from the start. Readers share one position; closing is left to `discard`."""
        ...

    def settle(self) -> str:
        """The path of a file with these bytes, all of them on the disk, until it is kept or discarded."""
        ...

    def discard(self) -> None:
        """Leave nothing behind. Harmless when repeated, and after the upload was kept."""
        ...


@dataclass(frozen=True, slots=True)
class Blob:
    """Stored bytes, opened for one reader, who closes `file`."""

    file: BinaryIO
    size: int
    modified_at: datetime


class BlobStore(Protocol):
    def receive(self, limit_bytes: int) -> Upload:
        """Somewhere to write an upload of at most `limit_bytes`."""
        ...

    def put(self, files: Mapping[str, Upload | bytes]) -> None:
        """Keep all files or none. On return every byte survives a power cut. Raises `StoreUnavailable`."""
        ...

    def adopt(self, files: Mapping[str, Path | bytes], *, link: bool) -> None:
        """Take many files in at little cost: none may be spoken of before `settle`. With `link`, a file that can be
        shared is shared and not copied. Raises `StoreUnavailable`."""
        ...

    def settle(self) -> None:
        """From now on every file adopted so far, by whatever process, survives a power cut."""
        ...

    def open(self, name: str) -> Blob | None: ...

    def size(self, name: str) -> int | None:
        """None when there is no such file."""
        ...

    def delete(self, names: Sequence[str]) -> None:
        """Names that are not there are no error."""
        ...

    def names(self) -> Iterator[tuple[str, int, datetime]]:
        """Every stored file with its size and last change, in no order."""
        ...

    def sweep_incoming(self, before: datetime) -> int:
        """Remove half-arrived uploads untouched since `before`; returns how many. Those that come in pieces stay."""
        ...

    def arriving(self, session_id: str) -> AbstractContextManager[Arriving]:
        """What arrived so far of an upload that comes in pieces, for one at a time among all processes; one that is
        killed holds nobody up. Raises `Conflict` (`LOCKED`) when another one has it for more than a moment."""
        ...

    def arriving_names(self, before: datetime) -> list[str]:
        """The sessions of which there are bytes that nobody touched since `before`."""
        ...

    def set_aside(self, names: Sequence[str]) -> None:
        """Move files nobody claims out of the way, to where an operator still finds them."""
        ...


class Cache(Protocol):
    """Derived files, named `{media id}.{what was made of it}.{extension}`. Any of them may be gone at any time."""

    def open(self, name: str) -> Blob | None: ...

    def put(self, name: str, data: bytes) -> None:
        """Keep it, which is at least a byte, if there is room; a cache that cannot be written is no error."""
        ...

    def names(self, media_id: str) -> list[str]: ...

    def forget(self, media_id: str) -> None:
        """Remove all that was made of this media."""
        ...

    def media_ids(self) -> Iterator[str]:
        """Of which media there is something; the same one may come more than once."""
        ...


class Fetcher(Protocol):
    def fetch(self, url: str, into: Upload) -> str:
        """Write what the address holds into `into`; returns a file name taken from the final address.
        Raises `FetchRefused`, with the `status` of the answer if there was one, and `FileRefused` when the body is
        larger than the upload may be."""
        ...


class Catalog(Owned, SessionRows, Protocol):
    """Every method is one transaction. Times are aware UTC with milliseconds. What cannot be stored (half an emoji, a
    number without end) is not found. Raises `StoreUnavailable` when the catalog stays locked or the disk is full; then
    nothing was written."""

    # owners
    def add_owner(self, owner: Owner) -> None:
        """Raises `InvalidInput` when the name or the email is taken, whatever its case."""
        ...

    def owner(self, owner_id: str) -> Owner | None: ...

    def owner_named(self, username: str) -> Owner | None:
        """Case does not matter."""
        ...

    def owners(self) -> list[Owner]: ...

    def set_owner_active(self, owner_id: str, is_active: bool) -> None: ...

    def set_owner_limits(self, owner_id: str, plan: str | None, quota_bytes: int | None) -> None: ...

    def set_owner_private(self, owner_id: str, is_private: bool) -> None: ...

    def set_owner_profile(self, owner: Owner) -> None:
        """Email, password hash, and everything his page shows."""
        ...

    # keys
    def add_key(self, key: ApiKey, at_most: int | None = None) -> None:
        """Raises `QuotaExceeded`, and adds nothing, when its owner has `at_most` keys that are not revoked, however
        many are added at once."""
        ...

    def keys_with_prefix(self, prefix: str) -> list[ApiKey]:
        """Revoked ones too."""
        ...

    def keys(self) -> list[ApiKey]: ...

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        """False when there is no such key; revoking twice keeps the first time."""
        ...

    def mark_key_used(self, key_id: str, at: datetime, sha256: str | None = None) -> None:
        """Remember when, and, for an imported key just verified, its digest."""
        ...

    # albums and categories
    def add_album(self, album: Album) -> None: ...

    def album(self, album_id: str) -> Album | None: ...

    def albums(self) -> list[Album]: ...

    def albums_of(self, owner_id: str) -> list[Album]: ...

    def albums_in(self, album_id: str) -> list[Album]: ...

    def set_album_cover(self, album_id: str, media_id: str) -> None: ...

    def count_album_view(self, album_id: str) -> None: ...

    def add_category(
        self, name: str, url_key: str, description: str | None = None, category_id: int | None = None
    ) -> Category:
        """Numbers rise from 1 where none is asked for. Raises `InvalidInput` when the url key is taken."""
        ...

    def category(self, category_id: int) -> Category | None: ...

    def category_named(self, url_key: str) -> Category | None: ...

    def categories(self) -> list[Category]: ...

    # media
    def add_media(self, media: Media, delete_token_hash: str, *, reuse: bool, plan: Plan = UNLIMITED) -> Media | None:
        """Row, tags, token, counters and the quota check in one transaction: the sum of an owner's stored bytes
        never passes the quota, nor what the plan allows, however many write at once. Raises `QuotaExceeded` and writes
        nothing.

        With `reuse`, and when `find_same` knows these bytes by now, only the token is added, to the media that was
        there first, which is returned."""
        ...

    def add_delete_token(self, media_id: str, token_hash: str) -> bool:
        """Another link that deletes the same media. False when the media is gone."""
        ...

    def media(self, media_id: str) -> Media | None:
        """Expired ones too."""
        ...

    def file_entry(self, media_id: str) -> FileEntry | None:
        """Expired ones too."""
        ...

    def find_same(self, owner_id: str, sha256: str) -> Media | None:
        """The owner's oldest media, not expiring, that shows just what bytes with this hash show: they are what is
        stored, or what was sent and then converted (not resized)."""
        ...

    def legacy_token_hashes(self, media_id: str) -> list[str]:
        """Those of imported delete links, which only a slow comparison can tell."""
        ...

    def media_with_token(self, media_id: str, token_hash: str) -> Media | None: ...

    def count_view(self, media_id: str) -> None: ...

    def set_rendition(self, media_id: str, variant: Variant, size_bytes: int, size: tuple[int, int]) -> bool:
        """Note a rendition made after the upload. False when the media is gone."""
        ...

    def remove_media(self, media_id: str, at: datetime) -> bool:
        """Row, tags and tokens go, the owner's counters fall, a tombstone stays; False when it was gone already."""
        ...

    def expired(self, now: datetime, limit: int) -> list[Media]:
        """Oldest expiry first."""
        ...

    def media_ids(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that exist."""
        ...

    def media_page(self, listing: Listing, after: Place | None, now: datetime, limit: int) -> list[Media]:
        """Newest first; expired ones are left out."""
        ...

    def usage(self, now: datetime) -> Usage: ...

    # what came from elsewhere
    def add_site(self, site: Site) -> None:
        """Nothing changes when it is known already."""
        ...

    def sites(self) -> list[Site]:
        """Oldest first."""
        ...

    def add_origins(self, origins: Sequence[Origin]) -> None:
        """What is known already stays as it is."""
        ...

    def origins(self, site_id: str, kind: Target, keys: Sequence[str]) -> dict[str, Origin]:
        """By key; also of what was deleted since."""
        ...

    def origins_to(self, targets: Sequence[str]) -> list[Origin]: ...

    def origins_of(self, kind: Target, after: tuple[str, str], limit: int) -> list[Origin]:
        """Those with a target, by site and key, above `after`."""
        ...

    def origins_by_run(self, run_id: str, kind: Target, after: tuple[str, str], limit: int) -> list[Origin]:
        """Those with a target that this run added, by site and key."""
        ...

    def gone_origins(self, after: tuple[str, str, str], limit: int) -> list[Origin]:
        """Those without a target, by site, kind and key."""
        ...

    def add_addresses(self, addresses: Sequence[Address]) -> None:
        """Of one site a path belongs to whom it was given first."""
        ...

    def addresses_at(self, paths: Sequence[str]) -> list[Address]:
        """Of all sites."""
        ...

    def addresses_to(self, targets: Sequence[str]) -> list[Address]: ...

    def addresses_of(self, kind: Target, after: tuple[str, str], limit: int) -> list[Address]:
        """By path and site."""
        ...

    def tombstones(self, after: str, limit: int) -> list[Tombstone]:
        """By id."""
        ...

    def add_tombstones(self, tombstones: Sequence[Tombstone]) -> None: ...

    def tombstones_among(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that were deleted."""
        ...

    def add_asset(self, asset: Asset) -> None: ...

    def assets(self) -> list[Asset]: ...

    def add_arrived(self, batch: Sequence[Arrived]) -> list[GatewayError | None]:
        """All of them in one transaction, but those that may not be added: for each an error, or None."""
        ...

    def export_media(self, after: str, limit: int) -> list[Arrived]:
        """Every media with an id above `after`, by id, expired ones too."""
        ...

    def arrived(self, ids: Sequence[str]) -> list[Arrived]:
        """Those of `ids` that are here, by id, expired ones too."""
        ...

    def withdraw_media(self, ids: Sequence[str]) -> list[Media]:
        """As if they had never been here: no tombstones, and nothing leads to them. Returns what was still there."""
        ...

    def withdraw(self, kind: Target, ids: Sequence[str | int]) -> set[str]:
        """Owners, albums and categories only when nothing is left in them. Returns what went."""
        ...

    def withdraw_leads(self, leads: Leads) -> None:
        """Just these, whatever they lead to stays."""
        ...

    def withdraw_site(self, site_id: str, run_id: str) -> None:
        """If this run brought it, and nothing leads to it any more."""
        ...

    # one at a time, whatever the number of processes
    def claim(self, task: str, holder: str, until: datetime, now: datetime) -> bool:
        """True when `holder` has `task` to itself until `until`; extending one's own claim is fine."""
        ...

    def close(self) -> None: ...
