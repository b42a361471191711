"""What kind of video or audio file begins with these bytes, and whether all of it is there.

Promises: the answer depends on the content alone; walks are bounded; nothing is decoded.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

# Enough for two MP3 frames in a row, which is what tells MP3 from noise.
SNIFF_AV_BYTES = 4_096

_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})
_VIDEO_BRANDS = frozenset(
    {b"isom", b"mp41", b"mp42", b"avc1", b"av01", b"dash", b"MSNV", b"M4V ", b"M4VH", b"M4VP", b"f4v "}
    | {b"iso%d" % version for version in range(2, 10)}
    | {b"3gp%d" % version for version in range(3, 10)}
)
_IMAGE_BRANDS = frozenset(
    {
        b"avif",
        b"avis",
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
        b"hevx",
        b"hevm",
        b"hevs",
        b"mif1",
        b"msf1",
        b"miaf",
    }
    | {b"jxl ", b"jp2 ", b"jpx ", b"crx "}
)
# Old QuickTime files have no brand: they begin with any of these.
_ATOMS = frozenset({b"moov", b"mdat"})
_SMALL_ATOMS = frozenset({b"wide", b"free", b"skip", b"pnot"})
_OGG_AUDIO = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_DOC_TYPE = b"\x42\x82"
_DOC_TYPES = {b"webm": "webm", b"matroska": "mkv"}
_MAX_PARTS = 100_000
_MP3_BITRATES = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def sniff_av(head: bytes) -> str | None:
    """One of mp4, mov, webm, mkv, avi, mp3, m4a, ogg, flac and wav. `head` is the first `SNIFF_AV_BYTES` of the file,
    or all of it when shorter. An mp4 may turn out to hold nothing but sound."""
    if head[4:8] == b"ftyp":
        return _by_brands(head)
    if head.startswith(b"RIFF"):
        return {b"AVI ": "avi", b"WAVE": "wav"}.get(head[8:12])
    if head.startswith(_EBML):
        return _by_doc_type(head)
    if head.startswith(b"OggS"):
        return "ogg" if head[28:].startswith(_OGG_AUDIO) else None
    if head.startswith(b"fLaC"):
        return "flac"
    if _is_id3(head) or _is_mp3(head):
        return "mp3"
    return "mov" if _is_old_quicktime(head) else None


def is_whole(file: BinaryIO, name: str) -> bool:
    """False when the file ends before it says it does. Formats without a way to say so are taken at their word."""
    size = file.seek(0, os.SEEK_END)
    if name in ("mp4", "mov", "m4a"):
        return _is_whole_iso(file, size)
    file.seek(0)
    head = file.read(SNIFF_AV_BYTES)
    if name in ("webm", "mkv"):
        return _is_whole_matroska(head, size)
    if name == "avi" and len(head) >= 12:
        length = int.from_bytes(head[4:8], "little")
        # Recorders that are switched off leave one of these two behind, and players do not mind.
        return length in (0, 0xFFFFFFFF) or length <= size - 8 + 1
    return True


def _by_brands(head: bytes) -> str | None:
    listed = head[8 : min(int.from_bytes(head[:4], "big"), len(head))]
    major, others = head[8:12], {listed[at : at + 4] for at in range(8, len(listed) - 3, 4)}
    if major in _IMAGE_BRANDS:
        return None
    if major == b"qt  ":
        return "mov"
    if major in _AUDIO_BRANDS:
        return "m4a"
    return "mp4" if major in _VIDEO_BRANDS or others & _VIDEO_BRANDS else None


def _is_old_quicktime(head: bytes) -> bool:
    length, kind = int.from_bytes(head[:4], "big"), head[4:8]
    # Words such as "free" stand in any text; a length in front of them that is no text does not.
    return (kind in _ATOMS and (length == 1 or length >= 8)) or (kind in _SMALL_ATOMS and 8 <= length < 1 << 16)


def _by_doc_type(head: bytes) -> str | None:
    length, at = _number(head, 4)
    end = min(at + (length or 0), len(head))
    while at < end:
        id_end = at + _width(head[at])
        length, start = _number(head, id_end)
        if length is None:
            return None
        if head[at:id_end] == _DOC_TYPE:
            return _DOC_TYPES.get(head[start : start + length].rstrip(b"\0"))
        at = start + length
    return None


def _width(first: int) -> int:
    """How many bytes a Matroska number has, by its first one."""
    return 9 - first.bit_length()


def _number(data: bytes, at: int) -> tuple[int | None, int]:
    """A length and where it ends; None when it is unknown or not there."""
    if at >= len(data):
        return None, at
    width = _width(data[at])
    value = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
    is_known = width <= 8 and at + width <= len(data) and value != (1 << 7 * width) - 1
    return value if is_known else None, at + width


def _is_id3(head: bytes) -> bool:
    return (
        len(head) >= 10
        and head.startswith(b"ID3")
        and 2 <= head[3] <= 4
        and head[4] != 0xFF
        and all(part < 0x80 for part in head[6:10])
    )


def _is_mp3(head: bytes) -> bool:
    """Two frame headers that agree, as far as `head` reaches."""
    length = _mp3_frame(head, 0)
    if not length:
        return False
    if length + 4 > len(head):
        return True
    # Version, layer and sampling rate are the same all through a file.
    is_alike = head[1] & 0xFE == head[length + 1] & 0xFE and head[2] & 0x0C == head[length + 2] & 0x0C
    return is_alike and _mp3_frame(head, length) > 0


def _mp3_frame(head: bytes, at: int) -> int:
    """The length of the layer III frame that begins here, 0 when none does."""
    if len(head) < at + 4 or head[at] != 0xFF or head[at + 1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = head[at + 1] >> 3 & 3, head[at + 2] >> 4, head[at + 2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3 or head[at + 3] & 3 == 2:
        return 0
    is_first = version == 3
    kilobits, hertz = _MP3_BITRATES[1 if is_first else 2][bitrate - 1], _MP3_RATES[version][rate]
    return (144_000 if is_first else 72_000) * kilobits // hertz + (head[at + 2] >> 1 & 1)


def _is_whole_iso(file: BinaryIO, size: int) -> bool:
    at, seen = 0, set()
    for _ in range(_MAX_PARTS):
        if at + 8 > size:
            break
        file.seek(at)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head)
        if length == 1 and len(head) == 16:
            length = struct.unpack_from(">Q", head, 8)[0]
        elif length == 0:
            length = size - at
        if length < 8 or not kind.isascii():
            # Some cameras add a few bytes of their own after the last part.
            break
        if at + length > size:
            return False
        seen.add(kind)
        at += length
    return b"moov" in seen and bool(seen & {b"mdat", b"moof"})


def _is_whole_matroska(head: bytes, size: int) -> bool:
    length, at = _number(head, 4)
    at += length or 0
    if head[at : at + 4] != _SEGMENT:
        return False
    length, at = _number(head, at + 4)
    return length is None or at + length <= size
