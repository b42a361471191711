"""The page of one media: what it shows, worked out before the template sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import render_template

from gateway.core.formats.registry import by_extension
from gateway.core.galleries import Surroundings
from gateway.core.library import Library, not_found
from gateway.core.records import Kind, Media, rendition_mime
from gateway.core.sizes import format_size
from gateway.urls import Urls, album_path, category_path, profile_path, tag_path
from gateway.web.pages.links import Link, links
from gateway.web.pages.playing import NOUNS, Rendition, clock_time, is_playable, original, preview, still
from gateway.web.pages.site import Site

OPEN_GRAPH: dict[Kind, str] = {"image": "website", "video": "video.other", "audio": "music.song"}


@dataclass(frozen=True, slots=True)
class Fact:
    """`moment` is there when the value is a time."""

    name: str
    value: str
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """The name of another page, and where it is, if it is anywhere."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """`summary` stands where a description is wanted and there is none; `still` is what is seen before a film or sound
    plays, `preview` the picture chats show."""

    kind: Kind
    noun: str
    format: str
    is_playable: bool
    seconds: int
    open_graph_type: str
    title: str
    description: str | None
    summary: str
    owner: Mention | None
    album: Mention | None
    category: Mention | None
    tags: tuple[Mention, ...]
    is_nsfw: bool
    is_listed: bool
    address: str
    oembed_address: str
    mime: str
    filename: str
    original: Rendition
    still: Rendition
    preview: Rendition
    preview_mime: str
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


def render(media: Media, around: Surroundings, views: int, urls: Urls, thumb: tuple[int, int]) -> str:
    return render_template("viewer.html", viewer=describe(media, around, views, urls, thumb))


def describe(media: Media, around: Surroundings, views: int, urls: Urls, thumb: tuple[int, int]) -> Viewer:
    title = media.title or media.blob()
    facts = tuple(facts_of(media, views))
    address = urls.viewer(media)
    picture = still(media, urls, thumb)
    owner, album, category, root = around.owner, around.album, around.category, Site.at(urls).root
    return Viewer(
        kind=media.kind,
        noun=NOUNS[media.kind],
        format=label_of(media),
        is_playable=is_playable(media),
        seconds=round(media.duration),
        open_graph_type=OPEN_GRAPH[media.kind],
        title=title,
        description=media.description,
        summary=media.description or f"{facts[0].value}, {facts[1].value}",
        owner=Mention(owner.name or owner.username, root + profile_path(owner)) if owner else None,
        album=Mention(album.name, root + album_path(album)) if album else None,
        category=Mention(category.name, root + category_path(category)) if category else None,
        # The page of a tag is there for what is shown of people who have a page themselves.
        tags=tuple(Mention(tag, root + tag_path(tag) if owner and around.is_listed else "") for tag in media.tags),
        is_nsfw=media.is_nsfw,
        is_listed=around.is_listed,
        address=address,
        oembed_address=urls.page("/oembed?" + urlencode({"url": address})),
        mime=media.mime,
        filename=media.filename,
        original=original(media, urls),
        still=picture,
        preview=preview(media, urls, thumb),
        preview_mime=rendition_mime(media.kind, media.mime),
        facts=facts,
        links=links(media, title, picture.url, urls),
    )


def facts_of(media: Media, views: int) -> list[Fact]:
    """The first two are what is said where there is room for no more."""
    facts = []
    if media.duration:
        facts.append(Fact("Length", clock_time(media.duration)))
    if media.kind != "audio":
        facts.append(Fact("Size", f"{media.width} × {media.height} pixels"))  # noqa: RUF001
    facts.append(Fact("File", f"{label_of(media)}, {format_size(media.size_bytes)}"))
    if media.kind == "audio" and media.bitrate:
        facts.append(Fact("Bit rate", f"{media.bitrate} kbit/s"))
    facts.append(Fact("Added", as_read(media.created_at), media.created_at))
    facts.append(Fact("Views", f"{views:,}"))
    if media.expires_at:
        facts.append(Fact("Available until", as_read(media.expires_at), media.expires_at))
    return facts


def label_of(media: Media) -> str:
    known = by_extension(media.extension)
    return known.label if known else media.extension.upper()


def as_read(time: datetime) -> str:
    utc = time.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
