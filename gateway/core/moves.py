"""What was moved in: the runs of imports, as their journals tell it. Read only; whoever imports writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

# In the order in which they are told; together they are everything that was found.
VERDICTS = ("imported", "already-imported", "duplicate", "skipped", "missing", "rejected", "failed")
# As it is now: a run that says it goes on and at which nobody works was cut off.
State = Literal["running", "cut-off", "stopped", "finished", "failed", "undone"]


@dataclass(frozen=True, slots=True)
class Move:
    """One run. `source` is where it was read from, `message` how it failed."""

    id: str
    kind: str
    source: str
    is_dry: bool
    state: State
    started_at: datetime
    finished_at: datetime | None
    message: str | None
    found: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Items by verdict, what came besides them by kind, sentences about the whole run, and how many items want to be
    looked at."""

    verdicts: Mapping[str, int]
    added: Mapping[str, int]
    notes: Mapping[str, int]
    attention: int
    stored_bytes: int

    @property
    def settled(self) -> int:
        return sum(self.verdicts.values())


@dataclass(frozen=True, slots=True)
class Item:
    """`number` is its place in the order in which items were first met; `reason` is one word, a colon, a sentence."""

    number: int
    name: str
    verdict: str
    reason: str | None
    media_id: str | None
    notes: tuple[str, ...]


class Moves(Protocol):
    def all(self) -> Sequence[Move]:
        """The newest first. What cannot be read is left out."""
        ...

    def find(self, run_id: str) -> Move | None: ...

    def totals(self, run_id: str) -> Totals:
        """Of a run there is."""
        ...

    def items(self, run_id: str, verdict: str | None, after: int, limit: int) -> Sequence[Item]:
        """Of one verdict, or of those to look at."""
        ...
