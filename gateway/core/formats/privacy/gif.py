"""GIF: comments and application blocks; what lies behind the last picture.

Promises: pictures, their timing, the number of rounds and a colour profile stay byte for byte.
"""

from __future__ import annotations

from gateway.core.formats.headers.header import Damaged
from gateway.core.formats.privacy.edits import MAX_BLOCK, Plan, Policy
from gateway.core.formats.privacy.xmp import cleaned_xmp

_MAX_BLOCKS = 1_000_000
_TRAILER, _EXTENSION, _IMAGE = 0x3B, 0x21, 0x2C
_GRAPHIC_CONTROL, _PLAIN_TEXT, _COMMENT, _APPLICATION = 0xF9, 0x01, 0xFE, 0xFF
_STRUCTURE = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")
_XMP = b"XMP DataXMP"
# A packet lies in the open; a run of falling bytes behind it leads readers of blocks to the end wherever they are.
_XMP_TAIL = 258


def clean(plan: Plan, policy: Policy) -> None:
    source = plan.source
    if source.read(0, 4) != b"GIF8":
        raise Damaged("it is not a GIF")
    at, pictures, blocks = 13 + _palette_bytes(source.read(10, 1)[0]), 0, 0
    while at < source.size:
        plan.step()
        start, (kind,) = at, source.read(at, 1)
        if kind == _IMAGE:
            at, blocks = _skip(plan, at + 11 + _palette_bytes(source.read(at + 9, 1)[0]), blocks)
            pictures += 1
        elif kind == _EXTENSION:
            (label,) = source.read(at + 1, 1)
            at, blocks = _skip(plan, at + 2, blocks)
            if not _may_stay(plan, label, start, at, policy):
                plan.remove(start, at)
        elif kind == _TRAILER:
            plan.remove_tail(at + 1, policy)
            return
        elif pictures:
            # Whatever follows the last picture is ignored by every player.
            plan.replace(at, source.size, b";")
            return
        else:
            raise Damaged("it holds something that is not a GIF block")
    if not pictures:
        raise Damaged("it holds no picture")


def _may_stay(plan: Plan, label: int, start: int, end: int, policy: Policy) -> bool:
    if label in (_GRAPHIC_CONTROL, _PLAIN_TEXT):
        return True
    if label != _APPLICATION:
        return label == _COMMENT and policy != "strip"
    name = plan.source.read(start + 3, 11) if end - start > 14 else b""
    if name == _XMP and policy != "strip" and 14 + _XMP_TAIL < end - start <= MAX_BLOCK:
        packet = plan.source.read(start + 14, end - start - 14 - _XMP_TAIL)
        return cleaned_xmp(packet) == packet
    return name in _STRUCTURE


def _skip(plan: Plan, at: int, blocks: int) -> tuple[int, int]:
    """Past a chain of sub-blocks and the zero that ends it."""
    while True:
        window, place = plan.source.window(at)
        start, size = place, len(window)
        while place < size:
            length = window[place]
            place += length + 1
            blocks += 1
            if not length:
                return at + place - start, blocks
        at += place - start
        if blocks > _MAX_BLOCKS:
            raise Damaged("it is cut into far too many blocks")


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
