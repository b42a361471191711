"""WebP: the EXIF and XMP chunks, the flags that announce them, chunks nobody documented, and what lies behind the end.

Promises: picture chunks are not touched; the length at the front and the flags say what is really there.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.core.formats.headers.header import Damaged
from gateway.core.formats.privacy.edits import MAX_BLOCK, Plan, Policy
from gateway.core.formats.privacy.exif_block import cleaned_exif
from gateway.core.formats.privacy.xmp import cleaned_xmp

_MAX_CHUNKS = 100_000
_STRUCTURE = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_FLAGS = {b"EXIF": 0x08, b"XMP ": 0x04}
_EXIF_PREFIX = b"Exif\0\0"


def clean(plan: Plan, policy: Policy) -> None:
    source = plan.source
    if source.read(0, 4) != b"RIFF" or source.read(8, 4) != b"WEBP":
        raise Damaged("it is not a WebP")
    end = 8 + source.unpack("<I", 4)[0]
    if end > source.size:
        raise Damaged("it ends too early")
    flags_at, carried = 0, 0
    for kind, start, after, body_end in _chunks(plan, end):
        if kind == b"VP8X" and not flags_at:
            flags_at = start + 8
        if kind in _STRUCTURE:
            continue
        body = source.read(start + 8, body_end - start - 8) if kind in _FLAGS and body_end - start <= MAX_BLOCK else b""
        left = _reduced(kind, body, policy)
        if left:
            carried |= _FLAGS[kind]
        if not left:
            plan.remove(start, after)
        elif left != body:
            plan.replace(start, after, kind + len(left).to_bytes(4, "little") + left + bytes(len(left) & 1))
    plan.remove_tail(end, policy)
    if flags_at:
        (flags,) = source.read(flags_at, 1)
        plan.replace(flags_at, flags_at + 1, bytes((flags & ~0x0C | carried & flags,)))
    plan.replace(4, 8, (plan.moved(end) - 8).to_bytes(4, "little"))


def _chunks(plan: Plan, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Kind, start, the start of the next, and where the content ends."""
    source, at = plan.source, 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            plan.remove(at, end)
            return
        piece = source.read(at, 8)
        body_end = at + 8 + int.from_bytes(piece[4:], "little")
        if body_end > end:
            raise Damaged("it ends too early")
        after = min(body_end + (body_end & 1), end)
        yield piece[:4], at, after, body_end
        at = after
    raise Damaged("it has far too many chunks")


def _reduced(kind: bytes, body: bytes, policy: Policy) -> bytes:
    if kind == b"EXIF":
        block = body.removeprefix(_EXIF_PREFIX)
        left = cleaned_exif(block, policy)
        return body if left == block and left else left
    if kind == b"XMP " and policy != "strip":
        return cleaned_xmp(body)
    return b""
