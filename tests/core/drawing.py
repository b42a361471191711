"""Images drawn by code, for the tests of what reads them."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import UTC, datetime
from typing import Any

from PIL import Image, PngImagePlugin

from gateway.core.formats.limits import Limits
from gateway.core.formats.raster import Picture, Wanted, develop
from gateway.core.formats.registry import SNIFF_BYTES, sniff

LIMITS = Limits(
    max_pixels=50_000_000, max_side=30_000, max_frames=1_000, max_frame_pixels=200_000_000, max_metadata_bytes=1 << 20
)
WANTED = Wanted(thumb_width=320, thumb_height=320, medium_width=500)
ARRIVED_AT = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP")
ANIMATED = ("PNG", "GIF", "WEBP", "AVIF")

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 180, 20), (20, 20, 220), (255, 255, 255)


def corners(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """Red, green / blue, white quarters: tells every turn and flip from every other."""
    image = Image.new("RGB", (width, height), WHITE)
    middle, centre = width // 2, height // 2
    image.paste(RED, (0, 0, middle, centre))
    image.paste(GREEN, (middle, 0, width, centre))
    image.paste(BLUE, (0, centre, middle, height))
    return image.convert(mode) if mode != "RGB" else image


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def drawn(format: str, width: int = 640, height: int = 480, **options: Any) -> bytes:
    return saved(corners(width, height), format, **options)


def with_xmp(format: str, packet: bytes) -> bytes:
    if format != "PNG":
        return drawn(format, xmp=packet)
    words = PngImagePlugin.PngInfo()
    words.add_itxt("XML:com.adobe.xmp", packet, zip=True)
    return drawn(format, pnginfo=words)


def animation(format: str, frames: int = 3, width: int = 64, height: int = 48) -> bytes:
    pictures = [Image.new("RGB", (width, height), (60 * index, 255 - 60 * index, 40)) for index in range(frames)]
    return saved(pictures[0], format, save_all=True, append_images=pictures[1:], duration=100)


def developed(data: bytes, wanted: Wanted = WANTED, limits: Limits = LIMITS, filename: str = "photo.jpg") -> Picture:
    format = sniff(data[:SNIFF_BYTES])
    return develop(io.BytesIO(data), format, limits, wanted, filename=filename, arrived_at=ARRIVED_AT)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def is_near(colour: object, wanted: tuple[int, ...], slack: int = 40) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(a - b) <= slack for a, b in zip(colour, wanted, strict=True))


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 0, pixels: bytes = b"\0\0") -> bytes:
    """A PNG whose header may promise anything; `chunks` stand before the image data."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = png_chunk(b"IDAT", zlib.compress(pixels)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + body


def gif(width: int, height: int, frames: int, *extensions: bytes) -> bytes:
    """A GIF of one-pixel frames on a canvas of any size."""
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    screen = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    return screen + b"".join(extensions) + frame * frames + b";"


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """The same JPEG with one more segment right after its start."""
    return jpeg[:2] + jpeg_segment(marker, body) + jpeg[2:]


def camera_exif(**more: object) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E], exif[0x010F], exif[0x0110] = "A described photo", "Canon", "EOS 5D"
    exif[0x0132] = "2019:07:04 10:11:12"
    exif.get_ifd(0x8769)[0x9003] = "2018:01:02 03:04:05"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (55.0, 45.0, 0.0), "E", (37.0, 36.0, 0.0)
    return exif
