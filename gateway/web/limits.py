"""How often: uploads per owner and minute, over a moving window in this process."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from gateway.core.errors import RateLimited
from gateway.core.keys import Caller


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
