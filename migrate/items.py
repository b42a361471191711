"""What a source tells of an old library: its sites, owners, albums, keys, and its items, of which each gets a verdict.

Everything is named by `key`s that are stable within the source; ids of this library come later, in the engine. Times
are aware UTC; `created_local` is the wall-clock date the old host showed ("2026-11-21 01:03:58")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

Verdict = Literal["imported", "already-imported", "duplicate", "skipped", "missing", "rejected", "failed"]
VERDICTS: tuple[Verdict, ...] = (
    "imported", "already-imported", "duplicate", "skipped", "missing", "rejected", "failed",
)  # fmt: skip


class SourceError(Exception):
    """This source cannot be read at all. The first line says what happened, the second what to do."""


@dataclass(frozen=True, slots=True)
class OldSite:
    """See `gateway.core.moving.Site`. `id` is the same whenever the same site is read again, from a dump or live."""

    id: str
    kind: str
    name: str
    url: str | None = None
    salt: str | None = None
    padding: int = 0
    time_zone: str | None = None
    routes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OldAddress:
    """A path as the old host served it, percent-decoded, with its leading slash. `variant` is "th", "md" or "fr"."""

    path: str
    variant: str | None = None
    mime: str | None = None
    site: str | None = None  # the id of its site, when it is not the source's first


@dataclass(frozen=True, slots=True)
class OldOrigin:
    site: str
    key: str


@dataclass(frozen=True, slots=True)
class OldOwner:
    key: str
    username: str
    name: str | None = None
    email: str | None = None
    role: str = "user"
    is_active: bool = True
    is_private: bool = False
    password_hash: str | None = None
    bio: str | None = None
    website: str | None = None
    time_zone: str | None = None
    language: str | None = None
    quota_bytes: int | None = None
    plan: str | None = None
    created_at: datetime | None = None
    avatar: Path | None = None
    background: Path | None = None
    addresses: tuple[OldAddress, ...] = ()
    avatar_addresses: tuple[OldAddress, ...] = ()
    background_addresses: tuple[OldAddress, ...] = ()
    id: str | None = None  # wanted here, as are the next two; only an export of ours knows them
    avatar_id: str | None = None
    background_id: str | None = None
    origins: tuple[OldOrigin, ...] = ()


@dataclass(frozen=True, slots=True)
class OldAlbum:
    """`owner` None belongs to the guests. Of `password` and `password_hash` at most one is there."""

    key: str
    name: str
    owner: str | None = None
    description: str | None = None
    parent: str | None = None
    privacy: str = "public"
    password: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    cover: str | None = None  # the key of an item
    views: int = 0
    likes: int = 0
    created_at: datetime | None = None
    created_local: str | None = None
    addresses: tuple[OldAddress, ...] = ()
    id: str | None = None
    origins: tuple[OldOrigin, ...] = ()


@dataclass(frozen=True, slots=True)
class OldCategory:
    key: str
    name: str
    url_key: str
    description: str | None = None
    addresses: tuple[OldAddress, ...] = ()
    id: int | None = None
    origins: tuple[OldOrigin, ...] = ()


@dataclass(frozen=True, slots=True)
class OldKey:
    """An API key: its text where the old host kept that, else its hash and the `prefix` it is looked up by."""

    key: str
    owner: str | None
    name: str
    text: str | None = field(default=None, repr=False)
    legacy_hash: str | None = field(default=None, repr=False)
    sha256: str | None = field(default=None, repr=False)
    prefix: str = ""
    last4: str = ""
    scopes: tuple[str, ...] = ()
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    id: str | None = None
    origins: tuple[OldOrigin, ...] = ()


@dataclass(frozen=True, slots=True)
class OldTombstone:
    kind: str  # of media
    owner: str
    deleted_at: datetime


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that was deleted on the old host: its number must answer as gone, and never as something else. With a
    `tombstone`, which only an export of ours has, the key is an id of this library, and what led there still does."""

    kind: Literal["media", "album", "owner"]
    key: str
    site: str | None = None
    tombstone: OldTombstone | None = None
    addresses: tuple[OldAddress, ...] = ()
    origins: tuple[OldOrigin, ...] = ()


@dataclass(frozen=True, slots=True)
class OnDisk:
    path: Path


@dataclass(frozen=True, slots=True)
class AtUrl:
    url: str


@dataclass(frozen=True, slots=True)
class Absent:
    """There are no bytes: `reason` is one word ("external", "no-file"), `detail` says what was looked for and where."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Item:
    """One file of the old library with all that is known of it. What is None is looked for in the file itself, unless
    the source `is_complete`: then a title that is not there is a file without a title.

    `skip` is set by a reader whose rules leave the item out: one word, a colon, and a sentence. `renditions` maps
    "th", "md", "fr" to files that exist. `size_bytes` and the hashes are what the source says the file has, `width`,
    `height` and `duration` what it measured; the file itself is believed more."""

    key: str
    name: str
    content: OnDisk | AtUrl | Absent
    filename: str
    owner: str | None = None
    album: str | None = None
    category: str | None = None
    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    is_nsfw: bool = False
    is_public: bool = True
    views: int = 0
    likes: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_local: str | None = None
    expires_at: datetime | None = None
    exif_json: str | None = None
    is_360: bool | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    size_bytes: int | None = None
    md5: str | None = None
    sha256: str | None = None
    source_md5: str | None = None
    source_sha256: str | None = None
    is_resized: bool = False
    allowed_referers: tuple[str, ...] | None = None
    renditions: Mapping[str, Path] = field(default_factory=dict)
    token_hashes: tuple[str, ...] = field(default=(), repr=False)
    addresses: tuple[OldAddress, ...] = ()
    origins: tuple[OldOrigin, ...] = ()
    id: str | None = None
    is_complete: bool = False
    skip: str | None = None
    notes: tuple[str, ...] = ()  # what the reader could not keep of it, in sentences


class Source(Protocol):
    """Every method may be called again, and yields the same in the same order as long as the source is the same.
    Nothing but `items` may be large."""

    notes: Counter[str]  # sentences about the source as a whole, and how often each holds

    def sites(self) -> list[OldSite]:
        """The first is the one whose keys all the others are."""
        ...

    def owners(self) -> Iterator[OldOwner]: ...

    def categories(self) -> Iterator[OldCategory]: ...

    def albums(self) -> Iterator[OldAlbum]:
        """Parents before children; a cycle is cut and noted."""
        ...

    def keys(self) -> Iterator[OldKey]: ...

    def gone(self) -> Iterator[Gone]: ...

    def count(self) -> int | None:
        """How many items there will be, if that is known before they are read."""
        ...

    def items(self) -> Iterator[Item]: ...

    def close(self) -> None: ...
