"""How many variants of one picture may be made, and which of them cannot be.

Promises: no more than `most` are kept of a picture, however many threads ask; one that failed counts, and is not tried
again until the gateway is started again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.core.errors import FileRefused, InvalidImageParams
from gateway.core.ports import Cache

# The WebP that stands in for a picture is not one that was asked for.
STAND_IN = "auto"
_MAX_REMEMBERED = 10_000


class Variants:
    def __init__(self, cache: Cache, most: int) -> None:
        self.cache = cache
        self.most = most
        self.lock = threading.Lock()
        self.making: dict[str, set[str]] = {}
        self.failures: dict[str, dict[str, str]] = {}

    @contextmanager
    def one_more(self, media_id: str, name: str) -> Iterator[None]:
        """Around making and keeping `name`."""
        with self.lock:
            self.check(media_id, name)
            self.making.setdefault(media_id, set()).add(name)
        try:
            yield
        except FileRefused as refused:
            self.remember(media_id, name, refused.message)
            raise
        finally:
            with self.lock:
                self.making[media_id].discard(name)
                if not self.making[media_id]:
                    del self.making[media_id]

    def check(self, media_id: str, name: str) -> None:
        failures = self.failures.get(media_id, {})
        if name in failures:
            raise FileRefused(failures[name])
        kept = {one for one in self.cache.names(media_id) if not one.startswith(f"{media_id}.{STAND_IN}.")}
        if len(kept | self.making.get(media_id, set()) | failures.keys()) >= self.most:
            raise InvalidImageParams(f"Of this picture {self.most} variants were made, and no more are.")

    def remember(self, media_id: str, name: str, reason: str) -> None:
        with self.lock:
            if len(self.failures) >= _MAX_REMEMBERED:
                self.failures.clear()
            self.failures.setdefault(media_id, {})[name] = reason
