"""What an upload tells about places, devices and people, taken out without touching a pixel.

Promises: what is drawn or played stays byte for byte, and so do orientation and colour profiles; what has been cleaned
once is clean; a metadata block that cannot be understood for certain goes whole, a container that cannot be is
`FILE_BROKEN`. Nothing is decoded, and of a film only its description is held in memory.

- `no-location`: no places, no serial numbers, no names of owners, no notes of makers, no embedded previews.
- `strip`: nothing but what is needed to show the file as it is meant.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import BinaryIO

from gateway.core.errors import FileRefused
from gateway.core.formats.headers.header import Damaged, Source
from gateway.core.formats.privacy import ebml, edits, gif, isobmff, jpeg, png, webp
from gateway.core.formats.privacy.edits import Edit, Plan, Policy

__all__ = ["FORMATS", "Policy", "clean_file", "cleaned"]

_CLEANERS: dict[str, Callable[[Plan, Policy], None]] = {
    "jpeg": jpeg.clean,
    "png": png.clean,
    "gif": gif.clean,
    "webp": webp.clean,
    "avif": isobmff.clean,
    "heic": isobmff.clean,
    "mp4": isobmff.clean,
    "mov": isobmff.clean,
    "m4a": isobmff.clean,
    "webm": ebml.clean,
    "mkv": ebml.clean,
}
FORMATS = frozenset(_CLEANERS)
# Drawn anew by the gateway, or without a place for such words: nothing of them is left to clean.
_NOTHING_TO_CLEAN = frozenset({"svg", "bmp"})


def cleaned(data: bytes, format_name: str, policy: Policy) -> bytes | None:
    """None when nothing had to change."""
    found = _edits(Source(io.BytesIO(data)), format_name, policy)
    return edits.applied(data, found) if found else None


def clean_file(source: BinaryIO, target: BinaryIO, format_name: str, policy: Policy) -> bool:
    """False, and nothing is written, when nothing had to change."""
    whole = Source(source)
    found = _edits(whole, format_name, policy)
    if found:
        edits.write(whole, target, found)
    return bool(found)


def _edits(source: Source, format_name: str, policy: Policy) -> list[Edit]:
    if policy == "keep" or format_name in _NOTHING_TO_CLEAN:
        return []
    plan = Plan(source)
    try:
        # A format that is not listed is a mistake of ours, and better noticed than let through.
        _CLEANERS[format_name](plan, policy)
        return plan.edits()
    except (Damaged, struct.error, IndexError) as reason:
        why = f": {reason}" if isinstance(reason, Damaged) else ""
        raise FileRefused(
            f"This {format_name.upper()} file is damaged or cut short{why}.", code="FILE_BROKEN"
        ) from reason
