"""JPEG: segments up to the first scan. A picture in several scans is also followed through them, to count them."""

from __future__ import annotations

import re

from gateway.core.formats.headers.header import MAX_KEPT, Damaged, Header, Pixels, Source

_MAX_SEGMENTS = 5_000
# Every scan costs a pass over the whole picture; encoders of progressive files write about ten.
_MAX_SCANS = 100

_SOI, _EOI, _SOS, _DRI, _APP0, _APP1, _APP2, _APP14, _COM = 0xD8, 0xD9, 0xDA, 0xDD, 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_APPS = range(0xE0, 0xF0)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_TABLES = frozenset({0xC4, 0xCC, 0xDB, _DRI})
_STANDALONE = frozenset({0x01, _SOI, *range(0xD0, 0xD8)})
_NEXT_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")


class _Carried:
    """The segments that do not draw: counted, and what is useful of them kept."""

    def __init__(self) -> None:
        self.bytes = 0
        self.exif = self.xmp = b""
        self._profile: dict[int, bytes] = {}

    def add(self, marker: int, body: bytes) -> None:
        self.bytes += len(body) + 2
        if marker == _APP1 and not self.exif and body.startswith(b"Exif\0"):
            self.exif = body[6:]
        elif marker == _APP1 and not self.xmp and body.startswith(_XMP):
            self.xmp = body[len(_XMP) :]
        elif marker == _APP2 and len(body) >= 14 and body.startswith(b"ICC_PROFILE\0"):
            self._profile[body[12]] = body[14:]

    @property
    def icc(self) -> bytes:
        profile = b"".join(self._profile[number] for number in sorted(self._profile))
        return profile if len(profile) <= MAX_KEPT else b""


def walk(source: Source, max_frames: int) -> Header:
    needed, carried = bytearray(b"\xff\xd8"), _Carried()
    frame, frame_marker, at = b"", 0, 2
    for _ in range(_MAX_SEGMENTS):
        marker, at = _marker(source, at)
        if marker in _STANDALONE:
            continue
        if marker == _EOI:
            raise Damaged("it holds no picture")
        if marker == _SOS:
            break
        length = source.unpack(">H", at)[0]
        segment = source.read(at, max(2, length))
        if marker in _FRAMES:
            if frame:
                raise Damaged("it begins more than one picture at once")
            frame, frame_marker = segment, marker
        if marker == _COM or marker in _APPS:
            carried.add(marker, segment[2:])
        if marker in _TABLES or marker in _FRAMES or _tells_colours(marker, segment[2:]):
            needed += bytes((0xFF, marker)) + segment
            if len(needed) > MAX_KEPT:
                raise Damaged("its tables are far too large")
        at += len(segment)
    else:
        raise Damaged("it has far too many segments")
    if len(frame) < 8:
        raise Damaged("its size is missing")
    if frame_marker in _PROGRESSIVE or source.read(at + 2, 1)[0] < frame[7]:
        _count_scans(source, at)
    return Header(
        width=int.from_bytes(frame[5:7], "big"),
        height=int.from_bytes(frame[3:5], "big"),
        frames=1,  # further pictures of an MPO file are views or gain maps, not an animation
        metadata_bytes=carried.bytes,
        exif=carried.exif,
        xmp=carried.xmp,
        icc=carried.icc,
        pixels=Pixels(bytes(needed), at - 2, source.size),
    )


def _tells_colours(marker: int, body: bytes) -> bool:
    """JFIF and Adobe segments say how three or four channels are to be understood."""
    return (marker == _APP0 and len(body) >= 14 and body.startswith(b"JFIF\0")) or (
        marker == _APP14 and len(body) >= 12 and body.startswith(b"Adobe")
    )


def _marker(source: Source, at: int) -> tuple[int, int]:
    """The next marker and the place after it, past fill bytes and a little junk, as decoders do."""
    found = source.read(at, 2)
    if found[0] == 0xFF and found[1] not in (0x00, 0xFF):
        return found[1], at + 2
    source.file.seek(at)
    junk = source.file.read(4096)
    if match := _NEXT_MARKER.search(junk):
        return junk[match.end() - 1], at + match.end()
    raise Damaged("it ends too early")


def _count_scans(source: Source, at: int) -> None:
    """`at` is where the first scan's header begins. A file that ends early is left to the decoder to refuse."""
    at += source.unpack(">H", at)[0]
    scans = 1
    # Scans are parted by a few tables each; the bound also stops an endless row of those.
    for _ in range(_MAX_SCANS * 20):
        found = _next_marker(source, at)
        if found is None or found[0] == _EOI:
            return
        marker, at = found
        scans += marker == _SOS
        if scans > _MAX_SCANS:
            break
        if marker not in _STANDALONE and at + 2 <= source.size:
            at += source.unpack(">H", at)[0]
    raise Damaged("it has far too many scans")


def _next_marker(source: Source, at: int) -> tuple[int, int] | None:
    while at + 1 < source.size:
        window, place = source.window(at)
        if len(window) - place == 1:  # a marker may lie across the border of two windows
            window, place = source.read(at, 2), 0
        if match := _NEXT_MARKER.search(window, place):
            return window[match.end() - 1], at + match.end() - place
        at += max(1, len(window) - place - 1)
    return None
