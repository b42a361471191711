"""One picture as a link in the languages people paste into."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from gateway.core.records import Media
from gateway.urls import Urls


@dataclass(frozen=True, slots=True)
class Link:
    id: str
    label: str
    text: str


def links(media: Media, title: str, urls: Urls) -> tuple[Link, ...]:
    file, viewer = urls.file(media), urls.viewer(media)
    return (
        Link("direct", "Direct link", file),
        Link("viewer", "This page", viewer),
        Link("markdown", "Markdown", f"![{markdown_text(title)}]({file})"),
        Link("bbcode", "BBCode", f"[url={viewer}][img]{file}[/img][/url]"),
        Link("html", "HTML", f'<a href="{escape(viewer)}"><img src="{escape(file)}" alt="{escape(title)}"></a>'),
    )


def markdown_text(title: str) -> str:
    """On one line, because an empty line would end the picture, and with no mark that means something."""
    return re.sub(r"([\\\[\]`*_<>&!])", r"\\\1", " ".join(title.split()))
