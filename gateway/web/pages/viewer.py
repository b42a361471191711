"""The page of one media: what it shows, worked out before the template sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import render_template

from gateway.core.formats.registry import by_extension
from gateway.core.library import Library, not_found
from gateway.core.records import Media
from gateway.core.sizes import format_size
from gateway.urls import Urls
from gateway.web.pages.links import Link, links

PREVIEW_BYTES = 5_000_000  # above this, chats show no picture at all


@dataclass(frozen=True, slots=True)
class Fact:
    """`moment` is there when the value is a time."""

    name: str
    value: str
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rendition:
    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """`summary` stands where a description is wanted and there is none; `preview` is the picture chats show."""

    title: str
    description: str | None
    summary: str
    tags: tuple[str, ...]
    is_nsfw: bool
    address: str
    oembed_address: str
    mime: str
    filename: str
    original: Rendition
    preview: Rendition
    facts: tuple[Fact, ...]
    links: tuple[Link, ...]


def find(library: Library, media_id: str) -> Media:
    """Raises the same `NotFound` for what is not public as for what does not exist."""
    media = library.get(media_id)
    if not media.is_public:
        raise not_found()
    return media


def id_in(name: str) -> str:
    """The last part of a viewer address: the id follows the last dot, what is before it is only for reading."""
    return name.rpartition(".")[2]


def render(media: Media, views: int, urls: Urls) -> str:
    return render_template("viewer.html", viewer=describe(media, views, urls))


def describe(media: Media, views: int, urls: Urls) -> Viewer:
    title = media.title or media.blob()
    facts = tuple(facts_of(media, views))
    address = urls.viewer(media)
    return Viewer(
        title=title,
        description=media.description,
        summary=media.description or f"{facts[0].value}, {facts[1].value}",
        tags=media.tags,
        is_nsfw=media.is_nsfw,
        address=address,
        oembed_address=urls.page("/oembed?" + urlencode({"url": address})),
        mime=media.mime,
        filename=media.filename,
        original=original(media, urls),
        preview=preview(media, urls),
        facts=facts,
        links=links(media, title, urls),
    )


def facts_of(media: Media, views: int) -> list[Fact]:
    known = by_extension(media.extension)
    label = known.label if known else media.extension.upper()
    facts = [
        Fact("Size", f"{media.width} × {media.height} pixels"),  # noqa: RUF001
        Fact("File", f"{label}, {format_size(media.size_bytes)}"),
        Fact("Added", as_read(media.created_at), media.created_at),
        Fact("Views", f"{views:,}"),
    ]
    if media.expires_at:
        facts.append(Fact("Available until", as_read(media.expires_at), media.expires_at))
    return facts


def as_read(time: datetime) -> str:
    utc = time.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"


def original(media: Media, urls: Urls) -> Rendition:
    return Rendition(urls.file(media), media.width, media.height)


def medium(media: Media, urls: Urls) -> Rendition | None:
    return Rendition(urls.file(media, "md"), media.medium_width, media.medium_height) if media.has("md") else None


def preview(media: Media, urls: Urls) -> Rendition:
    small = medium(media, urls)
    return small if small and media.size_bytes > PREVIEW_BYTES else original(media, urls)
