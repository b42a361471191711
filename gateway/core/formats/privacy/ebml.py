"""WebM and Matroska: tags, attachments, and the words about a film, voided where they lie.

Promises: nothing moves: what goes becomes a Void element of the same length, so that the index still points right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.formats.headers.header import Damaged
from gateway.core.formats.privacy.edits import Plan, Policy
from gateway.core.formats.privacy.names import is_telling

_EBML, _SEGMENT, _VOID, _CRC = 0x1A45DFA3, 0x18538067, 0xEC, 0xBF
_INFO, _CLUSTER, _ATTACHMENTS, _TAGS = 0x1549A966, 0x1F43B675, 0x1941A469, 0x1254C367
# The parts of a film: one of them ends a cluster whose length was unknown when it was begun.
_PARTS = frozenset({_INFO, _CLUSTER, _ATTACHMENTS, _TAGS, 0x114D9B74, 0x1654AE6B, 0x1C53BB6B, 0x1043A770})
_TAG, _SIMPLE, _NAME, _FILE, _FILE_TYPE = 0x7373, 0x67C8, 0x45A3, 0x61A7, 0x4660
# Title, date, the names of this file and of the ones before and after.
_WORDS = frozenset({0x7BA9, 0x4461, 0x7384, 0x3C83AB, 0x3E83BB})
_NAMES = frozenset({0x7384, 0x3C83AB, 0x3E83BB})
_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class _Element:
    """From `start` to `end`; its content begins at `body`. Without `end` the length is not known."""

    id: int
    start: int
    body: int
    end: int | None


def clean(plan: Plan, policy: Policy) -> None:
    size = plan.source.size
    head = _element(plan, 0, size)
    if head.id != _EBML or head.end is None:
        raise Damaged("it does not say what it is")
    film = _element(plan, head.end, size)
    if film.id != _SEGMENT:
        raise Damaged("it holds no film")
    for part in _parts(plan, film.body, film.end or size):
        if part.end is None:
            continue
        if part.id == _INFO:
            _void_inside(plan, part, _WORDS if policy == "strip" else _NAMES)
        elif part.id in (_TAGS, _ATTACHMENTS):
            _clean_list(plan, part, part.end, policy)
        elif part.id == _VOID:
            plan.blank(part.body, part.end)  # editors write it over tags without clearing them
    if film.end is not None:
        plan.remove(film.end, size)


def _clean_list(plan: Plan, part: _Element, end: int, policy: Policy) -> None:
    if policy == "strip":
        _void(plan, part.start, end)
        return
    inner = Plan(plan.source)
    try:
        (_clean_tags if part.id == _TAGS else _clean_files)(inner, part)
    except Damaged:
        _void(plan, part.start, end)
        return
    plan.adopt(inner)


def _parts(plan: Plan, start: int, end: int) -> Iterator[_Element]:
    at, in_cluster = start, False
    while at < end:
        part = _element(plan, at, end)
        if part.end is None and part.id != _CLUSTER:
            raise Damaged("one of its parts has no length")
        in_cluster = part.end is None or (in_cluster and part.id not in _PARTS)
        if not in_cluster or part.id == _VOID:
            yield part
        at = part.body if part.end is None else part.end


def _element(plan: Plan, at: int, limit: int) -> _Element:
    plan.step()
    head = plan.source.read(at, min(12, limit - at))
    id_size = _width(head, 0, 4)
    size_size = _width(head, id_size, 8)
    body = at + id_size + size_size
    number = int.from_bytes(head[id_size : id_size + size_size], "big")
    known = (1 << 7 * size_size) - 1
    end = None if number & known == known else body + (number & known)
    if body > limit or (end or 0) > limit:
        raise Damaged("it ends too early")
    return _Element(int.from_bytes(head[:id_size], "big"), at, body, end)


def _width(head: bytes, at: int, most: int) -> int:
    """How many bytes a number takes, by its leading zeros."""
    width = 9 - head[at].bit_length() if at < len(head) else 9
    if width > most:
        raise Damaged("it holds something that is not an element")
    return width


def _children(plan: Plan, start: int, end: int) -> Iterator[tuple[_Element, int]]:
    while start < end:
        child = _element(plan, start, end)
        if child.end is None:
            raise Damaged("one of its parts has no length")
        yield child, child.end
        start = child.end


def _void(plan: Plan, start: int, end: int) -> None:
    """The length is written in one byte where that is enough, in eight otherwise: each leaves the content blank."""
    size = end - start
    head = bytes((_VOID, 0x80 | size - 2)) if size <= 128 else bytes((_VOID, 1)) + (size - 9).to_bytes(7, "big")
    plan.replace(start, end, head, zeros=size - len(head))


def _void_inside(plan: Plan, parent: _Element, ids: frozenset[int]) -> None:
    found = list(_children(plan, parent.body, parent.end or 0))
    doomed = [(child, end) for child, end in found if child.id in ids]
    for child, end in doomed:
        _void(plan, child.start, end)
    if doomed:
        _void_sums(plan, found)


def _void_sums(plan: Plan, children: list[tuple[_Element, int]]) -> None:
    """A checksum over what has changed: the format does not ask for one."""
    for child, end in children:
        if child.id == _CRC:
            _void(plan, child.start, end)


def _clean_tags(plan: Plan, tags: _Element) -> None:
    children = list(_children(plan, tags.body, tags.end or 0))
    found = [_clean_tag(plan, child.body, end, _MAX_DEPTH) for child, end in children if child.id == _TAG]
    if any(found):
        _void_sums(plan, children)


def _clean_tag(plan: Plan, start: int, end: int, depth: int) -> bool:
    """Whether anything had to go from the tags, and tags of tags, between two places."""
    children = list(_children(plan, start, end))
    found = False
    for child, child_end in children:
        if child.id == _SIMPLE:
            if not depth or is_telling(_text(plan, child, child_end, _NAME)):
                _void(plan, child.start, child_end)
                found = True
            else:
                found = _clean_tag(plan, child.body, child_end, depth - 1) or found
    if found:
        _void_sums(plan, children)
    return found


def _clean_files(plan: Plan, files: _Element) -> None:
    """Fonts are needed to draw subtitles. Anything else may be a picture with a place of its own."""
    children = list(_children(plan, files.body, files.end or 0))
    doomed = [
        (child, end)
        for child, end in children
        if child.id == _FILE and "font" not in _text(plan, child, end, _FILE_TYPE)
    ]
    for child, end in doomed:
        _void(plan, child.start, end)
    if doomed:
        _void_sums(plan, children)


def _text(plan: Plan, parent: _Element, end: int, id: int) -> str:
    for child, child_end in _children(plan, parent.body, end):
        if child.id == id:
            return plan.source.read(child.body, min(child_end - child.body, 1024)).decode("utf-8", "replace")
    return ""
