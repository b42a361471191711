"""Who may see what on the pages that show more than one media, and around a single one.

An album's privacy governs its own page and the pages of what is in it; files are not asked about, they stay at their
addresses. What may not be seen is not found, in the same words as what does not exist. Nobody signs in to these pages:
whatever is said here is said to a stranger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.library import not_found
from gateway.core.listing import Listing, Place
from gateway.core.ports import Catalog, Clock
from gateway.core.records import Album, Category, FileEntry, Media, Owner

MOST_COUNTED = 10_000  # media of an album; who shows it to strangers says that there are more
MAX_PASSWORD = 1_000  # characters; what is longer is not worth a slow hash


@dataclass(frozen=True, slots=True)
class Shelf:
    """Some of a listing. `goes_on` when there is more after the last one."""

    media: tuple[Media, ...]
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a media can be named with. None where there is nothing, or nothing a stranger should learn. Search engines
    may know it when `is_listed`."""

    album: Album | None
    owner: Owner | None
    category: Category | None
    is_listed: bool


class Galleries:
    def __init__(self, catalog: Catalog, clock: Clock, matches: Callable[[str, str], bool]) -> None:
        """`matches(password, stored_hash)` knows every hash an album may have."""
        self.catalog = catalog
        self.clock = clock
        self.matches = matches

    # albums

    def album(self, album_id: str) -> Album:
        """Raises `NotFound` for a private one. One with a password is found: whoever shows it asks for that first."""
        album = self.catalog.album(album_id)
        if not album or is_private(album):
            raise not_found()
        return album

    def album_of(self, media: Media) -> Album | None:
        """The one whose privacy governs this media. Raises `NotFound` when that is private."""
        return self.album(media.album_id) if media.album_id else None

    def opens(self, album: Album, password: str) -> bool:
        stored = album.password_hash
        return bool(stored) and len(password) <= MAX_PASSWORD and self.matches(password, stored or "")

    def albums_of(self, owner: Owner) -> list[Album]:
        """Those that stand by themselves, newest first. What lies in another album is listed there."""
        return named([album for album in self.catalog.albums_of(owner.id) if not album.parent_id])

    def albums_in(self, album: Album) -> list[Album]:
        """Newest first."""
        return named(self.catalog.albums_in(album.id))

    def parent_of(self, album: Album) -> Album | None:
        parent = self.catalog.album(album.parent_id) if album.parent_id else None
        return parent if parent and parent.privacy == "public" else None

    def number_in(self, album: Album) -> int:
        """Of the media a stranger sees in it; one more than `MOST_COUNTED` where there are more."""
        listing = Listing("album", album.id)
        return self.catalog.media_number(listing, self.clock.now(), MOST_COUNTED + 1) if album.media_count else 0

    def cover_of(self, album: Album) -> Media | None:
        """The one that was chosen, while it can be seen in the album, else the newest."""
        chosen = self.catalog.media(album.cover_id) if album.cover_id else None
        if chosen and chosen.album_id == album.id and chosen.is_public and not chosen.is_expired(self.clock.now()):
            return chosen
        return next(iter(self.shelf(Listing("album", album.id), None, 1).media), None)

    def count_view(self, album: Album) -> None:
        self.catalog.count_album_view(album.id)

    # owners, categories and what is listed of them

    def profile(self, username: str) -> Owner:
        """Raises `NotFound` for an owner who has none to show."""
        owner = self.catalog.owner_named(username)
        if not owner or not has_profile(owner):
            raise not_found()
        return owner

    def owner_of(self, record: Media | Album) -> Owner | None:
        owner = self.catalog.owner(record.owner_id)
        return owner if owner and has_profile(owner) else None

    def asset(self, asset_id: str | None) -> FileEntry | None:
        return self.catalog.file_entry(asset_id) if asset_id else None

    def category(self, url_key: str) -> Category:
        category = self.catalog.category_named(url_key)
        if not category:
            raise not_found()
        return category

    def shelf(self, listing: Listing, after: Place | None, size: int) -> Shelf:
        found = self.catalog.media_page(listing, after, self.clock.now(), size + 1)
        return Shelf(tuple(found[:size]), len(found) > size)

    def around(self, media: Media) -> Surroundings:
        """For someone who may see the media itself."""
        album = self.album_of(media)
        return Surroundings(
            album=album if album and album.privacy != "link" else None,
            owner=self.owner_of(media),
            category=self.catalog.category(media.category_id) if media.category_id is not None else None,
            is_listed=not album or album.privacy == "public",
        )


def is_private(album: Album) -> bool:
    """Also when it asks for a password that nobody set."""
    return album.privacy == "private" or (album.privacy == "password" and not album.password_hash)


def has_profile(owner: Owner) -> bool:
    """A disabled owner's files stay where they are, but nothing is told of the owner."""
    return owner.is_active and not owner.is_private and owner.role != "guest"


def named(albums: list[Album]) -> list[Album]:
    """Those that are mentioned to strangers, newest first."""
    public = (album for album in albums if album.privacy == "public")
    return sorted(public, key=lambda album: (album.created_at, album.id), reverse=True)
