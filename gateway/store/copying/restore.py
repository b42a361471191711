"""A backup becomes a library again, wherever that is to be: any catalog, any store of files.

Promises: nothing that holds anything is written into, and the backup is only read. Until all of it is there and
compared, the new catalog says that it is unfinished, and nobody works with it; a restoration that was killed goes on.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.core.claiming import unforeseen
from gateway.core.errors import InvalidInput
from gateway.core.ports import BlobStore
from gateway.core.standing import Standing
from gateway.store.copying import manifest
from gateway.store.copying.catalogs import is_empty
from gateway.store.copying.files import FileCopy, FileSums, count_filed, filed, without_record
from gateway.store.copying.manifest import Manifest
from gateway.store.copying.rows import CatalogCopy, Counted, TableReport
from gateway.store.disk import DiskBlobs
from gateway.store.sql.standing import StandingRows, set_standing
from gateway.store.sqlite import SqliteCatalog


@dataclass(frozen=True, slots=True)
class Restored:
    """Without tables the files were stopped before the rows had come."""

    manifest: Manifest
    sums: FileSums
    tables: list[TableReport]


def restore(
    folder: Path, target: StandingRows, open_blobs: Callable[[str], BlobStore], scratch: Path, *, jobs: int,
    counted: Counted,
) -> Restored:  # fmt: skip
    """`open_blobs` opens where the files go, as those of the library whose id it is given; `scratch` is a folder for
    what is needed meanwhile. Raises `InvalidInput` for what is no backup, and where there is a library already."""
    found = whole_backup(folder)
    refuse_library(target, found.library, folder)
    with upgraded(folder / manifest.CATALOG, scratch) as copy:
        with target.transaction(checked=False) as db:
            set_standing(db, Standing(found.library, "copying", place_of(folder)))
        blobs = open_blobs(found.library)
        refuse_files(blobs, copy)
        source = DiskBlobs(folder)
        source.claim(found.library, unforeseen)
        copying = FileCopy(source, blobs, copy.media_ids, jobs=jobs, counted=counted)
        sums = copying.bring(filed(copy), count_filed(copy))
        if sums.is_stopped:
            return Restored(found, sums, [])
        with copy.snapshot() as read:
            tables = CatalogCopy(copy, target, counted=counted).bring(read)
    with target.transaction(checked=False) as db:
        set_standing(db, None)
    return Restored(found, sums, tables)


def whole_backup(folder: Path) -> Manifest:
    found = manifest.read_manifest(folder)
    if not found:
        raise InvalidInput(
            f"There is no finished backup in {folder}.\nName the folder that was given to `gateway backup`."
        )
    if not manifest.is_untouched(folder, found):
        raise InvalidInput(
            f"The catalog in {folder} is not the one that was backed up: it was used or damaged since.\n"
            "A folder that was served since is a library of its own: name it as storage.data."
        )
    return found


def refuse_library(target: StandingRows, library: str, folder: Path) -> None:
    standing = target.standing()
    goes_on = bool(standing and standing.library == library and standing.place == place_of(folder))
    if not goes_on and (standing or not is_empty(target)):
        raise InvalidInput(
            "There is a library here already.\nA backup is restored into an empty one: name another place."
        )


def refuse_files(blobs: BlobStore, copy: SqliteCatalog) -> None:
    """Those of a restoration that was killed are welcome."""
    names = [name for _, (name, _, _) in zip(range(100), blobs.names(), strict=False)]
    if strange := without_record(names, copy.media_ids):
        raise InvalidInput(
            f"There are files already where the files are to go, such as {strange[0]}.\n"
            "A backup is restored into an empty place: name another one."
        )


def place_of(folder: Path) -> str:
    return f"the backup in {folder.absolute()}"


@contextmanager
def upgraded(file: Path, scratch: Path) -> Iterator[SqliteCatalog]:
    """A copy, which an older backup needs to get the schema of today."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix="restore-") as name:
        copied = Path(name) / manifest.CATALOG
        shutil.copyfile(file, copied)
        with closing(SqliteCatalog(copied)) as catalog:
            yield catalog
