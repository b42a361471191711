"""A folder of pictures: its sub-folders become albums, or owners and albums where a bulk importer would see these.

Everything found in the folder is an item, also what is left out, so that the totals add up. Only the renditions an
image host made (`a.th.png` beside `a.png`) are none: they come with their picture.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from migrate.items import (
    Absent,
    Gone,
    Item,
    OldAddress,
    OldAlbum,
    OldCategory,
    OldKey,
    OldOrigin,
    OldOwner,
    OldSite,
    OnDisk,
    SourceError,
)  # fmt: skip
from migrate.sources.addresses import split_address
from migrate.sources.beside import FOLDER_SIDECAR, Sorted, sort_out
from migrate.sources.importer import Layout, Place, plain, read_owner, recognise
from migrate.sources.sidecars import AlbumData, ImageData, album_data, image_data
from migrate.sources.survey import Survey, survey, text_of
from migrate.sources.walk import Listing, Parts, walk

SIDECAR = "sidecar: It describes what lies beside it."
LOCKED = "There is a .lock: the old importer is paused, or still at work in this folder"


class FolderSource:
    """With `old_url` the folder was served there as it is: each file keeps its address."""

    def __init__(self, folder: Path, *, layout: Layout = "auto", old_url: str | None = None) -> None:
        self.folder = readable(folder)
        self.root, self.place = recognise(self.folder, layout)
        self.is_served = self.place is plain and layout != "albums"
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()
        self.site = OldSite(f"folder-{digest[:12]}", "folder", text_of((self.folder.name,)), old_url)
        self.base = base_path(old_url) if old_url else ""
        self.notes: Counter[str] = Counter()

    @cached_property
    def found(self) -> Survey:
        found = survey(self.root, self.place)
        if found.is_locked:
            self.notes[LOCKED] += 1
        for parts in sorted(found.described & found.users):
            self.notes.update(self.about_owner(parts, found)[1])
        for parts in sorted(found.described & found.albums):
            self.notes.update(self.about_album(parts, found).notes)
        return found

    def sites(self) -> list[OldSite]:
        return [self.site]

    def owners(self) -> Iterator[OldOwner]:
        for parts in sorted(self.found.users):
            owner = self.about_owner(parts, self.found)[0]
            yield replace(owner, origins=(OldOrigin(self.site.id, owner.key),))

    def categories(self) -> Iterator[OldCategory]:
        for category in self.found.categories.values():
            yield replace(category, origins=(OldOrigin(self.site.id, category.key),))

    def albums(self) -> Iterator[OldAlbum]:
        locks: dict[Parts, tuple[str, str | None]] = {}
        for parts in sorted(self.found.albums):
            place, data = self.place(parts), self.about_album(parts, self.found)
            around = place.album(parts[:-1])
            locks[parts] = (data.privacy, data.password) if data.privacy else locks.get(around, ("public", None))
            privacy, password = locks[parts]
            yield OldAlbum(
                key=(key := text_of(parts)),
                name=data.name or text_of(parts[-1:]),
                owner=owner_key(place),
                description=data.description,
                parent=text_of(around) or None,
                privacy=privacy,
                password=password,
                origins=(OldOrigin(self.site.id, key),),
            )

    def keys(self) -> Iterator[OldKey]:
        yield from ()

    def gone(self) -> Iterator[Gone]:
        yield from ()

    def count(self) -> int:
        return self.found.count

    def items(self) -> Iterator[Item]:
        for listing in walk(self.root):
            place = self.place(listing.parts)
            if listing.trouble:
                key = text_of((*listing.parts, ""))
                yield Item(key, key, Absent("unreadable", listing.trouble), text_of(listing.parts[-1:]))
            for name, rule in listing.aside:
                yield self.left_out(listing.parts, name, rule)
            if place.skip:
                for name in listing.files:
                    yield self.left_out(listing.parts, name, place.skip)
            else:
                yield from self.pictures(listing, place, sort_out(listing.files))

    def pictures(self, listing: Listing, place: Place, found: Sorted) -> Iterator[Item]:
        for name in found.descriptions:
            yield self.left_out(listing.parts, name, SIDECAR)
        for name in found.files:
            sidecar = found.sidecars.get(name)
            data = image_data(self.path(listing.parts, sidecar)) if sidecar else ImageData()
            yield self.picture(listing.parts, name, place, data, found.renditions.get(name, {}))

    def picture(self, parts: Parts, name: str, place: Place, data: ImageData, renditions: dict[str, str]) -> Item:
        path = self.path(parts, name)
        category = self.found.category(data.category) if data.category else None
        notes = list(data.notes)
        if data.category and not category:
            notes.append("metadata: Its category is left out: a name and a urlKey are needed to make one.")
        served = os.fsencode("/".join((*parts, name))).decode("utf-8", "replace")
        content, changed_at = look(path)
        key = text_of((*parts, name))
        return Item(
            key=key,
            name=key,
            content=content,
            filename=text_of((name,)),
            owner=owner_key(place),
            album=text_of(place.album(parts)) or None,
            category=category,
            title=data.title,
            description=data.description,
            tags=data.tags,
            is_nsfw=data.is_nsfw,
            created_at=data.created_at or changed_at,
            renditions={variant: self.path(parts, one) for variant, one in renditions.items()},
            origins=(OldOrigin(self.site.id, key),),
            addresses=(OldAddress(f"{self.base}/{served}"),) if self.is_served else (),
            notes=tuple(notes),
        )

    def left_out(self, parts: Parts, name: str, rule: str) -> Item:
        key = text_of((*parts, name))
        return Item(key, key, OnDisk(self.path(parts, name)), text_of((name,)), skip=rule)

    def path(self, parts: Parts, name: str) -> Path:
        return self.root.joinpath(*parts, name)

    def about_owner(self, parts: Parts, found: Survey) -> tuple[OldOwner, list[str]]:
        return read_owner(self.root.joinpath(*parts), text_of(parts[-1:]), described=parts in found.described)

    def about_album(self, parts: Parts, found: Survey) -> AlbumData:
        return album_data(self.path(parts, FOLDER_SIDECAR)) if parts in found.described else AlbumData()

    def close(self) -> None:
        """Nothing stays open between two items."""


def owner_key(place: Place) -> str | None:
    return text_of(place.user[-1:]) or None


def look(path: Path) -> tuple[OnDisk | Absent, datetime | None]:
    """The file, if it can be read, and when it was last changed."""
    try:
        about = os.stat(path)
        if not os.access(path, os.R_OK):
            return Absent("unreadable", "The file may not be read by this user."), None
    except OSError as error:
        return Absent("unreadable", f"The file cannot be read: {error.strerror}."), None
    try:
        return OnDisk(path), datetime.fromtimestamp(about.st_mtime_ns // 1_000_000 / 1000, UTC)
    except (ValueError, OverflowError):  # a date no calendar has
        return OnDisk(path), None


def readable(folder: Path) -> Path:
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        raise SourceError(f"There is no folder {folder}.\nCheck the name, or where it is mounted.") from None
    except NotADirectoryError:
        raise SourceError(
            f"{folder} is a file, not a folder.\nFor a list of files: migrate import manifest {folder}"
        ) from None
    except OSError as error:
        raise SourceError(
            f"The folder {folder} cannot be read: {error.strerror}.\nCheck who may read it, and run this again."
        ) from error
    return folder.resolve()


def base_path(old_url: str) -> str:
    try:
        return unquote(split_address(old_url).path).rstrip("/")
    except ValueError as error:
        raise SourceError(f"{error}\nName the address under which the folder was served.") from None
