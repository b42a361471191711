"""Where the old addresses of a run lead, as far as everybody may know: nothing that is private here is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from urllib.parse import unquote, urlsplit

from gateway.core.moving import Arrived, Site
from gateway.core.ports import Catalog
from gateway.core.records import Media
from gateway.core.shortids import encode
from gateway.urls import album_path, profile_path, viewer_path
from migrate.bringing import in_batches
from migrate.items import Verdict
from migrate.journal import Journal

HERE: tuple[Verdict, ...] = ("imported", "already-imported", "duplicate")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Way:
    """From the old addresses of one thing, such as a file and its page, to the path of its page here."""

    old: tuple[str, ...]
    new: str


class AddressMap:
    def __init__(self, journal: Journal, catalog: Catalog, now: datetime) -> None:
        self.journal = journal
        self.catalog = catalog
        self.now = now
        self.sites = {site.id: site for site in catalog.sites()}
        self.open_albums = {album.id for album in catalog.albums() if album.privacy == "public"}
        self.open_owners = {owner.id: owner for owner in catalog.owners() if not owner.is_private}
        self.site = self.main_site()

    def main_site(self) -> Site | None:
        """The one most of the run is about."""
        for outcome in self.journal.outcomes(verdicts=HERE):
            for one in self.catalog.arrived([outcome.media_id]) if outcome.media_id else []:
                for origin in one.origins:
                    return self.sites.get(origin.site_id)
        return None

    def ways(self) -> Iterator[Way]:
        """Owners and albums first: there are few, and they are looked for most."""
        yield from self.owners()
        yield from self.albums()
        ids = (one.media_id for one in self.journal.outcomes(verdicts=HERE) if one.media_id)
        for batch in in_batches(ids, BATCH):
            for arrived in self.catalog.arrived(batch):
                if self.is_open(arrived.media) and (old := self.addresses_of(arrived)):
                    yield Way(old, viewer_path(arrived.media))

    def owners(self) -> Iterator[Way]:
        for batch in in_batches(iter(self.journal.added("owner")), BATCH):
            addresses = self.catalog.addresses_to([owner_id for owner_id, _ in batch])
            addresses.sort(key=attrgetter("target_id"))
            for owner_id, group in groupby(addresses, attrgetter("target_id")):
                if owner := self.open_owners.get(owner_id):
                    yield Way(tuple(self.full(one.site_id, one.path) for one in group), profile_path(owner))

    def albums(self) -> Iterator[Way]:
        for batch in in_batches(iter(self.journal.added("album")), BATCH):
            for origin in self.catalog.origins_to([album_id for album_id, _ in batch]):
                album = self.catalog.album(origin.target_id or "")
                short = self.short(origin.site_id, "album", origin.key)
                if album and album.id in self.open_albums and short:
                    yield Way((short,), album_path(album))

    def is_open(self, media: Media) -> bool:
        in_the_open = not media.album_id or media.album_id in self.open_albums
        return in_the_open and media.is_public and not media.is_expired(self.now) and media.owner_id in self.open_owners

    def addresses_of(self, arrived: Arrived) -> tuple[str, ...]:
        """Those of the file, and that of its page where the old site had one. What was asked of a page comes last."""
        mains = sorted((one for one in arrived.addresses if not one.variant), key=lambda one: "?" in one.path)
        files = [self.full(one.site_id, one.path) for one in mains]
        pages = [self.short(one.site_id, arrived.media.kind, one.key) for one in arrived.origins]
        return tuple(dict.fromkeys(address for address in (*files, *pages) if address))

    def short(self, site_id: str, kind: str, key: str) -> str | None:
        """`/image/xYz`, by the names that the site had given to its routes."""
        site = self.sites.get(site_id)
        if not site or not site.salt or not key.isdecimal():
            return None
        folder = unquote(urlsplit(site.url or "").path).rstrip("/")
        front = "" if site.routes.get("root") == kind else f"/{site.routes.get(kind, kind)}"
        return self.full(site_id, f"{folder}{front}/{encode(int(key), site.salt, site.padding)}")

    def full(self, site_id: str, path: str) -> str:
        """A path alone, where it is one of the main site."""
        site = self.sites.get(site_id)
        return path if site == self.site or not site else f"{host(site)}{path}"


def host(site: Site | None) -> str:
    """https://old.example.org, or nothing where that is not known."""
    parts = urlsplit(site.url or "") if site else urlsplit("")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
