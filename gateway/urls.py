"""The only builder of public addresses. They start with the configured public URL, those of files with the one for
files where there is one; never with a request's Host."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from gateway.core.records import Album, Category, FileEntry, Kind, Listed, Media, Owner, Variant


class Urls:
    def __init__(self, public_url: str, media_url: str = "") -> None:
        """`media_url` is the address of files, where that is not the one of the pages."""
        self.base = public_url.rstrip("/")
        self.files = media_url.rstrip("/") or self.base
        self.root = urlsplit(self.base).path  # in front of every path, when the public URL has one

    def page(self, path: str = "/") -> str:
        return self.base + path

    def file(self, media: Media | Listed | FileEntry, variant: Variant | None = None) -> str:
        return f"{self.files}/{media.blob(variant)}"

    def viewer(self, media: Media) -> str:
        return self.base + viewer_path(media)

    def short(self, media: Media) -> str:
        return f"{self.base}{short_path(media.kind, media.id)}"

    def delete(self, media: Media, token: str) -> str:
        return f"{self.short(media)}/delete/{token}"


def album_path(album: Album) -> str:
    slug = slugify(album.name)
    return f"/album/{slug}.{album.id}" if slug else f"/album/{album.id}"


def profile_path(owner: Owner) -> str:
    return f"/user/{as_part(owner.username)}"


def albums_path(owner: Owner) -> str:
    """The list of an owner's albums, which the profile shows the newest of."""
    return f"{profile_path(owner)}/albums"


def tag_path(name: str) -> str:
    return f"/tag/{as_part(name)}"


def category_path(category: Category) -> str:
    return f"/category/{as_part(category.url_key)}"


def as_part(text: str) -> str:
    """One part of a path, whatever is in it."""
    return quote(text, safe="-._~")


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
    return as_part(text)


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_public_url(url: str) -> bool:
    try:
        address = urlsplit(url)
        has_place = bool(address.hostname) and address.port != 0  # reading a port that is none raises
    except ValueError:
        return False
    extra = address.query or address.fragment or re.search(r"\s", url)
    return address.scheme in ("http", "https") and has_place and not extra
