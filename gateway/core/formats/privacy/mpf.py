"""The list of further pictures in a JPEG: views of a stereo camera, large previews, gain maps of HDR phones.

Promises: a list that does not describe whole pictures behind the first one, each apart from the others, is an empty
one; never raises for what a list says.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from gateway.core.formats.headers.header import Source
from gateway.core.formats.privacy.edits import Plan
from gateway.core.formats.tiff import Entry, read_block

SIGNATURE = b"MPF\0"
_MAX_PICTURES = 32
_ENTRIES = 0xB002
_ENTRY = 16


@dataclass(frozen=True, slots=True)
class Picture:
    index: int
    start: int
    end: int


def read(source: Source, place: int, first_end: int) -> tuple[Picture, ...]:
    """`place` is that of the list, from which offsets count; `first_end` is where the first picture ends."""
    found = _list(source, place)
    if found is None:
        return ()
    pictures = []
    for index in range(1, len(found.data) // _ENTRY):
        size, offset = struct.unpack_from(found.order + "II", found.data, index * _ENTRY + 4)
        pictures.append(Picture(index, place + offset, place + offset + size))
    at = first_end
    for picture in sorted(pictures, key=lambda picture: picture.start):
        if picture.start < at or picture.end - picture.start < 4 or picture.end > source.size:
            return ()
        at = picture.end
    return tuple(pictures)


def point(plan: Plan, place: int, pictures: tuple[Picture, ...], first_end: int) -> None:
    """Says where the pictures will be, once everything else that changes is known."""
    found = _list(plan.source, place)
    if found is None:
        return
    entries = bytearray(found.data)
    shift = plan.moved(place) - place
    (size,) = struct.unpack_from(found.order + "I", entries, 4)
    struct.pack_into(found.order + "I", entries, 4, max(0, size + plan.moved(first_end) - first_end))
    for picture in pictures:
        offset = plan.moved(picture.start) - place - shift
        struct.pack_into(found.order + "I", entries, picture.index * _ENTRY + 8, offset)
    plan.replace(place + found.at, place + found.at + len(entries), bytes(entries))


def _list(source: Source, place: int) -> Entry | None:
    # The list lies in one segment, and a segment is smaller than this.
    found = read_block(source.read(place, min(1 << 16, source.size - place))).main.get(_ENTRIES)
    return found if found and _ENTRY < len(found.data) <= _ENTRY * _MAX_PICTURES else None
