"""An EXIF block without what tells where, with which very camera and by whose hand a photo was taken.

Promises: what comes back is never longer than what went in, so that it may be written over it; a block without
anything private is returned as it is; never raises. What is kept is a list of what is known to be harmless: a tag
that nobody documented may well hold a serial number.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.formats.exif import orientation
from gateway.core.formats.privacy.edits import MAX_BLOCK, Policy
from gateway.core.formats.tiff import EXIF_POINTER, INTEROP_POINTER, read_block

_MAX_ENTRIES = 500
_LONG = 4
# Bytes of one value by its type; 129 is the UTF-8 of EXIF 3.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 129: 1}
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


def _tags(*runs: tuple[int, int]) -> frozenset[int]:
    return frozenset(tag for first, last in runs for tag in range(first, last + 1))


# Left out on purpose: GPS, MakerNote (serial numbers, sometimes places), unique ids, names of owners and of their
# computers, serial numbers, embedded XMP, IPTC and Photoshop blocks, further directories, Windows' padding.
_HARMLESS = _tags(
    (0x00FE, 0x00FE),  # what the picture is
    (0x0100, 0x0103),
    (0x0106, 0x0106),
    (0x010D, 0x0110),  # document name, description, make, model
    (0x0112, 0x0112),  # orientation
    (0x0115, 0x0115),
    (0x011A, 0x011C),  # resolution
    (0x0128, 0x0128),
    (0x012D, 0x012D),
    (0x0131, 0x0132),  # software, date
    (0x013B, 0x013B),  # artist: an author who signs wants to be named
    (0x013E, 0x013F),
    (0x0211, 0x0214),  # colours
    (0x4746, 0x4749),  # rating
    (0x8298, 0x8298),  # copyright
    (0x829A, 0x829D),  # exposure
    (EXIF_POINTER, EXIF_POINTER),
    (0x8822, 0x8824),
    (0x8827, 0x8833),
    (0x9000, 0x9012),  # dates and their zones
    (0x9101, 0x9102),
    (0x9201, 0x920A),  # how the shot was made
    (0x9214, 0x9214),
    (0x9286, 0x9286),  # the user's comment
    (0x9290, 0x9292),
    (0x9C9B, 0x9C9F),  # Windows' title, comment, author, keywords, subject
    (0xA000, 0xA005),
    (0xA20B, 0xA217),
    (0xA300, 0xA302),
    (0xA401, 0xA40A),
    (0xA40C, 0xA40C),
    (0xA432, 0xA434),  # the kind of lens
    (0xA436, 0xA43C),  # title, photographer, editors
    (0xA460, 0xA462),
    (0xA500, 0xA500),
)
_INTEROP = _tags((0x0001, 0x0002), (0x1000, 0x1002))


@dataclass(frozen=True, slots=True)
class _Field:
    tag: int
    type: int
    count: int
    value: bytes
    entry_at: int
    value_at: int


@dataclass(frozen=True, slots=True)
class _Directory:
    place: int
    fields: tuple[_Field, ...]

    def pointer(self, tag: int, order: str) -> int:
        found = next((field.value for field in self.fields if field.tag == tag and field.type == _LONG), b"")
        return int(struct.unpack_from(order + "I", found)[0]) if found else 0

    def size(self, align: int) -> int:
        values = (len(field.value) for field in self.fields if len(field.value) > 4)
        return 6 + 12 * len(self.fields) + sum(-(-size // align) * align for size in values)


_NONE = _Directory(0, ())


def cleaned_exif(block: bytes, policy: Policy) -> bytes:
    """Empty when nothing is left worth keeping."""
    if len(block) > MAX_BLOCK:
        return b""
    return _turn_only(block) if policy == "strip" else _without_places(block)


def upright(turn: int = 1) -> bytes:
    """The smallest block there is: how the picture is to be turned."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, turn, 0, 0)


def _turn_only(block: bytes) -> bytes:
    turn = orientation(read_block(block))
    if turn == 1:
        return b""
    small = upright(turn)
    return block if block.rstrip(b"\0") == small.rstrip(b"\0") else small[: len(block)]


def _without_places(block: bytes) -> bytes:
    order = _ORDERS.get(block[:4])
    if order is None or len(block) < 8:
        return b""
    main = _directory(block, order, struct.unpack_from(order + "I", block, 4)[0], _HARMLESS)
    exif = _directory(block, order, main.pointer(EXIF_POINTER, order), _HARMLESS - {EXIF_POINTER})
    interop = _directory(block, order, exif.pointer(INTEROP_POINTER, order), _INTEROP)
    directories = (main, exif, interop)
    if sum(len(field.value) for directory in directories for field in directory.fields) > 2 * len(block):
        return _turn_only(block)  # values that lie on each other, made to grow
    if not main.fields:
        return b""
    if _is_all_there_is(block, directories):
        return block
    for align in (2, 1):
        written = _written(block[:4], order, directories, align)
        if len(written) <= len(block):
            return written
    return _turn_only(block)


def _directory(block: bytes, order: str, place: int, wanted: frozenset[int]) -> _Directory:
    if not 8 <= place <= len(block) - 2:
        return _NONE
    fields: dict[int, _Field] = {}
    (count,) = struct.unpack_from(order + "H", block, place)
    for entry_at in range(place + 2, min(place + 2 + 12 * min(count, _MAX_ENTRIES), len(block) - 11), 12):
        tag, type_, length = struct.unpack_from(order + "HHI", block, entry_at)
        size = _SIZES.get(type_, 0) * length
        value_at = entry_at + 8 if size <= 4 else struct.unpack_from(order + "I", block, entry_at + 8)[0]
        if tag in wanted and tag not in fields and size and value_at + size <= len(block):
            fields[tag] = _Field(tag, type_, length, block[value_at : value_at + size], entry_at, value_at)
    return _Directory(place, tuple(fields.values()))


def _is_all_there_is(block: bytes, directories: Iterable[_Directory]) -> bool:
    """Nothing but zeros outside of what is kept. This also finds what some editor only unlinked: a place is still in
    a file when no tag points to it any more."""
    rest = bytearray(block)
    rest[:8] = bytes(8)
    for directory in directories:
        if directory.place:
            rest[directory.place : directory.place + 2] = bytes(2)
        for field in directory.fields:
            rest[field.entry_at : field.entry_at + 12] = bytes(12)
            rest[field.value_at : field.value_at + len(field.value)] = bytes(len(field.value))
    return rest.count(0) == len(rest)


def _written(magic: bytes, order: str, directories: tuple[_Directory, _Directory, _Directory], align: int) -> bytes:
    main, exif, interop = directories
    exif = _pointing(exif, INTEROP_POINTER, bool(interop.fields))
    main = _pointing(main, EXIF_POINTER, bool(exif.fields))
    if not main.fields:
        return b""
    exif_at = 8 + main.size(align)
    interop_at = exif_at + exif.size(align)
    out = bytearray(magic + struct.pack(order + "I", 8))
    for directory in (main, exif, interop):
        if directory.fields:
            _write(out, order, directory, {EXIF_POINTER: exif_at, INTEROP_POINTER: interop_at}, align)
    return bytes(out)


def _pointing(directory: _Directory, tag: int, is_needed: bool) -> _Directory:
    if is_needed:
        return directory
    return _Directory(directory.place, tuple(field for field in directory.fields if field.tag != tag))


def _write(out: bytearray, order: str, directory: _Directory, places: dict[int, int], align: int) -> None:
    fields = sorted(directory.fields, key=lambda field: field.tag)
    values_at = len(out) + 6 + 12 * len(fields)
    values = bytearray()
    out += struct.pack(order + "H", len(fields))
    for field in fields:
        type_, count, value = field.type, field.count, field.value
        if field.tag in places:
            type_, count, value = _LONG, 1, struct.pack(order + "I", places[field.tag])
        out += struct.pack(order + "HHI", field.tag, type_, count)
        if len(value) <= 4:
            out += value.ljust(4, b"\0")
        else:
            out += struct.pack(order + "I", values_at + len(values))
            values += value + bytes(-len(value) % align)
    out += bytes(4) + values
