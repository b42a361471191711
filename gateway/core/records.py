"""What the library keeps and hands around: frozen data, aware UTC times, sizes in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["admin", "manager", "user", "guest"]
Kind = Literal["image", "video", "audio"]
Variant = Literal["th", "md", "fr"]
Privacy = Literal["public", "link", "password", "private"]

VARIANTS: tuple[Variant, ...] = ("th", "md", "fr")
ROLES: tuple[Role, ...] = ("admin", "manager", "user", "guest")
PRIVACIES: tuple[Privacy, ...] = ("public", "link", "password", "private")


@dataclass(frozen=True, slots=True)
class Owner:
    id: str
    username: str
    email: str | None
    role: Role
    is_active: bool
    quota_bytes: int | None
    storage_used_bytes: int
    media_count: int
    password_hash: str | None
    created_at: datetime
    name: str | None = None
    bio: str | None = None
    website: str | None = None
    time_zone: str | None = None
    language: str | None = None
    is_private: bool = False
    avatar_id: str | None = None
    background_id: str | None = None
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """A small picture that belongs to a page and not to the library: an avatar, a background."""

    id: str
    owner_id: str
    mime: str
    extension: str
    size_bytes: int
    sha256: str
    created_at: datetime

    def blob(self) -> str:
        return blob_name(self.id, "image", self.extension)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`prefix` is what a key is looked up by. A native key is stored as the SHA-256 of its text; an imported one
    as the old host's `legacy_hash` until it is first used, when its SHA-256 is remembered beside it."""

    id: str
    owner_id: str
    name: str
    prefix: str
    last4: str
    sha256: str | None
    legacy_hash: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Album:
    """`privacy` governs its page and the viewers of what is in it; "link" is public to those who know the address, and
    named nowhere. `created_local` is the date its old host showed, in that host's time zone."""

    id: str
    owner_id: str
    name: str
    created_at: datetime
    description: str | None = None
    parent_id: str | None = None
    privacy: Privacy = "public"
    password_hash: str | None = None
    cover_id: str | None = None
    views: int = 0
    likes: int = 0
    created_local: str | None = None
    media_count: int = 0


@dataclass(frozen=True, slots=True)
class Category:
    id: int
    name: str
    url_key: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One stored thing. `sha256` and `md5` are of the stored bytes, `source_*` of the bytes as sent when they differ.
    Width and height are upright. A rendition of zero bytes does not exist. `created_local` is the date its old host
    showed, in that host's time zone. `allowed_referers` are the sites that may show it: None is every site."""

    id: str
    kind: Kind
    owner_id: str
    filename: str
    title: str | None
    description: str | None
    mime: str
    extension: str
    size_bytes: int
    width: int
    height: int
    sha256: str
    md5: str
    source_sha256: str | None
    source_md5: str | None
    is_resized: bool
    exif_json: str | None
    is_animated: bool
    is_360: bool
    is_public: bool
    is_nsfw: bool
    album_id: str | None
    category_id: int | None
    views: int
    thumb_bytes: int
    medium_bytes: int
    medium_width: int
    medium_height: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    frame_bytes: int = 0
    duration: float = 0.0
    bitrate: int | None = None
    likes: int = 0
    created_local: str | None = None
    allowed_referers: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()

    def rendition_bytes(self, variant: Variant) -> int:
        return {"th": self.thumb_bytes, "md": self.medium_bytes, "fr": self.frame_bytes}[variant]

    def has(self, variant: Variant) -> bool:
        return self.rendition_bytes(variant) > 0

    def blob(self, variant: Variant | None = None) -> str:
        """The name under which the store keeps these bytes; it is also the last part of their public URL."""
        return blob_name(self.id, self.kind, self.extension, variant)

    def blobs(self) -> tuple[str, ...]:
        return (self.blob(), *(self.blob(variant) for variant in VARIANTS if self.has(variant)))

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class FileEntry:
    """The few facts of a media that sending its bytes needs: one indexed read."""

    id: str
    kind: Kind
    owner_id: str
    mime: str
    extension: str
    width: int
    height: int
    sha256: str
    is_animated: bool
    is_public: bool
    expires_at: datetime | None
    allowed_referers: tuple[str, ...] | None = None

    def blob(self, variant: Variant | None = None) -> str:
        return blob_name(self.id, self.kind, self.extension, variant)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows of a media: half of its facts, read in half of the time."""

    id: str
    kind: Kind
    owner_id: str
    filename: str
    title: str | None
    description: str | None
    mime: str
    extension: str
    size_bytes: int
    width: int
    height: int
    duration: float
    bitrate: int | None
    sha256: str
    is_public: bool
    is_nsfw: bool
    album_id: str | None
    allowed_referers: tuple[str, ...] | None
    thumb_bytes: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    tags: tuple[str, ...] = ()

    def has(self, variant: Literal["th"]) -> bool:
        return self.thumb_bytes > 0

    def blob(self, variant: Variant | None = None) -> str:
        return blob_name(self.id, self.kind, self.extension, variant)


def blob_name(media_id: str, kind: Kind, extension: str, variant: Variant | None = None) -> str:
    if not variant:
        return f"{media_id}.{extension}"
    return f"{media_id}.{variant}.{rendition_extension(kind, extension)}"


def rendition_extension(kind: Kind, extension: str) -> str:
    """A picture's renditions are of its own kind; those of a video or a sound are JPEGs."""
    return extension if kind == "image" else "jpeg"


def rendition_mime(kind: Kind, mime: str) -> str:
    return mime if kind == "image" else "image/jpeg"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An id that was deleted here: it is never given again, and whoever keeps a copy is told."""

    id: str
    kind: Kind
    owner_id: str
    deleted_at: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """What the catalog counts, kept in the same transaction as the rows themselves."""

    media_count: int
    media_bytes: int
    owners: int
    keys: int
    albums: int
    expired_waiting: int
