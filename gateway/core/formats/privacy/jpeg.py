"""JPEG: the segments before the picture, and whatever lies behind it.

Promises: of the segments only those stay that draw, that say how colours are meant, or whose content is known and was
cleaned; entropy-coded data is never touched. Behind the end of the picture only the further pictures of a
multi-picture file stay, cleaned in place; films, trailers and leftovers of phones go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.formats.headers.header import Damaged, Source
from gateway.core.formats.privacy import mpf
from gateway.core.formats.privacy.edits import Plan, Policy
from gateway.core.formats.privacy.exif_block import cleaned_exif
from gateway.core.formats.privacy.photoshop import SIGNATURE as _PHOTOSHOP
from gateway.core.formats.privacy.photoshop import cleaned_resources
from gateway.core.formats.privacy.xmp import cleaned_xmp

_MAX_SEGMENTS = 5_000
_MAX_JUNK = 4_096
_MAX_MARKERS = 20_000
_SOI, _EOI, _SOS, _APP0, _APP1, _APP2, _APP12, _APP13, _APP14, _COM = (
    0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEC, 0xED, 0xEE, 0xFE,
)  # fmt: skip
_APPS = range(0xE0, 0xF0)
_STANDALONE = frozenset({0x01, _SOI, *range(0xD0, 0xD8)})
_NEXT_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_EXIF, _XMP = b"Exif\0", b"http://ns.adobe.com/xap/1.0/\0"
_PROFILE = b"ICC_PROFILE\0"
_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
# Kept as they are. A colour profile comes in several segments.
_STRUCTURE = ((_APP0, b"AVI1"), (_APP2, _PROFILE), (_APP14, b"Adobe"))
# Kept as long as the further pictures of the file are.
_HARMLESS = ((_APP2, _GAIN_MAP), (_APP2, mpf.SIGNATURE), (_APP12, b"Ducky"), (_APP13, b"Adobe_CM"))


@dataclass(frozen=True, slots=True)
class _Segment:
    """From its first 0xFF at `start` to `end`; what it says begins at `body`. `gap` is where the one before ended."""

    marker: int
    gap: int
    start: int
    body: int
    end: int


def clean(plan: Plan, policy: Policy) -> None:
    source = plan.source
    end, index = _clean_picture(plan, 0, source.size, policy, in_place=False)
    if end == source.size:
        return
    if index is None or policy == "strip":  # a list that is stripped has been removed with the other segments
        plan.remove_tail(end, policy)
        return
    place = index.body + len(mpf.SIGNATURE)
    pictures = mpf.read(source, place, end)
    last = _clean_further(plan, pictures, end, policy)
    plan.remove_tail(last, policy)
    if last > end:
        mpf.point(plan, place, pictures, end)
    else:
        plan.remove(index.start, index.end)


def _clean_further(plan: Plan, pictures: tuple[mpf.Picture, ...], end: int, policy: Policy) -> int:
    """Where the last further picture ends; `end` when they are not to be kept. Their lengths stay: XMP tells them
    as well."""
    further, at = Plan(plan.source), end
    try:
        for picture in sorted(pictures, key=lambda picture: picture.start):
            further.blank(at, picture.start)
            picture_end, _ = _clean_picture(further, picture.start, picture.end, policy, in_place=True)
            further.blank(picture_end, picture.end)
            at = picture.end
    except Damaged:
        return end
    plan.adopt(further)
    return at


def _clean_picture(
    plan: Plan, start: int, limit: int, policy: Policy, *, in_place: bool
) -> tuple[int, _Segment | None]:
    """Where the picture ends, and the segment with its list of further pictures, if it has one."""
    source, index = plan.source, None
    for segment in _segments(plan, start, limit):
        if segment.gap < segment.start:
            fill = segment.start - segment.gap
            plan.replace(segment.gap, segment.start, b"\xff" * fill if in_place else b"")
        if segment.marker == _SOS:
            return _end_of_picture(source, segment.end, limit), index
        if segment.marker not in _APPS and segment.marker != _COM:
            continue
        body = source.read(segment.body, segment.end - segment.body)
        if segment.marker == _APP2 and body.startswith(mpf.SIGNATURE) and index is None:
            index = segment
        left = _reduced(segment.marker, body, policy)
        if left == body and left:
            continue
        if in_place:
            # Behind resources, filling would be read as one more of them.
            left = b"" if body.startswith(_PHOTOSHOP) else left
            plan.overwrite(segment.body, segment.end, left, b" " if body.startswith(_XMP) else b"\0")
        elif not left:
            plan.remove(segment.start, segment.end)
        else:
            size = (len(left) + 2).to_bytes(2, "big")
            plan.replace(segment.start, segment.end, bytes((0xFF, segment.marker)) + size + left)
    raise Damaged("it holds no picture")


def _reduced(marker: int, body: bytes, policy: Policy) -> bytes:
    """What may stay of a segment; empty when it is to go."""
    if marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 14:
        return body[:12] + b"\0\0" if any(body[12:14]) else body  # its thumbnail may show what was cropped away
    if _is_one_of(marker, body, _STRUCTURE):
        return body
    if marker == _APP1 and body.startswith(_EXIF):
        block = cleaned_exif(body[6:], policy)
        return body[:6] + block if block else b""
    if policy == "strip":
        return b""
    if marker == _APP1 and body.startswith(_XMP):
        packet = cleaned_xmp(body[len(_XMP) :])
        return _XMP + packet if packet else b""
    if marker == _APP13 and body.startswith(_PHOTOSHOP):
        resources = cleaned_resources(body[len(_PHOTOSHOP) :])
        return _PHOTOSHOP + resources if resources else b""
    return body if marker == _COM or _is_one_of(marker, body, _HARMLESS) else b""


def _is_one_of(marker: int, body: bytes, known: tuple[tuple[int, bytes], ...]) -> bool:
    return any(marker == of and body.startswith(name) for of, name in known)


def _segments(plan: Plan, start: int, limit: int) -> Iterator[_Segment]:
    """All segments up to and including the header of the first scan."""
    source = plan.source
    if source.read(start, 2) != b"\xff\xd8":
        raise Damaged("it holds no picture")
    at = gap = start + 2
    for _ in range(_MAX_SEGMENTS):
        plan.step()
        marker, at = _marker(source, at)
        if marker in _STANDALONE:
            continue
        if marker == _EOI:
            raise Damaged("it holds no picture")
        end = at + max(2, source.unpack(">H", at)[0])
        if end > limit:
            raise Damaged("it ends too early")
        yield _Segment(marker, gap, at - 2, at + 2, end)
        at = gap = end
        if marker == _SOS:
            return
    raise Damaged("it has far too many segments")


def _marker(source: Source, at: int) -> tuple[int, int]:
    """The next marker and the place after it, past fill bytes and a little junk, as decoders do."""
    found = source.read(at, 2)
    if found[0] == 0xFF and found[1] not in (0x00, 0xFF):
        return found[1], at + 2
    junk = source.read(at, min(_MAX_JUNK, source.size - at))
    if match := _NEXT_MARKER.search(junk):
        return junk[match.end() - 1], at + match.end()
    raise Damaged("it ends too early")


def _end_of_picture(source: Source, at: int, limit: int) -> int:
    """Behind the end marker, over all scans and the tables between them. The limit when there is no such marker:
    decoders show what there is."""
    for _ in range(_MAX_MARKERS):
        found = _next_marker(source, at, limit)
        if found is None:
            return limit
        marker, at = found
        if marker == _EOI:
            return at
        if marker not in _STANDALONE and at + 2 <= limit:
            at += source.unpack(">H", at)[0]
    raise Damaged("it has far too many scans")


def _next_marker(source: Source, at: int, limit: int) -> tuple[int, int] | None:
    while at + 1 < limit:
        window, place = source.window(at)
        if match := _NEXT_MARKER.search(window, place):
            end = at + match.end() - place
            return (window[match.end() - 1], end) if end <= limit else None
        border = at + len(window) - place - 1
        pair = source.read(border, min(2, source.size - border))
        if _NEXT_MARKER.match(pair):
            return pair[1], border + 2
        at = border + 1
    return None
