"""The JSON files that describe pictures, albums and users, as bulk importers and Google Takeout write them.

Unknown members are passed over. A file that cannot be read is said, and what it describes is imported without it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.core.titles import clean
from migrate.sources.values import Fields

MAX_BYTES = 4_000_000
PRIVACIES = {"public": "public", "private": "private", "private_but_link": "link", "password": "password"}


@dataclass(frozen=True, slots=True)
class Named:
    """A category as a sidecar has it; without a name or a key it can only mean one that is known from elsewhere."""

    name: str | None
    url_key: str | None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class ImageData:
    title: str | None = None
    description: str | None = None
    is_nsfw: bool = False
    tags: tuple[str, ...] = ()
    category: Named | None = None
    created_at: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlbumData:
    """Without a `privacy` it is as the album it lies in, or public."""

    name: str | None = None
    description: str | None = None
    privacy: str | None = None
    password: str | None = None
    notes: tuple[str, ...] = ()


def read_sidecar(path: Path) -> tuple[dict[str, object], str | None]:
    """Its members, or none and a sentence that says why."""
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            return {}, f"{clean(path.name)} was not read: it is larger than {MAX_BYTES // 1_000_000} MB."
        members = json.loads(text.removeprefix(b"\xef\xbb\xbf"))
    except (OSError, ValueError, RecursionError) as error:
        why = "its members are nested too deeply" if isinstance(error, RecursionError) else str(error)
        return {}, f"{clean(path.name)} was not read: {clean(why)}."
    if not isinstance(members, dict):
        return {}, f"{clean(path.name)} was not read: it is no object with members."
    return members, None


def image_data(path: Path) -> ImageData:
    members, trouble = read_sidecar(path)
    outer = Fields(members)
    # Google Takeout has no such member, and a caption in the outer one; its title is the name of the file.
    image = Fields(outer.members("imageData") or {"description": members.get("description")})
    taken = Fields(outer.members("photoTakenTime"))
    category = Fields(image.members("category"))
    named = Named(category.text("name"), category.text("urlKey"), category.text("description"))
    return ImageData(
        title=image.text("title"),
        description=image.text("description"),
        is_nsfw=image.flag("nsfw") or False,
        tags=image.texts("tags", between=","),
        category=named if named.name or named.url_key else None,
        created_at=taken.moment("timestamp"),
        notes=(*in_notes(trouble), *outer.notes, *image.notes, *taken.notes, *category.notes),
    )


def album_data(path: Path) -> AlbumData:
    """What is said of privacy and cannot be understood makes an album private, never public."""
    members, trouble = read_sidecar(path)
    outer = Fields(members)
    # The older Takeout has this member too; the newer one writes the same names without it.
    album = Fields(outer.members("albumData") or members)
    private = Fields(album.members("privacy"))
    kind = private.text("type") or album.text("access")
    privacy, password = PRIVACIES.get(kind or ""), private.text("password")
    notes = [*in_notes(trouble), *outer.notes, *album.notes, *private.notes]
    if trouble or (not kind and (album.get("privacy") or album.get("access"))):
        privacy = "private"
        notes.append("Who was to see an album is not known: it is private.")
    if kind and not privacy:
        privacy = "private"
        notes.append(f"The privacy {kind!r} is not known here: the album is private.")
    if privacy == "password" and not password:
        privacy = "private"
        notes.append("An album with a password had none: it is private.")
    return AlbumData(
        name=album.text("title"),
        description=album.text("description"),
        privacy=privacy,
        password=password if privacy == "password" else None,
        notes=tuple(notes),
    )


def in_notes(trouble: str | None) -> list[str]:
    return [f"metadata: {trouble}"] if trouble else []
