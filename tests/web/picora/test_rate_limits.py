"""How often an account may ask, what every answer says of it, and who is counted together."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.core.keys import Caller
from gateway.store.opening import Opened
from gateway.web.counting import Counter
from gateway.web.limits import ANY_NUMBER, RateLimits, Rates, household
from tests.conftest import draw
from tests.web.picora.api import Api, data_of, refused
from tests.web.picora.conftest import ApiOf

FAMILIES = ("RateLimit-", "X-RateLimit-")
Move = Callable[[float], None]


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Move:
    """move(60) lets a minute pass."""
    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def forward(seconds: float) -> None:
        now[0] += seconds

    return forward


@pytest.fixture
def caller(opened: Opened, alice_key: str) -> Caller:
    return opened.keys.check(alice_key)


def left(answer: TestResponse) -> tuple[int, int]:
    """Limit and what remains of it, which both families of headers agree on."""
    (pair,) = {(answer.headers[f"{name}Limit"], answer.headers[f"{name}Remaining"]) for name in FAMILIES}
    return int(pair[0]), int(pair[1])


def test_it_works(api_of: ApiOf) -> None:
    api = api_of(limits={"read": 2})
    assert [left(api.get("/auth/verify")) for _ in range(2)] == [(2, 1), (2, 0)]
    answer = api.get("/auth/verify")
    wait = refused(answer, 429, "RATE_LIMITED")["retryAfterSec"]
    assert 1 <= wait <= 60 and answer.headers["Retry-After"] == str(wait)
    assert left(answer) == (2, 0)


def test_each_kind_of_request_has_its_own_number(api: Api) -> None:
    assert left(api.get("/images")) == (600, 599)
    assert left(api.upload()) == (60, 59)
    assert left(api.delete("/images/AAAAAAAAAAA")) == (120, 119)
    assert left(api.get("/images")) == (600, 598)


def test_one_family_counts_seconds_and_the_other_tells_the_time(api: Api, move: Move) -> None:
    headers = api.get("/auth/verify").headers
    assert int(headers["RateLimit-Reset"]) == 60
    assert int(headers["X-RateLimit-Reset"]) - time.time() == pytest.approx(60, abs=1)


@pytest.mark.parametrize("path", ["/nothing", "/user/me", "/health"])
def test_every_answer_says_how_much_is_left(anonymous: Api, path: str) -> None:
    for method in ("GET", "OPTIONS", "BREW"):
        assert left(anonymous.call(method, path))[0] == 600


def test_a_refusal_for_another_reason_costs_as_much(api_of: ApiOf) -> None:
    api = api_of(limits={"read": 3})
    assert [api.get("/images/AAAAAAAAAAA").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_room_comes_back_as_the_minute_passes(api_of: ApiOf, move: Move) -> None:
    api = api_of(limits={"read": 1})
    assert api.get("/auth/verify").status_code == 200
    move(59)
    answer = api.get("/auth/verify")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    move(1.1)
    assert api.get("/auth/verify").status_code == 200


def test_all_keys_of_an_account_are_counted_together(api_with: Callable[..., Api], api: Api, bob_api: Api) -> None:
    assert left(api.get("/auth/verify")) == (600, 599)
    assert left(api_with("read").get("/auth/verify")) == (600, 598)
    assert left(bob_api.get("/auth/verify")) == (600, 599)


def test_the_hour_is_counted_by_key(api_of: ApiOf) -> None:
    api = api_of(limits={"hourly": 2})
    api.get("/auth/verify"), api.get("/auth/verify")
    answer = api.get("/auth/verify")
    assert 60 < refused(answer, 429, "RATE_LIMITED")["retryAfterSec"] <= 3600
    assert left(answer) == (2, 0)
    assert data_of(api.get("/user/me/rate-limits"))["hourly"]["remaining"] == 0


def test_admins_have_ten_times_as_much(api_of: ApiOf) -> None:
    assert left(api_of(role="admin").get("/auth/verify")) == (6000, 5999)


def test_a_burst_is_refused_when_that_is_wanted(api_of: ApiOf, move: Move) -> None:
    api = api_of(limits={"read_burst": 2})
    assert [api.get("/auth/verify").status_code for _ in range(3)] == [200, 200, 429]
    move(1.1)
    assert api.get("/auth/verify").status_code == 200


def test_none_is_any_number(api_of: ApiOf) -> None:
    api = api_of(limits={"read": 0, "hourly": 0})
    assert left(api.get("/auth/verify")) == (ANY_NUMBER, ANY_NUMBER)
    assert data_of(api.get("/user/me/rate-limits"))["read"]["limit"] == ANY_NUMBER


def test_the_old_door_counts_as_an_upload_in_words_of_its_own(api_of: ApiOf) -> None:
    api = api_of(limits={"upload": 2})
    form = {"key": api.key, "source": (io.BytesIO(draw()), "a.png")}
    assert api.client.post("/api/1/upload", data=form).status_code == 200
    assert left(api.upload()) == (2, 0)
    answer = api.client.post("/api/1/upload", data={"key": api.key, "source": "x"})
    assert (answer.status_code, answer.json["status_code"]) == (429, 429)
    assert int(answer.headers["Retry-After"]) >= 1


def test_guests_are_counted_by_where_they_come_from(api_of: ApiOf) -> None:
    api = api_of(limits={"upload": 1}, role="guest")
    form = {"key": api.key, "source": "x"}

    def send(address: str) -> int:
        return api.client.post("/api/1/upload", data=form, environ_overrides={"REMOTE_ADDR": address}).status_code

    assert [send("192.0.2.1"), send("192.0.2.1"), send("192.0.2.2"), send("192.0.2.1")] == [400, 429, 400, 429]


def test_who_tries_keys_is_stopped_and_who_has_one_is_not(api_of: ApiOf) -> None:
    api = api_of(limits={"read": 3})
    guesser = Api(api.client, "sk_live_guess")
    assert [guesser.get("/auth/verify").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert Api(api.client, None).get("/user/me").status_code == 429
    assert api.get("/auth/verify").status_code == 200


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("", ""),
    ],
)
def test_a_household_of_many_addresses_counts_as_one(address: str, counted: str) -> None:
    assert household(address) == counted


# whose address it is


def from_address(client: FlaskClient, key: str, peer: str, forwarded: str) -> int:
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
    return client.post("/api/1/upload", data={"key": key, "source": "x"}, environ_overrides=environ).status_code


def test_r27_a_proxy_nobody_trusts_cannot_invent_addresses(api_of: ApiOf) -> None:
    api = api_of(limits={"upload": 1}, role="guest")
    assert api.key
    codes = [from_address(api.client, api.key, "192.0.2.1", f"198.51.100.{at}") for at in range(3)]
    assert codes == [400, 429, 429]


def test_r27_a_trusted_proxy_tells_who_is_behind_it(api_of: ApiOf) -> None:
    api = api_of(limits={"upload": 1}, server={"trusted_proxies": ("192.0.2.0/24", "::1")}, role="guest")
    assert api.key
    chains = [
        ("192.0.2.1", "198.51.100.1", 400),
        ("192.0.2.1", "198.51.100.2", 400),
        ("::1", "198.51.100.1", 429),
        ("192.0.2.1", "203.0.113.9, 198.51.100.1", 429),
        ("192.0.2.1", "198.51.100.2, 192.0.2.7", 429),
        ("192.0.2.1", "203.0.113.9, 198.51.100.3,192.0.2.7", 400),
        ("198.51.100.3", "203.0.113.9", 429),
        ("192.0.2.1", "203.0.113.9, nonsense", 400),
    ]
    assert [from_address(api.client, api.key, peer, chain) for peer, chain, _ in chains] == [one[2] for one in chains]


# the numbers themselves


def test_all_that_may_be_made_are_made_and_no_more(caller: Caller) -> None:
    limits = RateLimits(Rates(read=100), Counter())
    waits = [limits.take(caller, "read", "").wait for _ in range(105)]
    assert waits[:100] == [None] * 100 and None not in waits[100:]


def test_large_numbers_are_only_counted(caller: Caller) -> None:
    limits = RateLimits(Rates(read=1_000_000, hourly=1_000_000), Counter())
    assert [limits.take(caller, "read", "").remaining for _ in range(3)] == [999_999, 999_998, 999_997]
    assert limits.look(caller, "")["read"].remaining == 999_997
