"""HEIC and HEIF photos become JPEGs: upright, with their colour profile and what the camera wrote about them.

Promises: the file is opened in a child process alone, and no pixel is decoded before its header is within the limits.
"""

from __future__ import annotations

import io
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any, BinaryIO

from PIL import Image

from gateway.core.errors import FileRefused
from gateway.core.formats import renditions
from gateway.core.formats.child import Pool, Source
from gateway.core.formats.exif import marked_upright
from gateway.core.formats.headers.header import Header
from gateway.core.formats.limits import Limits, check
from gateway.core.formats.wire import Message

LABEL = "HEIC image"
_QUALITY = 90
_MAX_EXIF = 65_000
_WHITE = (255, 255, 255)


def is_available() -> bool:
    return find_spec("pillow_heif") is not None


def convert(source: Source, limits: Limits, pool: Pool) -> bytes:
    """The JPEG to keep instead."""
    if not is_available():
        raise FileRefused(
            "HEIC images cannot be read here. The operator can change that: pip install 'picgate[heic]'.",
            code="FORMAT_UNREADABLE",
            format="HEIC",
        )
    return pool.run("heic", source, label=LABEL, options={"limits": asdict(limits)}).parts[0]


def decode(file: BinaryIO, options: dict[str, Any]) -> Message:
    """The child's part of `convert`."""
    import pillow_heif

    # Its own threads would not be faster here, and views besides the photo itself are not needed.
    pillow_heif.options.DECODE_THREADS = 1
    for extra in ("THUMBNAILS", "DEPTH_IMAGES", "AUX_IMAGES"):
        setattr(pillow_heif.options, extra, False)
    limits = Limits(**options["limits"])
    photo = pillow_heif.open_heif(file.read())
    exif, xmp, profile = (photo.info.get(kind) or b"" for kind in ("exif", "xmp", "icc_profile"))
    check(_header(photo.size, len(exif) + len(xmp) + len(profile)), limits)
    # Grey photos of more than eight bits come as they are, all others reduced.
    picture = renditions.plain(photo.to_pillow())
    check(_header(picture.size, 0), limits)
    return Message({}, (_jpeg(picture, profile, exif),))


def _header(size: tuple[int, int], metadata_bytes: int) -> Header:
    return Header(size[0], size[1], 1, metadata_bytes)


def _jpeg(picture: Image.Image, profile: bytes, exif: bytes) -> bytes:
    saved: dict[str, Any] = {"quality": _QUALITY}
    if picture.mode in ("LA", "RGBA"):
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, _WHITE)
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    if profile:
        saved["icc_profile"] = profile
    # Turned already: HEIC says by its own means how a photo is to be turned, and the decoder has listened.
    block = marked_upright(exif.removeprefix(b"Exif\0\0"))
    if block[:4] in (b"II*\0", b"MM\0*") and len(block) <= _MAX_EXIF:
        saved["exif"] = b"Exif\0\0" + block
    picture.info = {}
    out = io.BytesIO()
    picture.save(out, "JPEG", **saved)
    return out.getvalue()
