"""Files from one store to another, record by record.

Promises: every file that a record has ends in one verdict. What is there with the right size is left alone, and never
written over: names are given once, and both stores keep a file whole or not at all. What is copied is hashed on its way
and compared with the record; a file that was damaged before is copied as it is, and named. The source is only read.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Literal

from gateway.core.errors import TooBig
from gateway.core.ports import Blob, BlobStore, Upload
from gateway.core.records import VARIANTS, blob_name
from gateway.store.copying.rows import Counted
from gateway.store.sql.base import Sql

FileVerdict = Literal["copied", "there", "damaged", "missing", "gone", "failed"]
FILE_VERDICTS: tuple[FileVerdict, ...] = ("copied", "there", "damaged", "missing", "gone", "failed")
HERE: tuple[FileVerdict, ...] = ("copied", "there", "damaged")
TO_LOOK_AT: tuple[FileVerdict, ...] = ("damaged", "missing", "failed")

BATCH = 500
BLOCK_BYTES = 1 << 20
FACTS = {
    "media": "SELECT id, kind, extension, sha256, size_bytes, thumb_bytes, medium_bytes, frame_bytes FROM media",
    "assets": "SELECT id, 'image', extension, sha256, size_bytes, 0, 0, 0 FROM assets",
}


@dataclass(frozen=True, slots=True)
class Filed:
    """A record and the sizes of its files; the first one has this hash."""

    id: str
    sha256: str
    sizes: Mapping[str, int]

    @property
    def original(self) -> str:
        return next(iter(self.sizes))


@dataclass(frozen=True, slots=True)
class FileOutcome:
    id: str
    name: str
    verdict: FileVerdict
    size_bytes: int = 0
    reason: str = ""


@dataclass(slots=True)
class FileSums:
    """What became of all files so far. `unclaimed` are files of the source that no record speaks of."""

    verdicts: Counter[FileVerdict] = field(default_factory=Counter)
    copied_bytes: int = 0
    here_bytes: int = 0
    to_look_at: list[FileOutcome] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    unclaimed: list[str] = field(default_factory=list)
    is_stopped: bool = False

    def count(self, outcome: FileOutcome) -> None:
        self.verdicts[outcome.verdict] += 1
        if outcome.verdict in HERE:
            self.here_bytes += outcome.size_bytes
            self.copied_bytes += outcome.size_bytes if outcome.verdict != "there" else 0
        if outcome.verdict in TO_LOOK_AT:
            self.to_look_at.append(outcome)

    @property
    def is_whole(self) -> bool:
        return not self.is_stopped and not self.to_look_at


def filed(catalog: Sql) -> Iterator[list[Filed]]:
    """All records that have files, some at a time."""
    for sql in FACTS.values():
        after = ""
        while rows := catalog.rows(f"{sql} WHERE id > ? ORDER BY id LIMIT ?", after, BATCH):
            yield [as_filed(*row) for row in rows]
            after = rows[-1][0]


def count_filed(catalog: Sql) -> int:
    return sum(catalog.rows(f"SELECT count(*) FROM {table}")[0][0] for table in FACTS)


def as_filed(id: str, kind: Literal["image"], extension: str, sha256: str, size: int, *renditions: int) -> Filed:
    sizes = {blob_name(id, kind, extension): size}
    for variant, size_bytes in zip(VARIANTS, renditions, strict=True):
        if size_bytes:
            sizes[blob_name(id, kind, extension, variant)] = size_bytes
    return Filed(id, sha256, sizes)


class FileCopy:
    def __init__(
        self, source: BlobStore, target: BlobStore, ids_among: Callable[[Sequence[str]], set[str]], *, jobs: int = 4,
        verify: bool = False, writes: bool = True, counted: Counted = lambda done, total: None,
    ) -> None:  # fmt: skip
        """`ids_among` tells which records are here still. With `verify` what is there is read, too."""
        self.source = source
        self.target = target
        self.ids_among = ids_among
        self.jobs = jobs
        self.verify = verify
        self.writes = writes
        self.counted = counted
        self.sums = FileSums()

    def bring(self, batches: Iterator[list[Filed]], total: int | None = None) -> FileSums:
        """Raises what the target raises: there is no use in going on without it. Ctrl-C stops it between records."""
        pool = ThreadPoolExecutor(self.jobs)
        done = 0
        try:
            for batch in batches:
                outcomes = [outcome for of_one in pool.map(self.copy, batch) for outcome in of_one]
                for outcome in self.without_gone(outcomes):
                    self.sums.count(outcome)
                self.counted(done := done + len(batch), total)
        except KeyboardInterrupt:
            self.sums.is_stopped = True
        finally:
            pool.shutdown(cancel_futures=True)
        return self.sums

    def without_gone(self, outcomes: list[FileOutcome]) -> list[FileOutcome]:
        """What was deleted meanwhile must not live on in the target."""
        ids = sorted({outcome.id for outcome in outcomes})
        gone = set(ids) - self.ids_among(ids)
        if not gone:
            return outcomes
        self.sums.gone += sorted(gone)
        if self.writes:
            self.target.delete([outcome.name for outcome in outcomes if outcome.id in gone])
        return [FileOutcome(one.id, one.name, "gone") if one.id in gone else one for one in outcomes]

    # one record

    def copy(self, one: Filed) -> list[FileOutcome]:
        outcomes: list[FileOutcome] = []
        uploads: dict[str, Upload] = {}
        try:
            for name, size in one.sizes.items():
                if self.is_there(one, name, size):
                    outcomes.append(FileOutcome(one.id, name, "there", size))
                else:
                    outcomes.append(self.fetch(one, name, size, uploads))
            if uploads:
                self.target.put(uploads)
        finally:
            for upload in uploads.values():
                upload.discard()
        return outcomes

    def is_there(self, one: Filed, name: str, size: int) -> bool:
        if self.target.size(name) != size:
            return False
        if not self.verify:
            return True
        there = self.target.open(name)
        if not there:
            return False
        wanted = one.sha256 if name == one.original else self.hash_at_source(name)
        return hash_of(there) == wanted or wanted is None

    def hash_at_source(self, name: str) -> str | None:
        """The record knows no hash of a rendition."""
        blob = self.source.open(name)
        return hash_of(blob) if blob else None

    def fetch(self, one: Filed, name: str, size: int, uploads: dict[str, Upload]) -> FileOutcome:
        if not self.writes:
            found = self.source.size(name)
            return self.absent(one, name, size) if found is None else judged(one, name, size, found, None)
        try:
            blob = self.source.open(name)
            if not blob:
                return self.absent(one, name, size)
            with blob.file:
                upload = uploads[name] = self.target.receive(blob.size)
                for block in blocks(blob.file):
                    upload.write(block)
        except (OSError, TooBig) as error:
            if name in uploads:
                uploads.pop(name).discard()
            why = "It grew while it was read." if isinstance(error, TooBig) else f"It cannot be read: {error.strerror}."
            return FileOutcome(one.id, name, "failed", reason=why)
        return judged(one, name, size, upload.size, upload.sha256())

    def absent(self, one: Filed, name: str, size: int) -> FileOutcome:
        if self.target.size(name) == size:
            return FileOutcome(one.id, name, "damaged", size, "Its bytes are wrong, and there are no others.")
        return FileOutcome(one.id, name, "missing", reason="There is no such file.")


def judged(one: Filed, name: str, size: int, found: int, sha256: str | None) -> FileOutcome:
    reason = ""
    if found != size:
        reason = f"It has {found:,} bytes, but {size:,} in the catalog."
    elif sha256 and name == one.original and sha256 != one.sha256:
        reason = "Its bytes are not those that were uploaded."
    return FileOutcome(one.id, name, "damaged" if reason else "copied", found, reason)


def unclaimed(store: BlobStore, ids_among: Callable[[Sequence[str]], set[str]], before: datetime) -> Iterator[str]:
    """Files of no record, without those that may still be on their way."""
    batch: list[str] = []
    for name, _, changed_at in store.names():
        if changed_at < before:
            batch.append(name)
        if len(batch) == BATCH:
            yield from without_record(batch, ids_among)
            batch = []
    yield from without_record(batch, ids_among)


def without_record(names: Sequence[str], ids_among: Callable[[Sequence[str]], set[str]]) -> list[str]:
    known = ids_among(sorted({name.partition(".")[0] for name in names})) if names else set()
    return [name for name in names if name.partition(".")[0] not in known]


def hash_of(blob: Blob) -> str:
    sha256 = hashlib.sha256()
    with blob.file:
        for block in blocks(blob.file):
            sha256.update(block)
    return sha256.hexdigest()


def blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block
