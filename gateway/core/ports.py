"""What the library needs from outside. Each promise here is checked by the contract suites in `tests/contract/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from gateway.core.album_edits import AlbumEditRows
from gateway.core.beside import BesideRows
from gateway.core.brought import Brought
from gateway.core.checking.rows import CheckedRows
from gateway.core.credentials import CredentialRows
from gateway.core.edits import EditedRows
from gateway.core.jumps import Believed
from gateway.core.listing import Listing, Place
from gateway.core.owned import Owned
from gateway.core.pieces import Arriving, SessionRows
from gateway.core.plans import UNLIMITED, Plan
from gateway.core.records import (
    Album,
    ApiKey,
    Category,
    FileEntry,
    Media,
    Owner,
    Usage,
    Variant,
)  # fmt: skip
from gateway.core.standing import Standing


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
    def claim(self, library: str, expected: Callable[[], Sequence[str] | None]) -> None:
        """Say whose files these are. Raises `StoreUnavailable` where they are those of another library and, where
        nobody said so yet, when none of those `expected` is there, or some are although none is; None is anything."""
        ...

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

    def open(self, name: str, *, whole: bool = True) -> Blob | None:
        """`whole` tells that all of it will be read, from the start to the end, rather than nothing or parts."""
        ...

    def link(self, name: str, seconds: int, headers: Mapping[str, str]) -> str | None:
        """An address at which these bytes, if they are there, can be had for so long without us, answered with these
        headers (`Content-Type`, `Cache-Control`, `Content-Disposition`). None where the store has no such thing."""
        ...

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

    def half_arrived(self, before: datetime) -> int:
        """How many `sweep_incoming` would remove."""
        ...

    def arriving(self, session_id: str) -> AbstractContextManager[Arriving]:
        """What arrived so far of an upload that comes in pieces, for one at a time among all processes; one that is
        killed holds nobody up. Raises `Conflict` (`LOCKED`) when another one has it for more than a moment."""
        ...

    def arriving_names(self, before: datetime) -> list[str]:
        """The sessions of which there are bytes that nobody touched since `before`."""
        ...

    def try_out(self) -> None:
        """Raises `StoreUnavailable`, in words for the operator, when files cannot be listed, kept, read and deleted."""
        ...

    def probe(self) -> None:
        """Raises `StoreUnavailable` when no file can be had or kept just now. Changes nothing, costs little."""
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


class Catalog(
    Owned, EditedRows, AlbumEditRows, BesideRows, Brought, SessionRows, CheckedRows, CredentialRows, Protocol
):
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

    def keys_with_prefix(self, prefix: str) -> list[tuple[ApiKey, Owner]]:
        """Each with whose it is, revoked ones too."""
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
        nothing. What was to be in an album that was removed meanwhile is in none.

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

    def media_number(self, listing: Listing, now: datetime, at_most: int) -> int:
        """Of what `media_page` lists. Counting ends at `at_most`, so that a large listing costs no more than that."""
        ...

    def usage(self, now: datetime) -> Usage: ...

    # one at a time, whatever the number of processes
    def claim(self, task: str, holder: str, until: datetime, now: datetime) -> bool:
        """True when `holder` has `task` to itself until `until`; extending one's own claim is fine. One that lasts
        longer than anybody would ask for was made while the clock was wrong, and counts for nothing."""
        ...

    def believe(self, now: datetime) -> Believed:
        """Look at the clock, as all that share this catalog do, and tell whether to believe it: `core.jumps.look`."""
        ...

    def alone(self, name: str) -> AbstractContextManager[bool]:
        """`name` for one at a time among all processes on all machines, until left; False when another has it. Whoever
        dies lets go of it."""
        ...

    def standing(self) -> Standing | None:
        """None when this is the catalog that counts. Otherwise whatever writes raises `StoreUnavailable`."""
        ...

    def probe(self) -> None:
        """Raises `StoreUnavailable` when nothing can be read or written just now. Changes nothing."""
        ...

    def close(self) -> None: ...
