"""Counts what happens in a stretch of time: in this process, or in a Redis that several gateways share.

While that Redis cannot be reached each process counts for itself, so that nobody is turned away for it, and asks again
after a while. The log says once that it went, and once that it is back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from limits import RateLimitItem, WindowStats
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter, RateLimiter

from gateway.core.errors import GatewayError

log = logging.getLogger(__name__)

T = TypeVar("T")
MEMORY = "memory"
EXACT_UP_TO = 10_000  # hits whose times are remembered one by one; above that, and for hours, they are only counted
PATIENCE_SECONDS = 1  # with a Redis that does not answer
ASK_AGAIN_SECONDS = 10


class Strategies:
    def __init__(self, storage: Storage) -> None:
        self.exact = MovingWindowRateLimiter(storage)
        self.coarse = FixedWindowRateLimiter(storage)

    def of(self, item: RateLimitItem) -> RateLimiter:
        return self.exact if item.get_expiry() <= 60 and item.amount <= EXACT_UP_TO else self.coarse


class Counter:
    def __init__(self, place: str = MEMORY, now: Callable[[], float] = time.monotonic) -> None:
        """`place` is "memory" or the address of a Redis."""
        self.own = Strategies(MemoryStorage())
        self.shared = None if place == MEMORY else Strategies(open_redis(place))
        self.now = now
        self.changing = threading.Lock()
        self.is_lost = False
        self.ask_again_at = 0.0

    def hit(self, item: RateLimitItem, *who: str) -> bool:
        """Whether there was room for one more; then it is taken."""
        return self.ask(lambda strategies: strategies.of(item).hit(item, *who))

    def stats(self, item: RateLimitItem, *who: str) -> WindowStats:
        """When (in Unix time) there is room again, and how much there is now."""
        return self.ask(lambda strategies: strategies.of(item).get_window_stats(item, *who))

    def ask(self, question: Callable[[Strategies], T]) -> T:
        if self.shared and self.may_ask():
            try:
                answer = question(self.shared)
            except StorageError as error:
                self.lose(error)
            else:
                self.find()
                return answer
        return question(self.own)

    def may_ask(self) -> bool:
        """While it is lost one asks now and then, and nobody else waits for the answer."""
        if not self.is_lost:
            return True
        with self.changing:
            is_due = self.now() >= self.ask_again_at
            if is_due:
                self.ask_again_at = self.now() + ASK_AGAIN_SECONDS
            return is_due

    def lose(self, error: StorageError) -> None:
        with self.changing:
            was_lost, self.is_lost, self.ask_again_at = self.is_lost, True, self.now() + ASK_AGAIN_SECONDS
        if not was_lost:
            log.warning("limits.store cannot be reached, each process counts for itself: %s", error.storage_error)

    def find(self) -> None:
        if not self.is_lost:
            return
        with self.changing:
            was_lost, self.is_lost = self.is_lost, False
        if was_lost:
            log.warning("limits.store is back")


def open_redis(address: str) -> Storage:
    """Nothing is sent yet: a gateway starts without it."""
    try:
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise GatewayError(
            "limits.store is a Redis, which needs the package redis. Install it with: pip install 'picgate[redis]'"
        ) from None
    from limits.storage import RedisStorage

    try:
        return RedisStorage(
            address,
            wrap_exceptions=True,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]
        )
    except ValueError as error:
        raise GatewayError(
            f"limits.store is no address of a Redis: {error}.\nGive one such as redis://127.0.0.1:6379/0."
        ) from None
