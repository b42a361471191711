"""Where a picture's files lie, and under which paths the old host showed them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from migrate.items import Absent, AtUrl, OnDisk
from migrate.sources.chevereto.cipher import Cipher
from migrate.sources.chevereto.folders import Folders, dated_folder
from migrate.sources.chevereto.rows import Row, select
from migrate.sources.chevereto.settings import LOCAL_STORAGE, SiteSettings, path_of
from migrate.sources.tables import Tables

STORAGE_COLUMNS = ("id", "api_id", "name", "url", "bucket", "is_https")
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Storage:
    """`folders` may be where the old server kept it, when it was on its own disk."""

    name: str
    url: str
    is_local: bool
    folders: tuple[str, ...]
    is_https: bool

    def address(self) -> str:
        """With a scheme, and a slash at its end; empty where nobody wrote it down."""
        if not self.url:
            return ""
        scheme = "https" if self.is_https else "http"
        url = self.url if "//" in self.url else f"//{self.url}"
        return (url if "://" in url else f"{scheme}:{url}").rstrip("/") + "/"


@dataclass(frozen=True, slots=True)
class Spot:
    """A folder that may hold a picture, and the paths its files then had on the old host, each with a slash behind."""

    folder: Path
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """`spots` are tried in turn. `paths` hold where none of them has the file, `url` where it is on another host."""

    spots: tuple[Spot, ...]
    paths: tuple[str, ...]
    url: str | None = None
    storage: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    content: OnDisk | AtUrl | Absent
    paths: tuple[str, ...]  # of the folder the file is in
    modified: float | None = None


class Layout:
    def __init__(self, tables: Tables, settings: SiteSettings, folders: Folders, cipher: Cipher) -> None:
        self.settings = settings
        self.folders = folders
        rows = select(tables, "storages", "storage_", STORAGE_COLUMNS)
        self.storages = {row.number("id"): read_storage(row, cipher) for row in rows}
        self.place = lru_cache(256)(self.find_place)

    def of(self, row: Row) -> Place:
        mode = row.text("storage_mode")
        below = "" if mode == "path" else dated_folder(mode, row.text("date"))
        return self.place(mode == "path", row.text("path") or "", below, row.id("storage_id"))

    def find_place(self, by_path: bool, path: str, below: str, storage_id: int | None) -> Place:
        if storage_id:
            return self.in_storage(storage_id, below)
        return self.by_path(path) if by_path else self.in_uploads(below)

    def in_uploads(self, below: str) -> Place:
        paths = self.shown(f"{self.settings.uploads}/{below}")
        return Place((Spot(self.folders.uploads / below, paths),), paths)

    def by_path(self, path: str) -> Place:
        """The row names a folder of the old server, which this machine may have elsewhere."""
        found = list(self.folders.find(path, self.settings.uploads))
        known = next((self.shown(f"{under}/") for _, under in found if under is not None), ())
        spots = (Spot(folder, self.shown(f"{under}/") if under is not None else known) for folder, under in found)
        return Place(existing(spots), known)

    def in_storage(self, storage_id: int, below: str) -> Place:
        storage = self.storages.get(storage_id)
        if not storage:
            return Place((), (), storage=f"storage {storage_id}, of which the database says no more")
        paths = (f"{path_of(storage.url)}/{below}",)
        if not storage.is_local:
            return Place((), paths, storage.address() + quote(below), f"the storage {storage.name}")
        folders = (
            folder
            for named in (*storage.folders, path_of(storage.url))
            for folder, _ in self.folders.find(named, self.settings.uploads)
        )
        return Place(existing(Spot(folder / below, paths) for folder in folders), paths)

    def shown(self, below: str) -> tuple[str, ...]:
        """The paths of something below the site's folder: at the site itself, and at its CDN if it had one."""
        bases = [*self.settings.bases, *([path_of(self.settings.cdn_url)] if self.settings.cdn_url else [])]
        return tuple(dict.fromkeys(f"{base}/{below}" for base in bases))

    def find(self, row: Row, filename: str, fetch_remote: bool) -> Found:
        place = self.of(row)
        if place.storage:
            if fetch_remote and place.url:
                return Found(AtUrl(place.url + quote(filename)), place.paths)
            how = "--fetch-remote fetches it from there" if place.url else "its address is not known"
            return Found(Absent("external", f"{filename} is on {place.storage}; {how}."), place.paths)
        for spot in place.spots:
            path = spot.folder / filename
            if path.parent != spot.folder:
                continue  # a name that leads elsewhere
            try:
                about = os.stat(path)
            except PermissionError:
                return Found(Absent("unreadable", f"{path} may not be read."), spot.paths)
            except (OSError, ValueError):
                continue
            if stat.S_ISREG(about.st_mode):
                return Found(OnDisk(path), spot.paths, about.st_mtime)
        return Found(Absent("no-file", f"There is no {filename} in {self.looked_in(place)}."), place.paths)

    def looked_in(self, place: Place) -> str:
        uploads, root = self.folders.uploads, self.folders.root
        shown = " or ".join(str(spot.folder) for spot in place.spots[:SHOWN]) or "a folder that has no name"
        if place.spots and uploads not in (place.spots[0].folder, *place.spots[0].folder.parents):
            return f"{shown}, nor in a folder of that name in {root} or beside it"
        return shown


def read_storage(row: Row, cipher: Cipher) -> Storage:
    bucket = row.text("bucket") or ""
    return Storage(
        name=row.text("name") or str(row.number("id")),
        url=row.text("url") or "",
        is_local=row.number("api_id") == LOCAL_STORAGE,
        folders=(cipher.open(bucket) or bucket, bucket),
        is_https=row.flag("is_https"),
    )


def existing(spots: Iterator[Spot]) -> tuple[Spot, ...]:
    """Once each, and at least the first, so that there is something to say where a file was looked for."""
    once: dict[Path, Spot] = {}
    for spot in spots:
        if not once or os.path.isdir(spot.folder):
            once.setdefault(spot.folder, spot)
    return tuple(once.values())
