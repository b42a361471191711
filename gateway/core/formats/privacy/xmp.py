"""An XMP packet without the properties that tell a place, a device or its owner.

Promises: everything else stays byte for byte, prefixes and padding included; a packet that cannot be understood for
certain comes back empty, to be removed whole; never raises; a packet is read once, by a parser that knows no entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from gateway.core.formats.privacy.edits import MAX_BLOCK
from gateway.core.formats.privacy.names import is_of_drones, is_telling

EMPTY = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
_MAX_ELEMENTS = 20_000
_MAX_DEPTH = 100
_TAG = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
_NAME = re.compile(rb"""<[^\s<>"'/]+""")
# Matched one after the other, never searched for: a long run of spaces would be tried from each of them.
_ATTRIBUTE = re.compile(rb"""\s++([^\s=<>"'/]++)\s*+=\s*+(?:"[^"]*"|'[^']*')""")
# Besides the telling ones: pictures with an EXIF block of their own, and words about parts that are always removed.
_MORE = re.compile(r"^(?:CiAdr|MotionPhoto|MicroVideo|HasExtendedXMP$|Thumbnails$)|MakerNote$", re.IGNORECASE)
_PICTURES = frozenset({"http://ns.google.com/photos/1.0/image/", "http://ns.adobe.com/xap/1.0/g/img/"})


class _Unclear(Exception):
    pass


def cleaned_xmp(packet: bytes) -> bytes:
    body = packet.rstrip(b"\0")
    if len(body) > MAX_BLOCK or b"\0" in body:
        return b""
    reader = _Reader(body)
    try:
        reader.read()
    except (expat.ExpatError, _Unclear, ValueError):
        return b""
    if not reader.cuts:
        return packet
    parts, at = [], 0
    for start, end in reader.cuts:
        parts.append(body[at:start])
        at = end
    return b"".join((*parts, body[at:]))


class _Reader:
    """Finds the `cuts`: pieces of the packet, in order, that are whole elements or attributes with their space."""

    def __init__(self, packet: bytes) -> None:
        self.packet = packet
        self.cuts: list[tuple[int, int]] = []
        self._depth = self._elements = 0
        self._cut_from = self._cut_depth = 0
        # The encoding is said here, so that a declaration inside cannot make the parser see other bytes than we do.
        self._parser = parser = expat.ParserCreate("utf-8", " ")
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _unclear

    def read(self) -> None:
        self._parser.Parse(self.packet, True)

    def _start(self, name: str, attributes: Any) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise _Unclear
        if self._cut_depth:
            return
        is_telling = _is_private(name)
        if not is_telling and not any(map(_is_private, attributes[::2])):
            return
        at = self._parser.CurrentByteIndex
        tag = _TAG.match(self.packet, at)
        if tag is None:
            raise _Unclear
        if not is_telling:
            self._cut_attributes(attributes[::2], at, tag[0])
        elif tag[0].endswith(b"/>"):
            self.cuts.append(tag.span())
        else:
            self._cut_from, self._cut_depth = at, self._depth

    def _end(self, _name: str) -> None:
        if self._depth == self._cut_depth:
            end = self.packet.index(b">", self._parser.CurrentByteIndex) + 1
            self.cuts.append((self._cut_from, end))
            self._cut_depth = 0
        self._depth -= 1

    def _cut_attributes(self, names: list[str], at: int, tag: bytes) -> None:
        """The parser tells which attributes there are, in order and with their namespaces, but not where."""
        written = [span for found, span in _attributes(tag) if found != b"xmlns" and not found.startswith(b"xmlns:")]
        if len(written) != len(names):
            raise _Unclear
        for name, (start, end) in zip(names, written, strict=True):
            if _is_private(name):
                self.cuts.append((at + start, at + end))


def _attributes(tag: bytes) -> Iterator[tuple[bytes, tuple[int, int]]]:
    match = _NAME.match(tag)
    while match and (match := _ATTRIBUTE.match(tag, match.end())):
        yield match[1], match.span()


def _is_private(name: str) -> bool:
    namespace, _, local = name.rpartition(" ")
    return (
        is_telling(local)
        or _MORE.search(local) is not None
        or is_of_drones(namespace)
        or (namespace in _PICTURES and local.lower() in ("data", "image"))
    )


def _unclear(*_: object) -> None:
    """A document type may declare entities, and with them text that is not where it seems to be."""
    raise _Unclear
