"""/v1/auth/verify, /v1/user/me, /v1/user/me/usage and /v1/user/me/rate-limits, parsed as strictly as clients do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.core.library import Added
from gateway.core.plans import Plan
from gateway.core.records import Owner
from gateway.web.picora.account import WITHOUT_LIMIT
from tests.conftest import draw
from tests.web.picora.api import Api, data_of
from tests.web.picora.conftest import ApiOf

LIMITS = {"imgStorageBytes", "imgUploadMonth", "docCount", "audioStorageBytes", "videoStorageBytes", "kbCount"}
BLOCK = {"storageUsed", "bandwidthUsed", "totalCount", "publicCount", "privateCount"}


def is_integer(value: object) -> bool:
    return type(value) is int and value >= 0


def test_verify_says_whose_key_it_is(api: Api, alice: Owner) -> None:
    facts = data_of(api.get("/auth/verify"))
    assert (facts["valid"], facts["userId"], facts["plan"], facts["authType"]) == (True, alice.id, "none", "apiKey")
    assert len(facts["apiKeyId"]) == 21


def test_a_key_for_one_thing_alone_can_be_verified(api_with: Callable[..., Api]) -> None:
    for scope in ("media.write", "media.delete", "usage.read"):
        assert data_of(api_with(scope).get("/auth/verify"))["valid"] is True


def test_me_has_every_fact(api: Api, alice: Owner) -> None:
    assert data_of(api.get("/user/me")) == {
        "id": alice.id,
        "email": None,
        "nickname": "alice",
        "avatarUrl": None,
        "plan": "none",
        "role": "user",
        "emailVerified": False,
        "locale": "en",
        "isActive": True,
        "createdAt": "2026-11-21T12:00:00.123Z",
    }


def test_me_says_plan_and_role(api_of: ApiOf) -> None:
    api = api_of(plans=(Plan("pro"),), plan="pro", role="admin", email="carol@example.org")
    facts = data_of(api.get("/user/me"))
    assert (facts["plan"], facts["role"], facts["email"]) == ("pro", "admin", "carol@example.org")


def test_a_guest_is_a_user(api_of: ApiOf) -> None:
    assert data_of(api_of(role="guest").get("/user/me"))["role"] == "user"


def usage(api: Api) -> Any:
    facts = data_of(api.get("/user/me/usage"))
    assert set(facts) == {"plan", "planLimits", "images", "videos", "audio", "docs", "kbs", "updatedAt"}
    assert set(facts["planLimits"]) == LIMITS and all(map(is_integer, facts["planLimits"].values()))
    assert set(facts["videos"]) == set(facts["audio"]) == BLOCK
    assert set(facts["images"]) == BLOCK | {"uploadCountToday", "uploadCountMonth"}
    assert all(is_integer(value) for kind in ("images", "videos", "audio") for value in facts[kind].values())
    assert facts["docs"] is facts["kbs"] is None
    assert datetime.fromisoformat(facts["updatedAt"])
    return facts


def test_usage_of_nothing_is_zero(api: Api) -> None:
    facts = usage(api)
    assert set(facts["images"].values()) == {0}
    assert facts["planLimits"]["imgStorageBytes"] == WITHOUT_LIMIT


def test_usage_counts_what_is_there(api: Api, add_image: Callable[..., Added], bob_api: Api) -> None:
    first, second = add_image(data=draw(seed=1)).media, add_image(data=draw(seed=2)).media
    data_of(api.patch(f"/images/{first.id}", {"isPublic": False}))
    images = usage(api)["images"]
    assert images["storageUsed"] == first.size_bytes + second.size_bytes
    assert (images["totalCount"], images["publicCount"], images["privateCount"]) == (2, 1, 1)
    assert (images["uploadCountToday"], images["uploadCountMonth"]) == (2, 2)
    assert usage(bob_api)["images"]["totalCount"] == 0


def test_usage_falls_at_once_with_a_deletion(api: Api, add_image: Callable[..., Added]) -> None:
    media = add_image().media
    assert api.delete(f"/images/{media.id}").status_code == 204
    images = usage(api)["images"]
    assert (images["storageUsed"], images["totalCount"], images["uploadCountToday"]) == (0, 0, 1)


def test_usage_says_what_the_plan_allows(api_of: ApiOf) -> None:
    plan = Plan("pro", image_bytes=5, video_bytes=6, audio_bytes=7, uploads_per_month=8)
    facts = usage(api_of(plans=(plan,), plan="pro", quota_bytes=6))
    assert facts["plan"] == "pro"
    assert facts["planLimits"] == {
        "imgStorageBytes": 5,
        "imgUploadMonth": 8,
        "docCount": 0,
        "audioStorageBytes": 6,
        "videoStorageBytes": 6,
        "kbCount": 0,
    }


def test_rate_limits_are_four_that_asking_does_not_use_up(api: Api) -> None:
    api.get("/user/me")
    for _ in range(3):
        facts = data_of(api.get("/user/me/rate-limits"))
        assert {name: (one["limit"], one["remaining"]) for name, one in facts.items()} == {
            "read": (600, 599),
            "upload": (60, 60),
            "mutation": (120, 120),
            "hourly": (5000, 4999),
        }
        assert all(is_integer(one["resetSeconds"]) for one in facts.values())
        assert all(datetime.fromisoformat(one["resetAt"]) for one in facts.values())


def test_a_key_without_any_account_scope_sees_its_limits(api_with: Callable[..., Api]) -> None:
    assert "upload" in data_of(api_with("media.write").get("/user/me/rate-limits"))


def test_what_is_hidden_counts_as_hidden(api: Api) -> None:
    assert usage(api)["images"]["privateCount"] == 0
    data_of(api.upload(isPublic="false"), 201)
    assert usage(api)["images"]["privateCount"] == 1
