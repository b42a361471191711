"""What other tables say of rows that come in the order of their ids: read side by side with them, and never held."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Generic, TypeVar

from migrate.sources.chevereto.rows import select
from migrate.sources.tables import Tables

T = TypeVar("T")


class InStep(Generic[T]):
    """Pairs of an id and what is said of it, in rising order of the ids; they are asked for in the same order."""

    def __init__(self, pairs: Iterator[tuple[int, T]]) -> None:
        self.pairs = pairs
        self.next = next(pairs, None)

    def take(self, id: int) -> list[T]:
        found: list[T] = []
        while self.next and self.next[0] <= id:
            if self.next[0] == id:
                found.append(self.next[1])
            self.next = next(self.pairs, None)
        return found


def likes(tables: Tables, kind: str) -> Iterator[tuple[int, int]] | None:
    """How often each "image" or "album" was liked, by id; None where likes were never kept one by one."""
    if not {"like_content_id", "like_content_type"} <= tables.columns("likes"):
        return None
    rows = select(tables, "likes", "like_", ("content_id", "content_type"), ("content_id",))
    liked = (row.number("content_id") for row in rows if row.text("content_type") == kind)
    return ((id, sum(1 for _ in group)) for id, group in groupby(liked))
