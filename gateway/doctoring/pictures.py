"""Pictures nobody has ever uploaded: an equal one would be answered with the record of somebody's file."""

from __future__ import annotations

import secrets
import struct
import zlib

WIDTH, HEIGHT = 640, 480  # wide enough for a medium rendition


def unique_png() -> bytes:
    """A soft gradient in colours of its own."""
    red, green, blue, *mark = secrets.token_bytes(19)
    line = b"".join(
        bytes(((red + x // 5) % 256, (green + x // 4) % 256, (blue - x // 7) % 256)) for x in range(WIDTH + HEIGHT)
    )
    rows = bytearray(b"".join(b"\0" + line[3 * y : 3 * (y + WIDTH)] for y in range(HEIGHT)))
    rows[1 : 1 + len(mark)] = bytes(mark)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
