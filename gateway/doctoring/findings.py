"""What a look at an installation has found: each a sentence, and below it what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

State = Literal["ok", "note", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` is a word or two; `mend` are the lines of what to do, the likeliest first."""

    state: State
    about: str
    what: str
    mend: tuple[str, ...] = ()


def nothing_more(_: Finding) -> None:
    pass


@dataclass(slots=True)
class Findings:
    """In the order they were made; `hear` is told each at once."""

    hear: Callable[[Finding], None] = nothing_more
    found: list[Finding] = field(default_factory=list)

    def ok(self, about: str, what: str) -> None:
        self.add(Finding("ok", about, what))

    def note(self, about: str, what: str, *mend: str) -> None:
        self.add(Finding("note", about, what, mend))

    def broken(self, about: str, what: str, *mend: str) -> None:
        self.add(Finding("broken", about, what, mend))

    def add(self, finding: Finding) -> None:
        self.found.append(finding)
        self.hear(finding)

    def number(self, state: State) -> int:
        return sum(one.state == state for one in self.found)
