"""The legacy addresses of one media: its viewer, the short form of it, and the delete link."""

from __future__ import annotations

import re
from urllib.parse import unquote

from flask import Blueprint, Response, make_response, redirect, render_template, request

from gateway.core.errors import NotFound
from gateway.core.library import Library
from gateway.core.records import Kind, Media
from gateway.urls import Urls, viewer_path
from gateway.web.pages import viewer, visits
from gateway.web.pages.access import Access
from gateway.web.pages.playing import NOUNS
from gateway.web.pages.site import Site

KIND = "<any(image, video, audio):kind>"
OUR_ID = re.compile(r"[A-Za-z0-9_-]{11,21}", re.ASCII)


class Addresses:
    """`confirm_delete`: the delete link shows a page with a button instead of deleting at once. `thumb` is the size of
    thumbnails."""

    def __init__(
        self, library: Library, access: Access, urls: Urls, *, confirm_delete: bool, thumb: tuple[int, int]
    ) -> None:
        self.library = library
        self.access = access
        self.urls = urls
        self.confirm_delete = confirm_delete
        self.thumb = thumb
        self.root = Site.at(urls).root

    def blueprint(self) -> Blueprint:
        bp = Blueprint("addresses", __name__)
        bp.add_url_rule(f"/{KIND}/<name>", "viewer", self.view, strict_slashes=False)
        bp.add_url_rule(
            f"/{KIND}/<name>/delete/<token>",
            "delete",
            self.delete,
            methods=["GET", "POST"],
            strict_slashes=False,
        )
        bp.after_request(keep_delete_secret)
        return bp

    def view(self, kind: Kind, name: str) -> Response:
        try:
            media = viewer.find(self.library, viewer.id_in(name))
            if album := self.access.closed(media):
                return self.access.ask(album)
        except NotFound:
            if "deleted" not in request.args or not OUR_ID.fullmatch(viewer.id_in(name)):
                raise
            return make_response(render_template("deleted.html", noun=NOUNS[kind]), 404, {"Cache-Control": "no-store"})
        path = viewer_path(media)
        if request.path != unquote(path):
            return moved(self.root + path, request.query_string.decode("latin-1"), 302)
        return self.show(media, path)

    def show(self, media: Media, path: str) -> Response:
        is_new = visits.is_new()
        if is_new:
            self.library.count_view(media)
        around = self.access.galleries.around(media)
        response = make_response(viewer.render(media, around, media.views + is_new, self.urls, self.thumb))
        response.headers["Cache-Control"] = "private, no-cache"
        if is_new:
            visits.remember(response, self.root + path)
        return response

    def delete(self, kind: Kind, name: str, token: str) -> Response:
        return self.delete_media(viewer.id_in(name), token)

    def delete_media(self, media_id: str, token: str) -> Response:
        media = self.library.with_delete_token(media_id, token)
        if request.method == "HEAD":
            return make_response("")
        if self.confirm_delete and request.method == "GET":
            return make_response(self.ask(media))
        self.library.remove(media)
        return moved(self.root + viewer_path(media), "deleted", 303 if request.method == "POST" else 301)

    def ask(self, media: Media) -> str:
        thumb = self.urls.file(media, "th") if media.is_public else None
        return render_template(
            "confirm_delete.html",
            title=media.title or media.filename,
            noun=NOUNS[media.kind],
            thumb=thumb,
            back=self.root + viewer_path(media),
        )


def moved(path: str, query: str, status: int) -> Response:
    return make_response(redirect(f"{path}?{query}" if query else path, status))


def keep_delete_secret(response: Response) -> Response:
    return keep_secret(response) if request.endpoint == "addresses.delete" else response


def keep_secret(response: Response) -> Response:
    """A delete link is a secret: no cache may keep its answers and no other page may learn it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
