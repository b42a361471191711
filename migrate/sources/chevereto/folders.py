"""Where the old server's folders are on this machine: `--files` may be the site's folder, or its upload folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from migrate.items import SourceError
from migrate.sources.chevereto.rows import select
from migrate.sources.tables import Tables

MODES = {"direct": "", "old": "old/"}
PLACE_COLUMNS = ("id", "name", "extension", "date", "storage_mode", "storage_id")
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Folders:
    """`root` is the site's folder, or the upload folder where nothing else was given; `uploads` is always that."""

    root: Path
    uploads: Path

    def find(self, folder: str, uploads: str) -> Iterator[tuple[Path, str | None]]:
        """Where a folder of the old server may be here, the surest first, and its path below the site where that can
        be told: behind its upload folder, at the same place of this machine, or under any end of its own path."""
        parts = PurePosixPath(folder.replace("\\", "/")).parts
        names = [name for name in parts if name not in ("/", "..")]
        below = inside(names, uploads.split("/"))
        known = None if below is None else "/".join((uploads, *below))
        if below is not None:
            yield self.uploads.joinpath(*below), known
        if folder.startswith("/"):
            yield Path(folder), known
        for start in range(len(names)):
            yield self.root.joinpath(*names[start:]), "/".join(names[start:])
        for start in range(len(names)):
            yield self.root.parent.joinpath(*names[start:]), known


def inside(names: list[str], uploads: list[str]) -> list[str] | None:
    """What comes after the upload folder in a path, if it is in there."""
    for end in range(len(names), len(uploads) - 1, -1):
        if names[end - len(uploads) : end] == uploads:
            return names[end:]
    return None


def dated_folder(mode: str | None, date: str | None) -> str:
    """Below the upload folder or a storage, as "2026/11/21/"; the date is the one the old host showed."""
    return MODES.get(mode or "", f"{(date or '0000-00-00')[:10].replace('-', '/')}/")


def find_folders(tables: Tables, files: Path, uploads: str) -> Folders:
    """Looks for the site's files until the first is found. A folder with none of them is the wrong one."""
    require_folder(files)
    outer = Folders(files, files / uploads)
    inner = Folders(site_of(files, uploads), files)
    looked_for: list[str] = []
    locked: tuple[Folders, Path] | None = None
    local = elsewhere = 0
    for row in select(tables, "images", "image_", PLACE_COLUMNS):
        if row.id("storage_id") or row.text("storage_mode") == "path":
            elsewhere += 1
            continue
        local += 1
        name = dated_folder(row.text("storage_mode"), row.text("date")) + f"{row.text('name')}.{row.text('extension')}"
        for folders in (outer, inner):
            path = folders.uploads / name
            is_there = is_file(path)
            if is_there and os.access(path, os.R_OK):
                return folders
            if is_there is not False:
                locked = locked or (folders, path)
        if local <= SHOWN:
            looked_for.append(name)
    if locked and not elsewhere:
        raise all_locked(locked[1])
    if locked:
        return locked[0]
    if local > elsewhere:
        raise wrong_folder(files, uploads, looked_for, local)
    return outer if os.path.isdir(outer.uploads) else inner


def is_file(path: Path) -> bool | None:
    """None where that may not be known."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except PermissionError:
        return None
    except (OSError, ValueError):
        return False


def site_of(files: Path, uploads: str) -> Path:
    place, parts = files.absolute(), tuple(uploads.split("/"))
    return place.parents[len(parts) - 1] if place.parts[-len(parts) :] == parts else files


def require_folder(files: Path) -> None:
    try:
        if files.is_dir():
            with os.scandir(files):  # it can be listed
                return
        problem = "is no folder" if files.exists() else "does not exist"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    raise SourceError(
        f"The folder of the old site's files {problem}: {files}.\nGive --files the folder that holds them."
    )


def all_locked(path: Path) -> SourceError:
    shut = next((one for one in reversed(path.parents) if not os.access(one, os.X_OK)), path)
    return SourceError(
        f"None of the old site's files may be read: {shut} is closed to this user.\n"
        "Run this as somebody who may read there, or give the right to."
    )


def wrong_folder(files: Path, uploads: str, looked_for: list[str], count: int) -> SourceError:
    shown = ", ".join(looked_for) + (f" and {count - len(looked_for)} more" if count > len(looked_for) else "")
    return SourceError(
        f"None of the old site's files is in {files}: looked for {shown}, both there and in {files / uploads}.\n"
        f"Give --files the folder of the old site, or its upload folder ({uploads})."
    )
