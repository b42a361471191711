"""What an owner looks for among what is theirs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from gateway.core.records import Kind


@dataclass(frozen=True, slots=True)
class Query:
    """No kinds are all kinds. `text` stands anywhere in the title or the file name, whatever its case; `tag` is a whole
    tag, and its case matters. `since` is the first moment that counts, `until` the first that does not any more. With
    `is_expiring`, only what will be gone some day."""

    owner_id: str
    kinds: tuple[Kind, ...] = ()
    tag: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_public: bool | None = None
    album_id: str | None = None
    is_expiring: bool = False


def fold(text: str) -> str:
    """What two texts have in common that differ in case alone, or in how their letters are composed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
