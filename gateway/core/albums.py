"""An owner's albums: made, changed, put into each other, and taken away again.

Promises: an album never comes to lie in itself, whoever changes what at the same time; a password is kept as its hash
alone; and whatever becomes of an album, what is in it stays. What belongs to somebody else is not found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.core.album_edits import (
    AlbumDraft,
    checked_description,
    checked_name,
    checked_password,
    checked_privacy,
)
from gateway.core.errors import InvalidInput
from gateway.core.ids import new_id
from gateway.core.library import not_found
from gateway.core.ports import Catalog, Clock
from gateway.core.records import Album, Listed, Media, Owner
from gateway.core.search import Query

HANDFUL = 500


class Albums:
    def __init__(self, catalog: Catalog, clock: Clock, hash_password: Callable[[str], str]) -> None:
        self.catalog = catalog
        self.clock = clock
        self.hash_password = hash_password

    # finding

    def own(self, owner: Owner, album_id: str) -> Album:
        """Raises `NotFound`."""
        album = self.catalog.album(album_id)
        if not album or album.owner_id != owner.id:
            raise not_found()
        return album

    def all(self, owner: Owner) -> list[Album]:
        """By name."""
        return by_name(self.catalog.albums_of(owner.id))

    def cover(self, album: Album) -> Media | Listed | None:
        """As its owner sees it: the one that was chosen while it is there, else the newest."""
        now = self.clock.now()
        chosen = self.catalog.media(album.cover_id) if album.cover_id else None
        if chosen and is_in(chosen, album) and not chosen.is_expired(now):
            return chosen
        newest = self.catalog.search(Query(album.owner_id, album_id=album.id), None, now, 1)
        return newest[0] if newest else None

    # changing

    def add(self, owner: Owner, draft: AlbumDraft) -> Album:
        """Raises `InvalidInput`."""
        album = self.drafted(Album(new_id(), owner.id, "", self.clock.now()), draft)
        if album.parent_id:
            self.refuse_parent(owner, album.parent_id)
        self.catalog.add_album(album)
        return album

    def change(self, owner: Owner, album_id: str, draft: AlbumDraft) -> Album:
        """Raises `NotFound`, and `InvalidInput` when one value cannot be kept; then nothing is changed."""
        album = self.drafted(self.own(owner, album_id), draft)
        if not self.catalog.change_album(album):
            raise not_found()
        return album

    def drafted(self, album: Album, draft: AlbumDraft) -> Album:
        privacy, password_hash = checked_privacy(draft.privacy), None
        if privacy == "password":
            password = checked_password(draft.password, has_one=album.password_hash is not None)
            password_hash = self.hash_password(password) if password else album.password_hash
        return replace(
            album,
            name=checked_name(draft.name),
            description=checked_description(draft.description),
            privacy=privacy,
            password_hash=password_hash,
            parent_id=draft.parent_id or None,
        )

    def refuse_parent(self, owner: Owner, parent_id: str) -> None:
        parent = self.catalog.album(parent_id)
        if not parent or parent.owner_id != owner.id:
            raise InvalidInput("There is no such album of yours to put it into.", code="ALBUM_PARENT")

    def choose_cover(self, owner: Owner, album_id: str, media_id: str) -> None:
        album, media = self.own(owner, album_id), self.catalog.media(media_id)
        if not media or not is_in(media, album):
            raise InvalidInput("The cover has to be one of the files in the album.", code="ALBUM_COVER")
        self.catalog.set_album_cover(album.id, media.id)

    def remove(self, owner: Owner, album_id: str) -> None:
        """The media of a large one go out of it in handfuls: others may write in between."""
        album = self.own(owner, album_id)
        while self.catalog.empty_album(album.id, self.clock.now(), HANDFUL) == HANDFUL:
            pass
        if not self.catalog.remove_album(album.id, self.clock.now()):
            raise not_found()


def is_in(media: Media, album: Album) -> bool:
    """An import may bring an album with media of somebody else in it: these are not its owner's to be shown."""
    return media.album_id == album.id and media.owner_id == album.owner_id


def by_name(albums: Sequence[Album]) -> list[Album]:
    return sorted(albums, key=lambda album: (album.name.casefold(), album.id))


def above(album: Album, albums: Sequence[Album]) -> list[Album]:
    """Those it lies in, outermost first."""
    known, found = {one.id: one for one in albums}, list[Album]()
    parent = known.get(album.parent_id or "")
    while parent and parent not in found and parent.id != album.id:
        found.insert(0, parent)
        parent = known.get(parent.parent_id or "")
    return found


def outside(album: Album, albums: Sequence[Album]) -> list[Album]:
    """Those it may be put into: neither itself nor what lies in it."""
    within, closed, left = inside(albums), {album.id}, [album.id]
    while left:
        found = [one.id for one in within[left.pop()] if one.id not in closed]
        closed.update(found)
        left += found
    return [one for one in albums if one.id not in closed]


def inside(albums: Sequence[Album]) -> defaultdict[str | None, list[Album]]:
    """Those that lie in each, by its id, in the order in which they came."""
    within = defaultdict[str | None, list[Album]](list)
    for one in albums:
        within[one.parent_id].append(one)
    return within
