"""Plans limit the owners who are on them, at every door; deleting makes room at once."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from gateway.core.errors import QuotaExceeded
from gateway.core.plans import UNLIMITED, Plan, Plans
from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import draw
from tests.web.picora.api import Api, data_of, refused
from tests.web.picora.conftest import ApiOf


def on(owner: Owner, plan: str | None) -> Owner:
    return replace(owner, plan=plan)


def test_it_works(api_of: ApiOf) -> None:
    api = api_of(plans=(Plan("small", image_bytes=len(draw()) - 1),), plan="small")
    answer = api.upload()
    meta = refused(answer, 403, "QUOTA_EXCEEDED")
    assert (meta["type"], meta["used"], meta["limit"]) == ("img_storage", 0, len(draw()) - 1)
    assert "quota" in answer.json["error"].lower()


def test_deleting_makes_room_at_once(api_of: ApiOf) -> None:
    api = api_of(plans=(Plan("small", image_bytes=len(draw(seed=1)) * 3 // 2),), plan="small")
    first = data_of(api.upload(draw(seed=1)), 201)
    refused(api.upload(draw(seed=2)), 403, "QUOTA_EXCEEDED")
    assert api.delete(f"/images/{first['id']}").status_code == 204
    data_of(api.upload(draw(seed=2)), 201)


def test_the_quota_of_the_owner_holds_besides(api_of: ApiOf) -> None:
    meta = refused(api_of(quota_bytes=10).upload(), 403, "QUOTA_EXCEEDED")
    assert (meta["type"], meta["limit"]) == ("storage", 10)


@pytest.mark.parametrize(
    ("plan", "type"),
    [(Plan("small", uploads_per_day=1), "uploads_per_day"), (Plan("small", uploads_per_month=1), "uploads_per_month")],
)
def test_uploads_are_counted_by_day_and_month(api_of: ApiOf, plan: Plan, type: str) -> None:
    api = api_of(plans=(plan,), plan="small")
    data_of(api.upload(draw(seed=1)), 201)
    meta = refused(api.upload(draw(seed=2)), 403, "QUOTA_EXCEEDED")
    assert (meta["type"], meta["used"], meta["limit"]) == (type, 1, 1)


def test_a_file_larger_than_the_plan_takes_is_413(api_of: ApiOf) -> None:
    answer = api_of(plans=(Plan("small", max_file_bytes=100),), plan="small").upload()
    assert refused(answer, 413) == {"limit": 100}


def test_the_old_door_obeys_too(api_of: ApiOf) -> None:
    api = api_of(plans=(Plan("small", image_bytes=10),), plan="small")
    form = {"key": api.key, "source": (io.BytesIO(draw()), "a.png")}
    answer = api.client.post("/api/1/upload", data=form)
    assert answer.json["error"] == {"message": "No space left on storage", "code": 104}


def test_who_is_on_no_plan_is_on_the_one_called_default(api_of: ApiOf) -> None:
    default = Plan("default", max_file_bytes=100)
    refused(api_of(plans=(default,)).upload(), 413)
    data_of(api_of(plans=(default, Plan("large")), plan="large").upload(), 201)


def test_a_plan_is_found_by_name(alice: Owner) -> None:
    small, default = Plan("small", max_keys=1), Plan("default", max_keys=2)
    plans = Plans.named([small, default])
    assert (plans.of(on(alice, "small")), plans.of(alice), plans.of(on(alice, "gone"))) == (small, default, default)
    assert Plans.named([small]).of(alice) == Plans().of(on(alice, "small")) == UNLIMITED


def test_a_plan_limits_the_keys_that_are_good(opened: Opened, alice: Owner) -> None:
    opened.keys.plan_of = lambda _: Plan("small", max_keys=2)
    first, _ = opened.keys.issue(alice, "one")
    opened.keys.issue(alice, "two")
    with pytest.raises(QuotaExceeded, match="quota") as refusal:
        opened.keys.issue(alice, "three")
    assert refusal.value.meta == {"type": "api_key_count", "used": 2, "limit": 2}
    opened.keys.revoke(first.id)
    opened.keys.issue(alice, "three")


def test_the_keys_of_others_do_not_count(opened: Opened, alice: Owner, bob: Owner) -> None:
    opened.keys.plan_of = lambda _: Plan("small", max_keys=1)
    opened.keys.issue(alice, "one")
    opened.keys.issue(bob, "one")


def test_the_plan_is_told(api_of: ApiOf) -> None:
    api: Api = api_of(plans=(Plan("small"),), plan="small")
    assert data_of(api.get("/auth/verify"))["plan"] == "small"
