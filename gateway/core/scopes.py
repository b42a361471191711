"""What a key may do. One vocabulary inside; the older ones clients and documents still use are understood."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gateway.core.errors import InvalidInput

SCOPES = ("media.read", "media.write", "media.delete", "account.read", "usage.read")

READ = frozenset({"media.read", "account.read", "usage.read"})
READ_WRITE = READ | {"media.write"}
TIERS = {"read": READ, "read_write": READ_WRITE, "read_write_delete": READ_WRITE | {"media.delete"}}
MEDIA_WORDS = ("media", "image", "images", "video", "videos", "audio", "audios")
PLAIN_WORDS = {"usage:read": "usage.read", "read:usage": "usage.read", "account:read": "account.read",
               "read:account": "account.read"}  # fmt: skip


def understand_scopes(names: Iterable[str]) -> tuple[str, ...]:
    """`media.write` as such, tiers (`read_write`), and both colon spellings (`images:write`, `write:media`)."""
    found: set[str] = set()
    for name in names:
        found |= meaning(name.strip().lower())
    return tuple(scope for scope in SCOPES if scope in found)


def meaning(name: str) -> frozenset[str]:
    if name in SCOPES:
        return frozenset({name})
    if name in TIERS:
        return frozenset(TIERS[name])
    if name in PLAIN_WORDS:
        return frozenset({PLAIN_WORDS[name]})
    left, _, right = name.partition(":")
    for word, action in ((left, right), (right, left)):
        if word in MEDIA_WORDS and f"media.{action}" in SCOPES:
            return frozenset({f"media.{action}"})
    raise InvalidInput(f"Unknown scope {name!r}. The scopes are {', '.join(SCOPES)}; tiers are {', '.join(TIERS)}.")


def tier_of(scopes: Collection[str]) -> str:
    """In the oldest vocabulary, which has one word for all: by the strongest thing they allow with media."""
    if "media.delete" in scopes:
        return "read_write_delete"
    return "read_write" if "media.write" in scopes else "read"
