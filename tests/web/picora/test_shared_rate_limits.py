"""`limits.store = "redis://…"`: several gateways count together, and go on alone while nobody answers there."""

from __future__ import annotations

import logging
import sys

import pytest
from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from gateway.core.errors import GatewayError
from gateway.core.ids import new_id
from gateway.web.counting import ASK_AGAIN_SECONDS, Counter
from tests.conftest import free_port
from tests.web.picora.api import refused
from tests.web.picora.conftest import ApiOf

MINUTE = RateLimitItemPerMinute(3)
HOUR = RateLimitItemPerHour(3)


@pytest.mark.parametrize("item", [MINUTE, HOUR])
def test_it_works(redis: str, item: RateLimitItemPerMinute) -> None:
    one, other, who = Counter(redis), Counter(redis), new_id()
    assert [one.hit(item, who), other.hit(item, who), one.hit(item, who)] == [True] * 3
    assert not other.hit(item, who)
    assert one.stats(item, who).remaining == 0
    assert other.stats(item, new_id()).remaining == 3


def test_a_gateway_counts_there(api_of: ApiOf, redis: str) -> None:
    api = api_of(limits={"read": 1, "store": redis})
    assert api.get("/auth/verify").status_code == 200
    refused(api.get("/auth/verify"), 429, "RATE_LIMITED")


def test_while_nobody_answers_each_counts_for_itself_and_says_so_once(
    redis: str, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    counter = Counter(f"redis://127.0.0.1:{free_port()}", now=lambda: now[0])
    assert [counter.hit(MINUTE, "carol") for _ in range(4)] == [True, True, True, False]
    now[0] += ASK_AGAIN_SECONDS
    assert not counter.hit(MINUTE, "carol")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "cannot be reached" in caplog.text


def test_when_it_is_back_it_is_used_again(redis: str, caplog: pytest.LogCaptureFixture) -> None:
    now, who = [0.0], new_id()
    counter, there = Counter(f"redis://127.0.0.1:{free_port()}", now=lambda: now[0]), Counter(redis)
    counter.hit(MINUTE, who)
    counter.shared = there.shared
    counter.hit(MINUTE, who)
    assert there.stats(MINUTE, who).remaining == 3
    now[0] += ASK_AGAIN_SECONDS
    counter.hit(MINUTE, who)
    assert there.stats(MINUTE, who).remaining == 2
    assert "is back" in caplog.text


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.setitem(sys.modules, "redis.backoff", None)
    with pytest.raises(GatewayError, match=r"picgate\[redis\]"):
        Counter("redis://127.0.0.1:6379")


def test_memory_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    assert Counter("memory").hit(MINUTE, "carol")


def test_while_it_is_lost_one_asks_and_the_others_do_not_wait(redis: str) -> None:
    now = [0.0]
    counter = Counter(f"redis://127.0.0.1:{free_port()}", now=lambda: now[0])
    counter.hit(MINUTE, "carol")
    assert not counter.may_ask()
    now[0] += ASK_AGAIN_SECONDS
    assert [counter.may_ask() for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize("place", ["redis://127.0.0.1:99999", "redis://127.0.0.1:port/0", "redis://[::1/0"])
def test_what_is_no_address_is_told_in_a_sentence(redis: str, place: str) -> None:
    with pytest.raises(GatewayError, match=r"^limits\.store is no address of a Redis: .*\.\nGive one such as "):
        Counter(place)


def test_a_redis_that_refuses_us_is_as_good_as_none(redis: str, caplog: pytest.LogCaptureFixture) -> None:
    """A database it does not have, as a password that is wrong."""
    counter = Counter(f"{redis}/9999")
    assert counter.hit(MINUTE, "carol") and counter.is_lost
    assert "cannot be reached" in caplog.text
