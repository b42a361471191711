"""What happened to an owner's media since last time, for whoever keeps a copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.core.records import Kind, Media

DELETED_FOR = timedelta(days=30)  # how long a deletion is told


@dataclass(frozen=True, slots=True)
class Change:
    """The last thing that happened to a media: it came or was changed, or, without `media`, it was deleted. No two
    transactions change an owner's media at the same time, so whoever asks for what came after `place` misses
    nothing."""

    at: datetime
    id: str
    kind: Kind
    media: Media | None

    @property
    def place(self) -> tuple[datetime, str]:
        return self.at, self.id
