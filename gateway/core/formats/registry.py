"""The one table of formats, and what a file is by its first bytes.

Promises: the answer depends on the content alone, never on a name or a declared type; what is not in the table is
refused with a sentence that says what would have been accepted.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn

from gateway.core.errors import FileRefused
from gateway.core.formats.containers import SNIFF_AV_BYTES, sniff_av
from gateway.core.formats.svg import is_svg
from gateway.core.records import Kind

SNIFF_BYTES = SNIFF_AV_BYTES


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
        return {"webp": "WebP", "webm": "WebM", "ogg": "Ogg"}.get(self.name, self.name.upper())

    @property
    def extra(self) -> str | None:
        """The extra of the package that reading it takes."""
        return "heic" if self.name == "heic" else "video" if self.kind == "video" else None

    @property
    def is_raster(self) -> bool:
        """Made of pixels, so that other sizes can be made of it."""
        return self.kind == "image" and self.name not in ("heic", "svg")


FORMATS = (
    Format("jpeg", "image", "image/jpeg", "jpg", ("jpg", "jpeg", "jpe", "jfif", "pjpeg"), "jpeg"),
    Format("png", "image", "image/png", "png", ("png", "apng"), "png"),
    Format("gif", "image", "image/gif", "gif", ("gif",), "gif"),
    Format("webp", "image", "image/webp", "webp", ("webp",), "webp"),
    Format("avif", "image", "image/avif", "avif", ("avif", "avifs"), "avif"),
    Format("bmp", "image", "image/bmp", "bmp", ("bmp", "dib"), "png"),
    Format("heic", "image", "image/heic", "heic", ("heic", "heif", "hif"), "jpeg"),
    Format("svg", "image", "image/svg+xml", "svg", ("svg", "svgz"), "svg"),
    Format("mp4", "video", "video/mp4", "mp4", ("mp4", "m4v"), "mp4"),
    Format("mov", "video", "video/quicktime", "mov", ("mov", "qt"), "mov"),
    Format("webm", "video", "video/webm", "webm", ("webm",), "webm"),
    Format("mkv", "video", "video/x-matroska", "mkv", ("mkv",), "mkv"),
    Format("avi", "video", "video/x-msvideo", "avi", ("avi",), "avi"),
    Format("mp3", "audio", "audio/mpeg", "mp3", ("mp3",), "mp3"),
    Format("m4a", "audio", "audio/mp4", "m4a", ("m4a", "m4b"), "m4a"),
    Format("ogg", "audio", "audio/ogg", "ogg", ("ogg", "oga", "opus"), "ogg"),
    Format("flac", "audio", "audio/flac", "flac", ("flac",), "flac"),
    Format("wav", "audio", "audio/wav", "wav", ("wav",), "wav"),
)
_BY_NAME = {format.name: format for format in FORMATS}
_BY_EXTENSION = {extension: format for format in FORMATS for extension in format.extensions}
KNOWN_EXTENSIONS = frozenset(_BY_EXTENSION)

_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
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
    (b"\x1a\x45\xdf\xa3", "Matroska"),
    (b"OggS", "Ogg"),
    (b"FLV\1", "FLV"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMV"),
)


def by_name(name: str) -> Format:
    return _BY_NAME[name]


def by_extension(extension: str) -> Format | None:
    return _BY_EXTENSION.get(extension.lower().removeprefix("."))


def sniff(head: bytes, disabled: Collection[str] = ()) -> Format:
    """The format of a file that begins with `head` (its first `SNIFF_BYTES`, or all of it when shorter). Raises
    `FileRefused`, also for one that is `disabled`; what is disabled is not named among what is accepted."""
    if not head:
        raise FileRefused("The file is empty.", code="FILE_EMPTY")
    format = _image(head) or _BY_NAME.get(sniff_av(head) or "")
    if not format:
        _refuse(head, disabled)
    if format.name in disabled:
        raise FileRefused(
            f"{format.label} files are switched off here. {_accepted(disabled)}", code="FORMAT_OFF", format=format.name
        )
    return format


def _image(head: bytes) -> Format | None:
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
        return _by_brands(head)
    # Gzip is SVGZ, or it is nothing of ours: its reader will say so.
    return _BY_NAME["svg"] if head.startswith(b"\x1f\x8b") or is_svg(head) else None


def _by_brands(head: bytes) -> Format | None:
    """ISO media files differ only in the brands they list."""
    listed = head[8 : min(int.from_bytes(head[:4], "big"), len(head))]
    major, brands = head[8:12], {listed[at : at + 4] for at in range(8, len(listed) - 3, 4)}
    if major in (b"avif", b"avis") or (major in (b"mif1", b"msf1", b"miaf") and brands & {b"avif", b"avis"}):
        return _BY_NAME["avif"]
    return _BY_NAME["heic"] if major in _HEIC_BRANDS or major in (b"mif1", b"msf1") else None


def _refuse(head: bytes, disabled: Collection[str]) -> NoReturn:
    name = next((name for magic, name in _REFUSED if head.startswith(magic)), None)
    if not name and head[4:8] == b"ftyp":
        name = "MPEG-4"
    if name:
        raise FileRefused(
            f"{name} files are not accepted. {_accepted(disabled)}", code="FORMAT_UNSUPPORTED", format=name
        )
    raise FileRefused(f"This is no file of a kind that can be read. {_accepted(disabled)}", code="FILE_UNKNOWN")


def _accepted(disabled: Collection[str]) -> str:
    return f"Accepted are {', '.join(format.label for format in FORMATS if format.name not in disabled)}."


def render_table() -> str:
    """The formats table of the README."""
    rows = ["| format | kind | kept as | needs |", "| --- | --- | --- | --- |"]
    for format in FORMATS:
        extra = f"`picgate[{format.extra}]`" if format.extra else ""
        rows.append(f"| {format.label} | {format.kind} | {kept_as(format)} | {extra} |")
    return "\n".join(rows)


def kept_as(format: Format) -> str:
    if format.name == "svg":
        return "SVG, written anew without anything that could act"
    return format.label if format.stored_as == format.name else by_name(format.stored_as).label
