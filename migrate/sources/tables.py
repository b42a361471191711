"""A database as its reader needs it, be it a dump file or a running server: named columns of named tables, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

# Numbers that fit are int, other numbers and all dates are text as the server prints them, bytes are what is no text.
Value = int | str | bytes | None


class Tables(Protocol):
    """Tables are named without the prefix that the installation put in front of all of them."""

    prefix: str

    def columns(self, table: str) -> frozenset[str]:
        """Empty when there is no such table."""
        ...

    def count(self, table: str) -> int:
        """0 when there is no such table."""
        ...

    def rows(self, table: str, columns: Sequence[str], order: Sequence[str] = ()) -> Iterator[tuple[Value, ...]]:
        """As a stream: several may be read at the same time, and none is held in memory. Sorted as numbers or texts by
        `order`, which are columns of the table."""
        ...

    def close(self) -> None: ...
