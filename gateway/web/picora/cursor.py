"""Where the next page of a list begins, as a text that clients hand back without looking inside.

What is written is base64url without padding of the last media's id and its whole time, so that a list stays in order
whatever is added or deleted meanwhile. Read is also what other servers of this kind wrote: either alphabet, padded or
not, and a date alone.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from gateway.core.errors import InvalidInput
from gateway.core.listing import Place
from gateway.core.records import Listed, Media
from gateway.web.picora.envelope import time_text

MAX_CHARACTERS = 300  # of what may be one; ours have about eighty


def cursor_after(media: Media | Listed) -> str:
    return encode({"id": media.id, "createdAt": time_text(media.created_at)})


def encode(place: dict[str, str]) -> str:
    text = json.dumps(place, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode(text: str) -> Any:
    """Raises `ValueError`."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(text)
    alphabet = text.rstrip("=").replace("-", "+").replace("_", "/")
    return json.loads(base64.b64decode(alphabet + "=" * (-len(alphabet) % 4), validate=True))


def read_cursor(text: str) -> Place:
    """Raises `InvalidInput`."""
    try:
        place = decode(text)
        return Place(moment(place["createdAt"]), whole_id(place["id"]))
    except (ValueError, TypeError, KeyError, OverflowError):
        raise InvalidInput(
            "This cursor cannot be read. Send nextCursor of the page before as it is, or none for the first page.",
            field="cursor",
        ) from None


def moment(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def whole_id(text: str) -> str:
    if not (isinstance(text, str) and text.isascii() and text.isprintable()):
        raise ValueError(text)
    return text
