"""A copy of a library in a folder, made while uploads and deletions go on: a data folder that could be served as it is.

Promises: it holds every record of one moment, each with its files; what was deleted while it was made is not in it. The
catalog comes first, its files after it: they were there before their records were. A copy that was killed goes on, and
the one that was there before stays whole until the new one is. What has its name and size already is not read again:
ids are given once. Secrets and hashes of keys are in it, for links and keys to work again; uploads under way are not.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from gateway import __version__
from gateway.core.claiming import unforeseen
from gateway.core.errors import Conflict, InvalidInput, StoreUnavailable
from gateway.core.ports import BlobStore, Catalog
from gateway.store.copying import manifest
from gateway.store.copying.files import HERE, FileCopy, FileSums, count_filed, filed, unclaimed
from gateway.store.copying.manifest import Manifest
from gateway.store.copying.rows import CatalogCopy, Counted
from gateway.store.copying.tables import TABLES
from gateway.store.disk import DiskBlobs
from gateway.store.rows import time_text
from gateway.store.schema import steps
from gateway.store.sql.standing import StandingRows
from gateway.store.sqlite import SqliteCatalog
from gateway.store.writing import sync_folder

LEFT_OUT = ("upload_sessions", "claims", "standing")


@dataclass(frozen=True, slots=True)
class Library:
    """What is backed up. `rows` is its `catalog`."""

    id: str
    catalog: Catalog
    rows: StandingRows
    blobs: BlobStore


@dataclass(frozen=True, slots=True)
class BackedUp:
    """`removed` files belong to no record any more; they were moved to `lost+found`, or deleted."""

    sums: FileSums
    manifest: Manifest | None
    removed: int


@contextmanager
def alone_in(folder: Path, library: str) -> Iterator[None]:
    """Raises `InvalidInput` where there is anything but a backup of this library, finished or not, and `Conflict` while
    another one is being made there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    refuse_folder(folder, library)
    with open(folder / manifest.UNFINISHED, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"Another backup to {folder} is being made.\nWait until it is over.") from None
        file.truncate(0)
        file.write(f"{library}\n")
        file.flush()
        os.fsync(file.fileno())
        yield


def refuse_folder(folder: Path, library: str) -> None:
    found = manifest.read_manifest(folder)
    if manifest.library_in(folder) == library:
        if found and not manifest.is_untouched(folder, found):
            raise InvalidInput(
                f"The catalog in {folder} is not the one that was backed up: it was used or damaged since.\n"
                "Make the backup in another folder."
            )
        return
    if manifest.library_in(folder):
        raise InvalidInput(f"{folder} holds the backup of another library.\nChoose another folder.")
    if any(folder.iterdir()):
        raise InvalidInput(f"{folder} is not empty, and holds no backup.\nChoose another folder.")


class Backup:
    def __init__(
        self, library: Library, folder: Path, now: datetime, *, jobs: int = 4, verify: bool = False,
        prune: bool = False, counted: Counted = lambda done, total: None,
    ) -> None:  # fmt: skip
        """With `verify` what is there already is read again; with `prune` files without a record are deleted."""
        self.library = library
        self.folder = folder
        self.now = now
        self.jobs = jobs
        self.verify = verify
        self.prune = prune
        self.counted = counted
        self.part = folder / f"{manifest.CATALOG}.part"

    def make(self) -> BackedUp:
        with alone_in(self.folder, self.library.id):
            self.remove_part()
            self.copy_catalog()
            blobs = DiskBlobs(self.folder)
            blobs.claim(self.library.id, unforeseen)
            blobs.sweep_incoming(self.now)
            with closing(SqliteCatalog(self.part)) as copy:
                sums = self.copy_files(copy, blobs)
                if sums.is_stopped:
                    return BackedUp(sums, None, 0)
                self.drop_gone(copy, sums.gone)
                records = count_filed(copy)
            made = self.finish(records, sums)
            removed = self.remove_strays(blobs)
            (self.folder / manifest.UNFINISHED).unlink()
            return BackedUp(sums, made, removed)

    def remove_part(self) -> None:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.part}{suffix}").unlink(missing_ok=True)

    def copy_catalog(self) -> None:
        rows = self.library.rows
        if isinstance(rows, SqliteCatalog):
            rows.copy_to(self.part)
            with closing(SqliteCatalog(self.part)) as copy, copy.transaction(checked=False) as db:
                for table in LEFT_OUT:
                    db.execute(f"DELETE FROM {table}")
            return
        kept = [table for table in TABLES if table.name not in LEFT_OUT]
        with closing(SqliteCatalog(self.part)) as copy, rows.snapshot() as read:
            CatalogCopy(rows, copy, kept).bring(read)

    def copy_files(self, copy: SqliteCatalog, blobs: DiskBlobs) -> FileSums:
        bringing = FileCopy(
            self.library.blobs, blobs, self.library.catalog.media_ids,
            jobs=self.jobs, verify=self.verify, counted=self.counted,
        )  # fmt: skip
        return bringing.bring(filed(copy), count_filed(copy))

    def drop_gone(self, copy: SqliteCatalog, ids: list[str]) -> None:
        """As they went from the library: with a tombstone, and out of all sums."""
        for one in ids:
            if not copy.remove_media(one, self.now):
                copy.withdraw("asset", [one])

    def finish(self, records: int, sums: FileSums) -> Manifest:
        schema = settle(self.part)
        made = Manifest(
            library=self.library.id,
            made_at=time_text(self.now),
            version=__version__,
            schema=schema,
            catalog_sha256=manifest.hash_file(self.part),
            records=records,
            files=sum(sums.verdicts[verdict] for verdict in HERE),
            files_bytes=sums.here_bytes,
            attention=len(sums.to_look_at),
        )
        (self.folder / manifest.MANIFEST).unlink(missing_ok=True)
        sync_folder(str(self.folder))
        os.replace(self.part, self.folder / manifest.CATALOG)
        manifest.write_manifest(self.folder, made)
        return made

    def remove_strays(self, blobs: DiskBlobs) -> int:
        with closing(SqliteCatalog(self.folder / manifest.CATALOG, reads_only=True)) as copy:
            names = list(unclaimed(blobs, copy.media_ids, datetime.max.replace(tzinfo=self.now.tzinfo)))
        if self.prune:
            blobs.delete(names)
        elif names:
            blobs.set_aside(names)
        return len(names)


def settle(file: Path) -> str:
    """One file that is whole, all of it on the disk; returns its schema."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        if (said := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise StoreUnavailable(f"The copy of the catalog is damaged: {said}.\nSee what `gateway check` says of it.")
        schema = steps.applied(Database(db, execute_plugins=False))[-1].name
    with open(file, "rb+") as written:
        os.fsync(written.fileno())
    return schema
