"""The way out: every file of a library in a folder, and `manifest.jsonl` with a line for each record.

Importing it into an empty gateway gives the same library. The manifest appears last, when every file it names is safe;
an export that was cut off, or is older, is brought up to date. A folder with anything else in it is refused. Memory
does not grow with the library, which may be in use: what is added meanwhile may be in the export or not.
"""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from gateway import __version__
from gateway.core.moving import Arrived, Target
from gateway.core.records import Asset, Media
from gateway.store.disk import sync_file_system
from gateway.store.opening import Opened
from gateway.store.rows import time_text
from gateway.store.writing import sync_folder
from migrate.export_files import ExportFiles
from migrate.export_lines import (
    FILES,
    Leads,
    Members,
    album_line,
    category_line,
    gone_line,
    key_line,
    media_line,
    owner_line,
    picture_member,
    site_line,
    tombstone_line,
)  # fmt: skip
from migrate.sources.exported import FORMAT
from migrate.sources.trees import parents_first

MANIFEST = "manifest.jsonl"
PART = f"{MANIFEST}.part"
PAGE = 200


class ExportError(Exception):
    """Nothing can be exported to this folder. The first line says what happened, the second what to do."""


@dataclass(slots=True)
class Exported:
    """`records` counts the lines of each type. `missing` are files that the store should have and has not."""

    folder: Path
    records: Counter[str] = field(default_factory=Counter)
    files: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)


def export(
    opened: Opened,
    folder: Path,
    *,
    link: bool = False,
    wanted: Callable[[Media], bool] = lambda media: True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Exported:
    """Only `wanted` media, with all that is not media. `progress` hears how many are done, of how many."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        refuse_strange(folder)
        with open(folder / PART, "w", encoding="utf-8", opener=for_us_alone) as out:
            writing = Writing(opened, folder, out, link)
            writing.everything(wanted, progress)
            out.flush()
            sync_file_system(str(folder))
        os.replace(folder / PART, folder / MANIFEST)
        sync_folder(str(folder))
        writing.files.remove_strangers(writing.known)
    except OSError as error:
        raise failed(folder, error) from error
    return writing.exported


class Writing:
    def __init__(self, opened: Opened, folder: Path, out: IO[str], link: bool) -> None:
        self.catalog = opened.catalog
        self.now = opened.clock.now()
        self.out = out
        self.files = ExportFiles(folder, opened.blobs, link=link)
        self.exported = Exported(folder)
        self.written: set[tuple[str, str]] = set()
        self.assets: dict[str, Asset] = {}

    def everything(self, wanted: Callable[[Media], bool], progress: Callable[[int, int], None]) -> None:
        self.write({"type": "library", "format": FORMAT, "version": __version__, "exported_at": time_text(self.now)})
        for site in self.catalog.sites():
            self.write(site_line(site))
        self.people_and_places()
        self.gone()
        self.media(wanted, progress)
        self.people_and_places()  # those made since, so that no media names one that is not here
        self.tombstones()

    def write(self, members: Members) -> None:
        self.out.write(json.dumps(members, ensure_ascii=False, separators=(",", ":")) + "\n")
        self.exported.records[str(members["type"])] += 1

    def is_new(self, kind: str, record_id: str) -> bool:
        is_new = (kind, record_id) not in self.written
        self.written.add((kind, record_id))
        return is_new

    def people_and_places(self) -> None:
        self.assets = {asset.id: asset for asset in self.catalog.assets()}
        for owner in self.catalog.owners():
            if self.is_new("owner", owner.id):
                pictures = self.picture(owner.avatar_id), self.picture(owner.background_id)
                self.write(owner_line(owner, *pictures, self.leads("owner", owner.id)))
        for category in self.catalog.categories():
            if self.is_new("category", str(category.id)):
                self.write(category_line(category, self.leads("category", str(category.id))))
        albums, _ = parents_first({album.id: album for album in self.catalog.albums()}, lambda album: album.parent_id)
        for album in albums:
            if self.is_new("album", album.id):
                self.write(album_line(album, self.leads("album", album.id)))
        keys = self.catalog.keys()
        for key in keys:
            if self.is_new("key", key.id):
                self.write(key_line(key, self.leads("key", key.id)))

    def leads(self, kind: Target, record_id: str) -> Leads:
        """A category's number may be the id of nothing else, and still looks like one."""
        return Leads(
            tuple(one for one in self.catalog.origins_to([record_id]) if one.kind == kind),
            tuple(one for one in self.catalog.addresses_to([record_id]) if one.kind == kind),
        )

    def picture(self, asset_id: str | None) -> Members | None:
        asset = self.assets.get(asset_id or "")
        if not asset:
            return None
        self.bring([asset.blob()])
        return picture_member(asset, self.leads("asset", asset.id).addresses)

    def bring(self, names: Iterable[str]) -> None:
        for name in names:
            size = self.files.bring(name)
            if size is None:
                self.exported.missing.append(name)
            else:
                self.exported.files += 1
                self.exported.bytes += size

    def media(self, wanted: Callable[[Media], bool], progress: Callable[[int, int], None]) -> None:
        total, done, after = self.catalog.usage(self.now).media_count, 0, ""
        while page := self.catalog.export_media(after, PAGE):
            for arrived in page:
                if wanted(arrived.media):
                    self.one_media(arrived)
            after = page[-1].media.id
            done += len(page)
            progress(done, total)

    def one_media(self, arrived: Arrived) -> None:
        before = len(self.exported.missing)
        self.bring(arrived.media.blobs())
        if len(self.exported.missing) > before and not self.catalog.media(arrived.media.id):
            del self.exported.missing[before:]  # deleted while it was being read
        else:
            self.write(media_line(arrived))

    def gone(self) -> None:
        after = ("", "", "")
        while page := self.catalog.gone_origins(after, PAGE):
            for origin in page:
                self.write(gone_line(origin))
            after = (page[-1].site_id, page[-1].kind, page[-1].key)

    def tombstones(self) -> None:
        after = ""
        while page := self.catalog.tombstones(after, PAGE):
            for tombstone in page:
                self.write(tombstone_line(tombstone, self.leads("media", tombstone.id)))
            after = page[-1].id

    def known(self, ids: list[str]) -> set[str]:
        waiting, found = iter(ids), set[str]()
        while some := list(islice(waiting, PAGE)):
            found |= self.catalog.media_ids(some)
        return found | (self.assets.keys() & set(ids))


def for_us_alone(path: str, flags: int) -> int:
    """The manifest holds hashes of passwords and keys."""
    return os.open(path, flags, 0o600)


def refuse_strange(folder: Path) -> None:
    names = set(os.listdir(folder))
    if names and not (names <= {FILES, MANIFEST, PART} and any(is_ours(folder / name) for name in (MANIFEST, PART))):
        raise ExportError(
            f"{folder} is not empty, and holds no export of a library.\nName an empty folder, or one that is not there."
        )


def is_ours(manifest: Path) -> bool:
    try:
        with open(manifest, "rb") as file:
            head = file.readline(1000)
            return not head or head.startswith(b'{"type":"library",')  # empty: cut off at its very beginning
    except FileNotFoundError:
        return False


def failed(folder: Path, error: OSError) -> ExportError:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return ExportError(f"{folder} is no folder.\nName an empty folder, or one that is not there.")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ExportError(
            f"The disk that holds {folder} is full.\nMake room and run this again: it goes on from here."
        )
    return ExportError(f"{folder} cannot be written: {error}.\nCheck who may write there, and run this again.")
