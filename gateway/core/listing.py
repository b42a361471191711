"""What is listed on a page, and where on the list a page begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Listing:
    """The public media of an album, an owner, a category or a tag (by its name), newest first. All but an album's own
    leave out what is in an album that is not public; those of categories and tags, what is by somebody private."""

    by: Literal["album", "owner", "category", "tag"]
    value: str | int


@dataclass(frozen=True, slots=True)
class Place:
    """The last media of one page, after which the next page begins."""

    created_at: datetime
    id: str
