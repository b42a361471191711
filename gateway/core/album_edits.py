"""What an owner says about an album, which of it can be kept, and the part of the catalog that keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.errors import InvalidInput
from gateway.core.records import PRIVACIES, Album, Privacy
from gateway.core.titles import clean

MAX_NAME = 100
MAX_DESCRIPTION = 5000
MAX_PASSWORD = 1000  # characters; what is longer is not worth a slow hash


@dataclass(frozen=True, slots=True)
class AlbumDraft:
    """As it was typed in. No `password` is the one that is there; no `parent_id` is an album by itself."""

    name: str
    description: str = ""
    privacy: str = "public"
    password: str = ""
    parent_id: str = ""


def checked_name(text: str) -> str:
    name = " ".join(clean(text).split())
    if not name:
        raise InvalidInput("The album has no name.", code="ALBUM_NAME_MISSING")
    if len(name) > MAX_NAME:
        raise InvalidInput(
            f"The name is too long. Use at most {MAX_NAME} characters.", code="ALBUM_NAME_LONG", most=MAX_NAME
        )
    return name


def checked_description(text: str) -> str | None:
    description = clean(text.replace("\r\n", "\n")).strip()
    if len(description) > MAX_DESCRIPTION:
        raise InvalidInput(
            f"The description is too long. Use at most {MAX_DESCRIPTION} characters.",
            code="ALBUM_DESCRIPTION_LONG",
            most=MAX_DESCRIPTION,
        )
    return description or None


def checked_privacy(text: str) -> Privacy:
    privacy = next((one for one in PRIVACIES if one == text), None)
    if not privacy:
        raise InvalidInput(f"An album is {', '.join(PRIVACIES)}, and not {text[:40]!r}.", code="ALBUM_PRIVACY")
    return privacy


def checked_password(text: str, *, has_one: bool) -> str:
    """Empty for the one that is there."""
    if not text and not has_one:
        raise InvalidInput("An album with a password needs one. Type it in.", code="ALBUM_PASSWORD_MISSING")
    if len(text) > MAX_PASSWORD:
        raise InvalidInput(
            f"The password is too long. Use at most {MAX_PASSWORD} characters.",
            code="ALBUM_PASSWORD_LONG",
            most=MAX_PASSWORD,
        )
    return text


class AlbumEditRows(Protocol):
    """Its promises are those of `ports.Catalog`."""

    def change_album(self, album: Album) -> bool:
        """Name, description, privacy, password hash, parent and cover. False when it is gone. Raises `InvalidInput`
        (`ALBUM_LOOP`), and changes nothing, when it would come to lie in itself, however many are changed at once;
        and (`ALBUM_PARENT`) when its owner has no such album to put it into."""
        ...

    def empty_album(self, album_id: str, at: datetime, limit: int) -> int:
        """Take so many media out of it; returns how many there were to take."""
        ...

    def remove_album(self, album_id: str, at: datetime) -> bool:
        """Its media stay, in no album; the albums in it lie where it lay; no old address leads to it any more. False
        when it was gone already."""
        ...
