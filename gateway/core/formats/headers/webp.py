"""WebP: the RIFF chunks, to the length the file claims."""

from __future__ import annotations

from gateway.core.formats.headers.header import Damaged, Header, Source

_MAX_CHUNKS = 100_000


def walk(source: Source, max_frames: int) -> Header:
    end = 8 + source.unpack("<I", 4)[0]
    if end > source.size:
        raise Damaged("it ends too early")
    kept = {b"EXIF": b"", b"XMP ": b"", b"ICCP": b""}
    width = height = frames = metadata = 0
    is_animation = has_picture = False
    at = 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            break
        piece = source.read(at, 8)
        kind, length = piece[:4], int.from_bytes(piece[4:], "little")
        if at + 8 + length > end:
            raise Damaged("it ends too early")
        if at == 12:
            width, height = _canvas(source, kind)
            is_animation = kind == b"VP8X" and bool(source.read(at + 8, 1)[0] & 0x02)
        has_picture = has_picture or kind in (b"VP8 ", b"VP8L")
        if kind == b"ANMF" and is_animation:
            frames += 1
            if frames > max_frames:
                break
        elif kind in kept:
            metadata += length
            kept[kind] = kept[kind] or source.kept(at + 8, length)
        at += 8 + length + (length & 1)
    else:
        raise Damaged("it has far too many chunks")
    if not (frames if is_animation else has_picture):
        raise Damaged("it holds no picture")
    exif = kept[b"EXIF"].removeprefix(b"Exif\0\0")
    return Header(width, height, max(1, frames), metadata, exif=exif, xmp=kept[b"XMP "], icc=kept[b"ICCP"])


def _canvas(source: Source, kind: bytes) -> tuple[int, int]:
    if kind == b"VP8X":
        sizes = source.read(24, 6)
        return int.from_bytes(sizes[:3], "little") + 1, int.from_bytes(sizes[3:], "little") + 1
    if kind == b"VP8L":
        (bits,) = source.unpack("<I", 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        wide, high = source.unpack("<HH", 26)
        return wide & 0x3FFF, high & 0x3FFF
    raise Damaged("its size is missing")
