"""The items of an AVIF or HEIC picture: its EXIF blocks and XMP packets, overwritten where they lie.

Promises: an item keeps its place and its length, so that no offset has to follow; picture items are not touched.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from gateway.core.formats.headers.header import Damaged
from gateway.core.formats.privacy.boxes import Box, boxes, free, is_within
from gateway.core.formats.privacy.edits import MAX_BLOCK, Plan, Policy
from gateway.core.formats.privacy.exif_block import cleaned_exif, upright
from gateway.core.formats.privacy.xmp import EMPTY, cleaned_xmp

_MAX_ITEMS = 1_000
_XMP_TYPE = b"application/rdf+xml"
# Descriptions and dates among the properties. Properties are told by their number, so one becomes free space.
_DESCRIPTIONS = frozenset({b"udes", b"crtt", b"mdft"})
_EXIF_PREFIX = b"Exif\0\0"


@dataclass(frozen=True, slots=True)
class _Item:
    number: int
    kind: bytes
    is_xmp: bool


def is_picture(plan: Plan, meta: Box) -> bool:
    if plan.source.read(meta.body, min(8, meta.size))[4:] == b"hdlr":
        return False  # QuickTime's, which has no version in front
    return any(_handler(plan, box) == b"pict" for box in _parts(plan, meta) if box.kind == b"hdlr")


def clean(plan: Plan, meta: Box, samples: list[Box], policy: Policy) -> None:
    parts = {box.kind: box for box in _parts(plan, meta)}
    infos, places = parts.get(b"iinf"), parts.get(b"iloc")
    if infos and places:
        told = [item for item in _items(plan, infos) if item.kind in (b"Exif", b"mime", b"uri ")]
        if len(told) > _MAX_ITEMS:
            raise Damaged("it has far too many parts")
        if places.size > MAX_BLOCK:
            raise Damaged("its description is far too large")
        spans = _Places(plan.source.read(places.body, places.size)).of({item.number for item in told})
        for item in told:
            homes = samples, [box for kind, box in parts.items() if kind == b"idat"]
            _clean_item(plan, item, _absolute(spans.get(item.number, ()), *homes), policy)
    if policy == "strip" and (properties := parts.get(b"iprp")):
        for box in boxes(plan, properties.body, properties.end):
            for inner in boxes(plan, box.body, box.end) if box.kind == b"ipco" else ():
                if inner.kind in _DESCRIPTIONS:
                    free(plan, inner)


def _parts(plan: Plan, meta: Box) -> list[Box]:
    return list(boxes(plan, meta.body + 4, meta.end)) if meta.size >= 4 else []


def _handler(plan: Plan, box: Box) -> bytes:
    return plan.source.read(box.body + 8, 4) if box.size >= 12 else b""


def _items(plan: Plan, infos: Box) -> list[_Item]:
    start = infos.body + (6 if plan.source.read(infos.body, 1) == b"\0" else 8)
    found = []
    for box in boxes(plan, start, infos.end):
        head = plan.source.read(box.body, min(box.size, 512))
        if box.kind != b"infe" or not head or head[0] not in (2, 3):
            continue
        wide = head[0] == 3
        number, _, kind = struct.unpack_from(">IH4s" if wide else ">HH4s", head, 4)
        words = head[14 if wide else 12 :].split(b"\0")
        found.append(_Item(number, kind, kind == b"mime" and words[1:2] == [_XMP_TYPE]))
    return found


class _Places:
    """The table of where items lie, of which only some are wanted."""

    def __init__(self, table: bytes) -> None:
        self.table, self.at = table, 6
        self.version, widths = table[0], struct.unpack_from(">H", table, 4)[0]
        self.of_offset, self.of_length, self.of_base = widths >> 12, widths >> 8 & 15, widths >> 4 & 15
        self.of_index = widths & 15 if self.version else 0

    def of(self, wanted: set[int]) -> dict[int, tuple[tuple[int, int, int], ...]]:
        """By item: method, start and length of each piece."""
        wide = 4 if self.version == 2 else 2
        found = {}
        for _ in range(self.take(wide)):
            number = self.take(wide)
            method = self.take(2) & 15 if self.version else 0
            self.take(2)
            base, count = self.take(self.of_base), self.take(2)
            if number not in wanted:
                self.at += count * (self.of_index + self.of_offset + self.of_length)
                continue
            pieces = []
            for _ in range(min(count, _MAX_ITEMS)):
                self.take(self.of_index)
                start = base + self.take(self.of_offset)
                pieces.append((method, start, self.take(self.of_length)))
            found[number] = tuple(pieces)
        return found

    def take(self, width: int) -> int:
        if self.at + width > len(self.table):
            raise Damaged("one of its parts does not fit")
        self.at += width
        return int.from_bytes(self.table[self.at - width : self.at], "big")


def _absolute(pieces: tuple[tuple[int, int, int], ...], samples: list[Box], inside: list[Box]) -> list[tuple[int, int]]:
    """Pieces lie in the file's sample data or in a box of their own: what lies elsewhere would destroy what is
    written there."""
    spans = []
    for method, start, length in pieces:
        if method not in (0, 1):
            continue  # made from other items: there is nothing of its own to clean
        homes = inside if method else samples
        start += inside[0].body if method and inside else 0
        if length and not is_within(homes, start, start + length):
            raise Damaged("one of its parts does not fit")
        spans.append((start, start + length))
    return spans


def _clean_item(plan: Plan, item: _Item, spans: list[tuple[int, int]], policy: Policy) -> None:
    size = sum(end - start for start, end in spans)
    left = b""
    if size <= MAX_BLOCK:
        data = b"".join(plan.source.read(start, end - start) for start, end in spans)
        left = next((choice for choice in _choices(item, data, policy) if len(choice) <= size), b"")
    left = left and left.ljust(size, b" " if item.is_xmp else b"\0")
    at = 0
    for start, end in spans:
        plan.overwrite(start, end, left[at : at + end - start])
        at += end - start


def _choices(item: _Item, data: bytes, policy: Policy) -> tuple[bytes, ...]:
    """What may take its place, the best first; the first that fits is taken."""
    if item.kind == b"Exif":
        # A block that is gone would leave an item readers stumble over; one that turns nothing does not.
        plain = bytes(4) + upright()
        prefix = 4 + int.from_bytes(data[:4], "big")
        if data[4:prefix] not in (b"", _EXIF_PREFIX):
            return (plain,)
        return data[:prefix] + (cleaned_exif(data[prefix:], policy) or upright()), plain
    if item.is_xmp:
        return (cleaned_xmp(data) if policy != "strip" else b"") or EMPTY, b" "
    return (data if policy != "strip" else b"",)
