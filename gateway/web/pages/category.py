"""`/category/{url_key}`: everything in one category."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, render_template

from gateway.core.galleries import Galleries
from gateway.core.listing import Listing
from gateway.urls import Urls, category_path
from gateway.web.pages.gallery import Showing, kept_fresh


def view(galleries: Galleries, urls: Urls) -> Callable[[str], Response]:
    showing = Showing(galleries, urls)

    def answer(url_key: str) -> Response:
        category = galleries.category(url_key)
        page = showing.page(Listing("category", category.id), category_path(category))
        return kept_fresh(
            render_template(
                "topic.html",
                page=page,
                kind="Category",
                title=category.name,
                summary=category.description or f"Everything in {category.name}",
                description=category.description,
            )
        )

    return answer
