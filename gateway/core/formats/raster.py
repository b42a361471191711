"""An accepted image turned into facts and renditions: header, limits, then one decode.

Promises: nothing is decoded before its header is within the limits; the bytes sent are never changed, unless they
must be converted or were asked to be resized; whatever is wrong with the bytes is a `FileRefused` in plain words;
no state is shared, so any number of threads may develop at once.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

# Each plugin by name: Pillow would otherwise look for a missing one by importing all forty.
from PIL import AvifImagePlugin, BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.ImageFile import ImageFile

from gateway.core.errors import InvalidInput
from gateway.core.formats import exif, renditions
from gateway.core.formats.headers import Header, broken, pixel_stream, read_header
from gateway.core.formats.headers.avif import without_exif
from gateway.core.formats.limits import Limits, check
from gateway.core.formats.php_exif import Sent, exif_json
from gateway.core.formats.registry import Format, by_name
from gateway.core.formats.renditions import Look, Rendition

__all__ = ["Picture", "Rendition", "Wanted", "checked_header", "decode", "decoding", "develop", "open_image"]

_PLUGINS = (AvifImagePlugin, BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
# Sizes are checked against our own limits first; Pillow's alarm is a warning, and warnings are not thread-safe.
Image.MAX_IMAGE_PIXELS = None
_READ_BYTES = 1 << 20
_HELD = {"webp": 2}  # it draws on a canvas of its own, animated or not


@dataclass(frozen=True, slots=True)
class Wanted:
    thumb_width: int
    thumb_height: int
    medium_width: int
    resize_width: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be stored. `format`, `width` and `height` are those of the stored file, upright; `replacement` is
    that file when it is not the one sent."""

    format: Format
    width: int
    height: int
    is_animated: bool
    is_360: bool
    replacement: bytes | None
    thumb: Rendition
    medium: Rendition | None
    shot: exif.Shot | None


def develop(
    file: BinaryIO, format: Format, limits: Limits, wanted: Wanted, *, filename: str, arrived_at: datetime
) -> Picture:
    """`filename` is the client's, for the EXIF answer alone."""
    header = checked_header(file, format, limits)
    with decoding(format):
        image, header = open_image(file, format, header)
    check(header, limits)
    block = exif.read_block(header.exif)
    turn = exif.orientation(block)
    size = (header.height, header.width) if turn >= 5 else (header.width, header.height)
    is_animated = header.frames > 1
    resize_width = None if is_animated else _resize_width(wanted, size)
    sent = Sent(filename, arrived_at, file.seek(0, os.SEEK_END), header.width, header.height, image.mode == "RGB")

    scale = 1.0 if resize_width or format.stored_as != format.name else _scale(size, wanted, is_animated)
    with decoding(format):
        decode(image, scale)
    look = renditions.look_of(image, by_name(format.stored_as), header.icc)
    picture = renditions.plain(image)
    replacement = None
    if resize_width or look.format != format:
        picture = renditions.upright(picture, turn)
        picture = renditions.resized(picture, resize_width or picture.width)
        replacement = renditions.stored(picture, look, exif.marked_upright(header.exif))
        turn, size = 1, picture.size
    medium, thumb = _render(picture, size, turn, wanted, look, is_animated)
    return Picture(
        format=look.format,
        width=size[0],
        height=size[1],
        is_animated=is_animated,
        is_360=exif.is_panorama(header.xmp),
        replacement=replacement,
        thumb=thumb,
        medium=medium,
        shot=exif.read_shot(block, exif_json(block, sent) if format.name == "jpeg" else None),
    )


def checked_header(file: BinaryIO, format: Format, limits: Limits) -> Header:
    header = read_header(file, format, limits.max_frames)
    check(header, limits, _HELD.get(format.name, 1))
    return header


@contextmanager
def decoding(format: Format) -> Iterator[None]:
    """Hostile bytes make decoders raise almost anything; what they say names our paths and their code."""
    try:
        yield
    except Exception as reason:
        raise broken(format) from reason


def open_image(file: BinaryIO, format: Format, header: Header) -> tuple[ImageFile, Header]:
    """The decoder, and the header with what only the decoder knows. No pixel is decoded yet."""
    if format.name == "avif":
        file.seek(0)
        image = Image.open(io.BytesIO(without_exif(file.read())), formats=["AVIF"])
        info = image.info
        icc, xmp, turned = (info.get(key) or b"" for key in ("icc_profile", "xmp", "exif"))
        return image, replace(
            header,
            width=image.width,
            height=image.height,
            frames=getattr(image, "n_frames", 1),
            metadata_bytes=len(icc) + len(xmp),
            exif=turned.removeprefix(b"Exif\0\0"),
            xmp=xmp,
            icc=icc,
        )
    # Of a JPEG, PNG or GIF the decoder sees only what draws: it neither meets broken metadata, nor warns about it, nor
    # takes a photo with a second view for an MPO animation.
    image = Image.open(pixel_stream(file, header.pixels), formats=[format.name.upper()])
    if image.size != (header.width, header.height):
        raise ValueError("the file describes two different sizes")
    return image, header


def _resize_width(wanted: Wanted, size: tuple[int, int]) -> int | None:
    if wanted.resize_width is None:
        return None
    if wanted.resize_width < 1:
        raise InvalidInput("Invalid image geometry", code="WIDTH_INVALID")
    if wanted.resize_width > size[0]:
        raise InvalidInput("Target width is greater than the original image width", code="WIDTH_TOO_LARGE")
    return wanted.resize_width


def decode(image: ImageFile, scale: float) -> None:
    """A JPEG is decoded at an eighth, a quarter or half its size, where that still covers `scale`."""
    if scale < 1:
        image.draft(None, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    image.decodermaxblock = _READ_BYTES
    image.load()


def _medium_width(size: tuple[int, int], wanted: Wanted, is_animated: bool) -> int | None:
    if is_animated:
        return min(size[0], wanted.medium_width)
    return wanted.medium_width if size[0] > wanted.medium_width else None


def _scale(size: tuple[int, int], wanted: Wanted, is_animated: bool) -> float:
    """The smallest scale of the source from which all renditions can be made without enlarging."""
    thumb = renditions.thumb_scale(size, wanted.thumb_width, wanted.thumb_height)
    return max(thumb, (_medium_width(size, wanted, is_animated) or 0) / size[0])


def _render(
    picture: Image.Image, size: tuple[int, int], turn: int, wanted: Wanted, look: Look, is_animated: bool
) -> tuple[Rendition | None, Rendition]:
    """`size` is that of the source, upright; `picture` may be smaller and not turned yet."""
    shape = size if turn < 5 else (size[1], size[0])
    scale = _scale(size, wanted, is_animated) * shape[0] / picture.width
    picture = renditions.upright(renditions.shrunk(picture, scale), turn)
    medium, width = None, _medium_width(size, wanted, is_animated)
    thumb_size = (wanted.thumb_width, wanted.thumb_height)
    if width:
        drawn = renditions.medium_picture(picture, width, renditions.height_at(size, width))
        medium = renditions.rendition(drawn, look)
        if drawn.width >= thumb_size[0] and drawn.height >= thumb_size[1]:
            picture = drawn
    return medium, renditions.rendition(renditions.thumb_picture(picture, *thumb_size), look)
