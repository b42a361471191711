"""One change to many media at once, and the part of the catalog that makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from gateway.core import tags
from gateway.core.changes import MAX_TAGS, UNSET, Unchanged
from gateway.core.errors import GatewayError, InvalidInput
from gateway.core.records import Media
from gateway.core.titles import clean


@dataclass(frozen=True, slots=True)
class Edit:
    """What is not set stays as it is. A tag that is there already is not added twice; one that is not there is not
    missed."""

    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    is_public: bool | Unchanged = UNSET
    album_id: str | Unchanged | None = UNSET

    def of(self, media: Media) -> Media:
        """Raises `InvalidInput` for a media that cannot be changed so."""
        kept = (name for name in media.tags if name not in self.remove_tags)
        names = tuple(dict.fromkeys((*kept, *self.add_tags)))
        if self.add_tags and len(names) > MAX_TAGS:
            raise too_many(len(names))
        return replace(
            media,
            tags=names,
            is_public=media.is_public if self.is_public is UNSET else self.is_public,
            album_id=media.album_id if self.album_id is UNSET else self.album_id,
        )


def checked(edit: Edit) -> Edit:
    """Tags as they are kept. Raises `InvalidInput`. Whose the album is, the library knows."""
    return replace(edit, add_tags=checked_names(edit.add_tags), remove_tags=checked_names(edit.remove_tags))


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    kept, dropped = tags.sort_out(map(clean, names))
    if dropped:
        raise InvalidInput(
            f"{dropped[0][:80]!r} cannot be a tag: up to {tags.MAX_LENGTH} characters, without , / or #.",
            code="TAG_UNFIT",
            name=dropped[0][:80],
            most=tags.MAX_LENGTH,
        )
    if len(kept) > MAX_TAGS:
        raise too_many(len(kept))
    return kept


def too_many(number: int) -> InvalidInput:
    message = f"That would be {number} tags; up to {MAX_TAGS} are possible. Remove some first."
    return InvalidInput(message, code="TAGS_TOO_MANY", number=number, most=MAX_TAGS)


class EditedRows(Protocol):
    """Its promises are those of `ports.Catalog`. Of somebody else, or past its time, is as if it were not there."""

    def edit_media(self, owner_id: str, ids: Sequence[str], edit: Edit, at: datetime) -> dict[str, GatewayError | None]:
        """All that can be changed in one transaction: for each id an error, or None. Raises `InvalidInput`
        (`ALBUM_GONE`), and changes nothing, for an album that was removed meanwhile."""
        ...

    def drop_media(self, owner_id: str, ids: Sequence[str], at: datetime) -> list[Media]:
        """As `remove_media`, for all of them in one transaction. Returns those that were there, without tags."""
        ...

    def tags_beginning(self, owner_id: str, text: str, limit: int) -> list[str]:
        """The owner's tags that begin with `text`, in order. Case matters."""
        ...
