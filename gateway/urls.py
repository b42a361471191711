"""The only builder of public addresses. They start with the configured public URL, never with a request's Host."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from gateway.core.records import Kind, Media, Variant


class Urls:
    def __init__(self, public_url: str) -> None:
        self.base = public_url.rstrip("/")
        self.root = urlsplit(self.base).path  # in front of every path, when the public URL has one

    def page(self, path: str = "/") -> str:
        return self.base + path

    def file(self, media: Media, variant: Variant | None = None) -> str:
        return f"{self.base}/{media.blob(variant)}"

    def viewer(self, media: Media) -> str:
        return self.base + viewer_path(media)

    def short(self, media: Media) -> str:
        return f"{self.base}{short_path(media.kind, media.id)}"

    def delete(self, media: Media, token: str) -> str:
        return f"{self.short(media)}/delete/{token}"


def short_path(kind: Kind, media_id: str) -> str:
    return f"/{kind}/{media_id}"


def viewer_path(media: Media) -> str:
    slug = slugify(media.title or "")
    return f"/{media.kind}/{slug}.{media.id}" if slug else short_path(media.kind, media.id)


def slugify(title: str) -> str:
    """A title as the old host wrote it into addresses: case and letters kept, quotes and separators dropped."""
    text = re.sub(r"""[\\/~&!'"?]""", "", title)
    text = re.sub(r"[\s-]+", "-", text)
    text = re.sub(r"<[^>]*>", "", text)
    return quote(text, safe="-._~")
