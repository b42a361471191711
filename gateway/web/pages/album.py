"""`/album/{name}.{id}`: an album with what is in it, or the question for its password."""

from __future__ import annotations

from urllib.parse import unquote

from flask import Response, render_template, request

from gateway.core.listing import Listing
from gateway.core.records import Album
from gateway.urls import Urls, album_path, profile_path
from gateway.web.pages import visits
from gateway.web.pages.access import Access
from gateway.web.pages.gallery import Page, Showing, contents, counted, day, kept_fresh
from gateway.web.pages.viewer import id_in


class AlbumPage:
    def __init__(self, access: Access, urls: Urls) -> None:
        self.access = access
        self.galleries = access.galleries
        self.showing = Showing(access.galleries, urls)
        self.root = self.showing.root

    def view(self, name: str) -> Response:
        album = self.galleries.album(id_in(name))
        path = album_path(album)
        if request.method == "POST":
            return self.access.unlock(album, path)
        if not self.access.is_unlocked(album):
            return self.access.ask(album)
        if request.path != unquote(path):
            return self.showing.moved(path)
        return self.show(album, path)

    def show(self, album: Album, path: str) -> Response:
        is_new = visits.is_new()
        if is_new:
            self.galleries.count_view(album)
        page = self.showing.page(Listing("album", album.id), path)
        response = kept_fresh(self.render(album, page, album.views + is_new))
        if is_new:
            visits.remember(response, self.root + path)
        return response

    def render(self, album: Album, page: Page, views: int) -> str:
        owner = self.galleries.owner_of(album)
        parent = self.galleries.parent_of(album)
        inside = self.galleries.albums_in(album)
        items = contents(self.galleries.number_in(album), len(inside))
        return render_template(
            "album.html",
            page=page,
            title=album.name,
            description=album.description,
            summary=album.description or f"An album of {items}",
            items=items,
            views=counted(views, "view"),
            created_at=album.created_at,
            day=day(album.created_at),
            is_listed=album.privacy == "public",
            owner=owner and (owner.name or owner.username),
            owner_path=owner and self.root + profile_path(owner),
            parent=parent and parent.name,
            parent_path=parent and self.root + album_path(parent),
            albums=self.showing.cards(inside) if page.is_first else (),
        )
