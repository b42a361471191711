"""The owners, albums and categories that the lines of a manifest name without saying more of them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from migrate.items import Gone, OldAlbum, OldCategory, OldKey, OldOrigin, OldOwner, OldSite
from migrate.sources.listed import COLUMNS, album_key, album_path, nested
from migrate.sources.listing import Line
from migrate.sources.values import Fields

MAX_UNKNOWN = 20
MEANT = {
    "author": "owner", "caption": "description", "file": "path", "folder": "album", "keywords": "tags", "name": "title",
    "privacy": "visibility", "taken": "created_at", "user": "owner", "username": "owner",
}  # fmt: skip


class Implied:
    """Filled by `see`, line by line."""

    def __init__(self, site: OldSite, notes: Counter[str]) -> None:
        self.site = site
        self.notes = notes
        self.count = 0
        self.named_owners: dict[str, None] = {}
        self.named_albums: dict[tuple[str | None, tuple[str, ...]], None] = {}
        self.named_categories: dict[str, None] = {}
        self.unknown: dict[str, str] = {}  # what is said of each

    def see(self, line: Line) -> None:
        self.count += 1
        fields = Fields(nested(line.values))
        owner, category, path = fields.text("owner"), fields.text("category"), album_path(fields)
        if owner:
            self.named_owners[owner] = None
        if category:
            self.named_categories[category] = None
        for depth in range(len(path)):
            self.named_albums[owner, path[: depth + 1]] = None
        for name in sorted(fields.values.keys() - COLUMNS):
            if name in self.unknown or len(self.unknown) < MAX_UNKNOWN:
                self.unknown.setdefault(name, f"The column {name!r} means nothing here and was not read{guess(name)}")
                self.notes[self.unknown[name]] += 1

    def sites(self) -> list[OldSite]:
        return [self.site]

    def owners(self) -> Iterator[OldOwner]:
        for name in self.named_owners:
            yield OldOwner(key=name, username=name, origins=self.origins(name))

    def categories(self) -> Iterator[OldCategory]:
        for name in self.named_categories:
            yield OldCategory(key=name, name=name, url_key=url_key(name), origins=self.origins(name))

    def albums(self) -> Iterator[OldAlbum]:
        for owner, path in self.named_albums:
            key = album_key(owner, path)
            assert key
            yield OldAlbum(key, path[-1], owner, parent=album_key(owner, path[:-1]), origins=self.origins(key))

    def origins(self, key: str) -> tuple[OldOrigin, ...]:
        return (OldOrigin(self.site.id, key),)

    def keys(self) -> Iterator[OldKey]:
        yield from ()

    def gone(self) -> Iterator[Gone]:
        yield from ()


def guess(name: str) -> str:
    meant = MEANT.get(name) or next(iter(get_close_matches(name, sorted(COLUMNS), 1, cutoff=0.7)), None)
    return f"; did you mean {meant}?" if meant else ""


def url_key(name: str) -> str:
    """The part of an address that leads to a category; of a name without a letter, a digest."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-") or hashlib.sha256(name.encode()).hexdigest()[:8]
