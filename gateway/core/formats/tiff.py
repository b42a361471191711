"""The directories of an EXIF block, read from untrusted bytes.

Promises: never raises, never loops, never allocates more than the block itself; an entry that makes no sense is
left out and the others are still read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_MAX_ENTRIES = 500
_MAX_NUMBERS = 64
BYTE, ASCII, UNDEFINED = 1, 2, 7
# TIFF types: how one value is unpacked.
_LAYOUTS = {1: "B", 2: "B", 3: "H", 4: "I", 5: "II", 6: "b", 7: "B", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d"}
_RATIONALS = frozenset({5, 10})

EXIF_POINTER, GPS_POINTER, INTEROP_POINTER = 0x8769, 0x8825, 0xA005


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag. `at` is where its value lies in the block."""

    tag: int
    type: int
    count: int
    data: bytes
    at: int
    order: str

    def text(self) -> str:
        """Up to the first NUL; whatever cannot be decoded as UTF-8 is read as Latin-1, which never fails."""
        raw = self.data.partition(b"\0")[0]
        try:
            return raw.decode().strip()
        except UnicodeDecodeError:
            return raw.decode("latin-1").strip()

    def wide_text(self) -> str:
        """The XP tags of Windows: UTF-16 in bytes."""
        return self.data.decode("utf-16-le", "replace").partition("\0")[0].strip()

    def number(self) -> int | None:
        numbers = self.numbers()
        return int(numbers[0]) if numbers and self.type not in (11, 12) else None

    def numbers(self) -> tuple[int | float, ...]:
        """The first values; of a rational, numerators and denominators in turn."""
        layout = _LAYOUTS[self.type] * min(self.count, _MAX_NUMBERS)
        return struct.unpack_from(self.order + layout, self.data)

    def rationals(self) -> list[str]:
        parts = self.numbers()
        return [f"{top}/{bottom}" for top, bottom in zip(parts[::2], parts[1::2], strict=True)]

    @property
    def is_rational(self) -> bool:
        return self.type in _RATIONALS


Directory = dict[int, Entry]


@dataclass(frozen=True, slots=True)
class Block:
    """A TIFF block with the four directories that matter. An empty or unreadable one has none of them."""

    main: Directory
    exif: Directory
    gps: Directory
    interop: Directory
    is_motorola: bool

    def get(self, tag: int) -> Entry | None:
        return self.main.get(tag) or self.exif.get(tag)


def read_block(data: bytes) -> Block:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        return Block({}, {}, {}, {}, is_motorola=False)
    main = _directory(data, order, struct.unpack_from(order + "I", data, 4)[0])
    exif = _pointed(data, order, main.get(EXIF_POINTER))
    gps = _pointed(data, order, main.get(GPS_POINTER))
    return Block(main, exif, gps, _pointed(data, order, exif.get(INTEROP_POINTER)), is_motorola=order == ">")


def _pointed(data: bytes, order: str, pointer: Entry | None) -> Directory:
    place = pointer.number() if pointer else None
    return _directory(data, order, place) if place else {}


def _directory(data: bytes, order: str, place: int) -> Directory:
    entries: Directory = {}
    if not 8 <= place <= len(data) - 2:
        return entries
    (count,) = struct.unpack_from(order + "H", data, place)
    for index in range(min(count, _MAX_ENTRIES)):
        at = place + 2 + 12 * index
        if at + 12 > len(data):
            break
        tag, type_, length = struct.unpack_from(order + "HHI", data, at)
        if type_ not in _LAYOUTS or not length:
            continue
        size = struct.calcsize("=" + _LAYOUTS[type_]) * length
        value_at = at + 8 if size <= 4 else struct.unpack_from(order + "I", data, at + 8)[0]
        if value_at + size <= len(data):
            entries.setdefault(tag, Entry(tag, type_, length, data[value_at : value_at + size], value_at, order))
    return entries
