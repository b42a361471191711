"""Records that lie in one another, parents first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")


def parents_first(records: Mapping[str, T], parent: Callable[[T], str | None]) -> tuple[list[T], set[str]]:
    """In their own order otherwise. A parent that is not there, and what closes a circle, counts as none: the keys of
    those that lose their parent so come second."""
    ordered: dict[str, T] = {}
    cut = set()
    for key in records:
        line: dict[str, None] = {}
        above: str | None = key
        while above is not None and above in records and above not in ordered and above not in line:
            line[above] = None
            above = parent(records[above])
        if above is not None and above not in ordered:
            cut.add(next(reversed(line)))
        ordered.update((one, records[one]) for one in reversed(line))
    return list(ordered.values()), cut
