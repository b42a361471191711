"""Where the journals of a library are kept, and who is at work: its data folder, or the database of its catalog."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from migrate.journal import Journal
from migrate.outcome import Run
from migrate.sharing import Sharing


class NoSuchRun(Exception):
    """There is no journal of that name, or more than one."""


class Busy(Exception):
    """Another import is at work. The first line says so, the second what to do."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One that is at work on a run. `items` are the first and the last of those it has in hand, counted from 1; `done`
    is how many parts of the source it has finished."""

    run_id: str
    name: str
    process: int
    since: datetime
    done: int
    items: tuple[int, int] | None


class Journals(Protocol):
    """`is_shared`: several machines may work at one run."""

    place: str
    is_shared: bool

    def runs(self) -> list[Run]:
        """The newest first."""
        ...

    def open(self, run_id: str | None = None) -> Journal:
        """The newest one when none is named; the beginning of an id is enough. Raises `NoSuchRun`."""
        ...

    def begin(self, run: Run) -> Journal: ...

    def at_work(self, run_id: str, *, joins: bool = False) -> AbstractContextManager[Sharing]:
        """No other run is worked at meanwhile. Raises `Busy` where somebody is at work already, or, for one that
        `joins` those at work on this run, where nobody is."""
        ...

    def is_busy(self) -> bool: ...

    def machines(self) -> Sequence[Machine]:
        """Those at work that are known by name."""
        ...


def chosen(ids: Sequence[str], run_id: str | None, place: str) -> str:
    """That of `ids`, the oldest first, which is meant. Raises `NoSuchRun`."""
    if not ids:
        raise NoSuchRun(f"No import has been run into {place}.")
    found = [one for one in ids if one.startswith(run_id or "")]
    if not found:
        raise NoSuchRun(f"There is no run {run_id!r} in {place}.")
    if run_id and len(found) > 1 and found[0] != run_id:
        raise NoSuchRun(f"Several runs begin with {run_id!r}: {', '.join(found)}.")
    return found[0] if run_id else found[-1]
