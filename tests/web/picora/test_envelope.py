"""The envelope itself: what goes into it, and what never comes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.core.errors import GatewayError, QuotaExceeded, RateLimited, TooBig
from gateway.web.picora import envelope
from tests.web.picora.api import Api


def test_it_works(api: Api) -> None:
    answer = api.get("/auth/verify")
    assert answer.status_code == 200
    assert list(answer.json) == ["success", "data"]
    assert answer.json["success"] is True
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_refusal_has_four_parts(anonymous: Api) -> None:
    answer = anonymous.get("/auth/verify")
    assert list(answer.json) == ["success", "error", "code", "meta"]
    assert (answer.json["success"], answer.json["code"], answer.json["meta"]) == (False, "UNAUTHORIZED", {})
    assert isinstance(answer.json["error"], str)


@pytest.mark.parametrize(("code", "status", "theirs"), [(code, *both) for code, both in envelope.REFUSALS.items()])
def test_each_of_our_codes_has_a_status_and_a_code(code: str, status: int, theirs: str) -> None:
    answer = envelope.refusal(GatewayError("Why.", code=code))
    assert (answer.status_code, answer.json and answer.json["code"]) == (status, theirs)


def test_a_code_nobody_thought_of_is_a_bad_request() -> None:
    answer = envelope.refusal(GatewayError("Why.", code="WHATEVER"))
    assert (answer.status_code, answer.json and answer.json["code"]) == (400, "BAD_REQUEST")


def test_a_full_quota_is_told_by_its_word_its_type_and_its_numbers() -> None:
    answer = envelope.refusal(QuotaExceeded("Delete something.", type="img_storage", used=90, limit=100, needed=20))
    assert answer.status_code == 403
    assert answer.json and answer.json["error"] == "Quota exceeded: img_storage. Delete something."
    assert answer.json["meta"] == {"type": "img_storage", "used": 90, "limit": 100, "needed": 20}


def test_a_limit_in_time_says_when_to_come_back_twice() -> None:
    answer = envelope.refusal(RateLimited("Too many.", retry_after=7))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json and answer.json["meta"] == {"retryAfterSec": 7}


def test_a_file_that_is_too_large_has_the_status_for_it_and_the_code_of_old() -> None:
    answer = envelope.refusal(TooBig(50_000_000))
    assert answer.status_code == 413
    assert answer.json and answer.json["code"] == "VALIDATION_ERROR"
    assert "50 MB" in answer.json["error"] and answer.json["meta"] == {"limit": 50_000_000}


def test_text_of_any_kind_survives() -> None:
    text = "Ж 👩‍🚀 \ud83d </script> \0"
    answer = envelope.success({"title": text})
    assert answer.json == {"success": True, "data": {"title": text}}
    assert answer.data.isascii()


def test_nothing_to_say_has_no_body() -> None:
    answer = envelope.nothing()
    assert (answer.status_code, answer.data, "Content-Type" in answer.headers) == (204, b"", False)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 678901, UTC), "2026-01-02T03:04:05.678Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 0, UTC), "2026-01-02T03:04:05.000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 0, timezone(timedelta(hours=2))), "2026-01-02T01:04:05.000Z"),
        (datetime(987, 1, 2, 3, 4, 5, 0, UTC), "0987-01-02T03:04:05.000Z"),
    ],
)
def test_a_time_is_utc_with_three_decimals(time: datetime, text: str) -> None:
    assert envelope.time_text(time) == text
