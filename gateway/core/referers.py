"""On which sites a file may be shown: `self`, a host, or `*.` and a host, which is all below it but not the host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from gateway.core.errors import InvalidInput

SELF = "self"
MOST = 50
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?")


def checked_referers(patterns: Iterable[str]) -> tuple[str, ...]:
    """In lower case, each once. Raises `InvalidInput`."""
    kept = tuple(dict.fromkeys(pattern.strip().lower() for pattern in patterns))
    for pattern in kept:
        if pattern != SELF and not HOST.fullmatch(pattern.removeprefix("*.")):
            raise InvalidInput(
                f"{pattern[:80]!r} is not a host: use self, example.org or *.example.org.", field="allowed_referers"
            )
    if len(kept) > MOST:
        raise InvalidInput(f"There are {len(kept)} sites; up to {MOST} are possible.", field="allowed_referers")
    return kept


def is_allowed(patterns: Sequence[str] | None, referer: str | None, own_host: str) -> bool:
    """Without patterns everybody is. With any, a request that does not say where it comes from is not."""
    if patterns is None:
        return True
    host = host_of(referer or "")
    return bool(host) and any(matches(pattern, host, own_host.lower()) for pattern in patterns)


def matches(pattern: str, host: str, own_host: str) -> bool:
    if pattern == SELF:
        return host == own_host
    if pattern.startswith("*."):
        return host.endswith(pattern[1:].rstrip("."))
    return host == pattern.rstrip(".")


def host_of(referer: str) -> str:
    try:
        return (urlsplit(referer).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
