"""`/dashboard/albums`: albums with what is in them; who may see them, what lies in what, and which picture stands for
each. What a visitor sees of them is `web/pages/album.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request

from gateway.core.album_edits import AlbumDraft
from gateway.core.albums import above, inside, outside
from gateway.core.errors import GatewayError
from gateway.core.records import PRIVACIES, Album
from gateway.core.search import Query, fold
from gateway.urls import album_path
from gateway.web.pages.dashboard.album_files import AlbumFiles
from gateway.web.pages.dashboard.choosing import shortened
from gateway.web.pages.dashboard.desk import Desk, me
from gateway.web.pages.dashboard.filters import Filters
from gateway.web.pages.dashboard.showing import done
from gateway.web.pages.dashboard.signing_in import answer
from gateway.web.pages.dashboard.tiles import Tile, Tiles
from gateway.web.pages.turning import asked_leaf, asked_place, place_after

PAGE_SIZE = 60
MOST_LOOKED_INTO = 3  # albums in an album, for something to show of it


def register(bp: Blueprint, desk: Desk) -> None:
    pages, files = AlbumPages(desk), AlbumFiles(desk)
    bp.add_url_rule("/albums", "albums", pages.albums)
    bp.add_url_rule("/albums", "albums_add", pages.add, methods=["POST"])
    bp.add_url_rule("/albums/<album_id>", "album", pages.album)
    bp.add_url_rule("/albums/<album_id>", "album_change", pages.change, methods=["POST"])
    bp.add_url_rule("/albums/<album_id>/delete", "album_delete", pages.delete, methods=["POST"])
    bp.add_url_rule("/albums/<album_id>/files", "album_files", files.act, methods=["POST"])
    bp.add_url_rule("/albums/<album_id>/add", "album_more", files.choose)
    bp.add_url_rule("/albums/<album_id>/add", "album_put_in", files.put_in, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Card:
    """`inside` is how many albums are in it."""

    album: Album
    cover: Tile | None
    inside: int


class AlbumPages:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.tiles = Tiles(desk)

    # all of them

    def albums(self) -> Response:
        return self.overview()

    def overview(self, draft: AlbumDraft | None = None, error: GatewayError | None = None) -> Response:
        every = self.desk.albums.all(me())
        text = request.args.get("q", "").strip()[:100]
        found = [one for one in every if fold(text) in fold(one.name)] if text else tops(every)
        leaf, draft = asked_leaf(found, PAGE_SIZE), draft or AlbumDraft("")
        page = render_template(
            "dashboard/albums.html",
            cards=self.cards(leaf.shown, every),
            total=len(every),
            text=text,
            leaf=leaf,
            draft=draft,
            privacies=PRIVACIES,
            parents=shortened(every, draft.parent_id),
            error=error,
        )
        return answer(page, error)

    def cards(self, shown: Sequence[Album], every: list[Album]) -> list[Card]:
        cards, within = [], inside(every)
        for album in shown:
            looked_into = (album, *within[album.id][:MOST_LOOKED_INTO])
            cover = next((found for one in looked_into if (found := self.desk.albums.cover(one))), None)
            cards.append(Card(album, self.tiles.tile(cover) if cover else None, len(within[album.id])))
        return cards

    def add(self) -> Response:
        draft = asked_draft()
        try:
            album = self.desk.albums.add(me(), draft)
        except GatewayError as error:
            return self.overview(draft, error)
        return done(self.desk, f"/albums/{album.id}", "album-made")

    # one

    def album(self, album_id: str) -> Response:
        return self.show(self.desk.albums.own(me(), album_id))

    def show(self, album: Album, draft: AlbumDraft | None = None, error: GatewayError | None = None) -> Response:
        every = self.desk.albums.all(me())
        found = self.desk.browsing.page(Query(me().id, album_id=album.id), asked_place(), PAGE_SIZE)
        page = render_template(
            "dashboard/album.html",
            album=album,
            above=above(album, every),
            cards=self.cards(inside(every)[album.id], every),
            tiles=[self.tiles.tile(one, Filters(album=album.id)) for one in found.media],
            is_first=asked_place() is None,
            older=place_after(found.media[-1]) if found.goes_on else "",
            address=self.desk.urls.page(album_path(album)),
            draft=draft or draft_of(album),
            privacies=PRIVACIES,
            parents=shortened(outside(album, every), album.parent_id),
            error=error,
        )
        return answer(page, error)

    def change(self, album_id: str) -> Response:
        album, draft = self.desk.albums.own(me(), album_id), asked_draft()
        try:
            self.desk.albums.change(me(), album.id, draft)
        except GatewayError as error:
            return self.show(album, draft, error)
        return done(self.desk, f"/albums/{album.id}", "album-changed")

    def delete(self, album_id: str) -> Response:
        """To where it lay."""
        album = self.desk.albums.own(me(), album_id)
        self.desk.albums.remove(me(), album.id)
        return done(self.desk, f"/albums/{album.parent_id}" if album.parent_id else "/albums", "album-deleted")


def tops(albums: list[Album]) -> list[Album]:
    """Those that lie in no other; and those whose parent is not there."""
    known = {album.id for album in albums}
    return [album for album in albums if album.parent_id not in known]


def asked_draft() -> AlbumDraft:
    form = request.form
    return AlbumDraft(
        name=form.get("name", ""),
        description=form.get("description", ""),
        privacy=form.get("privacy", "public"),
        password=form.get("album-password", ""),
        parent_id=form.get("parent", ""),
    )


def draft_of(album: Album) -> AlbumDraft:
    return AlbumDraft(album.name, album.description or "", album.privacy, "", album.parent_id or "")
