"""`/tag/{name}`: everything under one tag. Case matters, as it does for tags."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, render_template

from gateway.core.galleries import Galleries
from gateway.core.library import not_found
from gateway.core.listing import Listing
from gateway.urls import Urls, tag_path
from gateway.web.pages.gallery import Showing, kept_fresh


def view(galleries: Galleries, urls: Urls) -> Callable[[str], Response]:
    showing = Showing(galleries, urls)

    def answer(name: str) -> Response:
        """A tag under which nothing can be seen is no tag to a stranger."""
        page = showing.page(Listing("tag", name), tag_path(name))
        if not page.tiles:
            raise not_found()
        return kept_fresh(render_template("topic.html", page=page, kind="Tag", title=name, summary=f"Tagged {name}"))

    return answer
