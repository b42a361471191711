"""What is to be changed in one file, and the changed file as bytes or as a stream.

Promises: a container's planner only says which bytes are replaced; whatever is not named is copied as it is. A change
that would change nothing is not recorded, so that a clean file has an empty plan. Work is capped, whatever a file
claims about itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Literal

from gateway.core.formats.headers.header import Damaged, Source

Policy = Literal["keep", "no-location", "strip"]

# Far above what cameras write. A larger block is not looked into but removed.
MAX_BLOCK = 1 << 20
_MAX_STEPS = 1_000_000
_PIECE = 1 << 18
_STRAY_BYTES = 4
_ZEROS = bytes(_PIECE)


@dataclass(frozen=True, slots=True)
class Edit:
    """The bytes from `start` to `end` become `data` and then `zeros` zero bytes. The zeros are only counted: a whole
    embedded film is blanked without holding its size in memory."""

    start: int
    end: int
    data: bytes = b""
    zeros: int = 0

    @property
    def growth(self) -> int:
        return len(self.data) + self.zeros - (self.end - self.start)


class Plan:
    def __init__(self, source: Source) -> None:
        self.source = source
        self._edits: set[Edit] = set()
        self._steps = 0
        self._touched = 0

    def step(self) -> None:
        """Once per part of a file that is looked at."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise Damaged("it has far too many parts")

    def replace(self, start: int, end: int, data: bytes = b"", zeros: int = 0) -> None:
        if not 0 <= start <= end <= self.source.size:
            raise Damaged("it ends too early")
        self.step()
        # Parts may not lie on each other, so all of them together cannot be larger than the file.
        self._touched += end - start
        if self._touched > 2 * self.source.size:
            raise Damaged("its parts lie on each other")
        edit = Edit(start, end, data, zeros)
        if edit.growth or not self._is_there(edit):
            self._edits.add(edit)

    def blank(self, start: int, end: int) -> None:
        self.replace(start, end, zeros=end - start)

    def overwrite(self, start: int, end: int, data: bytes, filler: bytes = b"\0") -> None:
        """In place: what follows keeps its offset. `data` that does not fit is not written at all."""
        size = end - start
        if data and len(data) <= size:
            self.replace(start, end, data.ljust(size, filler))
        else:
            self.blank(start, end)

    def remove(self, start: int, end: int) -> None:
        if end > start:
            self.replace(start, end)

    def remove_tail(self, at: int, policy: Policy) -> None:
        """What stands behind the end of a picture may be a film or another file. A few stray bytes, or one byte over
        and over, tell nothing, and many programs write them: only `strip` takes those."""
        if policy == "strip" or not self._is_padding(at):
            self.remove(at, self.source.size)

    def adopt(self, other: Plan) -> None:
        """Takes over what a plan for a part of the file came to, when it came to an end."""
        self._edits |= other._edits

    def edits(self) -> list[Edit]:
        ordered = sorted(self._edits, key=lambda edit: (edit.start, edit.end))
        for one, other in pairwise(ordered):
            if other.start < one.end:
                raise Damaged("its parts lie on each other")
        return ordered

    def moved(self, at: int) -> int:
        """Where the byte now at `at` will be."""
        return at + sum(edit.growth for edit in self._edits if edit.end <= at)

    def __bool__(self) -> bool:
        return bool(self._edits)

    def is_blank(self, start: int, end: int) -> bool:
        return all(piece.count(0) == len(piece) for piece in _pieces(self.source, start, end))

    def _is_padding(self, at: int) -> bool:
        if self.source.size - at <= _STRAY_BYTES:
            return True
        filler = self.source.read(at, 1)
        return all(piece.count(filler) == len(piece) for piece in _pieces(self.source, at, self.source.size))

    def _is_there(self, edit: Edit) -> bool:
        middle = edit.start + len(edit.data)
        return self.source.read(edit.start, len(edit.data)) == edit.data and self.is_blank(middle, edit.end)


def applied(data: bytes, edits: list[Edit]) -> bytes:
    view, parts, at = memoryview(data), list[bytes | memoryview](), 0
    for edit in edits:
        parts += (view[at : edit.start], edit.data, bytes(edit.zeros))
        at = edit.end
    return b"".join((*parts, view[at:]))


def write(source: Source, target: BinaryIO, edits: list[Edit]) -> None:
    at = 0
    for edit in edits:
        _copy(source, target, at, edit.start)
        target.write(edit.data)
        for place in range(0, edit.zeros, _PIECE):
            target.write(_ZEROS[: edit.zeros - place])
        at = edit.end
    _copy(source, target, at, source.size)


def _copy(source: Source, target: BinaryIO, start: int, end: int) -> None:
    for piece in _pieces(source, start, end):
        target.write(piece)


def _pieces(source: Source, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, _PIECE):
        yield source.read(at, min(_PIECE, end - at))
