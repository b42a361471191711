"""Byte ranges: which stretches of a file a request asks for, and several of them in one answer."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.http import parse_range_header

MAX_PARTS = 50


@dataclass(frozen=True, slots=True)
class Part:
    start: int
    length: int

    def header(self, size: int) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def asked_parts(header: str, size: int) -> list[Part] | None:
    """None when the header is to be ignored (not bytes, malformed, wasteful), [] when none of it lies in the file."""
    asked = parse_range_header(header)
    if not asked or asked.units != "bytes" or len(asked.ranges) > MAX_PARTS:
        return None
    parts = []
    for first, stop in asked.ranges:
        start = max(0, size + first) if first < 0 else first
        end = size if stop is None else min(stop, size)
        if start < end:
            parts.append(Part(start, end - start))
    return None if sum(part.length for part in parts) > size else parts


def multipart_pieces(parts: list[Part], kind: str, size: int) -> list[Part | bytes]:
    pieces: list[Part | bytes] = []
    for part in parts:
        head = f"\r\n--picgate-part\r\nContent-Type: {kind}\r\nContent-Range: {part.header(size)}\r\n\r\n"
        pieces += [head.encode(), part]
    return [*pieces, b"\r\n--picgate-part--\r\n"]


def multipart_length(pieces: list[Part | bytes]) -> int:
    return sum(len(piece) if isinstance(piece, bytes) else piece.length for piece in pieces)
