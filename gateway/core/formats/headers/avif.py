"""AVIF: the boxes must fill the file exactly as they claim; sizes and sample counts are the largest ones declared.

What is declared bounds the work before a decoder is asked; the upright size is then the decoder's, checked again.
"""

from __future__ import annotations

import struct

from gateway.core.formats.headers.header import Damaged, Header, Source

_MAX_BOXES = 1_000
_MAX_DESCRIPTION = 8 << 20


def walk(source: Source, max_frames: int) -> Header:
    described = bytearray()
    at = 0
    for _ in range(_MAX_BOXES):
        if at >= source.size:
            break
        length, kind = _box(source, at)
        if at + length > source.size:
            raise Damaged("it ends too early")
        if kind in (b"meta", b"moov"):
            if len(described) + length > _MAX_DESCRIPTION:
                raise Damaged("its description is far too large")
            described += source.read(at, length)
        at += length
    else:
        raise Damaged("it has far too many parts")
    sizes = [struct.unpack_from(">II", described, place + 12) for place in _all(described, b"\0\0\0\x14ispe", 20)]
    counts = [struct.unpack_from(">I", described, place + 12)[0] for place in _all(described, b"stsz", 16)]
    if not sizes:
        raise Damaged("its size is missing")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Header(width, height, max([1, *counts]), metadata_bytes=0)


def without_exif(data: bytes) -> bytes:
    """The same file with its Exif item renamed. AVIF turns pictures by its own means and says that Exif does not
    count; Pillow would read the block all the same and warn aloud about every fault in it."""
    changed = bytearray(data)
    for place in _all(changed, b"infe", 18):
        kind = place + (14 if changed[place + 4] == 3 else 12)
        if changed[kind : kind + 4] == b"Exif":
            changed[kind : kind + 4] = b"free"
    return bytes(changed)


def _box(source: Source, at: int) -> tuple[int, bytes]:
    length, kind = source.unpack(">I", at)[0], source.read(at + 4, 4)
    if length == 1:
        length = source.unpack(">Q", at + 8)[0]
    elif length == 0:
        length = source.size - at
    if length < 8:
        raise Damaged("one of its parts has no length")
    return length, kind


def _all(described: bytearray, mark: bytes, needed: int) -> list[int]:
    """Where `mark` stands with at least `needed` bytes from there on."""
    places, at = [], described.find(mark)
    while 0 <= at <= len(described) - needed:
        places.append(at)
        at = described.find(mark, at + len(mark))
    return places
