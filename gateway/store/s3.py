"""Files in an S3-compatible store, named as in a folder: `media/xK/xK9mR2pQ7vB.jpg` below the prefix.

What arrives is hashed while it is written to this machine (`spool`), and sent from there once it is known to be good.
Nothing else of it is kept here: any gateway with the same catalog finds all files, and all uploads that come in pieces.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from gateway.core.claiming import Expected, refuse_place, unforeseen
from gateway.core.errors import StoreUnavailable
from gateway.core.formats.registry import by_extension
from gateway.core.ports import Blob, Upload
from gateway.store import s3_arriving
from gateway.store.disk import NAME, DiskUpload, left_behind
from gateway.store.places import S3Place
from gateway.store.s3_arriving import Alone, S3Arriving
from gateway.store.s3_bucket import PART_BYTES, Bucket, Headers, Listed, Unfinished, read_block
from gateway.store.s3_errors import Unreachable
from gateway.store.s3_reading import opened
from gateway.store.writing import storage_errors

MEDIA, LOST = "media/", "lost+found/"
MARKER = "library"
AT_ONCE = 16
PROBE_SECONDS = 2.0
LONG_KEPT = "public, max-age=31536000, immutable"


class S3Blobs:
    """`alone` is asked before a piece of an upload is written; without it, none may come in pieces."""

    def __init__(self, place: S3Place, spool: Path, alone: Alone | None = None) -> None:
        self.place = place
        self.bucket = Bucket(place)
        self.spool = spool
        self.alone = alone
        self.workers = ThreadPoolExecutor(AT_ONCE, "s3")
        spool.mkdir(parents=True, exist_ok=True)

    def claim(self, library: str, expected: Expected) -> None:
        place = f"s3://{self.place.bucket}/{self.place.prefix} (storage.blobs)"
        marker = f"the object {self.place.prefix}{MARKER}"
        with for_the_operator():
            refuse_place(place, marker, said := self.said(), library, expected=expected, blobs=self)
            if said is None:
                self.try_out()
                self.bucket.put(MARKER, f"{library}\n".encode(), headers={"ContentType": "text/plain"})
                # Two that come at the same moment both find a place that is nobody's.
                refuse_place(place, marker, self.said(), library, expected=unforeseen, blobs=self)

    def said(self) -> str | None:
        told = self.told(MARKER)
        return told if told is None else told.decode("utf-8", "replace").strip()

    def told(self, key: str) -> bytes | None:
        got = self.bucket.get(key)
        if not got:
            return None
        with opened(self.bucket, key, *got) as file:
            return file.read()

    def try_out(self) -> None:
        """With an object of its own, that is gone afterwards."""
        key, sent = f"{s3_arriving.FOLDER}{secrets.token_hex(12)}.probe", secrets.token_bytes(16)
        with for_the_operator():
            for _ in self.bucket.listed(MEDIA, at_most=1):
                pass
            self.bucket.put(key, sent)
            if self.told(key) != sent:
                raise StoreUnavailable(
                    f"Bucket {self.place.bucket} (storage.blobs) does not give what was put there.\n"
                    "Use a store whose answers are up to date at once."
                )
            self.bucket.delete(key)

    def probe(self) -> None:
        if not self.bucket.head(MARKER, PROBE_SECONDS):
            raise StoreUnavailable(f"The bucket {self.place.bucket} or what says whose it is is not there.")

    def key(self, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a stored file")
        return f"{MEDIA}{name[:2]}/{name}"

    def receive(self, limit_bytes: int) -> DiskUpload:
        return DiskUpload(f"{self.spool}/{secrets.token_hex(12)}.part", limit_bytes)

    def put(self, files: Mapping[str, Upload | bytes]) -> None:
        keys = [self.key(name) for name in files]
        try:
            self.at_once([partial(self.put_one, name, content) for name, content in files.items()])
        except BaseException:
            with suppress(Unreachable):
                self.at_once([partial(self.bucket.delete, key) for key in keys])
            raise

    def put_one(self, name: str, content: Upload | bytes) -> None:
        key, headers = self.key(name), headers_of(name)
        if isinstance(content, bytes):
            self.bucket.put(key, content, headers=headers)
        elif content.size > PART_BYTES:
            self.bucket.put_file(key, content.reader(), content.size, headers)
        else:
            body = read_block(content.reader(), content.size)
            self.bucket.put(key, body, bytes.fromhex(content.md5()), headers)

    def at_once(self, calls: Sequence[Callable[[], None]]) -> None:
        """All of them come to an end, whatever becomes of one; the first is made here, to spare a thread."""
        others = [self.workers.submit(call) for call in calls[1:]]
        try:
            for call in calls[:1]:
                call()
        finally:
            wait(others)
        for other in others:
            other.result()

    def adopt(self, files: Mapping[str, Path | bytes], *, link: bool) -> None:
        for name in files:
            self.key(name)
        self.at_once([partial(self.adopt_one, name, content) for name, content in files.items()])

    def adopt_one(self, name: str, content: Path | bytes) -> None:
        if isinstance(content, bytes):
            self.bucket.put(self.key(name), content, headers=headers_of(name))
            return
        with storage_errors(), open(content, "rb", buffering=0) as file:
            size = content.stat().st_size
            if size > PART_BYTES:
                self.bucket.put_file(self.key(name), file, size, headers_of(name))
            else:
                self.bucket.put(self.key(name), read_block(file, size), headers=headers_of(name))

    def settle(self) -> None:
        """Each answer of the store meant that already."""

    def open(self, name: str, *, whole: bool = True) -> Blob | None:
        key = self.key(name)
        if whole:
            got = self.bucket.get(key)
            return Blob(opened(self.bucket, key, *got), got[0].size, got[0].modified_at) if got else None
        held = self.bucket.head(key)
        return Blob(opened(self.bucket, key, held), held.size, held.modified_at) if held else None

    def size(self, name: str) -> int | None:
        held = self.bucket.head(self.key(name))
        return held.size if held else None

    def link(self, name: str, seconds: int, headers: Headers) -> str | None:
        return self.bucket.link(self.key(name), seconds, headers)

    def delete(self, names: Sequence[str]) -> None:
        self.at_once([partial(self.bucket.delete, self.key(name)) for name in names])

    def names(self) -> Iterator[tuple[str, int, datetime]]:
        for one in self.bucket.listed(MEDIA):
            name = one.key.rpartition("/")[2]
            if NAME.fullmatch(name) and one.key == self.key(name):
                yield name, one.size, one.modified_at

    def sweep_incoming(self, before: datetime) -> int:
        swept = 0
        for one in list(self.left_behind(before)):
            if isinstance(one, Listed):
                self.bucket.delete(one.key)
            elif isinstance(one, Unfinished):
                self.bucket.abort(one)
            else:
                Path(one).unlink(missing_ok=True)
            swept += 1
        return swept

    def half_arrived(self, before: datetime) -> int:
        return sum(1 for _ in self.left_behind(before))

    def left_behind(self, before: datetime) -> Iterator[str | Listed | Unfinished]:
        """By this gateway on its disk, and by any of them in the store."""
        yield from left_behind(self.spool, before)
        for one in self.bucket.listed(s3_arriving.FOLDER):
            if one.modified_at < before and not s3_arriving.NAME.fullmatch(one.key):
                yield one
        for folder in (MEDIA, LOST):
            yield from self.bucket.unfinished(folder, before)

    def arriving(self, session_id: str) -> AbstractContextManager[S3Arriving]:
        assert self.alone
        return s3_arriving.opened(self.bucket, session_id, self.alone)

    def arriving_names(self, before: datetime) -> list[str]:
        return s3_arriving.names(self.bucket, before)

    def set_aside(self, names: Sequence[str]) -> None:
        for name in names:
            if self.bucket.copy(self.key(name), LOST + name):
                self.bucket.delete(self.key(name))


@cache
def headers_for(extension: str) -> dict[str, str]:
    """For whoever fetches a public file from the store itself. A drawing is shown in pages, and not run as one."""
    format = by_extension(extension)
    headers = {"ContentType": format.mime if format else "application/octet-stream", "CacheControl": LONG_KEPT}
    return headers | ({"ContentDisposition": "attachment"} if extension == "svg" else {})


def headers_of(name: str) -> dict[str, str]:
    return headers_for(name.rpartition(".")[2])


@contextmanager
def for_the_operator() -> Iterator[None]:
    """Who opens the store is told what is wrong with it."""
    try:
        yield
    except Unreachable as error:
        raise StoreUnavailable(error.reason) from error
