"""What an owner may change about a media, and which values can be kept.

Doors hand over what they were sent, of whatever type: it is looked at here, for all of them. A refusal names the field
in `meta["field"]`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final, Literal

from gateway.core import tags
from gateway.core.errors import InvalidInput
from gateway.core.referers import checked_referers
from gateway.core.titles import clean

MAX_TITLE = 255
MAX_DESCRIPTION = 5000
MAX_TAGS = 10


class Unset(Enum):
    UNSET = "unset"


UNSET: Final = Unset.UNSET
Unchanged = Literal[Unset.UNSET]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is not set stays as it is; None clears. `tags` replace all tags. `allowed_referers`: None lets every site
    show the file, an empty list none."""

    title: str | Unchanged | None = UNSET
    description: str | Unchanged | None = UNSET
    tags: tuple[str, ...] | Unchanged = UNSET
    is_public: bool | Unchanged = UNSET
    is_nsfw: bool | Unchanged = UNSET
    album_id: str | Unchanged | None = UNSET
    allowed_referers: tuple[str, ...] | Unchanged | None = UNSET

    def given(self) -> dict[str, object]:
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in values if value is not UNSET}


def checked(changes: Changes) -> Changes:
    """The same in the form in which it is kept. Raises `InvalidInput`."""
    given = changes.given()
    if not given:
        raise InvalidInput(f"Nothing to change. Send at least one of {', '.join(one.name for one in fields(Changes))}.")
    return Changes(**{name: CHECKS[name](value, name) for name, value in given.items()})


def checked_title(value: object, field: str = "title") -> str | None:
    return checked_text(value, field, MAX_TITLE)


def checked_description(value: object, field: str = "description") -> str | None:
    return checked_text(value, field, MAX_DESCRIPTION)


def checked_text(value: object, field: str, longest: int) -> str | None:
    """None when there is nothing in it."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidInput(f"The {field} is not a text.", field=field)
    if clean(value) != value:
        raise InvalidInput(f"The {field} has characters in it that cannot be kept, such as NUL.", field=field)
    if len(value) > longest:
        raise InvalidInput(f"The {field} has {len(value)} characters; up to {longest} are possible.", field=field)
    return value.strip() or None


def checked_tags(value: object, field: str = "tags") -> tuple[str, ...]:
    """White space tidied and each once, before they are counted."""
    kept, dropped = tags.sort_out(checked_list(value, field))
    if dropped:
        raise InvalidInput(
            f"{clean(dropped[0])[:80]!r} cannot be a tag: up to {tags.MAX_LENGTH} characters, without , / or #.",
            field=field,
        )
    if len(kept) > MAX_TAGS:
        raise InvalidInput(f"There are {len(kept)} tags; up to {MAX_TAGS} are possible.", field=field)
    return kept


def checked_list(value: object, field: str) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise InvalidInput(f"The {field} are not a list of texts.", field=field)
    if any(clean(one) != one for one in value):
        raise InvalidInput(f"The {field} have characters in them that cannot be kept, such as NUL.", field=field)
    return list(value)


def checked_flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(f"The value of {field} is neither true nor false.", field=field)
    return value


def checked_album(value: object, field: str) -> str | None:
    """Whose it is, the library knows."""
    return checked_text(value, field, MAX_TITLE)


def checked_sites(value: object, field: str) -> tuple[str, ...] | None:
    return None if value is None else checked_referers(checked_list(value, field))


CHECKS: dict[str, Callable[[object, str], Any]] = {
    "title": checked_title,
    "description": checked_description,
    "tags": checked_tags,
    "is_public": checked_flag,
    "is_nsfw": checked_flag,
    "album_id": checked_album,
    "allowed_referers": checked_sites,
}
