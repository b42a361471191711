"""Sums that are kept beside what they count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gateway.core.records import Kind


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of one kind and visibility, and their stored bytes."""

    kind: Kind
    is_public: bool
    number: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Of one owner. What is past its time counts until it is swept."""

    tallies: tuple[Tally, ...] = ()

    def number(self, kinds: Collection[Kind] = (), is_public: bool | None = None) -> int:
        """No kinds are all kinds."""
        return sum(one.number for one in self.chosen(kinds, is_public))

    def size_bytes(self, kinds: Collection[Kind] = (), is_public: bool | None = None) -> int:
        return sum(one.size_bytes for one in self.chosen(kinds, is_public))

    def chosen(self, kinds: Collection[Kind], is_public: bool | None) -> list[Tally]:
        return [
            one
            for one in self.tallies
            if (not kinds or one.kind in kinds) and (is_public is None or one.is_public == is_public)
        ]


@dataclass(frozen=True, slots=True)
class Uploads:
    """Of one owner on a day (UTC) and in its month up to that day. Duplicates and imports do not count."""

    day: int
    month: int
