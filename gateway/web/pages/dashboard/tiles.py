"""The squares of the library page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from gateway.core.records import Kind, Listed, Media, Variant
from gateway.urls import Urls, short_path
from gateway.web.pages.dashboard.desk import Desk
from gateway.web.pages.dashboard.filters import Filters
from gateway.web.pages.playing import clock_time

ANY = Filters()
SPAN = 6 * 3600  # seconds; addresses of private pictures stay the same that long, so that browsers keep the pictures


@dataclass(frozen=True, slots=True)
class Tile:
    """`picture` is empty where there is nothing to see. `file` is the last part of the public address, `length` how
    long a film or a sound takes."""

    id: str
    kind: Kind
    title: str
    path: str
    file: str
    picture: str
    length: str
    is_public: bool
    is_expiring: bool


class Tiles:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.urls: Urls = desk.urls

    def tile(self, media: Media | Listed, filters: Filters = ANY) -> Tile:
        """Leads to where the next and the previous one are those of the same list."""
        return Tile(
            id=media.id,
            kind=media.kind,
            title=media.title or media.filename,
            path=self.path(media, filters),
            file=media.blob(),
            picture=self.picture(media),
            length=clock_time(media.duration) if media.duration else "",
            is_public=media.is_public,
            is_expiring=media.expires_at is not None,
        )

    def path(self, media: Media | Listed, filters: Filters) -> str:
        """Of its page in the dashboard, where there is one."""
        if "dashboard.media" in current_app.view_functions:
            return filters.at(f"{self.desk.home}/media/{media.id}")
        return self.urls.root + short_path(media.kind, media.id)

    def picture(self, media: Media | Listed) -> str:
        """A drawing has no thumbnail and needs none. What is not for everybody is opened for this page alone."""
        if not media.has("th") and media.kind != "image":
            return ""
        return self.address(media, "th" if media.has("th") else None)

    def address(self, media: Media | Listed, variant: Variant | None = None) -> str:
        """Of a file, good in the page of its owner for some hours at least."""
        address = self.urls.file(media, variant)
        if media.is_public and media.allowed_referers is None:
            return address
        now = int(self.desk.clock.now().timestamp())
        signature = self.desk.signing.sign(media.id, 2 * SPAN - now % SPAN, variant or "")
        return f"{address}?sig={signature.sig}&exp={signature.exp}"
