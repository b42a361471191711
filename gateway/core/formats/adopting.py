"""A file whose renditions exist already: its header says all that is needed, and no pixel is decoded.

What a header does not say of a film or a sound, its old host knew; where it did not, or where a format is never kept as
sent, there is no short way."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from gateway.core.errors import FileRefused
from gateway.core.formats import exif
from gateway.core.formats.families import Developed
from gateway.core.formats.headers import read_header
from gateway.core.formats.limits import Limits, check
from gateway.core.formats.php_exif import Sent, exif_json
from gateway.core.formats.registry import SNIFF_BYTES, Format, by_name, sniff


def look(file: BinaryIO, format: Format, limits: Limits, filename: str, arrived_at: datetime) -> Developed | None:
    """None for what is not a picture kept as it is. Raises `FileRefused` for one that is damaged or too large."""
    if not format.is_raster or format.stored_as != format.name:
        return None
    header = read_header(file, format, limits.max_frames)
    check(header, limits)
    block = exif.read_block(header.exif)
    is_jpeg = format.name == "jpeg"
    sent = Sent(filename, arrived_at, file.seek(0, os.SEEK_END), header.width, header.height, is_colour=True)
    shot = exif.read_shot(block, exif_json(block, sent) if is_jpeg else None)
    is_turned = exif.orientation(block) >= 5
    width, height = (header.height, header.width) if is_turned else (header.width, header.height)
    return Developed(
        format,
        width,
        height,
        is_animated=header.frames > 1,
        is_360=exif.is_panorama(header.xmp),
        shot=shot,
        title=shot.title if shot else None,
    )


def measured(path: Path, format: Format) -> tuple[int, int] | None:
    """The size of a rendition in the format it should have; None when it is not one."""
    try:
        with open(path, "rb", buffering=0) as file:
            if sniff(file.read(SNIFF_BYTES)).name != format.name:
                return None
            header = read_header(file, format, max_frames=1)
            return header.width, header.height
    except (FileRefused, OSError):
        return None


def rendition_format(format: Format) -> Format:
    return format if format.kind == "image" else by_name("jpeg")
