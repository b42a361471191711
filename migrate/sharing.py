"""How the items of a run are shared among the machines that work at it.

The source is read by each of them in the same order, and cut into parts: each part is one machine's. Who works alone
has one part, which is everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from migrate.items import Item, Source
from migrate.stopping import Stop

Part = tuple[int, Iterator[Item]]  # its number, and what is in it


class Sharing(Protocol):
    is_alone: bool

    def begin(self, source: Source) -> None:
        """This is what is read; others may join who read the same. Raises `SourceError` where it is another source than
        that of the machines this one came to help."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """One machine at a time; the others wait. Who has the turn may ask for it again."""
        ...

    def parts(self, items: Iterator[Item]) -> Iterator[Part]:
        """Those that are for this machine, of one reading of the source. All the others are read past."""
        ...

    def finished(self, part: int) -> None:
        """Each of its items has a verdict."""
        ...

    def has_more(self, stop: Stop) -> bool:
        """Asked after each reading of the source. Waits for the others, and is true when one of them is gone and left
        something undone."""
        ...

    def ending(self, *, for_all: bool) -> AbstractContextManager[bool]:
        """Leaves. Yields whether it is this machine that ends the run: the last one, or the first that ends it
        `for_all`."""
        ...


class Alone:
    is_alone = True

    def begin(self, source: Source) -> None:
        pass

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def parts(self, items: Iterator[Item]) -> Iterator[Part]:
        yield 0, items

    def finished(self, part: int) -> None:
        pass

    def has_more(self, stop: Stop) -> bool:
        return False

    def ending(self, *, for_all: bool) -> AbstractContextManager[bool]:
        return nullcontext(True)
