"""`/dashboard/library`: everything that is theirs, newest first, a page at a time; found by what it is called, and by
tag, album, kind, visibility, and whether it will be gone some day."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from gateway.core.errors import NotFound
from gateway.core.records import Album
from gateway.urls import Urls
from gateway.web.pages.dashboard.choosing import shortened
from gateway.web.pages.dashboard.desk import Desk, client_address, me
from gateway.web.pages.dashboard.filters import KINDS, SHOWN, Filters
from gateway.web.pages.dashboard.many import ManyPages
from gateway.web.pages.dashboard.tiles import Tiles
from gateway.web.pages.turning import MILLISECOND, asked_place, place_after

PAGE_SIZE = 60
MOST_SIZE = 500  # for a script that comes back to where its reader was
MOST_TAGS = 20


def register(bp: Blueprint, desk: Desk) -> None:
    page, many = LibraryPage(desk), ManyPages(desk)
    bp.add_url_rule("/library", "library", page.view)
    bp.add_url_rule("/library/more", "library_more", page.more)
    bp.add_url_rule("/library/tags", "library_tags", page.tags)
    bp.add_url_rule("/library/tile/<media_id>", "library_tile", page.tile)
    bp.add_url_rule("/library/act", "library_act", many.act, methods=["POST"])


class LibraryPage:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.tiles = Tiles(desk)
        self.urls: Urls = desk.urls

    def view(self) -> str:
        filters, after = Filters.read(request.args), asked_place()
        found = self.desk.browsing.page(filters.query(me()), after, PAGE_SIZE)
        albums = self.desk.albums.all(me())
        return render_template(
            "dashboard/library.html",
            filters=filters,
            tiles=[self.tiles.tile(one, filters) for one in found.media],
            older=place_after(found.media[-1]) if found.goes_on else "",
            is_first=after is None,
            number=self.number(filters, albums),
            albums=shortened(albums, filters.album),
            kinds=KINDS,
            shown=SHOWN,
            base=self.urls.page(),
            seen=self.now(),
        )

    def now(self) -> str:
        """The first moment that is not seen yet."""
        return (self.desk.clock.now() + MILLISECOND).isoformat()

    def number(self, filters: Filters, albums: list[Album]) -> int | None:
        """Of what is found, where that is kept as a sum. An album that is not theirs is not found."""
        if filters.album:
            album = next((album for album in albums if album.id == filters.album), None)
            if not album:
                raise NotFound("There is no such album of yours.")
            return album.media_count if filters == Filters(album=filters.album) else None
        if filters != Filters(kind=filters.kind, shown=filters.shown):
            return None
        query = filters.query(me())
        return self.desk.holdings.totals(me()).number(query.kinds, query.is_public)

    def more(self) -> Response:
        self.desk.rates.take_owner(me(), "read", client_address()).require()
        size = min(max(request.args.get("size", PAGE_SIZE, type=int), 1), MOST_SIZE)
        filters = Filters.read(request.args)
        found = self.desk.browsing.page(filters.query(me()), asked_place(), size)
        tiles = [self.tiles.tile(one, filters) for one in found.media]
        drawn = render_template("dashboard/library_tiles.html", tiles=tiles)
        return jsonify({"tiles": drawn, "older": place_after(found.media[-1]) if found.goes_on else ""})

    def tile(self, media_id: str) -> Response:
        """For scripts that just added it. From now on all that is found is this one, too."""
        tile = self.tiles.tile(self.desk.holdings.own(me(), media_id))
        drawn = render_template("dashboard/library_tiles.html", tiles=[tile])
        return jsonify({"tile": drawn, "seen": self.now()})

    def tags(self) -> Response:
        """Those that may be meant by somebody who is typing."""
        self.desk.rates.take_owner(me(), "read", client_address()).require()
        return jsonify({"tags": self.desk.browsing.tags(me(), request.args.get("begins", ""), MOST_TAGS)})
