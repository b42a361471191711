"""What a proof finds, and who hears of it while it goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from migrate.outcome import Run

Kind = Literal["difference", "changed"]

SECRETS = frozenset({"password", "password_hash", "legacy_hash", "sha256 of the key", "delete links"})
LONGEST = 80
NAMED = 20
MORE_LOST = "More files without some of their metadata, as the report says"


@dataclass(frozen=True, slots=True)
class Finding:
    """A "difference" keeps the old site from being switched off; what was "changed" here since does not."""

    kind: Kind
    what: str
    name: str
    field: str
    expected: str
    found: str

    def __str__(self) -> str:
        since = " (changed here since)" if self.kind == "changed" else ""
        return f"{self.what} {self.name}: {self.field}: expected {self.expected}, found {self.found}{since}"


@dataclass(frozen=True, slots=True)
class Verified:
    """`found` items are at the source, `checked` of them are proven or have differences, `left_out` counts the others
    by the rule that said so. `addresses` is how many were asked."""

    run_id: str
    found: int
    checked: int
    addresses: int
    left_out: Mapping[str, int]
    differences: int
    changed: int
    notes: Mapping[str, int]
    examples: Mapping[str, str] = field(default_factory=dict)  # one of those that a note is about

    @property
    def is_safe(self) -> bool:
        """To switch off the old site."""
        return not self.differences

    @property
    def exit_code(self) -> int:
        return 0 if self.is_safe else 3


class Listener(Protocol):
    def begun(self, run: Run, total: int | None) -> None: ...

    def checking(self, name: str) -> None:
        """Once for each item."""
        ...

    def found(self, finding: Finding) -> None: ...

    def ended(self, verified: Verified) -> None: ...


class Findings:
    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.kinds: Counter[Kind] = Counter()
        self.notes: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def differ(
        self, what: str, name: str, field: str, expected: object, found: object, kind: Kind = "difference"
    ) -> None:
        self.kinds[kind] += 1
        shown = ("as it was", "another one") if field in SECRETS else (worded(expected), worded(found))
        self.listener.found(Finding(kind, what, name, field, *shown))

    def compare(
        self, what: str, name: str, expected: Mapping[str, object], record: object, kind: Kind = "difference"
    ) -> None:
        """Each of these fields of the record."""
        for one, value in expected.items():
            found = getattr(record, one)
            if found != as_kept(value):
                self.differ(what, name, one, value, found, kind)

    def note(self, sentence: str, name: str | None = None) -> None:
        """Counted, with the first name as an example."""
        self.notes[sentence] += 1
        if name is not None:
            self.examples.setdefault(sentence, name)

    def lost(self, name: str, loss: str) -> None:
        """What nobody can compare: named, but for what is more than one can read."""
        self.note(f"{name}: {loss}" if len(self.notes) < NAMED else MORE_LOST)


def as_kept(value: object) -> object:
    """Times are kept to the millisecond."""
    return value.replace(microsecond=value.microsecond // 1000 * 1000) if isinstance(value, datetime) else value


def worded(value: object) -> str:
    """On one line, and no longer than one can take in."""
    match value:
        case None | "" | ():
            return "nothing"
        case datetime():
            return value.isoformat()
        case tuple():
            return worded(", ".join(map(str, value)))
        case Plain():
            return value
        case str():
            return repr(value if len(value) <= LONGEST else value[:LONGEST] + "…")
    return str(value)


class Plain(str):
    """Words of ours, which need no quotes."""
