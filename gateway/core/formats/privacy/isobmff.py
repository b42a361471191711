"""AVIF, HEIC, MP4 and MOV: which boxes may stay, at the top and in the description of a film.

Promises: nothing that stays moves by a byte; a kind of box that nobody documented at these places becomes free space,
and free space is blank: cameras have written places into it. Whatever lies behind the last box goes.
"""

from __future__ import annotations

from gateway.core.formats.headers.header import Damaged
from gateway.core.formats.privacy import items, notes, tracks
from gateway.core.formats.privacy.boxes import FREE, Box, box_at, boxes, free
from gateway.core.formats.privacy.edits import MAX_BLOCK, Plan, Policy
from gateway.core.formats.privacy.xmp import EMPTY, cleaned_xmp

_FRAGMENTS = frozenset({b"moof", b"mfra", b"sidx", b"ssix", b"styp", b"prft", b"emsg"})
# Old QuickTime films do not say what they are.
_FIRST = frozenset({b"ftyp", b"moov", b"mdat"}) | FREE
_TOP = frozenset({b"ftyp", b"pdin", b"mdat", b"imda"}) | _FRAGMENTS
_FILM = frozenset({b"mvhd", b"mvex", b"iods", b"cmov", b"rmra", b"ctab", b"clip", b"pssh", b"prfl"})
_TRACK = frozenset(
    {b"edts", b"tref", b"load", b"imap", b"matt", b"clip", b"tapt", b"trgr", b"txas"}
    | {b"mdia", b"hdlr", b"minf", b"elng"}  # and inside of its media
)
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
# How a sphere is to be shown (Google's first specification): without it the film is a distorted one.
_SPHERICAL = bytes.fromhex("ffcc8263f8554a938814587a02521fdd")


def clean(plan: Plan, policy: Policy) -> None:
    if plan.source.read(4, 4) not in _FIRST:
        raise Damaged("it does not say what it is")
    tops = _tops(plan)
    samples = [box for box in tops if box.kind in (b"mdat", b"imda")]
    shows = False
    for box in tops:
        if box.kind == b"moov":
            _clean_film(plan, box, samples, policy)
            shows = True
        elif box.kind == b"meta" and items.is_picture(plan, box):
            items.clean(plan, box, samples, policy)
            shows = True
        elif box.kind not in _TOP:
            _clean_note(plan, box, policy)
    if not shows:
        raise Damaged("its description is missing")


def _tops(plan: Plan) -> list[Box]:
    size, found, at = plan.source.size, list[Box](), 0
    while at < size:
        box = box_at(plan, at, size) if size - at >= 8 else None
        if box is None or not box.kind.isascii():
            # Some cameras hang a trailer of their own behind the last box. A file cut short looks different: the box
            # that is too long is one of those every film has.
            kind = plan.source.read(at, min(8, size - at))[4:]
            if kind in _TOP | {b"moov", b"meta"} or not any(top.kind in (b"moov", b"meta") for top in found):
                raise Damaged("it ends too early")
            plan.remove(at, size)
            break
        found.append(box)
        at = box.end
    return found


def _clean_film(plan: Plan, film: Box, samples: list[Box], policy: Policy) -> None:
    for box in boxes(plan, film.body, film.end):
        if box.kind == b"trak":
            _clean_track(plan, box, samples, policy)
        elif box.kind == b"mvhd" and policy == "strip":
            _clear_dates(plan, box)
        elif box.kind not in _FILM:
            _clean_note(plan, box, policy)


def _clean_track(plan: Plan, track: Box, samples: list[Box], policy: Policy) -> None:
    parts = list(boxes(plan, track.body, track.end))
    if tracks.tells_places(plan, parts):
        tracks.blank_samples(plan, parts, samples)
        free(plan, track)
        return
    media = [inner for box in parts if box.kind == b"mdia" for inner in boxes(plan, box.body, box.end)]
    for box in parts + media:
        if box.kind in (b"tkhd", b"mdhd"):
            if policy == "strip":
                _clear_dates(plan, box)
        elif box.kind not in _TRACK:
            _clean_note(plan, box, policy)


def _clear_dates(plan: Plan, box: Box) -> None:
    """When it was made and changed, behind a version byte that tells how wide the two are."""
    width = 16 if plan.source.read(box.body, 1) == b"\1" else 8
    if box.size < 4 + width:
        raise Damaged("one of its parts is too short")
    plan.blank(box.body + 4, box.body + 4 + width)


def _clean_note(plan: Plan, box: Box, policy: Policy) -> None:
    if box.kind == b"uuid" and box.size >= 16:
        brand = plan.source.read(box.body, 16)
        if brand == _SPHERICAL:
            return
        if brand == _XMP and policy != "strip" and box.size <= MAX_BLOCK:
            packet = plan.source.read(box.body + 16, box.size - 16)
            plan.overwrite(box.body + 16, box.end, cleaned_xmp(packet) or EMPTY, b" ")
            return
    if policy == "strip" or box.kind not in (b"udta", b"meta"):
        free(plan, box)
    else:
        notes.clean(plan, box)
