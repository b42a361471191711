"""Whether this visitor may see a page, which the privacy of an album decides, and the page that asks for its password.

For doors that show one media:

    if album := access.closed(media):       # raises NotFound when its album is private
        return access.ask(album)            # asks, and then leads back to the address that was asked for

and for those who cannot ask, such as oEmbed: `access.is_open(media)`.

A visitor who knew the password carries a cookie until the browser is closed. It is the album's id signed with the
stored hash of the password: nobody else can make it, and it ends when the password is changed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import quote

from flask import Response, make_response, redirect, render_template, request

from gateway.core.errors import NotFound, RateLimited
from gateway.core.galleries import Galleries
from gateway.core.records import Album, Media
from gateway.urls import Urls
from gateway.web.limits import GuessLimit
from gateway.web.pages.site import Site

LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # a path of ours: a second slash or a backslash could name another host
IN_A_QUERY = "!$%&'()*+,/:;=?@-._~[]"
MAX_FORM = 20_000


class Access:
    def __init__(self, galleries: Galleries, urls: Urls, limit: GuessLimit) -> None:
        self.galleries = galleries
        self.root = Site.at(urls).root
        self.limit = limit

    def closed(self, media: Media) -> Album | None:
        """The album whose password this visitor has to give before seeing the page of `media`."""
        album = self.galleries.album_of(media)
        return album if album and not self.is_unlocked(album) else None

    def is_open(self, media: Media) -> bool:
        """Whether everybody may see its page, unasked."""
        try:
            album = self.galleries.album_of(media)
        except NotFound:
            return False
        return not album or album.privacy != "password"

    def is_unlocked(self, album: Album) -> bool:
        if album.privacy != "password":
            return True
        return hmac.compare_digest(request.cookies.get(cookie_name(album), "").encode(), signature(album).encode())

    def ask(self, album: Album) -> Response:
        """The form, in the place of the page that was asked for."""
        path = self.root + quote(request.path, safe="/-._~")
        query = quote(request.query_string, safe=IN_A_QUERY)
        return self.form(album, f"{path}?{query}" if query else path, 200)

    def unlock(self, album: Album, path: str) -> Response:
        """What the form sent. `path` is the page of the album."""
        request.max_content_length = MAX_FORM
        back = request.form.get("back", "")
        back = back if LOCAL.fullmatch(back) else self.root + path
        if album.privacy != "password":
            return make_response(redirect(back, 303))
        try:
            self.limit.check(request.remote_addr or "", album.id)
        except RateLimited as error:
            response = self.form(album, back, 429, error.message)
            response.headers["Retry-After"] = str(error.meta["retry_after"])
            return response
        if not self.galleries.opens(album, request.form.get("password", "")):
            self.limit.count(request.remote_addr or "", album.id)
            return self.form(album, back, 403, "That is not the password. Check it and try again.")
        response = make_response(redirect(back, 303))
        response.set_cookie(cookie_name(album), signature(album), path=self.root or "/", httponly=True, samesite="Lax")
        return response

    def form(self, album: Album, back: str, status: int, problem: str = "") -> Response:
        action = f"{self.root}/album/{album.id}"
        page = render_template("password.html", action=action, album_id=album.id, back=back, problem=problem)
        return make_response(page, status, {"Cache-Control": "no-store"})


def cookie_name(album: Album) -> str:
    return f"album-{album.id}"


def signature(album: Album) -> str:
    return hmac.new((album.password_hash or "").encode(), album.id.encode(), hashlib.sha256).hexdigest()
