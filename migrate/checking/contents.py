"""The bytes of a file: are those that are stored here the ones the source has?

Where the stored file is the very file of the source, they are. Else, unless all is to be read, what was hashed when
it came is compared with what the source says of it, and a file of which nothing is said is read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gateway.core.errors import GatewayError
from gateway.core.ports import BlobStore, Fetcher
from gateway.core.records import VARIANTS, Media
from migrate.checking.findings import Findings, Plain
from migrate.items import AtUrl, Item, OnDisk

BLOCK = 1 << 20
CONVERTED = "Files that are kept in another format, as every upload of theirs is"
OTHER_CHECKSUM = "Files whose checksum at the source is not that of the file there; the file was taken as it is"
NOT_READ_AGAIN = "Files that came from an address, which is asked again only with --read-data"
GONE_SINCE = "Files that are gone at the source since they were brought"


@dataclass(frozen=True, slots=True)
class Digests:
    size: int
    sha256: str
    md5: str

    @classmethod
    def of(cls, blocks: Iterable[bytes]) -> Digests:
        sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        for block in blocks:
            sha256.update(block)
            md5.update(block)
            size += len(block)
        return cls(size, sha256.hexdigest(), md5.hexdigest())


class CheckContents:
    def __init__(
        self, blobs: BlobStore, fetcher: Fetcher, findings: Findings, *, max_bytes: int, reads_all: bool
    ) -> None:
        self.blobs = blobs
        self.fetcher = fetcher
        self.findings = findings
        self.max_bytes = max_bytes
        self.reads_all = reads_all

    def check(self, item: Item, media: Media) -> None:
        if self.stored(item, media):
            return
        match item.content:
            case OnDisk(path):
                self.on_disk(item, media, path)
            case AtUrl(url) if self.reads_all:
                self.at_url(item, media, url)
            case AtUrl():
                self.findings.note(NOT_READ_AGAIN, item.name)

    def stored(self, item: Item, media: Media) -> bool:
        """Looks at what is here. True when nothing is left to compare."""
        for variant in VARIANTS:
            wanted = media.rendition_bytes(variant)
            if wanted and (size := self.blobs.size(media.blob(variant))) != wanted:
                self.findings.differ("item", item.name, f"bytes stored as .{variant}", wanted, size)
        blob = self.blobs.open(media.blob())
        if not blob:
            self.findings.differ("item", item.name, "file", Plain(media.blob()), None)
            return True
        with closing(blob.file):
            if blob.size != media.size_bytes:
                self.findings.differ("item", item.name, "bytes stored", media.size_bytes, blob.size)
            if self.reads_all and (found := Digests.of(blocks(blob.file)).sha256) != media.sha256:
                self.findings.differ("item", item.name, "SHA-256 stored", media.sha256, found)
            return isinstance(item.content, OnDisk) and is_same_file(item.content.path, blob.file)

    def on_disk(self, item: Item, media: Media, path: Path) -> None:
        try:
            if self.reads_all or not self.is_as_stated(item, media, path.stat().st_size):
                with open(path, "rb", buffering=0) as file:
                    self.compare(item, media, Digests.of(blocks(file)))
        except FileNotFoundError:
            self.findings.note(GONE_SINCE, item.name)
        except OSError as error:
            self.findings.differ("item", item.name, "file at the source", Plain("one to read"), Plain(error))

    def at_url(self, item: Item, media: Media, url: str) -> None:
        upload = self.blobs.receive(self.max_bytes)
        try:
            self.fetcher.fetch(url, upload)
            self.compare(item, media, Digests(upload.size, upload.sha256(), upload.md5()))
        except GatewayError as error:
            self.findings.differ("item", item.name, url, Plain("the file"), Plain(error.message))
        finally:
            upload.discard()

    def is_as_stated(self, item: Item, media: Media, size: int) -> bool:
        """Hashed when it came, it was what the source says its file is, and that has not grown or shrunk since."""
        stated = item.sha256 or item.md5
        if not stated:
            return False
        if stated in (media.sha256, media.md5):
            return size == media.size_bytes
        if stated in (media.source_sha256, media.source_md5):
            self.findings.note(CONVERTED, item.name)
            return True
        return False

    def compare(self, item: Item, media: Media, source: Digests) -> None:
        if source.sha256 == media.source_sha256 != media.sha256:
            self.findings.note(CONVERTED, item.name)
        elif source.sha256 != media.sha256:
            self.findings.differ("item", item.name, "SHA-256", Plain(source.sha256), Plain(media.sha256))
        if item.md5 not in (None, source.md5) or item.sha256 not in (None, source.sha256):
            self.findings.note(OTHER_CHECKSUM, item.name)


def is_converted(item: Item, media: Media) -> bool:
    """The gateway knows what was sent, and the old host had not made something else of that already."""
    return media.source_sha256 not in (None, item.source_sha256)


def is_same_file(path: Path, stored: BinaryIO) -> bool:
    with suppress(OSError):  # a store need not be made of files
        return os.path.samestat(path.stat(), os.fstat(stored.fileno()))
    return False


def blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block
