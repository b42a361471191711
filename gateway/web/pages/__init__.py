"""Pages for people: the viewer, the welcome, the tool settings; and oEmbed, by which other sites show our pictures."""

from __future__ import annotations

from flask import Blueprint

from gateway.core.library import Library
from gateway.urls import Urls
from gateway.web.pages import oembed, tools, welcome
from gateway.web.pages.headers import harden
from gateway.web.pages.site import Site

__all__ = ["blueprint", "harden"]


def blueprint(library: Library, urls: Urls, thumb: tuple[int, int] = (320, 320)) -> Blueprint:
    """`thumb` is the size of thumbnails, which no record carries because it is the same for all."""
    bp = Blueprint("pages", __name__)
    site = Site.at(urls)
    bp.app_context_processor(lambda: {"site": site})
    bp.add_url_rule("/", "welcome", welcome.view(urls))
    bp.add_url_rule("/tools", "tools", tools.view(urls), strict_slashes=False)
    bp.add_url_rule("/tools/picgate.sxcu", "sharex", tools.sharex_file(urls))
    bp.add_url_rule("/oembed", "oembed", oembed.view(library, urls, thumb), strict_slashes=False)
    return bp
