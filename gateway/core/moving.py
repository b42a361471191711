"""What comes from other hosts: which site it came from, what it was there, and under which addresses it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from gateway.core.records import Media, Variant

Target = Literal["media", "album", "owner", "category", "key", "asset"]

STAND_IN = "fallback"  # the site, and its kind, of files that were fetched ahead of their import


@dataclass(frozen=True, slots=True)
class Site:
    """A site whose library was imported. `url` is where it was, if known: its host tells its addresses from those of
    another site. With `salt` and `padding` its short ids are read as it read them; `routes` are the names it had
    configured for "image", "video", "audio", "album" and "user", and under "root" which of these had no name at all."""

    id: str
    kind: str
    name: str
    url: str | None
    salt: str | None
    padding: int
    time_zone: str | None
    routes: dict[str, str]
    created_at: datetime
    run_id: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What a record was on its site. Without a target it was deleted there, and is gone for good."""

    site_id: str
    kind: Target
    key: str
    target_id: str | None
    run_id: str


@dataclass(frozen=True, slots=True)
class Address:
    """An old path, percent-decoded, and what is found there. `mime` is the type the old host sent, where it is not that
    of the content."""

    path: str
    site_id: str
    kind: Target
    target_id: str
    variant: Variant | None = None
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A media whose files are in the store, with everything that has to be written in the same step."""

    media: Media
    origins: tuple[Origin, ...] = ()
    addresses: tuple[Address, ...] = ()
    token_hashes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Leads:
    """What an import added besides records of its own: origins, addresses as path and site, delete tokens as media id
    and hash, and tombstones as ids."""

    origins: tuple[Origin, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    tokens: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    tombstones: tuple[str, ...] = ()
