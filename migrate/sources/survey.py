"""One look over a folder tree before its files are read: how many there are, and which owners and albums they need."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from migrate.items import OldCategory
from migrate.sources.beside import FOLDER_SIDECAR, sort_out
from migrate.sources.importer import Place
from migrate.sources.sidecars import Named, image_data
from migrate.sources.walk import Listing, Parts, walk


@dataclass(slots=True)
class Survey:
    """`users` and `albums` are folders; `described` are those that have a sidecar of their own."""

    count: int = 0
    users: set[Parts] = field(default_factory=set)
    albums: set[Parts] = field(default_factory=set)
    described: set[Parts] = field(default_factory=set)
    categories: dict[str, OldCategory] = field(default_factory=dict)
    is_locked: bool = False

    def category(self, named: Named) -> str | None:
        """The key of the category that is meant: by its own key, or by its name."""
        if named.url_key:
            return named.url_key if named.url_key in self.categories else None
        return next((key for key, one in self.categories.items() if one.name == named.name), None)


def survey(root: Path, place: Callable[[Parts], Place]) -> Survey:
    result = Survey()
    for listing in walk(root):
        look_at(listing, root, place(listing.parts), result)
    return result


def look_at(listing: Listing, root: Path, place: Place, result: Survey) -> None:
    result.count += bool(listing.trouble) + len(listing.aside)
    result.is_locked |= not listing.parts and any(name == ".lock" for name, _ in listing.aside)
    if place.skip:
        result.count += len(listing.files)
        return
    found = sort_out(listing.files)
    result.count += len(found.files) + len(found.descriptions)
    if place.user:
        result.users.add(place.user)
    if FOLDER_SIDECAR in found.descriptions:
        result.described.add(listing.parts)
    if found.files:
        parts = place.album(listing.parts)
        while parts:
            result.albums.add(parts)
            parts = place.album(parts[:-1])
    for sidecar in set(found.sidecars.values()):
        named = image_data(root.joinpath(*listing.parts, sidecar)).category
        if named and named.name and named.url_key:
            made = OldCategory(named.url_key, named.name, named.url_key, named.description)
            result.categories.setdefault(named.url_key, made)


def text_of(parts: Parts) -> str:
    """A path as a key: bytes of a name that are no UTF-8 are spelled out."""
    return os.fsencode("/".join(parts)).decode("utf-8", "backslashreplace")
