"""One media as a link in the languages people paste into."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from gateway.core.records import Media
from gateway.urls import Urls
from gateway.web.pages.playing import element, is_playable


@dataclass(frozen=True, slots=True)
class Link:
    id: str
    label: str
    text: str


def links(media: Media, title: str, picture: str, urls: Urls) -> tuple[Link, ...]:
    """`picture` is the address of the picture that stands for it. Forums and Markdown know no players: there it is the
    picture, and leads to the page that plays."""
    viewer = urls.viewer(media)
    markdown = f"![{markdown_text(title)}]({picture})"
    if media.kind != "image":
        markdown = f"[{markdown}]({viewer})"
    html = f'<a href="{escape(viewer)}"><img src="{escape(picture)}" alt="{escape(title)}"></a>'
    if is_playable(media):
        html = element(media, urls, (media.width, media.height), picture)
    return (
        Link("direct", "Direct link", urls.file(media)),
        Link("viewer", "This page", viewer),
        Link("markdown", "Markdown", markdown),
        Link("bbcode", "BBCode", f"[url={viewer}][img]{picture}[/img][/url]"),
        Link("html", "HTML", html),
    )


def markdown_text(title: str) -> str:
    """On one line, because an empty line would end the picture, and with no mark that means something."""
    return re.sub(r"([\\\[\]`*_<>&!])", r"\\\1", " ".join(title.split()))
