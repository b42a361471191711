"""What an import was asked to do. Kept in the journal, so that a resumed run does the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Options:
    """`owner` takes everything; `owners` maps names of the old site to names here. `jobs` 0 is one per processor."""

    owner: str | None = None
    owners: Mapping[str, str] = field(default_factory=dict)
    link: bool = False
    jobs: int = 0
    on_error: Literal["continue", "stop"] = "continue"
    limit: int | None = None
    only: str | None = None
    since: datetime | None = None
    duplicates: Literal["keep", "merge"] = "keep"

    def as_json(self) -> dict[str, Any]:
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return values | {"owners": dict(self.owners), "since": self.since and self.since.isoformat()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Options:
        since = values.get("since")
        return cls(**{**values, "since": datetime.fromisoformat(since) if since else None})
