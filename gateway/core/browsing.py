"""An owner in front of a whole library: a page of what is looked for, and one change to all of it.

Promises: however many there are, each step costs what its own handful costs, and who goes on from where a step ended
meets everything that was there when the first one began exactly once.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from gateway.core.edits import Edit, checked
from gateway.core.errors import GatewayError, InvalidInput, StoreUnavailable
from gateway.core.library import Library, not_found
from gateway.core.listing import Place
from gateway.core.ports import Catalog, Clock
from gateway.core.records import Listed, Owner
from gateway.core.search import Query

HANDFUL = 500


@dataclass(frozen=True, slots=True)
class Found:
    """Some of what is looked for. `goes_on` when there is more after the last one."""

    media: tuple[Listed, ...]
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """`title` is empty for what is not there."""

    id: str
    title: str
    error: GatewayError


@dataclass(frozen=True, slots=True)
class Outcome:
    done: tuple[str, ...]
    failed: tuple[Failure, ...]


class Browsing:
    def __init__(self, catalog: Catalog, clock: Clock, library: Library) -> None:
        self.catalog = catalog
        self.clock = clock
        self.library = library

    def page(self, query: Query, after: Place | None, size: int) -> Found:
        found = self.catalog.search(query, after, self.clock.now(), size + 1)
        return Found(tuple(found[:size]), len(found) > size)

    def tags(self, owner: Owner, text: str, limit: int) -> list[str]:
        return self.catalog.tags_beginning(owner.id, text, limit)

    def edit(self, owner: Owner, ids: Sequence[str], edit: Edit) -> Outcome:
        """Raises `InvalidInput` when nothing at all can be changed so."""
        edit = checked(edit)
        if isinstance(edit.album_id, str):
            album = self.catalog.album(edit.album_id)
            if not album or album.owner_id != owner.id:
                raise InvalidInput("There is no such album of yours, or not any more.", code="ALBUM_GONE")
        ids = tuple(dict.fromkeys(ids))
        said = self.catalog.edit_media(owner.id, ids, edit, self.clock.now()) if ids else {}
        return Outcome(
            tuple(one for one in ids if said[one] is None),
            tuple(self.failure(owner, one, error) for one, error in said.items() if error),
        )

    def remove(self, owner: Owner, ids: Sequence[str]) -> Outcome:
        """Catalog first, files after; files that cannot be removed just now are swept up some day."""
        ids = tuple(dict.fromkeys(ids))
        removed = self.catalog.drop_media(owner.id, ids, self.clock.now()) if ids else []
        for media in removed:
            with suppress(StoreUnavailable):
                self.library.drop_files(media)
        done = {media.id for media in removed}
        left = (self.failure(owner, one, not_found()) for one in ids if one not in done)
        return Outcome(tuple(one for one in ids if one in done), tuple(left))

    def failure(self, owner: Owner, media_id: str, error: GatewayError) -> Failure:
        media = self.catalog.media(media_id)
        is_own = media is not None and media.owner_id == owner.id
        return Failure(media_id, (media.title or media.filename) if media and is_own else "", error)
