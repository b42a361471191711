"""What players show about a film: QuickTime user data, keyed metadata, iTunes lists. For `no-location` alone.

Promises: what is known to be harmless stays byte for byte, anything else becomes free space; a list that does not add
up becomes free space whole.
"""

from __future__ import annotations

from gateway.core.formats.headers.header import Damaged
from gateway.core.formats.privacy.boxes import FREE, Box, boxes, free
from gateway.core.formats.privacy.edits import MAX_BLOCK, Plan
from gateway.core.formats.privacy.names import is_telling
from gateway.core.formats.privacy.xmp import EMPTY, cleaned_xmp

_USER_DATA = frozenset(
    b"\xa9nam \xa9ART \xa9alb \xa9day \xa9cmt \xa9too \xa9gen \xa9wrt \xa9cpy \xa9des \xa9swr \xa9mak \xa9mod \xa9fmt "
    b"\xa9inf \xa9src \xa9prd \xa9dir \xa9prf \xa9enc \xa9req \xa9TIM \xa9TSC \xa9TSZ "
    b"titl auth perf gnre dscp cprt albm yrrc name hnti hinf kind tsel chpl ludt date".split()
)
_PARTS = (b"hdlr", b"keys", b"ilst")
_HANDLERS = frozenset({b"mdta", b"mdir"})


def clean(plan: Plan, box: Box) -> None:
    """A `udta` or `meta` box."""
    inner = Plan(plan.source)
    try:
        if box.kind == b"udta":
            _clean_user_data(inner, box)
        else:
            _clean_list(inner, box)
    except Damaged:
        free(plan, box)
        return
    plan.adopt(inner)


def _clean_user_data(plan: Plan, data: Box) -> None:
    for box in boxes(plan, data.body, data.end):
        if box.kind == b"meta":
            clean(plan, box)
        elif box.kind == b"XMP_" and box.size <= MAX_BLOCK:
            packet = plan.source.read(box.body, box.size)
            plan.overwrite(box.body, box.end, cleaned_xmp(packet) or EMPTY, b" ")
        elif box.kind not in _USER_DATA:
            free(plan, box)


def _clean_list(plan: Plan, meta: Box) -> None:
    """QuickTime's boxes begin at once, those of ISO after four bytes."""
    if meta.size > MAX_BLOCK * 16:
        raise Damaged("its description is far too large")
    head = plan.source.read(meta.body, min(12, meta.size))
    start = meta.body if head[4:8] == b"hdlr" else meta.body + 4
    parts = dict[bytes, Box]()
    for box in boxes(plan, start, meta.end):
        if box.kind not in _PARTS:
            free(plan, box)
        elif parts.setdefault(box.kind, box) is not box:
            raise Damaged("it says the same thing twice")
    handler, keys, values = (parts.get(kind) for kind in _PARTS)
    if handler is None or plan.source.read(handler.body + 8, 4) not in _HANDLERS:
        raise Damaged("it is written for one brand of camera")
    names = _keys(plan, keys) if keys else []
    for box in boxes(plan, values.body, values.end) if values else ():
        if box.kind not in FREE and _is_telling(plan, box, names):
            free(plan, box)


def _keys(plan: Plan, box: Box) -> list[str]:
    if box.size > MAX_BLOCK:
        raise Damaged("its description is far too large")
    names, at = list[str](), 8
    data = plan.source.read(box.body, box.size)
    while at + 8 <= len(data):
        plan.step()
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8:
            raise Damaged("one of its parts does not fit")
        names.append(data[at + 8 : at + size].decode("utf-8", "replace"))
        at += size
    return names


def _is_telling(plan: Plan, box: Box, names: list[str]) -> bool:
    number = int.from_bytes(box.kind, "big")
    if 1 <= number <= len(names):
        return is_telling(names[number - 1])
    if box.kind == b"----":
        # iTunes spells freely chosen names out: who chose it, and what it is called.
        parts = [part for part in boxes(plan, box.body, box.end) if part.kind in (b"mean", b"name")]
        said = b" ".join(plan.source.read(part.body, min(part.size, 1024)) for part in parts)
        return is_telling(said.decode("utf-8", "replace"))
    return is_telling(box.kind.decode("latin-1"))
