"""Tracks that are no picture, sound or subtitle but a record of where the camera was: blanked, samples and all.

Promises: only bytes inside the film's sample data are touched, and only those the track itself claims.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

from gateway.core.formats.headers.header import Damaged
from gateway.core.formats.privacy.boxes import Box, boxes, is_within
from gateway.core.formats.privacy.edits import Plan

# GoPro, Google, Apple, DJI and Sony all write their telemetry as timed metadata.
_TELEMETRY = frozenset({b"meta", b"camm"})
_WORDS = frozenset({b"text", b"sbtl", b"subt", b"subp"})
_TABLES = frozenset({b"stsc", b"stsz", b"stco", b"co64"})
_MAX_TABLE = 8 << 20
_PEEK = 4_096
# DJI writes the flight into subtitles: `GPS (8.5, 47.3, 19)` or `[latitude: 47.3] [longitude: 8.5]`.
_FLIGHT = re.compile(rb"GPS\s{0,4}[(:]|latitude\s{0,4}:", re.IGNORECASE)


def tells_places(plan: Plan, parts: list[Box]) -> bool:
    media = _inside(plan, parts, b"mdia")
    handler = next((box for box in media if box.kind == b"hdlr"), None)
    if handler is None or handler.size < 12:
        return False
    kind = plan.source.read(handler.body + 8, 4)
    return kind in _TELEMETRY or (kind in _WORDS and _is_flight(plan, parts))


def blank_samples(plan: Plan, parts: list[Box], samples: list[Box]) -> None:
    """`samples` are the boxes of sample data, in the order of the file."""
    last = 0
    for start, end in sorted(_chunks(plan, parts)):
        if end > max(start, last) and is_within(samples, start, end):
            plan.blank(max(start, last), end)
            last = end


def _is_flight(plan: Plan, parts: list[Box]) -> bool:
    for start, end in _chunks(plan, parts):
        if end > plan.source.size:
            return False
        if end > start:
            return _FLIGHT.search(plan.source.read(start, min(end - start, _PEEK))) is not None
    return False


def _chunks(plan: Plan, parts: list[Box]) -> Iterator[tuple[int, int]]:
    """From where to where each run of samples lies, by the four tables that tell it together."""
    media = _inside(plan, parts, b"mdia")
    tables = {box.kind: box for box in _inside(plan, _inside(plan, media, b"minf"), b"stbl") if box.kind in _TABLES}
    wide = b"co64" in tables
    sizes_box = tables.get(b"stsz")
    if sizes_box is None or sizes_box.size < 12:
        return
    (fixed,) = plan.source.unpack(">I", sizes_box.body + 4)
    sizes = _rows(plan, None if fixed else sizes_box, 8, "I")
    runs = _rows(plan, tables.get(b"stsc"), 4, "III")
    run, coming = next(runs, (0, 0, 0)), next(runs, None)
    offsets = _rows(plan, tables.get(b"co64" if wide else b"stco"), 4, "Q" if wide else "I")
    for index, (offset,) in enumerate(offsets, 1):
        plan.step()
        while coming and coming[0] <= index:
            run, coming = coming, next(runs, None)
        length = run[1] * fixed or sum(size for (size,) in islice(sizes, run[1]))
        yield offset, offset + length


def _rows(plan: Plan, box: Box | None, count_at: int, row: str) -> Iterator[tuple[int, ...]]:
    """One after the other: as a list, the samples of a long film would take a hundred times their size."""
    if box is None or box.size < count_at + 4:
        return iter(())
    if box.size > _MAX_TABLE:
        raise Damaged("its description is far too large")
    (count,) = plan.source.unpack(">I", box.body + count_at)
    width, start = struct.calcsize(">" + row), box.body + count_at + 4
    rows = plan.source.read(start, min(count, (box.end - start) // width) * width)
    return struct.iter_unpack(">" + row, rows)


def _inside(plan: Plan, parts: list[Box], kind: bytes) -> list[Box]:
    box = next((part for part in parts if part.kind == kind), None)
    return list(boxes(plan, box.body, box.end)) if box else []
