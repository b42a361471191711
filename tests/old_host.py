"""A site that moved in, said record by record instead of by an import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.core.moving import Address, Origin, Site, Target
from gateway.core.ports import Catalog
from gateway.core.records import Album, Media, Owner
from gateway.core.shortids import encode

RUN = "run"
BEFORE = datetime(2026, 11, 20, tzinfo=UTC)
ROUTES = {"image": "i", "video": "clip", "audio": "audio", "album": "a", "user": "member", "root": "user"}


@dataclass(frozen=True, slots=True)
class OldHost:
    """What is said here is in the catalog at once."""

    catalog: Catalog
    site: Site

    def short(self, number: int) -> str:
        """The id that its addresses had for this number."""
        return encode(number, self.site.salt or "", self.site.padding)

    def media(self, number: int, media: Media, *paths: str, mime: str | None = None) -> str:
        """Where the file was, and its number; returns its short id."""
        self.origin("media", number, media.id)
        self.address("media", media.id, *paths, mime=mime)
        return self.short(number)

    def album(self, number: int, album: Album) -> str:
        self.origin("album", number, album.id)
        return self.short(number)

    def owner(self, number: int, owner: Owner, *paths: str) -> None:
        self.origin("owner", number, owner.id)
        self.address("owner", owner.id, *paths)

    def gone(self, kind: Target, number: int) -> str:
        self.origin(kind, number, None)
        return self.short(number)

    def origin(self, kind: Target, number: int, target: str | None) -> None:
        self.catalog.add_origins([Origin(self.site.id, kind, str(number), target, RUN)])

    def address(self, kind: Target, target: str, *paths: str, **facts: Any) -> None:
        self.catalog.add_addresses([Address(path, self.site.id, kind, target, **facts) for path in paths])


def move_in(catalog: Catalog, id: str = "old", **facts: Any) -> OldHost:
    """A Chevereto site at old.example with short route names, unless it is said otherwise."""
    known = {
        "kind": "chevereto",
        "name": id,
        "url": f"https://{id}.example",
        "salt": f"salt of {id}",
        "padding": 999,
        "time_zone": "Europe/Berlin",
        "routes": ROUTES,
        "created_at": BEFORE,
    }
    catalog.add_site(site := Site(id=id, run_id=RUN, **(known | facts)))
    return OldHost(catalog, site)
