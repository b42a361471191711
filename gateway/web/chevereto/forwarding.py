"""Old addresses: what none of our own doors knows is looked up in the book, and led to the page it is about.

Promises: our own addresses are never asked about here; a redirect ends on a page that is there, keeps the query and
tells no more than that page does; what was deleted is gone (410), what never was is not found; a delete link deletes
as it did, and HEAD deletes nothing. Nothing but GET and HEAD is forwarded.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from gateway.core.errors import GatewayError, NotFound
from gateway.core.forwarding import Book, Meaning, OldFile, OldGone, OldPage
from gateway.core.galleries import has_profile
from gateway.core.library import not_found
from gateway.core.records import Album, Media, Owner
from gateway.core.spellings import is_file_name
from gateway.urls import album_path, category_path, profile_path, short_path, tag_path, viewer_path
from gateway.web import failures
from gateway.web.chevereto.addresses import Addresses, keep_secret, moved
from gateway.web.files import Files, asked_path

GONE = "What was at this address was deleted, and does not come back."


class Forwarding:
    def __init__(self, book: Book, addresses: Addresses, files: Files) -> None:
        self.book = book
        self.addresses = addresses
        self.access = addresses.access
        self.files = files
        self.root = addresses.root

    def register(self, app: Flask) -> None:
        app.before_request(self.ask_front_page)
        app.register_error_handler(NotFound, self.answer)
        app.register_error_handler(404, self.answer_unknown)

    def ask_front_page(self) -> Response | None:
        """The old host found some things by a query alone, `/?v=name.jpg`."""
        if request.path != "/" or not request.query_string or not is_forwarded():
            return None
        found = self.book.asked_at_root(asked_host(), asked_query())
        return self.lead(found, "") if found else None

    def answer_unknown(self, error: HTTPException) -> Response:
        """No door of ours has this address."""
        return self.answer(not_found())

    def answer(self, error: NotFound) -> Response:
        """The book is asked, and then the old host, if there is one to fall back on."""
        if failures.is_api() or not is_forwarded():
            return failures.translate(error)
        try:
            query = asked_query()
            found = self.book.page(asked_host(), asked_path(request.environ), query)
            if found:
                return self.lead(found, query)
            if self.files.fallback and is_file_name(request.path):
                return current_app.make_response(self.files.fetching())
            return failures.translate(error)
        except GatewayError as refused:
            return failures.translate(refused)

    def lead(self, found: Meaning, query: str) -> Response:
        if isinstance(found, OldFile):
            return current_app.make_response(self.files.sending(found))
        if isinstance(found, OldGone):
            return failures.page(410, GONE)
        if found.delete_token is not None:
            return keep_secret(self.delete(found.id, found.delete_token))
        path = self.path_of(found)
        return moved(self.root + path, query, 302) if path else failures.page(410, GONE)

    def path_of(self, page: OldPage) -> str | None:
        """None when it is gone. Raises `NotFound` for what a stranger may not see."""
        if page.kind == "tag":
            return tag_path(page.id)
        record = self.book.record(page)
        match record:
            case None:
                return None
            case Media():
                return self.path_of_media(record)
            case Album():
                album = self.access.galleries.album(record.id)
                return album_path(album) if self.access.is_unlocked(album) else f"/album/{album.id}"
            case Owner():
                if not has_profile(record):
                    raise not_found()
                return profile_path(record)
            case _:
                return category_path(record)

    def path_of_media(self, media: Media) -> str:
        """Without its title for those who first have to give the password of its album."""
        if not media.is_public or media.is_expired(self.addresses.library.clock.now()):
            raise not_found()
        return short_path(media.kind, media.id) if self.access.closed(media) else viewer_path(media)

    def delete(self, media_id: str, token: str) -> Response:
        """Who is asked first answers to our own link, because no form is forwarded."""
        try:
            if self.addresses.confirm_delete and request.method == "GET":
                media = self.addresses.library.with_delete_token(media_id, token)
                return moved(f"{self.root}{short_path(media.kind, media.id)}/delete/{quote(token, safe='')}", "", 302)
            return self.addresses.delete_media(media_id, token)
        except GatewayError as refused:
            return failures.translate(refused)


def is_forwarded() -> bool:
    return request.method in ("GET", "HEAD")


def asked_host() -> str:
    host: str = request.environ.get("HTTP_HOST", "")
    return host


def asked_query() -> str:
    return request.query_string.decode("latin-1")
