"""A catalog moves: its rows go to another one while it is in use, and for the last of them it holds still.

Promises: at no time do two catalogs count. A move that was killed goes on when it is begun again; until then the old
catalog counts, or, in the very last moment, neither does. What is said to be equal was compared by hash.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.errors import Conflict, InvalidInput
from gateway.core.standing import Standing
from gateway.store.copying.rows import CatalogCopy, Counted, TableReport
from gateway.store.copying.tables import TABLES
from gateway.store.sql.standing import StandingRows, set_standing

MOST_PASSES = 5
FEW_ROWS = 1000  # the old catalog holds still for no more than these, and for reading itself


@dataclass(frozen=True, slots=True)
class Sides:
    """A library with the id `library` that goes from `old`, which is called `here`, to `new`, which is called `there`.
    Neither name holds a password."""

    library: str
    old: StandingRows
    here: str
    new: StandingRows
    there: str


def move_catalog(sides: Sides, counted: Counted, said: Callable[[str], None]) -> list[TableReport]:
    begin_copy(sides)
    copy = CatalogCopy(sides.old, sides.new, counted=counted)
    for number in range(1, MOST_PASSES + 1):
        before, began = copy.written.total() + copy.removed.total(), time.monotonic()
        with sides.old.snapshot() as read:
            copy.bring(read)
        changes, seconds = copy.written.total() + copy.removed.total() - before, time.monotonic() - began
        if changes <= FEW_ROWS:
            break
        said(f"Pass {number}: {changes:,} rows written or removed. What changed meanwhile comes next.")
    said(f"The last pass: whoever wants to write waits until it is over, for about {seconds:.0f} s.")
    with sides.old.frozen() as read:
        reports = copy.bring(read)
        set_standing(read, Standing(sides.library, "moved", sides.there))
    # Killed here, neither catalog counts; begun again, the move ends at once.
    with sides.new.transaction(checked=False) as db:
        set_standing(db, None)
    return reports


def compare_catalogs(sides: Sides, counted: Counted) -> list[TableReport]:
    """What a move would write and remove."""
    refuse_target(sides)
    with sides.old.snapshot() as read:
        return CatalogCopy(sides.old, sides.new, writes=False, counted=counted).bring(read)


def begin_copy(sides: Sides) -> None:
    refuse_target(sides)
    with sides.new.transaction(checked=False) as db:
        set_standing(db, Standing(sides.library, "copying", sides.here))


def refuse_target(sides: Sides) -> None:
    """Raises `InvalidInput` unless the new catalog is empty, or this library was or is about to be in it."""
    standing = sides.new.standing()
    if standing and standing.library != sides.library:
        raise InvalidInput(f"{sides.there} holds another library.\nChoose an empty database.")
    if not standing and not is_empty(sides.new):
        raise InvalidInput(f"{sides.there} holds a library already.\nChoose an empty database.")


def is_empty(catalog: StandingRows) -> bool:
    """A secret is made for the asking."""
    return not any(catalog.rows(f"SELECT 1 FROM {table.name} LIMIT 1") for table in TABLES if table.name != "secrets")


def undo_move(sides: Sides, counted: Counted, *, gives_up: bool) -> None:
    """`old`, from where the library moved away, counts again, and `new` does not. Raises `Conflict` when something was
    written there since, unless all that may be given up."""
    standing = sides.old.standing()
    if not standing or standing.state != "moved":
        raise InvalidInput(f"No library has moved away from {sides.here}: there is nothing to undo.")
    with sides.new.frozen() as held:
        left = sides.new.standing(held)
        if left and left.library != sides.library:
            raise InvalidInput(f"{sides.there} holds another library.\nGive the place that this one went to.")
        with sides.old.snapshot() as read:
            reports = CatalogCopy(sides.old, sides.new, writes=False, counted=counted).bring(read)
        if not gives_up and (changes := sum(report.written + report.removed for report in reports)):
            raise Conflict(
                f"{changes:,} rows in {sides.there} were written since the library went there.\n"
                "Move it back with them, or give them up with --give-up."
            )
        set_standing(held, Standing(sides.library, "moved", sides.here))
    with sides.old.transaction(checked=False) as db:
        set_standing(db, None)
