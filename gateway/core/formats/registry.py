"""The one table of formats, and what a file is by its first bytes.

Promises: the answer depends on the content alone, never on a name or a declared type; what is not in the table is
refused with a sentence that says what would have been accepted.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NoReturn

from gateway.core.errors import FileRefused
from gateway.core.records import Kind

SNIFF_BYTES = 512


@dataclass(frozen=True, slots=True)
class Format:
    """`extensions` are all spellings clients use, `stored_as` names the format the bytes are converted to."""

    name: str
    kind: Kind
    mime: str
    extension: str
    extensions: tuple[str, ...]
    stored_as: str

    @property
    def label(self) -> str:
        return {"webp": "WebP"}.get(self.name, self.name.upper())


FORMATS = (
    Format("jpeg", "image", "image/jpeg", "jpg", ("jpg", "jpeg", "jpe", "jfif", "pjpeg"), "jpeg"),
    Format("png", "image", "image/png", "png", ("png", "apng"), "png"),
    Format("gif", "image", "image/gif", "gif", ("gif",), "gif"),
    Format("webp", "image", "image/webp", "webp", ("webp",), "webp"),
    Format("avif", "image", "image/avif", "avif", ("avif", "avifs"), "avif"),
    Format("bmp", "image", "image/bmp", "bmp", ("bmp", "dib"), "png"),
)
_BY_NAME = {format.name: format for format in FORMATS}
_BY_EXTENSION = {extension: format for format in FORMATS for extension in format.extensions}
KNOWN_EXTENSIONS = frozenset(_BY_EXTENSION)

_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_BRANDS = {b"qt  ": "MOV", b"M4A ": "M4A", b"M4B ": "M4A", b"crx ": "CR3"}
_RIFF = {b"AVI ": "AVI", b"WAVE": "WAV"}
# Kept apart from FORMATS: these have a name to tell the sender, and nothing else.
_REFUSED = (
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"8BPS", "PSD"),
    (b"%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"\0\0\1\0", "ICO"),
    (b"\0\0\2\0", "CUR"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x1a\x45\xdf\xa3", "WebM or Matroska"),
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"ID3", "MP3"),
    (b"\xff\xfb", "MP3"),
    (b"\xff\xf3", "MP3"),
    (b"\xff\xf2", "MP3"),
    (b"FLV\1", "FLV"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMV"),
)


def by_name(name: str) -> Format:
    return _BY_NAME[name]


def by_extension(extension: str) -> Format | None:
    return _BY_EXTENSION.get(extension.lower().removeprefix("."))


def sniff(head: bytes) -> Format:
    """The format of a file that begins with `head` (its first `SNIFF_BYTES`, or all of it when shorter)."""
    if not head:
        raise FileRefused("The file is empty.", code="FILE_EMPTY")
    if head.startswith(b"\xff\xd8\xff"):
        return _BY_NAME["jpeg"]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _BY_NAME["png"]
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _BY_NAME["gif"]
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _BY_NAME["webp"]
    # Two letters alone would claim any text that begins with BM.
    if head.startswith(b"BM") and len(head) >= 18 and struct.unpack_from("<I", head, 14)[0] in _BMP_HEADERS:
        return _BY_NAME["bmp"]
    if head[4:8] == b"ftyp":
        return _sniff_brands(head)
    _refuse(head)


def _sniff_brands(head: bytes) -> Format:
    """ISO media files differ only in the brands they list."""
    listed = head[8 : min(int.from_bytes(head[:4], "big"), len(head))]
    major, brands = head[8:12], {listed[at : at + 4] for at in range(8, len(listed) - 3, 4)}
    if major in (b"avif", b"avis") or (major in (b"mif1", b"msf1", b"miaf") and brands & {b"avif", b"avis"}):
        return _BY_NAME["avif"]
    if major in _HEIC_BRANDS or major in (b"mif1", b"msf1"):
        _unsupported("HEIC")
    _unsupported(_BRANDS.get(major, "MP4"))


def _refuse(head: bytes) -> NoReturn:
    if head.startswith(b"RIFF") and head[8:12] in _RIFF:
        _unsupported(_RIFF[head[8:12]])
    for magic, name in _REFUSED:
        if head.startswith(magic):
            _unsupported(name)
    if _is_svg(head):
        raise FileRefused(f"SVG drawings are not accepted. {_accepted()}", code="FILE_UNKNOWN", format="SVG")
    raise FileRefused(f"This is not an image that can be read. {_accepted()}", code="FILE_UNKNOWN")


def _unsupported(name: str) -> NoReturn:
    raise FileRefused(f"{name} files are not accepted. {_accepted()}", code="FORMAT_UNSUPPORTED", format=name)


def _accepted() -> str:
    return f"Accepted are {', '.join(format.label for format in FORMATS)}."


def _is_svg(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return text.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype")) and b"<svg" in text
