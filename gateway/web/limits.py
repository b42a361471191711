"""How often: what an account may ask for in a minute, what a key may in an hour, guesses at the password of an album.

An account is an owner. Guests are one owner, whose key is public: each of them counts by the address they come from,
and so do those who show no key that is good. Of IPv6 a household counts, which has 2^64 addresses to itself.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute, RateLimitItemPerSecond

from gateway.core.errors import RateLimited
from gateway.core.keys import Caller
from gateway.core.records import Album
from gateway.web.counting import Counter

Tier = Literal["read", "upload", "mutation"]

TIERS: tuple[Tier, ...] = ("read", "upload", "mutation")
ADMIN_FACTOR = 10
ANY_NUMBER = 2**31 - 1  # what is told where nothing is counted
GUESSES_PER_MINUTE = 10


@dataclass(frozen=True, slots=True)
class Rates:
    """How many each account may make in a minute, within one second of it (`…_burst`), and each key in an hour;
    0 for any number."""

    read: int = 600
    upload: int = 60
    mutation: int = 120
    hourly: int = 5000
    read_burst: int = 0
    upload_burst: int = 0
    mutation_burst: int = 0

    def per_minute(self, tier: Tier) -> int:
        return {"read": self.read, "upload": self.upload, "mutation": self.mutation}[tier]

    def per_second(self, tier: Tier) -> int:
        return {"read": self.read_burst, "upload": self.upload_burst, "mutation": self.mutation_burst}[tier]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a limit is left, and when (in Unix time) it will be more. `wait` is None for what may go on, else
    the seconds after which it may."""

    limit: int
    remaining: int
    reset_at: float
    wait: int | None = None

    @property
    def seconds(self) -> int:
        return max(0, math.ceil(self.reset_at - time.time()))

    def require(self) -> None:
        if self.wait is not None:
            raise RateLimited(
                f"Too many requests: {self.limit} are allowed. Try again in {self.wait} seconds.",
                retry_after=self.wait,
            )

    def headers(self) -> dict[str, str]:
        """The plain family counts seconds, as its name means everywhere; the other gives the time."""
        limit, remaining = str(self.limit), str(self.remaining)
        return {
            "RateLimit-Limit": limit,
            "RateLimit-Remaining": remaining,
            "RateLimit-Reset": str(self.seconds),
            "X-RateLimit-Limit": limit,
            "X-RateLimit-Remaining": remaining,
            "X-RateLimit-Reset": str(math.ceil(self.reset_at)),
        }


@dataclass(frozen=True, slots=True)
class Window:
    """One limit of one caller. No `item`: nothing is counted."""

    item: RateLimitItem | None
    who: tuple[str, ...]


class RateLimits:
    def __init__(self, rates: Rates, counter: Counter) -> None:
        self.rates = rates
        self.counter = counter

    def take(self, caller: Caller, tier: Tier, address: str) -> Budget:
        """Count a request of a caller who comes from `address`. The first limit that is used up is the one told."""
        minute = self.minute(caller, tier, address)
        for window in (self.second(caller, tier, address), minute, self.hour(caller, address)):
            if window.item and not self.counter.hit(window.item, *window.who):
                return self.refused(window)
        return self.budget(minute)

    def take_stranger(self, address: str) -> Budget:
        """Count a request without a key that is good."""
        window = self.stranger(address)
        if window.item and not self.counter.hit(window.item, *window.who):
            return self.refused(window)
        return self.budget(window)

    def look_at_stranger(self, address: str) -> Budget:
        return self.budget(self.stranger(address))

    def look(self, caller: Caller, address: str) -> dict[str, Budget]:
        """All that is counted for a caller, untouched."""
        budgets = {str(tier): self.budget(self.minute(caller, tier, address)) for tier in TIERS}
        return budgets | {"hourly": self.budget(self.hour(caller, address))}

    def budget(self, window: Window) -> Budget:
        if not window.item:
            return Budget(ANY_NUMBER, ANY_NUMBER, time.time())
        stats = self.counter.stats(window.item, *window.who)
        return Budget(window.item.amount, max(0, stats.remaining), stats.reset_time)

    def refused(self, window: Window) -> Budget:
        budget = self.budget(window)
        return Budget(budget.limit, 0, budget.reset_at, wait=max(1, budget.seconds))

    # what is counted for whom

    def minute(self, caller: Caller, tier: Tier, address: str) -> Window:
        amount = self.rates.per_minute(tier) * factor(caller)
        item = RateLimitItemPerMinute(amount, namespace=tier) if amount else None
        return Window(item, (account(caller, address),))

    def second(self, caller: Caller, tier: Tier, address: str) -> Window:
        amount = self.rates.per_second(tier) * factor(caller)
        item = RateLimitItemPerSecond(amount, namespace=tier) if amount else None
        return Window(item, (account(caller, address),))

    def hour(self, caller: Caller, address: str) -> Window:
        amount = self.rates.hourly * factor(caller)
        item = RateLimitItemPerHour(amount, namespace="key") if amount else None
        return Window(item, (caller.key.id, household(address) if caller.owner.role == "guest" else ""))

    def stranger(self, address: str) -> Window:
        item = RateLimitItemPerMinute(self.rates.read, namespace="stranger") if self.rates.read else None
        return Window(item, (household(address),))


def factor(caller: Caller) -> int:
    return ADMIN_FACTOR if caller.owner.role == "admin" else 1


def account(caller: Caller, address: str) -> str:
    return f"guest {household(address)}" if caller.owner.role == "guest" else caller.owner.id


@lru_cache(4096)
def household(address: str) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) and not ip.ipv4_mapped else address


class GuessLimit:
    """Wrong passwords from one address for one album."""

    def __init__(self, counter: Counter) -> None:
        self.item = RateLimitItemPerMinute(GUESSES_PER_MINUTE, namespace="guess")
        self.counter = counter

    def check(self, address: str, album: Album) -> None:
        """Before a guess is looked at. Raises `RateLimited`."""
        free_at, remaining = self.counter.stats(self.item, address, album.id)
        if remaining < 1:
            wait = max(1, round(free_at - time.time()))
            raise RateLimited(f"Too many tries. Wait {wait} seconds and try again.", retry_after=wait)

    def count(self, address: str, album: Album) -> None:
        """A guess was wrong."""
        self.counter.hit(self.item, address, album.id)
