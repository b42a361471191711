"""DELETE /v1/media: many, of any kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.core.errors import StoreUnavailable
from gateway.core.ports import Catalog
from gateway.store.opening import Opened
from tests.core.filming import needs_ffmpeg
from tests.media import sound
from tests.web.picora.api import Api, data_of, refused


@needs_ffmpeg
def test_it_works(api: Api) -> None:
    image = data_of(api.upload(), 201)["id"]
    track = data_of(api.upload(sound(), "a.mp3", to="/audio"), 201)["id"]
    items = [{"id": image, "type": "image"}, {"id": track, "type": "audio"}]

    assert data_of(api.delete("/media", {"items": items})) == {"deleted": [image, track], "failed": []}
    assert data_of(api.get("/media"))["total"] == 0


def test_one_failure_does_not_stop_the_rest(api: Api, bob_api: Api) -> None:
    mine, of_bob = (data_of(one.upload(), 201)["id"] for one in (api, bob_api))
    wanted = [("AAAAAAAAAAA", "image"), (of_bob, "image"), (mine, "audio"), (mine, "doc"), (mine, "image")]
    done = data_of(api.delete("/media", {"items": [{"id": id, "type": type} for id, type in wanted]}))

    assert done["deleted"] == [mine]
    assert [(one["id"], one["type"]) for one in done["failed"]] == wanted[:4]
    assert all(isinstance(one["reason"], str) and one["reason"] for one in done["failed"])
    data_of(bob_api.get(f"/images/{of_bob}"))


def test_a_store_that_is_busy_is_a_reason(api: Api, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    id = data_of(api.upload(), 201)["id"]

    def busy(*_: object) -> bool:
        raise StoreUnavailable("The catalog is locked.")

    catalog: Catalog = opened.catalog
    monkeypatch.setattr(type(catalog), "remove_media", busy)
    done = data_of(api.delete("/media", {"items": [{"id": id, "type": "image"}]}))

    assert done == {"deleted": [], "failed": [{"id": id, "type": "image", "reason": "The catalog is locked."}]}


ITEM = {"id": "AAAAAAAAAAA", "type": "image"}


def test_as_many_as_may_be(api: Api) -> None:
    assert len(data_of(api.delete("/media", {"items": [ITEM] * 100}))["failed"]) == 100


@pytest.mark.parametrize(
    "items", [None, [], [ITEM] * 101, ITEM, ["x"], [{"id": "x"}], [{"type": "image"}], [{"id": 5, "type": "image"}]]
)
def test_items_that_are_none(api: Api, items: object) -> None:
    assert refused(api.delete("/media", {"items": items}), 422)["field"] == "items"


def test_no_key(anonymous: Api) -> None:
    refused(anonymous.delete("/media", {"items": [ITEM]}), 401, "UNAUTHORIZED")


def test_a_key_that_only_writes(api_with: Callable[..., Api]) -> None:
    refused(api_with("read_write").delete("/media", {"items": [ITEM]}), 403, "FORBIDDEN")
