"""The old site's pictures, videos and sounds: one item for each row, with all that other tables say of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from migrate.items import Item, OldAddress, OnDisk
from migrate.sources.chevereto.install import Install, is_bcrypt
from migrate.sources.chevereto.instep import InStep, likes
from migrate.sources.chevereto.layout import Found
from migrate.sources.chevereto.redirects import redirects
from migrate.sources.chevereto.rows import Row, ids, select

IMAGE_COLUMNS = (
    "id", "name", "extension", "size", "width", "height", "duration", "date", "date_gmt", "title", "description",
    "nsfw", "user_id", "album_id", "storage_mode", "path", "storage_id", "md5", "checksum", "source_md5",
    "source_checksum", "original_filename", "original_exifdata", "views", "category_id", "chain", "expiration_date_gmt",
    "likes", "is_approved", "is_360", "tags",
)  # fmt: skip
MIMES = {
    "avif": "image/avif", "bmp": "image/bmp", "gif": "image/gif", "heic": "image/heic", "jpeg": "image/jpeg",
    "jpg": "image/jpeg", "m4a": "audio/mp4", "mov": "video/quicktime", "mp3": "audio/mpeg", "mp4": "video/mp4",
    "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml", "tif": "image/tiff", "tiff": "image/tiff",
    "wav": "audio/x-wav", "webm": "video/webm", "webp": "image/webp",
}  # fmt: skip
ORIGINAL_KEPT = 8  # the bit of the chain that tells of a `.or.` file


@dataclass(frozen=True, slots=True)
class Rules:
    now: datetime
    keep_expired: bool = False
    fetch_remote: bool = False


class Known:
    """What rows may point to. All of it is small, unlike the rows."""

    def __init__(self, old: Install) -> None:
        self.users = ids(old.tables, "users", "user_")
        self.albums = ids(old.tables, "albums", "album_")
        self.categories = ids(old.tables, "categories", "category_")
        names = select(old.tables, "tags", "tag_", ("id", "name"))
        self.tags = {row.number("id"): row.text("name") for row in names}


class Beside:
    """What other tables say of the pictures, read in step with them."""

    def __init__(self, old: Install) -> None:
        hashes = select(old.tables, "images_hash", "image_hash_", ("image_id", "hash"), ("image_id",))
        self.hashes = InStep((row.number("image_id"), row.text("hash") or "") for row in hashes)
        tags = select(old.tables, "tags_files", "tag_file_", ("file_id", "tag_id"), ("file_id", "tag_id"))
        self.tags = InStep((row.number("file_id"), row.number("tag_id")) for row in tags)
        liked = likes(old.tables, "image")
        self.likes = InStep(liked) if liked is not None else None
        self.redirects = InStep(redirects(old.tables, "image"))


def read_items(old: Install, rules: Rules) -> Iterator[Item]:
    known, beside = Known(old), Beside(old)
    for row in select(old.tables, "images", "image_", IMAGE_COLUMNS):
        yield item(old, row, known, beside, rules)


def item(old: Install, row: Row, known: Known, beside: Beside, rules: Rules) -> Item:
    number, extension = row.number("id"), row.text("extension") or ""
    filename = f"{row.text('name') or ''}.{extension}"
    notes: list[str] = []
    found = old.layout.find(row, filename, rules.fetch_remote)
    hashes = beside.hashes.take(number)
    liked = beside.likes.take(number) if beside.likes else [row.number("likes")]
    addresses = tuple(read_addresses(old, found, filename, extension, beside.redirects.take(number)))
    expires_at = row.utc("expiration_date_gmt")
    if not all(map(is_bcrypt, hashes)):
        notes.append("Its delete link is lost: the hash of its token is none that can be checked here.")
    if row.number("chain") & ORIGINAL_KEPT:
        notes.append("The old host may have kept its original beside it, as a .or. file, which is left there.")
    return Item(
        key=str(number),
        name=addresses[0].path if addresses else f"/{filename}",
        content=found.content,
        filename=row.text("original_filename") or filename,
        owner=pointed(row, "user", known.users, notes),
        album=pointed(row, "album", known.albums, notes),
        category=pointed(row, "category", known.categories, notes),
        title=row.text("title"),
        description=row.text("description"),
        tags=tuple(dict.fromkeys(chain(tag_names(beside.tags.take(number), known), tags_column(row.text("tags"))))),
        is_nsfw=row.flag("nsfw"),
        is_public=row.flag("is_approved", default=True),
        views=row.number("views"),
        likes=sum(liked),
        created_at=created_at(row, found, old.settings.time_zone),
        created_local=row.wall_clock("date"),
        expires_at=expires_at,
        exif_json=row.text("original_exifdata"),
        is_360=row.flag("is_360") if row.value("is_360") is not None else None,
        width=row.number("width") or None,
        height=row.number("height") or None,
        duration=row.number("duration") or None,
        size_bytes=row.number("size") or None,
        md5=checksum(row, ("md5", "checksum"), 32),
        sha256=checksum(row, ("checksum",), 64),
        source_md5=checksum(row, ("source_md5", "source_checksum"), 32),
        source_sha256=checksum(row, ("source_checksum",), 64),
        is_resized=is_resized(row),
        renditions=renditions(found, extension),
        token_hashes=tuple(filter(is_bcrypt, hashes)),
        addresses=addresses,
        skip=expired(expires_at, rules),
        notes=tuple(notes),
    )


def pointed(row: Row, kind: str, known: frozenset[int], notes: list[str]) -> str | None:
    number = row.id(f"{kind}_id")
    if number is None or number in known:
        return str(number) if number else None
    notes.append(f"Its {kind} {number} is gone.")
    return None


def expired(expires_at: datetime | None, rules: Rules) -> str | None:
    if not expires_at or expires_at > rules.now or rules.keep_expired:
        return None
    return f"expired: its time ran out at {expires_at:%Y-%m-%d %H:%M} UTC; --keep-expired takes it all the same."


def created_at(row: Row, found: Found, time_zone: str | None) -> datetime | None:
    """The date in GMT; where that is none, the local one, and the file's own at last."""
    if at := row.utc("date_gmt"):
        return at
    local = row.utc("date")
    if local:
        try:
            return local.replace(tzinfo=ZoneInfo(time_zone or "UTC")).astimezone(UTC)
        except (ValueError, KeyError, OSError, OverflowError):  # no such zone, or no such date
            return local
    return datetime.fromtimestamp(found.modified, UTC).replace(microsecond=0) if found.modified else None


def checksum(row: Row, names: tuple[str, ...], length: int) -> str | None:
    """The first of these columns that holds so many hexadecimal digits."""
    for name in names:
        text = (row.text(name) or "").lower()
        if len(text) == length and re.fullmatch("[0-9a-f]+", text):
            return text
    return None


def is_resized(row: Row) -> bool:
    """The old host kept the checksum of what it was sent when it made something smaller of it."""
    sent = row.text("source_md5") or row.text("source_checksum")
    return sent is not None and sent not in (row.text("md5"), row.text("checksum"))


def read_addresses(
    old: Install, found: Found, filename: str, extension: str, sent_on: list[str]
) -> Iterator[OldAddress]:
    """The file's own paths first. Those of its renditions follow from them, those of its viewers from its number."""
    for path in found.paths:
        yield OldAddress(path + filename, mime=MIMES.get(extension.lower()))
    if old.settings.is_v3:
        yield from old.addresses(f"/?v={filename}")
    yield from old.addresses(*sent_on)


def renditions(found: Found, extension: str) -> dict[str, Path]:
    """Those that exist and are not empty, whatever the row says of them."""
    if not isinstance(found.content, OnDisk):
        return {}
    main = found.content.path
    stem = main.name.removesuffix(f".{extension}")
    kind = MIMES.get(extension.lower(), "image/").partition("/")[0]
    ending = extension if kind == "image" else "jpeg"
    variants = ("th", "md") if kind == "image" else ("th", "md", "fr")
    paths = {variant: main.with_name(f"{stem}.{variant}.{ending}") for variant in variants}
    return {variant: path for variant, path in paths.items() if size(path) > 0}


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def tag_names(numbers: list[int], known: Known) -> Iterator[str]:
    for number in numbers:
        if name := known.tags.get(number):
            yield name


def tags_column(text: str | None) -> Iterator[str]:
    """Newer versions keep the names with the file: a JSON list of names or of objects with one, or names and commas."""
    if not text:
        return
    try:
        listed: Any = json.loads(text)
    except ValueError:
        listed = None
    for entry in listed if isinstance(listed, list) else text.split(","):
        name = entry.get("name") if isinstance(entry, dict) else entry
        if isinstance(name, str) and name.strip():
            yield name.strip()
