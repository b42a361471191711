"""Records to put into a catalog, and a way to do things at once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from gateway.core.ids import new_id, new_image_id
from gateway.core.records import Album, ApiKey, Media, Owner

T = TypeVar("T")

NOW = datetime(2026, 11, 21, 12, 0, 0, 123000, tzinfo=UTC)
ODD_TEXTS = (
    "Grüße, 世界, שלום",
    "𐍈 a letter of four bytes, 👩‍👩‍👧 a family, 🇩🇪 a flag",
    "two\nlines, a\ttab, a\rreturn and \x01\x1b\x7f",
    "'; DROP TABLE media; -- \" % _ \\ ?",
    "e\u0301 is not \u00e9",
    " space around ",
)

numbers = count(1)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def an_owner(username: str = "alice", **facts: Any) -> Owner:
    owner = Owner(
        id=new_id(),
        username=username,
        email=None,
        role="user",
        is_active=True,
        quota_bytes=None,
        storage_used_bytes=0,
        media_count=0,
        password_hash=None,
        created_at=NOW,
    )
    return replace(owner, **facts)


def a_key(owner: Owner, **facts: Any) -> ApiKey:
    key = ApiKey(
        id=new_id(),
        owner_id=owner.id,
        name="sharex",
        prefix="sk_live_abcd",
        last4="wxyz",
        sha256=sha256("secret"),
        legacy_hash=None,
        scopes=("media.read", "media.write"),
        created_at=NOW,
        last_used_at=None,
        revoked_at=None,
    )
    return replace(key, **facts)


def an_old_key(owner: Owner, prefix: str, legacy_hash: str, **facts: Any) -> ApiKey:
    """As an import brings it, of which the old host kept only the hash. `prefix` is "chv_", the encoded id and "_"."""
    return a_key(owner, prefix=prefix, last4="", sha256=None, legacy_hash=legacy_hash, **facts)


def an_album(owner: Owner, name: str = "Holiday", **facts: Any) -> Album:
    return replace(Album(new_id(), owner.id, name, NOW), **facts)


def a_media(owner: Owner, **facts: Any) -> Media:
    """Different bytes each time, unless `sha256` is given."""
    media = Media(
        id=new_image_id(),
        kind="image",
        owner_id=owner.id,
        filename="cat.png",
        title="cat",
        description=None,
        mime="image/png",
        extension="png",
        size_bytes=1000,
        width=64,
        height=48,
        sha256=sha256(f"picture {next(numbers)}"),
        md5="0" * 32,
        source_sha256=None,
        source_md5=None,
        is_resized=False,
        exif_json=None,
        is_animated=False,
        is_360=False,
        is_public=True,
        is_nsfw=False,
        album_id=None,
        category_id=None,
        views=0,
        thumb_bytes=100,
        medium_bytes=0,
        medium_width=0,
        medium_height=0,
        created_at=NOW,
        updated_at=NOW,
        expires_at=None,
    )
    return replace(media, **facts)


def a_token() -> str:
    """The hash of a delete token of its own."""
    return sha256(f"token {next(numbers)}")


def at_once(times: int, work: Callable[[int], T]) -> list[T | Exception]:
    """What `work(0)`, `work(1)` … return or raise, all started at the same moment."""
    ready = threading.Barrier(times)

    def attempt(number: int) -> T | Exception:
        ready.wait()
        try:
            return work(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(attempt, range(times)))
