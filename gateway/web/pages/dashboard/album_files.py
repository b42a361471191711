"""What is put into an album, taken out of it again, and made its cover."""

from __future__ import annotations

from flask import Response, render_template, request

from gateway.core.browsing import HANDFUL
from gateway.core.edits import Edit
from gateway.core.errors import GatewayError, InvalidInput, NotFound
from gateway.core.records import Album
from gateway.core.search import Query
from gateway.web.pages.dashboard.desk import Desk, me
from gateway.web.pages.dashboard.showing import done
from gateway.web.pages.dashboard.signing_in import answer
from gateway.web.pages.dashboard.tiles import Tiles
from gateway.web.pages.turning import asked_place, place_after

PAGE_SIZE = 60


class AlbumFiles:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.tiles = Tiles(desk)

    def act(self, album_id: str) -> Response:
        album, ids = self.desk.albums.own(me(), album_id), asked_ids()
        if request.form.get("do") == "cover":
            if len(ids) > 1:
                raise InvalidInput("An album has one cover. Choose one file.", code="ALBUM_COVER_ONE")
            self.desk.albums.choose_cover(me(), album.id, ids[0])
            return done(self.desk, f"/albums/{album.id}", "cover-chosen")
        self.desk.browsing.edit(me(), [one for one in ids if self.is_in(album, one)], Edit(album_id=None))
        return done(self.desk, f"/albums/{album.id}", "taken-out")

    def is_in(self, album: Album, media_id: str) -> bool:
        """What was put into another one meanwhile stays there."""
        try:
            return self.desk.holdings.own(me(), media_id).album_id == album.id
        except NotFound:
            return False

    # putting in

    def choose(self, album_id: str) -> Response:
        return self.offer(self.desk.albums.own(me(), album_id))

    def offer(self, album: Album, error: GatewayError | None = None) -> Response:
        """What is not in it yet, newest first."""
        text = request.values.get("q", "").strip()[:200]
        found = self.desk.browsing.page(Query(me().id, text=text or None), asked_place(), PAGE_SIZE)
        names = {one.id: one.name for one in self.desk.albums.all(me())}
        offered = [one for one in found.media if one.album_id != album.id]
        page = render_template(
            "dashboard/album_add.html",
            album=album,
            tiles=[self.tiles.tile(one) for one in offered],
            elsewhere={one.id: names[one.album_id] for one in offered if one.album_id in names},
            older=place_after(found.media[-1]) if found.goes_on else "",
            is_first=asked_place() is None,
            text=text,
            error=error,
        )
        return answer(page, error)

    def put_in(self, album_id: str) -> Response:
        album = self.desk.albums.own(me(), album_id)
        try:
            self.desk.browsing.edit(me(), asked_ids(), Edit(album_id=album.id))
        except GatewayError as error:
            return self.offer(album, error)
        return done(self.desk, f"/albums/{album.id}", "put-in")


def asked_ids() -> list[str]:
    """Raises `InvalidInput` for none, and for more than a page has."""
    ids = list(dict.fromkeys(request.form.getlist("id")))
    if not ids:
        raise InvalidInput("No file is chosen. Tick those it is about first.", code="NOTHING_CHOSEN")
    if len(ids) > HANDFUL:
        raise InvalidInput(f"More than {HANDFUL} files are named.", code="TOO_MANY_NAMED", most=HANDFUL)
    return ids
