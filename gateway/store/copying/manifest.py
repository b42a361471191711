"""What says that a backup is whole: a small file that is written last, and tells of which library and which catalog.

A folder with `backup.json` whose catalog is the one named there is a backup. While one is under way there is also
`backup.unfinished`; the backup that was there before stays whole until the new one takes its place.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.core.errors import InvalidInput
from gateway.store.writing import sync_folder

CATALOG = "catalog.db"
MANIFEST = "backup.json"
UNFINISHED = "backup.unfinished"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at` is the moment whose records these are; `catalog_sha256` is of the catalog as it was written."""

    library: str
    made_at: str
    version: str
    schema: str
    catalog_sha256: str
    records: int
    files: int
    files_bytes: int
    attention: int
    format: int = FORMAT


def read_manifest(folder: Path) -> Manifest | None:
    """None where there is no backup that is whole. Raises `InvalidInput` for one of a later version."""
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
        if said["format"] > FORMAT:
            raise InvalidInput(f"{folder} was made by a newer version of Picgate: install that version or a later one.")
        return Manifest(**said)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def is_untouched(folder: Path, manifest: Manifest) -> bool:
    """False once somebody has used the folder as a library."""
    file = folder / CATALOG
    return file.exists() and not Path(f"{file}-wal").exists() and hash_file(file) == manifest.catalog_sha256


def library_in(folder: Path) -> str | None:
    """Whose backup this is, or is going to be."""
    if manifest := read_manifest(folder):
        return manifest.library
    try:
        return (folder / UNFINISHED).read_text("utf-8").strip()
    except FileNotFoundError:
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    write_synced(folder / MANIFEST, json.dumps(asdict(manifest), indent=2) + "\n")


def write_synced(path: Path, text: str) -> None:
    """The whole of it or nothing, also after a power cut."""
    part = path.with_name(f"{path.name}.part")
    with open(part, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    sync_folder(str(path.parent))


def hash_file(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
