"""How to set up the usual upload tools. The key is filled in by the reader's own browser and never sent here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, render_template

from gateway.urls import Urls
from gateway.web.pages import handouts
from gateway.web.pages.handouts import PLACEHOLDER, Handout


@dataclass(frozen=True, slots=True)
class Tools:
    """Texts ready to paste, with the placeholder where the key belongs."""

    endpoint: str
    placeholder: str
    filename: str
    sharex: str
    picgo: str
    picgo_header: str
    curl: str
    curl_link: str


def view(urls: Urls) -> Callable[[], str]:
    sharex = sharex_settings(urls)
    tools = Tools(
        endpoint=handouts.endpoint(urls),
        placeholder=PLACEHOLDER,
        filename=sharex.filename,
        sharex=sharex.text,
        picgo=handouts.picgo(urls, PLACEHOLDER),
        picgo_header=handouts.header(PLACEHOLDER),
        curl=handouts.curl(urls, PLACEHOLDER),
        curl_link=handouts.curl(urls, PLACEHOLDER, "-F format=txt "),
    )

    def page() -> str:
        return render_template("tools.html", tools=tools)

    return page


def sharex_settings(urls: Urls) -> Handout:
    return handouts.handouts(urls)["sharex"]


def sharex_file(urls: Urls) -> Callable[[], Response]:
    return lambda: download(sharex_settings(urls))


def download(handout: Handout) -> Response:
    response = Response(handout.text, mimetype=handout.mime)
    response.headers["Content-Disposition"] = f'attachment; filename="{handout.filename}"'
    return response
