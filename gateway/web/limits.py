"""How often: what an account may ask for in a minute, what a key may in an hour, guesses at a password.

An account is an owner. Guests are one owner, whose key is public: each of them counts by the address they come from,
and so do those who show no key that is good. Of IPv6 a household counts, which has 2^64 addresses to itself.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute, RateLimitItemPerSecond

from gateway.core.errors import RateLimited
from gateway.core.keys import Caller
from gateway.core.records import Owner
from gateway.web.counting import Counter

Tier = Literal["read", "upload", "mutation"]

TIERS: tuple[Tier, ...] = ("read", "upload", "mutation")
ADMIN_FACTOR = 10
ANY_NUMBER = 2**31 - 1  # what is told where nothing is counted
GUESSES = RateLimitItemPerMinute(10, namespace="guess")
NAME_GUESSES = RateLimitItemPerHour(100, namespace="name")  # from wherever they come


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
        self.refusals: dict[str, int] = {}  # by what was counted
        self.noting = threading.Lock()

    def take(self, caller: Caller, tier: Tier, address: str) -> Budget:
        """Count a request of a caller who comes from `address`. The first limit that is used up is the one told."""
        second, minute = self.second(caller.owner, tier, address), self.minute(caller.owner, tier, address)
        return self.spend(minute, (second, minute, self.hour(caller, address)))

    def take_owner(self, owner: Owner, tier: Tier, address: str) -> Budget:
        """Count a request of somebody who is signed in, and needs no key."""
        minute = self.minute(owner, tier, address)
        return self.spend(minute, (self.second(owner, tier, address), minute))

    def spend(self, told: Window, windows: Iterable[Window]) -> Budget:
        """One of each, or the refusal of the first that is used up."""
        for window in windows:
            if window.item and not self.counter.hit(window.item, *window.who):
                return self.refused(window)
        return self.budget(told)

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
        return self.look_at_owner(caller.owner, address) | {"hourly": self.budget(self.hour(caller, address))}

    def look_at_owner(self, owner: Owner, address: str) -> dict[str, Budget]:
        return {str(tier): self.budget(self.minute(owner, tier, address)) for tier in TIERS}

    def budget(self, window: Window) -> Budget:
        if not window.item:
            return Budget(ANY_NUMBER, ANY_NUMBER, time.time())
        stats = self.counter.stats(window.item, *window.who)
        return Budget(window.item.amount, max(0, stats.remaining), stats.reset_time)

    def refused(self, window: Window) -> Budget:
        if window.item:
            with self.noting:
                self.refusals[window.item.namespace] = self.refusals.get(window.item.namespace, 0) + 1
        budget = self.budget(window)
        return Budget(budget.limit, 0, budget.reset_at, wait=max(1, budget.seconds))

    # what is counted for whom

    def minute(self, owner: Owner, tier: Tier, address: str) -> Window:
        amount = self.rates.per_minute(tier) * factor(owner)
        item = RateLimitItemPerMinute(amount, namespace=tier) if amount else None
        return Window(item, (account(owner, address),))

    def second(self, owner: Owner, tier: Tier, address: str) -> Window:
        amount = self.rates.per_second(tier) * factor(owner)
        item = RateLimitItemPerSecond(amount, namespace=tier) if amount else None
        return Window(item, (account(owner, address),))

    def hour(self, caller: Caller, address: str) -> Window:
        amount = self.rates.hourly * factor(caller.owner)
        item = RateLimitItemPerHour(amount, namespace="key") if amount else None
        return Window(item, (caller.key.id, household(address) if caller.owner.role == "guest" else ""))

    def stranger(self, address: str) -> Window:
        item = RateLimitItemPerMinute(self.rates.read, namespace="stranger") if self.rates.read else None
        return Window(item, (household(address),))


def factor(owner: Owner) -> int:
    return ADMIN_FACTOR if owner.role == "admin" else 1


def account(owner: Owner, address: str) -> str:
    return f"guest {household(address)}" if owner.role == "guest" else owner.id


@lru_cache(4096)
def household(address: str) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) and not ip.ipv4_mapped else address


class GuessLimit:
    """Wrong passwords from one household for one thing: an album, an account."""

    def __init__(self, counter: Counter, item: RateLimitItem = GUESSES) -> None:
        self.item = item
        self.counter = counter

    def check(self, address: str, what: str) -> None:
        """Before a guess is looked at. Raises `RateLimited`."""
        free_at, remaining = self.counter.stats(self.item, household(address), what)
        if remaining < 1:
            wait = max(1, round(free_at - time.time()))
            raise RateLimited(f"Too many tries. Wait {wait} seconds and try again.", retry_after=wait)

    def count(self, address: str, what: str) -> None:
        """A guess was wrong."""
        self.counter.hit(self.item, household(address), what)
