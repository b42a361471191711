"""How often, over a moving window in this process: uploads of an owner, guesses at the password of an album."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from gateway.core.errors import RateLimited
from gateway.core.keys import Caller
from gateway.core.records import Album

GUESSES_PER_MINUTE = 10


class UploadLimit:
    def __init__(self, per_minute: int) -> None:
        self.item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, caller: Caller) -> None:
        if self.item and not self.limiter.hit(self.item, caller.owner.id):
            free_at = self.limiter.get_window_stats(self.item, caller.owner.id).reset_time
            wait = max(1, round(free_at - time.time()))
            raise RateLimited(
                f"Too many uploads: {self.item.amount} a minute are allowed. Try again in {wait} seconds.",
                retry_after=wait,
            )


class GuessLimit:
    """Wrong passwords from one address for one album."""

    def __init__(self) -> None:
        self.item = RateLimitItemPerMinute(GUESSES_PER_MINUTE)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, address: str, album: Album) -> None:
        """Before a guess is looked at. Raises `RateLimited`."""
        if not self.limiter.test(self.item, address, album.id):
            free_at = self.limiter.get_window_stats(self.item, address, album.id).reset_time
            wait = max(1, round(free_at - time.time()))
            raise RateLimited(f"Too many tries. Wait {wait} seconds and try again.", retry_after=wait)

    def count(self, address: str, album: Album) -> None:
        """A guess was wrong."""
        self.limiter.hit(self.item, address, album.id)
