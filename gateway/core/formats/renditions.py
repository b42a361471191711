"""Smaller pictures from a decoded one: thumbnail, medium, and a resized original.

Promises: what is written carries pixels and, where the colours still mean the same, a small colour profile - never
EXIF, XMP or comments. Speed over the last byte of size: renditions are made while somebody waits.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import Any

from PIL import Image

from gateway.core.formats.registry import Format

Options = dict[str, Any]

BICUBIC, HAMMING = Image.Resampling.BICUBIC, Image.Resampling.HAMMING
LANCZOS, NEAREST = Image.Resampling.LANCZOS, Image.Resampling.NEAREST
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_MAX_PROFILE = 64 << 10
# Enlarged this much, an icon looks better with hard edges than with blurred ones, and takes a tenth of the bytes.
_HARD_EDGES = 8
_RENDERED_AS: dict[str, Options] = {
    "jpeg": {"quality": 85},
    # Run lengths alone: on small pictures as small as a full search, and an eighth cheaper.
    "png": {"compress_level": 1, "compress_type": zlib.Z_RLE},
    "gif": {"optimize": False},
    "webp": {"quality": 80, "method": 1},
    "avif": {"quality": 60, "speed": 10, "max_threads": 1},
}
# A resized original is looked at for years: more time and more bytes are well spent.
_STORED_AS: dict[str, Options] = {
    "jpeg": {"quality": 90},
    "png": {"compress_level": 6},
    "gif": {},
    "webp": {"quality": 90, "method": 4},
    "avif": {"quality": 80, "speed": 6},
}


@dataclass(frozen=True, slots=True)
class Rendition:
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """How the pictures made from one source are written."""

    format: Format
    is_palette: bool
    icc: bytes


def look_of(image: Image.Image, format: Format, icc: bytes) -> Look:
    keeps_colours = image.mode in ("L", "LA", "RGB", "RGBA", "P", "1")
    return Look(format, image.mode == "P" and format.name == "png", icc if keeps_colours else b"")


def plain(image: Image.Image) -> Image.Image:
    """The picture in one of L, LA, RGB and RGBA, which every step below understands."""
    mode = image.mode
    if mode.startswith("I;16"):
        # A plain conversion would cut off everything above 255.
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if mode not in ("LA", "RGBA") and image.has_transparency_data:
        return image.convert("RGBA")
    if mode in ("L", "LA", "RGB", "RGBA"):
        return image
    return image.convert("L" if mode in ("1", "I", "F") else "RGB")


def upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def shrunk(image: Image.Image, scale: float) -> Image.Image:
    """Cheaply smaller by a whole factor, and no smaller than `scale` asks for."""
    factor = int(1 / scale) if scale < 1 else 1
    return image.reduce(factor) if factor > 1 else image


def resized(image: Image.Image, width: int) -> Image.Image:
    """`width` wide, ratio kept, with the best filter."""
    size = (width, height_at(image.size, width))
    return image if size == image.size else image.resize(size, LANCZOS, reducing_gap=3.0)


def height_at(size: tuple[int, int], width: int) -> int:
    return max(1, round(size[1] * width / size[0]))


def thumb_scale(size: tuple[int, int], width: int, height: int) -> float:
    return max(width / size[0], height / size[1])


def medium_picture(image: Image.Image, width: int, height: int) -> Image.Image:
    return image if image.size == (width, height) else image.resize((width, height), BICUBIC)


def thumb_picture(image: Image.Image, width: int, height: int) -> Image.Image:
    """Cut around the centre to exactly this size; a small picture is enlarged."""
    scale = thumb_scale(image.size, width, height)
    wide, high = min(image.width, width / scale), min(image.height, height / scale)
    left, top = (image.width - wide) / 2, (image.height - high) / 2
    # When a picture is made smaller, Hamming looks like bicubic at half its cost.
    filter = NEAREST if scale >= _HARD_EDGES else BICUBIC if scale > 1 else HAMMING
    return image.resize((width, height), filter, box=(left, top, left + wide, top + high))


def rendition(image: Image.Image, look: Look) -> Rendition:
    return Rendition(encoded(image, look, small_profile(look), _RENDERED_AS[look.format.name]), *image.size)


def small_profile(look: Look) -> bytes:
    return look.icc if len(look.icc) <= _MAX_PROFILE else b""


def stored(image: Image.Image, look: Look, exif: bytes) -> bytes:
    """The bytes to keep instead of those sent."""
    options: Options = dict(_STORED_AS[look.format.name])
    if exif and look.format.name != "gif":
        options["exif"] = b"Exif\0\0" + exif if look.format.name == "jpeg" else exif
    return encoded(image, look, look.icc, options)


def encoded(image: Image.Image, look: Look, icc: bytes, options: Options) -> bytes:
    if look.is_palette or look.format.name == "gif":
        image = _with_palette(image, look.format)
    elif look.format.name == "jpeg" and image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    # Pillow writes the comment and the resolution it finds here without being asked.
    image.info = {}
    if icc and look.format.name != "gif":
        options = {**options, "icc_profile": icc}
    out = io.BytesIO()
    image.save(out, look.format.name, **options)
    return out.getvalue()


def _with_palette(image: Image.Image, format: Format) -> Image.Image:
    """Up to 256 colours: a third of the bytes, and what the source looked like in the first place."""
    if image.mode == "L":
        return image
    if image.mode == "LA":
        image = image.convert("RGBA")
    if image.mode == "RGBA" and format.name == "gif":
        # GIF knows no half transparency, and only Pillow's own conversion says which colour is the transparent one.
        clear = image.copy()
        clear.putalpha(image.getchannel("A").point(lambda alpha: 255 if alpha >= 128 else 0))
        return clear
    return image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
