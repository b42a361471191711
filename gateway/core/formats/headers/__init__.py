"""Sizes, frames and metadata of an image from its structure alone: bounded, without a decoder, for hostile input.

Promises: reads a few small pieces and never the whole file into memory; work is capped, whatever the file claims;
a file that ends too early, lies about its own length or is not what its first bytes say is `FILE_BROKEN`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO

from gateway.core.errors import FileRefused
from gateway.core.formats.headers import avif, bmp, gif, jpeg, png, webp
from gateway.core.formats.headers.header import Damaged, Header, Pixels, Source, pixel_stream
from gateway.core.formats.registry import Format

__all__ = ["Damaged", "Header", "Pixels", "broken", "pixel_stream", "read_header"]

_WALKS: dict[str, Callable[[Source, int], Header]] = {
    "jpeg": jpeg.walk,
    "png": png.walk,
    "gif": gif.walk,
    "webp": webp.walk,
    "avif": avif.walk,
    "bmp": bmp.walk,
}


def read_header(file: BinaryIO, format: Format, max_frames: int) -> Header:
    """Counting stops at `max_frames` + 1: more than that is refused anyway, however many there are."""
    try:
        return _WALKS[format.name](Source(file), max_frames)
    except (Damaged, struct.error, IndexError) as reason:
        raise broken(format, str(reason) if isinstance(reason, Damaged) else "") from reason


def broken(format: Format, reason: str = "") -> FileRefused:
    why = f": {reason}" if reason else ""
    return FileRefused(f"This {format.label} image is damaged or cut short{why}.", code="FILE_BROKEN")
