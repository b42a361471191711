"""Pages for people: the viewer, albums, profiles, tags and categories, the welcome, the tool settings; and oEmbed, by
which other sites show our pictures."""

from __future__ import annotations

from flask import Blueprint

from gateway.core.forwarding import Book
from gateway.core.library import Library
from gateway.urls import Urls
from gateway.web.pages import category, oembed, tag, tools, welcome
from gateway.web.pages.access import Access
from gateway.web.pages.album import AlbumPage
from gateway.web.pages.headers import harden, strict_transport
from gateway.web.pages.origins import keep_to_files, refuse_foreign_forms
from gateway.web.pages.packing import pack_static
from gateway.web.pages.profile import ProfilePage
from gateway.web.pages.site import Site

__all__ = ["Access", "blueprint", "harden", "keep_to_files", "pack_static", "refuse_foreign_forms", "strict_transport"]


def blueprint(
    library: Library, book: Book, access: Access, urls: Urls, thumb: tuple[int, int] = (320, 320)
) -> Blueprint:
    """`thumb` is the size of thumbnails, which no record carries because it is the same for all."""
    bp = Blueprint("pages", __name__)
    site = Site.at(urls)
    bp.app_context_processor(lambda: {"site": site})
    bp.add_url_rule("/", "welcome", welcome.view(urls))
    bp.add_url_rule("/tools", "tools", tools.view(urls), strict_slashes=False)
    bp.add_url_rule("/tools/picgate.sxcu", "sharex", tools.sharex_file(urls))
    bp.add_url_rule("/oembed", "oembed", oembed.view(library, book, access, urls, thumb), strict_slashes=False)
    add_galleries(bp, access, urls)
    return bp


def add_galleries(bp: Blueprint, access: Access, urls: Urls) -> None:
    galleries = access.galleries
    album, profile = AlbumPage(access, urls), ProfilePage(galleries, urls)
    bp.add_url_rule("/album/<name>", "album", album.view, methods=["GET", "POST"], strict_slashes=False)
    bp.add_url_rule("/user/<username>", "profile", profile.view, strict_slashes=False)
    bp.add_url_rule("/user/<username>/albums", "albums", profile.albums, strict_slashes=False)
    bp.add_url_rule("/tag/<name>", "tag", tag.view(galleries, urls), strict_slashes=False)
    bp.add_url_rule("/category/<url_key>", "category", category.view(galleries, urls), strict_slashes=False)
