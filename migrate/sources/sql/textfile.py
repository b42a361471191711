"""A dump file as one stream of plain bytes, whatever it is wrapped in: gzip, a byte order mark, UTF-16.

What cannot be read is a `SourceError` with the file, the place and the advice.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from migrate.items import SourceError

GZIP = b"\x1f\x8b"
UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
OTHER_PACKERS = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
HEAD_BYTES = 4096
AGAIN = "Copy the dump from the old server again, or make a new one."

Progress = Callable[[int, int], None]  # bytes read, bytes in all, both as the file has them on the disk


class TextFile:
    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        self.path = path
        self.progress = progress
        self.is_utf_16 = False
        try:
            self.raw = open(path, "rb")  # noqa: SIM115 - closed by close()
            self.size = path.stat().st_size
        except OSError as error:
            raise SourceError(f"The dump {path} cannot be opened: {error.strerror}.\nCheck the name.") from error
        self.plain = self.unpacked()
        self.decoder: codecs.IncrementalDecoder | None = None
        try:
            self.head = self.without_mark(self.read_plain(HEAD_BYTES))
        except SourceError:
            self.close()
            raise

    def unpacked(self) -> BinaryIO:
        is_gzip = self.raw.read(len(GZIP)) == GZIP
        self.raw.seek(0)
        return cast(BinaryIO, gzip.GzipFile(fileobj=self.raw)) if is_gzip else self.raw

    def without_mark(self, head: bytes) -> bytes:
        if not head:
            raise SourceError(f"The dump {self.path} is empty.\nMake a new one, and look at its size.")
        for start, name in OTHER_PACKERS.items():
            if head.startswith(start):
                raise SourceError(f"{self.path} is packed with {name}.\nUnpack it first; .sql and .sql.gz are read.")
        if encoding := UTF_16.get(head[:2]):
            self.is_utf_16 = True
            self.decoder = codecs.getincrementaldecoder(encoding)("replace")
            return self.decoder.decode(head[2:]).encode("utf-8", "replace")
        if head.lstrip()[:1] in (b"<", b"{", b"["):
            raise SourceError(
                f"{self.path} is XML, HTML or JSON, not SQL.\nGive the .sql or .sql.gz that mysqldump wrote."
            )
        if b"\0" in head:
            raise SourceError(
                f"{self.path} is no text, so it is no dump.\nGive the .sql or .sql.gz that mysqldump wrote."
            )
        return head.removeprefix(codecs.BOM_UTF8)

    def read(self, size: int) -> bytes:
        """About `size` bytes, none only at the end."""
        if self.head:
            head, self.head = self.head, b""
            return head
        block = self.read_plain(size)
        return self.decoder.decode(block).encode("utf-8", "replace") if self.decoder else block

    def read_plain(self, size: int) -> bytes:
        try:
            block = self.plain.read(size)
        except EOFError as error:
            raise SourceError(f"{self.path} is cut short: its gzip stream has no end.\n{AGAIN}") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            place = f"near byte {self.raw.tell()} of {self.size}"
            raise SourceError(f"{self.path} is damaged {place}: its gzip stream is broken.\n{AGAIN}") from error
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror}.\n{AGAIN}") from error
        if self.progress:
            self.progress(self.raw.tell(), self.size)
        return block

    def close(self) -> None:
        self.plain.close()
        self.raw.close()
