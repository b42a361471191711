"""What is known of an image before anything is decoded, and the bounded reading all walkers share."""

from __future__ import annotations

import io
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Far above what cameras and editors write; a profile or a packet beyond it is not carried along.
MAX_KEPT = 1 << 20
_WINDOW = 1 << 18


class Damaged(Exception):
    """The bytes do not add up. Carries a few words for the sender, without a full stop."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """The part of a file that draws its first picture: `head`, the file from `start` to `end`, `tail`.

    A decoder given only this cannot stumble over metadata, warn about it, or copy it into a rendition.
    """

    head: bytes
    start: int
    end: int
    tail: bytes = b""


@dataclass(frozen=True, slots=True)
class Header:
    """Sizes are as drawn in the file, before any orientation. `exif` is the bare TIFF block."""

    width: int
    height: int
    frames: int
    metadata_bytes: int
    exif: bytes = b""
    xmp: bytes = b""
    icc: bytes = b""
    pixels: Pixels | None = None


class Source:
    """A file read in place: every read says where, and reading past the end is `Damaged`."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = file.seek(0, os.SEEK_END)
        self._window = b""
        self._window_at = 0

    def read(self, at: int, count: int) -> bytes:
        self.file.seek(at)
        data = self.file.read(count)
        if len(data) < count:
            raise Damaged("it ends too early")
        return data

    def kept(self, at: int, count: int) -> bytes:
        """Metadata worth carrying along; nothing when it is unreasonably large."""
        return self.read(at, count) if count <= MAX_KEPT else b""

    def window(self, at: int) -> tuple[bytes, int]:
        """A large piece of the file that contains `at`, and where in it `at` is. For walks in very small steps."""
        place = at - self._window_at
        if not 0 <= place < len(self._window):
            self.file.seek(at)
            self._window, self._window_at, place = self.file.read(_WINDOW), at, 0
            if not self._window:
                raise Damaged("it ends too early")
        return self._window, place

    def unpack(self, layout: str, at: int) -> tuple[int, ...]:
        return struct.unpack(layout, self.read(at, struct.calcsize(layout)))


class _PixelStream(io.RawIOBase):
    """`Pixels` of a file as one seekable stream, without copying the file."""

    def __init__(self, file: BinaryIO, pixels: Pixels) -> None:
        self._file, self._pixels, self._at = file, pixels, 0
        self._body_end = len(pixels.head) + pixels.end - pixels.start
        self._size = self._body_end + len(pixels.tail)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        wanted = self._size - self._at if size < 0 else size
        parts = []
        while wanted > 0 and (part := self._some(wanted)):
            parts.append(part)
            wanted -= len(part)
            self._at += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def _some(self, wanted: int) -> bytes:
        head, at = self._pixels.head, self._at
        if at < len(head):
            return head[at : at + wanted]
        if at < self._body_end:
            self._file.seek(self._pixels.start + at - len(head))
            return self._file.read(min(wanted, self._body_end - at))
        return self._pixels.tail[at - self._body_end : at - self._body_end + wanted]


def pixel_stream(file: BinaryIO, pixels: Pixels | None) -> BinaryIO:
    if pixels is None:
        file.seek(0)
        return file
    return cast(BinaryIO, _PixelStream(file, pixels))
