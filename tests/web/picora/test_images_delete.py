"""DELETE /v1/images/{id}, and DELETE /v1/images for many."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import draw
from tests.core.filming import needs_ffmpeg
from tests.media import sound
from tests.web.picora.api import Api, data_of, refused


@pytest.fixture
def ids(api: Api) -> list[str]:
    return [data_of(api.upload(draw(seed=seed)), 201)["id"] for seed in range(3)]


def test_it_works(api: Api, client: FlaskClient, ids: list[str]) -> None:
    answer = api.delete(f"/images/{ids[0]}")

    assert (answer.status_code, answer.data, answer.headers.get("Content-Type")) == (204, b"", None)
    refused(api.get(f"/images/{ids[0]}"), 404, "NOT_FOUND")
    assert client.get(f"/{ids[0]}.png").status_code == 404
    assert data_of(api.get("/images"))["total"] == 2


def test_its_room_is_free_at_once(opened: Opened, client: FlaskClient) -> None:
    first, second = draw(seed=1), draw(seed=2)
    carol = opened.owners.add("carol", quota_bytes=max(len(first), len(second)))
    api = Api(client, opened.keys.issue(carol, "test")[1])
    image = data_of(api.upload(first), 201)
    refused(api.upload(second), 403, "QUOTA_EXCEEDED")

    api.delete(f"/images/{image['id']}")

    data_of(api.upload(second), 201)


def test_twice_is_not_found(api: Api, ids: list[str]) -> None:
    api.delete(f"/images/{ids[0]}")

    refused(api.delete(f"/images/{ids[0]}"), 404, "NOT_FOUND")


def test_that_of_somebody_else_stays(api: Api, bob_api: Api, ids: list[str]) -> None:
    refused(bob_api.delete(f"/images/{ids[0]}"), 404, "NOT_FOUND")
    data_of(api.get(f"/images/{ids[0]}"))


@needs_ffmpeg
def test_a_sound_is_no_image(api: Api) -> None:
    track = data_of(api.upload(sound(), "a.mp3", to="/audio"), 201)

    refused(api.delete(f"/images/{track['id']}"), 404, "NOT_FOUND")


def test_no_key(anonymous: Api, ids: list[str]) -> None:
    refused(anonymous.delete(f"/images/{ids[0]}"), 401, "UNAUTHORIZED")


def test_a_key_that_only_writes(api_with: Callable[..., Api], ids: list[str]) -> None:
    api = api_with("read_write")

    assert refused(api.delete(f"/images/{ids[0]}"), 403, "FORBIDDEN")["required"] == "media.delete"
    assert refused(api.delete("/images", {"ids": ids}), 403, "FORBIDDEN")["required"] == "media.delete"


# many


def test_many_at_once(api: Api, ids: list[str]) -> None:
    assert data_of(api.delete("/images", {"ids": ids[:2]})) == {"deleted": 2, "failed": 0}
    assert [image["id"] for image in data_of(api.get("/images"))["items"]] == [ids[2]]


@needs_ffmpeg
def test_one_failure_does_not_stop_the_rest(api: Api, bob_api: Api, ids: list[str], bob: Owner) -> None:
    of_bob = data_of(bob_api.upload(), 201)["id"]
    track = data_of(api.upload(sound(), "a.mp3", to="/audio"), 201)["id"]
    asked = ["AAAAAAAAAAA", of_bob, ids[0], "", track, ids[1], ids[1]]

    assert data_of(api.delete("/images", {"ids": asked})) == {"deleted": 2, "failed": 5}
    data_of(bob_api.get(f"/images/{of_bob}"))
    data_of(api.get(f"/audio/{track}"))


@pytest.mark.parametrize("number", [1, 50])
def test_as_many_as_may_be(api: Api, number: int) -> None:
    assert data_of(api.delete("/images", {"ids": ["x"] * number})) == {"deleted": 0, "failed": number}


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": ["x"] * 51}, {"ids": "x"}, {"ids": None}, {"ids": [5]}, {"ids": {"0": "x"}}, []]
)
def test_a_list_that_is_none(api: Api, ids: list[str], body: object) -> None:
    refused(api.delete("/images", body), 422)
    assert data_of(api.get("/images"))["total"] == 3


def test_no_body(api: Api, ids: list[str]) -> None:
    refused(api.delete("/images"), 422)
