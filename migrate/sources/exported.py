"""What an export of ours says of a library besides its media: a line for each record, read back as it was written.

Here a record's id is its key: whoever has that id already has the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from migrate.items import (
    Gone,
    OldAddress,
    OldAlbum,
    OldCategory,
    OldKey,
    OldOwner,
    OldSite,
    OldTombstone,
    SourceError,
)  # fmt: skip
from migrate.sources.inside import find_inside
from migrate.sources.listed import MEDIA_ID, addresses_of, origins_of
from migrate.sources.listing import Line
from migrate.sources.trees import parents_first
from migrate.sources.values import Fields

FORMAT = 1
SITE = OldSite("picgate", "picgate", "Picgate")
TYPES = frozenset({"library", "site", "owner", "category", "album", "key", "gone", "tombstone"})


class Incomplete(Exception):
    """A record that lacks what it cannot be without."""


def is_export(first: Line | None, file: Path) -> bool:
    """Told by its first line; one that a later version wrote is refused."""
    if first is None or first.values.get("type") != "library":
        return False
    if first.values.get("format") != FORMAT:
        raise SourceError(
            f"{file} is an export of format {first.values.get('format')!r}, and this version reads format {FORMAT}.\n"
            "Install the version of Picgate that wrote it, or a later one."
        )
    return True


class Exported:
    """Filled by `see`, line by line."""

    def __init__(self, root: Path, notes: Counter[str]) -> None:
        self.root = root
        self.notes = notes
        self.count = 0
        self.read_sites: list[OldSite] = []
        self.read_owners: list[OldOwner] = []
        self.read_categories: list[OldCategory] = []
        self.read_albums: dict[str, OldAlbum] = {}
        self.read_keys: list[OldKey] = []
        self.read_gone: list[Gone] = []

    def see(self, line: Line) -> None:
        kind = line.values.get("type", "media")
        if line.trouble or kind not in TYPES:
            self.count += 1
        elif kind != "library":
            fields = Fields(line.values)
            try:
                self.read(kind, fields)
            except Incomplete as error:
                self.notes[f"A record of type {kind!r} was left out: {error}"] += 1
            self.notes.update(fields.notes)

    def read(self, kind: str, fields: Fields) -> None:
        match kind:
            case "site":
                self.read_sites.append(site_of(fields))
            case "owner":
                self.read_owners.append(owner_of(fields, self.picture))
            case "category":
                self.read_categories.append(category_of(fields))
            case "album":
                album = album_of(fields)
                self.read_albums[album.key] = album
            case "key":
                self.read_keys.append(key_of(fields))
            case "gone":
                self.read_gone.append(gone_of(fields))
            case "tombstone":
                self.read_gone.append(tombstone_of(fields))

    def picture(self, named: str) -> Path | None:
        found = find_inside(self.root, named)
        if isinstance(found, Path):
            return found
        self.notes[f"A picture of an owner is missing: {found.detail}"] += 1
        return None

    def sites(self) -> list[OldSite]:
        return [SITE, *self.read_sites]

    def owners(self) -> Iterator[OldOwner]:
        yield from self.read_owners

    def categories(self) -> Iterator[OldCategory]:
        yield from self.read_categories

    def albums(self) -> Iterator[OldAlbum]:
        ordered, cut = parents_first(self.read_albums, lambda album: album.parent)
        yield from (replace(album, parent=None) if album.key in cut else album for album in ordered)

    def keys(self) -> Iterator[OldKey]:
        yield from self.read_keys

    def gone(self) -> Iterator[Gone]:
        yield from self.read_gone


def needed(fields: Fields, name: str) -> str:
    value = fields.text(name)
    if value is None:
        raise Incomplete(f"it has no {name}")
    return value


def site_of(fields: Fields) -> OldSite:
    routes = {name: str(route) for name, route in fields.members("routes").items()}
    return OldSite(
        id=needed(fields, "id"),
        kind=needed(fields, "kind"),
        name=needed(fields, "name"),
        url=fields.text("url"),
        salt=fields.text("salt"),
        padding=fields.number("padding") or 0,
        time_zone=fields.text("time_zone"),
        routes=routes,
    )


def owner_of(fields: Fields, picture: Callable[[str], Path | None]) -> OldOwner:
    avatar, avatar_id, avatar_addresses = picture_of(fields, "avatar", picture)
    background, background_id, background_addresses = picture_of(fields, "background", picture)
    return OldOwner(
        key=needed(fields, "id"),
        id=needed(fields, "id"),
        username=needed(fields, "username"),
        name=fields.text("name"),
        email=fields.text("email"),
        role=fields.text("role") or "user",
        is_active=fields.flag("is_active") is not False,
        is_private=fields.flag("is_private") or False,
        password_hash=fields.text("password_hash"),
        bio=fields.text("bio"),
        website=fields.text("website"),
        time_zone=fields.text("time_zone"),
        language=fields.text("language"),
        quota_bytes=fields.number("quota_bytes"),
        plan=fields.text("plan"),
        created_at=fields.moment("created_at"),
        avatar=avatar,
        avatar_id=avatar_id,
        avatar_addresses=avatar_addresses,
        background=background,
        background_id=background_id,
        background_addresses=background_addresses,
        addresses=addresses_of(fields, "addresses"),
        origins=origins_of(fields),
    )


def picture_of(
    fields: Fields, name: str, picture: Callable[[str], Path | None]
) -> tuple[Path | None, str | None, tuple[OldAddress, ...]]:
    inner = Fields(fields.members(name))
    path = inner.text("path")
    asset_id = inner.text("id")
    known_id = asset_id if asset_id and MEDIA_ID.fullmatch(asset_id) else None
    return picture(path) if path else None, known_id, addresses_of(inner, "addresses")


def category_of(fields: Fields) -> OldCategory:
    return OldCategory(
        key=needed(fields, "id"),
        id=fields.number("id"),
        name=needed(fields, "name"),
        url_key=needed(fields, "url_key"),
        description=fields.text("description"),
        addresses=addresses_of(fields, "addresses"),
        origins=origins_of(fields),
    )


def album_of(fields: Fields) -> OldAlbum:
    return OldAlbum(
        key=needed(fields, "id"),
        id=needed(fields, "id"),
        name=needed(fields, "name"),
        owner=fields.text("owner"),
        description=fields.text("description"),
        parent=fields.text("parent"),
        privacy=fields.text("privacy") or "private",
        password_hash=fields.text("password_hash"),
        cover=fields.text("cover"),
        views=fields.number("views") or 0,
        likes=fields.number("likes") or 0,
        created_at=fields.moment("created_at"),
        created_local=fields.text("created_local"),
        addresses=addresses_of(fields, "addresses"),
        origins=origins_of(fields),
    )


def key_of(fields: Fields) -> OldKey:
    return OldKey(
        key=needed(fields, "id"),
        id=needed(fields, "id"),
        owner=fields.text("owner"),
        name=fields.text("name") or "",
        prefix=needed(fields, "prefix"),
        last4=fields.text("last4") or "",
        sha256=fields.digest("sha256"),
        legacy_hash=fields.text("legacy_hash"),
        scopes=fields.texts("scopes", between=" "),
        created_at=fields.moment("created_at"),
        last_used_at=fields.moment("last_used_at"),
        revoked_at=fields.moment("revoked_at"),
        origins=origins_of(fields),
    )


def gone_of(fields: Fields) -> Gone:
    kind = needed(fields, "kind")
    if kind not in ("media", "album", "owner"):
        raise Incomplete(f"nothing of kind {kind!r} can be gone")
    return Gone(kind, needed(fields, "key"), needed(fields, "site"))  # type: ignore[arg-type]


def tombstone_of(fields: Fields) -> Gone:
    deleted_at = fields.moment("deleted_at")
    if deleted_at is None:
        raise Incomplete("it has no deleted_at")
    what = OldTombstone(needed(fields, "kind"), needed(fields, "owner"), deleted_at)
    leads = addresses_of(fields, "addresses"), origins_of(fields)
    return Gone("media", needed(fields, "id"), None, what, *leads)
