"""What a camera wrote about a photo: title, description, camera, time, and how the picture is to be turned.

Promises: a broken block is an empty one. It never refuses an otherwise fine photo.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.core.formats.tiff import Block, read_block

_DESCRIPTION, _MAKE, _MODEL, _ORIENTATION, _DATE = 0x010E, 0x010F, 0x0110, 0x0112, 0x0132
_DATE_ORIGINAL, _XP_TITLE = 0x9003, 0x9C9B
_MAX_TEXT = 4_000
_PANORAMA = re.compile(
    rb"""GPano:ProjectionType\s{0,9}(?:=\s{0,9}["']|>)\s{0,99}equirectangular\s{0,99}["'<]""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Shot:
    """`exif_json` is what PHP's `exif_read_data` would have said; every JPEG has one, nothing else does."""

    title: str | None
    description: str | None
    camera: str | None
    taken_at: datetime | None
    exif_json: str | None


def read_shot(block: Block, exif_json: str | None) -> Shot | None:
    if not block.main and exif_json is None:
        return None
    title, description = block.main.get(_XP_TITLE), _text(block, _DESCRIPTION)
    return Shot(
        title=(title.wide_text()[:_MAX_TEXT] or None) if title else None,
        description=description if description and description.isascii() else None,
        camera=_camera(_text(block, _MAKE), _text(block, _MODEL)),
        taken_at=_date(_text(block, _DATE_ORIGINAL)) or _date(_text(block, _DATE)),
        exif_json=exif_json,
    )


def orientation(block: Block) -> int:
    """1 to 8; 1, upright, when nothing sensible is said."""
    entry = block.main.get(_ORIENTATION)
    turn = entry.number() if entry else None
    return turn if turn is not None and 1 <= turn <= 8 else 1


def marked_upright(exif: bytes) -> bytes:
    """The same block, saying that the picture needs no turning: for a copy that has been turned already."""
    entry = read_block(exif).main.get(_ORIENTATION)
    if entry is None or len(entry.data) != 2:
        return exif
    upright = (1).to_bytes(2, "big" if entry.order == ">" else "little")
    return exif[: entry.at] + upright + exif[entry.at + 2 :]


def is_panorama(xmp: bytes) -> bool:
    """A full sphere, by the mark panorama cameras leave in the XMP packet, in either of its two spellings."""
    return _PANORAMA.search(xmp) is not None


def _text(block: Block, tag: int) -> str | None:
    entry = block.get(tag)
    text = "".join(c for c in entry.text()[:_MAX_TEXT] if c.isprintable() or c in "\n\t") if entry else ""
    return text.strip() or None


def _camera(make: str | None, model: str | None) -> str | None:
    if not make or not model:
        return model or make
    return model if model.lower().startswith(make.lower()) else f"{make} {model}"


def _date(text: str | None) -> datetime | None:
    try:
        return datetime.strptime((text or "")[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


__all__ = ["Shot", "is_panorama", "marked_upright", "orientation", "read_block", "read_shot"]
