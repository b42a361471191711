"""What became of an item, and who wants to hear of it while a run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from migrate.items import Verdict

State = Literal["running", "stopped", "finished", "failed", "undone"]
ATTENTION: tuple[Verdict, ...] = ("missing", "rejected", "failed")
LOSSES = ("checksum: ", "metadata: ")  # what notes begin with that tell of something lost


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reason` is one word, a colon and a sentence; `notes` are sentences about what was kept otherwise than it was."""

    key: str
    name: str
    verdict: Verdict
    reason: str | None = None
    media_id: str | None = None
    size_bytes: int = 0
    notes: tuple[str, ...] = ()

    @property
    def wants_attention(self) -> bool:
        return self.verdict in ATTENTION or bool(self.losses)

    @property
    def losses(self) -> tuple[str, ...]:
        """Of what came, the notes that want to be looked at: once, and not whenever it is met again."""
        if self.verdict not in ("imported", "duplicate"):
            return ()
        return tuple(note for note in self.notes if note.startswith(LOSSES))


@dataclass(frozen=True, slots=True)
class Run:
    """One import. `source` says how to open the same source again, `options` how it was to be read."""

    id: str
    kind: str
    source: Mapping[str, object]
    options: Mapping[str, object]
    is_dry: bool
    state: State
    started_at: datetime
    finished_at: datetime | None = None
    message: str | None = None
    found: int = 0
    is_resumed: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """`found` was counted where items are read, the verdicts where they are written. `added` counts what came besides
    the items, by kind; `attention` the items to look at."""

    run: Run
    found: int
    verdicts: Mapping[Verdict, int]
    added: Mapping[str, int]
    notes: Mapping[str, int]
    attention: int
    stored_bytes: int

    @property
    def adds_up(self) -> bool:
        return sum(self.verdicts.values()) == self.found

    @property
    def has_brought(self) -> bool:
        return bool(self.verdicts.get("imported") or self.verdicts.get("duplicate") or any(self.added.values()))

    @property
    def is_empty(self) -> bool:
        """There was nothing at the source."""
        return self.run.state == "finished" and not self.found and not self.has_brought

    @property
    def exit_code(self) -> int:
        """0 all well, 1 failed, 3 finished with items to look at, 4 nothing to do."""
        if self.run.state == "failed" or not self.adds_up:
            return 1
        if self.run.state == "stopped" or self.verdicts.get("failed"):
            return 3
        if not self.has_brought and (self.verdicts.get("already-imported") or not self.attention):
            return 4
        return 3 if self.attention else 0


class Watcher(Protocol):
    def begun(self, run: Run, total: int | None) -> None: ...

    def working_on(self, name: str) -> None: ...

    def settled(self, outcome: Outcome) -> None: ...

    def said(self, sentence: str) -> None:
        """Something about the whole run."""
        ...

    def ended(self, summary: Summary) -> None: ...
