"""Which name answers what, and whose forms are taken.

Promises: at the name of files there are only files, so that whatever runs in one of them meets no page, no form and no
cookie of ours; a form that a page of another site sends is refused, whatever cookies come with it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response

from gateway.core.errors import NotAllowed
from gateway.core.library import not_found
from gateway.urls import Urls
from gateway.web.failures import is_api
from gateway.web.pages.site import Site

SAFE = ("GET", "HEAD", "OPTIONS")
IN_A_QUERY = "!$%&'()*+,/:;=?@-._~[]"


def keep_to_files(urls: Urls) -> Callable[[], Response | None]:
    """For `before_request`: what is no file is at the name of the pages. Files have been sent by then."""
    name = urlsplit(urls.files).netloc.lower()
    has_a_name = name != Site.at(urls).name.lower()

    def lead() -> Response | None:
        if not has_a_name or request.host.lower() != name or request.path == "/health":
            return None
        if request.method not in SAFE:
            raise not_found()
        query = quote(request.query_string, safe=IN_A_QUERY)
        path = quote(request.path, safe="/-._~")
        return redirect(urls.page(f"{path}?{query}" if query else path), 302)

    return lead


def refuse_foreign_forms(urls: Urls) -> Callable[[], None]:
    """For `before_request`. Browsers say where a form comes from; what is no browser has nobody's cookies."""
    own = Site.at(urls).name.lower()

    def refuse() -> None:
        if request.method not in SAFE and not is_api() and is_foreign(own):
            raise NotAllowed(
                "This form was sent by a page of another site. Open the page here, and send it from there.",
                code="FOREIGN_FORM",
            )

    return refuse


def is_foreign(own: str) -> bool:
    """A page that tells nobody where it is has the origin `null`: then the other header counts, where there is one."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc.lower() not in (own, request.host.lower())
