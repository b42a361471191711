"""A look at a data folder from outside: its files, its rows, and whether they belong together."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEDIA = "SELECT id, extension, size_bytes, thumb_bytes, medium_bytes, sha256 FROM media"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a refused upload must leave as it was."""

    files: dict[str, int]
    rows: dict[str, int]
    used_bytes: int


def query(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "catalog.db", timeout=60)) as catalog:
        return catalog.execute(sql).fetchall()


def stored(data: Path) -> dict[str, int]:
    """Name and size of each file in media/."""
    return {file.name: file.stat().st_size for file in (data / "media").glob("*/*")}


def incoming(data: Path) -> list[str]:
    return [file.name for file in (data / "incoming").iterdir()]


def known(data: Path) -> dict[str, int]:
    """Name and size of each file that some row speaks of."""
    files = {}
    for id, extension, size, thumb, medium, _ in query(data, MEDIA):
        files |= {f"{id}.{extension}": size, f"{id}.th.{extension}": thumb}
        files |= {f"{id}.md.{extension}": medium} if medium else {}
    return files


def snapshot(data: Path) -> Snapshot:
    places = [data / name for name in ("media", "incoming", "lost+found")]
    files = {
        str(file.relative_to(data)): file.stat().st_size
        for place in places
        for file in place.rglob("*")
        if file.is_file()
    }
    tables = [name for (name,) in query(data, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {name: query(data, f'SELECT count(*) FROM "{name}"')[0][0] for name in tables}
    return Snapshot(files, rows, query(data, "SELECT coalesce(sum(storage_used_bytes), 0) FROM owners")[0][0])


def damage(data: Path) -> list[str]:
    """Rows whose files are missing or other than the row says, and sums that do not add up."""
    found = [] if query(data, "PRAGMA integrity_check") == [("ok",)] else ["the catalog is damaged"]
    files = stored(data)
    found += [
        f"{name} is {files.get(name)}, not {size}" for name, size in known(data).items() if files.get(name) != size
    ]
    for id, extension, _, _, _, sha256 in query(data, MEDIA):
        file = data / "media" / id[:2] / f"{id}.{extension}"
        if file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            found.append(f"{file.name} holds other bytes than its row says")
    charged = query(data, "SELECT coalesce(sum(media_count), 0), coalesce(sum(storage_used_bytes), 0) FROM owners")
    counted = query(data, "SELECT count(*), coalesce(sum(size_bytes), 0) FROM media")
    return found if charged == counted else [*found, f"owners are charged {charged}, there is {counted}"]


def orphans(data: Path) -> set[str]:
    return stored(data).keys() - known(data).keys()
