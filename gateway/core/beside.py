"""What an owner sees around one media: what is before and after it in a list, its delete links, its old addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.listing import Place
from gateway.core.search import Query


@dataclass(frozen=True, slots=True)
class Beside:
    """Ids of those next to it in a list. None at its ends, and where looking would take too long."""

    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class OldAddress:
    """`site` is the name of the host it was on. `url` is only a path where nobody said where that was."""

    site: str
    url: str


class BesideRows(Protocol):
    """Its promises are those of `ports.Catalog`."""

    def newer(self, query: Query, place: Place, now: datetime) -> str | None:
        """The id of what comes right before this place in what `search` lists, whatever the text of the query."""
        ...

    def set_expiry(self, media_id: str, expires_at: datetime | None, at: datetime) -> bool:
        """Row and feed in one transaction. None is for ever. False when the media is gone."""
        ...
