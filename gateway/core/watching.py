"""Signs of life: long work calls `Alive` again and again on its way, so that whoever watches can tell it from work that
hangs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
Alive = Callable[[], object]


def unwatched() -> None:
    """Nobody looks."""


def watched(things: Iterable[T], alive: Alive) -> Iterator[T]:
    """The same things, with a sign of life for each."""
    for thing in things:
        alive()
        yield thing
