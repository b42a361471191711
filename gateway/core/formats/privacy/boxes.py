"""The boxes of ISO media files (AVIF, HEIC, MP4, MOV), and how one is emptied without moving any other.

Promises: offsets all over such a file point into it, so nothing ever changes its length: a box becomes free space.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.formats.headers.header import Damaged
from gateway.core.formats.privacy.edits import Plan

FREE = frozenset({b"free", b"skip", b"wide"})


@dataclass(frozen=True, slots=True)
class Box:
    """From `start` to `end`; its content begins at `body`."""

    kind: bytes
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.body


def boxes(plan: Plan, start: int, end: int) -> Iterator[Box]:
    """A box that does not fit where it lies is `Damaged`; a few zeros behind the last one are a custom of QuickTime."""
    at = start
    while end - at >= 8:
        box = box_at(plan, at, end)
        if box is None:
            if plan.is_blank(at, end):
                return
            raise Damaged("one of its parts does not fit")
        yield box
        at = box.end
    if not plan.is_blank(at, end):
        raise Damaged("one of its parts does not fit")


def box_at(plan: Plan, at: int, limit: int) -> Box | None:
    plan.step()
    head = plan.source.read(at, min(16, limit - at))
    length, kind, body = int.from_bytes(head[:4], "big"), head[4:8], at + 8
    if length == 1 and len(head) == 16:
        length, body = int.from_bytes(head[8:], "big"), at + 16
    elif length == 0 and kind != bytes(4):
        length = limit - at
    if not body - at <= length <= limit - at:
        return None
    return Box(kind, at, body, at + length)


def is_within(homes: list[Box], start: int, end: int) -> bool:
    """Whether one of the boxes, which are in the order of the file, holds all of it."""
    index = bisect_right(homes, start, key=lambda box: box.body) - 1
    return index >= 0 and end <= homes[index].end


def free(plan: Plan, box: Box) -> None:
    if box.kind not in FREE:
        plan.replace(box.start + 4, box.start + 8, b"free")
    plan.blank(box.body, box.end)
