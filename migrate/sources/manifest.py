"""A list of files with what is known of each: one a user or a program wrote, or an export of ours.

In a list, names stand for owners, albums and categories, and whatever a line does not say is found in its file. In an
export every record has a line and an id of its own, and is exactly what its line says.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from migrate.items import (
    Absent,
    Gone,
    Item,
    OldAlbum,
    OldCategory,
    OldKey,
    OldOwner,
    OldSite,
    SourceError,
)  # fmt: skip
from migrate.sources.exported import TYPES, Exported, is_export
from migrate.sources.implied import Implied
from migrate.sources.listed import COLUMNS, MEDIA_ID, item_of, key_of
from migrate.sources.listing import Line, Listing
from migrate.sources.seen import Seen


class ManifestSource:
    """Paths are relative to `files`, which is the manifest's own folder when nothing else is said."""

    def __init__(self, file: Path, *, files: Path | None = None) -> None:
        self.file = file
        self.listing = Listing(file, COLUMNS)
        self.root = (files or file.parent).resolve()
        if not self.root.is_dir():
            raise SourceError(f"There is no folder {self.root}.\nName the folder that the paths of {file} begin in.")
        first = next(self.listing.lines(), None)
        self.is_export = is_export(first, file)
        self.notes: Counter[str] = Counter()
        digest = hashlib.sha256(os.fsencode(file.resolve())).hexdigest()
        self.site = OldSite(f"manifest-{digest[:12]}", "manifest", file.name)

    @cached_property
    def named(self) -> Exported | Implied:
        """What the lines say besides their files."""
        named = Exported(self.root, self.notes) if self.is_export else Implied(self.site, self.notes)
        for line in self.listing.lines(self.notes):
            named.see(line)
        return named

    def sites(self) -> list[OldSite]:
        return self.named.sites()

    def owners(self) -> Iterator[OldOwner]:
        return self.named.owners()

    def categories(self) -> Iterator[OldCategory]:
        return self.named.categories()

    def albums(self) -> Iterator[OldAlbum]:
        return self.named.albums()

    def keys(self) -> Iterator[OldKey]:
        return self.named.keys()

    def gone(self) -> Iterator[Gone]:
        return self.named.gone()

    def count(self) -> int:
        return self.named.count

    def items(self) -> Iterator[Item]:
        seen, seen_with_owner = Seen(), Seen()
        for line in self.listing.lines():
            if item := self.item(line, seen, seen_with_owner):
                yield item

    def item(self, line: Line, seen: Seen, seen_with_owner: Seen) -> Item | None:
        """None for the lines of an export that are no files."""
        kind = line.values.get("type") or "media"
        if self.is_export and not line.trouble and kind in TYPES:
            return None
        key = key_of(line)
        if why := self.trouble_with(line, str(kind), key):
            number = f"line {line.number}"
            return Item(number, number, Absent("unreadable-line", f"{number}: {why}"), number)
        assert key
        first = seen.before(key, line.number)
        item = item_of(line, key, self.root, self.site.id, is_export=self.is_export)
        is_new = seen_with_owner.before(json.dumps([key, item.owner]), line.number) is None
        if first is None:
            return item
        if is_new:
            why = f"Line {first} gives the same {key!r} to another owner."
            return Item(f"line {line.number}", item.name, Absent("another-owner", why), item.filename)
        rule = f"duplicate-line: Line {first} has the same {key!r}."
        return Item(f"line {line.number}", item.name, item.content, item.filename, skip=rule)

    def trouble_with(self, line: Line, kind: str, key: str | None) -> str | None:
        if line.trouble:
            return line.trouble
        if kind != "media":
            return f"the type {kind!r} is not known"
        if key is None:
            return "it names neither a path nor a url"
        if self.is_export and not MEDIA_ID.fullmatch(key):
            return f"{key!r} can be no id"
        return None

    def close(self) -> None:
        """The file is opened anew for each reading."""
