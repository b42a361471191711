"""What album, profile, tag and category pages share: tiles, cards of albums, and the way to the next page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, make_response, redirect, request

from gateway.core.galleries import MOST_COUNTED, Galleries
from gateway.core.listing import Listing
from gateway.core.records import Album, Kind, Media
from gateway.urls import Urls, album_path, viewer_path
from gateway.web.pages.playing import NOUNS, clock_time
from gateway.web.pages.site import Site
from gateway.web.pages.turning import asked_place, place_after

PAGE_SIZE = 60
MOST_LOOKED_INTO = 3  # albums in an album, for something to show of it


@dataclass(frozen=True, slots=True)
class Tile:
    """`length` is how long a film or a sound takes."""

    id: str
    kind: Kind
    noun: str
    title: str
    path: str
    picture: str
    length: str
    is_nsfw: bool


@dataclass(frozen=True, slots=True)
class AlbumCard:
    name: str
    path: str
    items: str
    cover: Tile | None


@dataclass(frozen=True, slots=True)
class Page:
    """`newest` leads back to the first page, from any other; `older` is None on the last. `preview` is the address of
    the picture that chats show."""

    address: str
    tiles: tuple[Tile, ...]
    newest: str | None
    older: str | None
    preview: str | None

    @property
    def is_first(self) -> bool:
        return self.newest is None


class Showing:
    """Turns what the galleries hold into what templates show. Paths have the root of the site in front."""

    def __init__(self, galleries: Galleries, urls: Urls) -> None:
        self.galleries = galleries
        self.urls = urls
        self.root = Site.at(urls).root

    def page(self, listing: Listing, path: str) -> Page:
        """The one the request asks for, of the list whose first page is at `path`."""
        shelf = self.galleries.shelf(listing, asked_place(), PAGE_SIZE)
        first = next((media for media in shelf.media if not media.is_nsfw), None)
        preview = self.urls.file(first, "th") if first else None
        tiles = tuple(map(self.tile, shelf.media))
        older = self.older(path, shelf.media[-1]) if shelf.goes_on else None
        return Page(self.address(path), tiles, self.newest(path), older, preview)

    def address(self, path: str) -> str:
        after = asked_place() and request.args["after"]
        return self.urls.page(f"{path}?after={after}" if after else path)

    def newest(self, path: str) -> str | None:
        return self.root + path if asked_place() else None

    def older(self, path: str, last: Media | Album) -> str:
        return f"{self.root}{path}?after={place_after(last)}"

    def tile(self, media: Media) -> Tile:
        return Tile(
            id=media.id,
            kind=media.kind,
            noun=NOUNS[media.kind],
            title=media.title or "",
            path=self.root + viewer_path(media),
            picture=self.urls.file(media, "th"),
            length=clock_time(media.duration) if media.duration else "",
            is_nsfw=media.is_nsfw,
        )

    def cards(self, albums: Sequence[Album]) -> tuple[AlbumCard, ...]:
        return tuple(map(self.card, albums))

    def card(self, album: Album) -> AlbumCard:
        """One with nothing but albums in it shows what is in these."""
        number = self.galleries.number_in(album)
        inside = self.galleries.albums_in(album) if not number else []
        cover = next(filter(None, map(self.galleries.cover_of, (album, *inside[:MOST_LOOKED_INTO]))), None)
        return AlbumCard(
            name=album.name,
            path=self.root + album_path(album),
            items=contents(number, len(inside)),
            cover=self.tile(cover) if cover else None,
        )

    def moved(self, path: str) -> Response:
        """To the one address of a page, with whatever was asked along."""
        query = request.query_string.decode("latin-1")
        return make_response(redirect(f"{self.root}{path}?{query}" if query else self.root + path, 302))


def contents(media: int, albums: int) -> str:
    """What an album has in it: its albums are mentioned where there is nothing else."""
    if media > MOST_COUNTED:
        return f"more than {MOST_COUNTED:,} items"
    return counted(albums, "album") if albums and not media else counted(media, "item")


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def day(time: datetime) -> str:
    utc = time.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y}"


def kept_fresh(page: str) -> Response:
    return make_response(page, {"Cache-Control": "private, no-cache"})
