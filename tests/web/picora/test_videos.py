"""/v1/videos: kept as they came, ready at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.store.opening import Opened
from tests.conftest import draw
from tests.core.filming import needs_av, needs_ffmpeg
from tests.media import film, film_without_pictures, sound
from tests.web.picora.api import Api, data_of, refused

pytestmark = [needs_ffmpeg, needs_av]


@pytest.fixture
def video(api: Api) -> dict[str, Any]:
    video: dict[str, Any] = data_of(api.upload(film(), "Lake.mp4", to="/videos", title="A lake"), 202)
    return video


def test_it_works(api: Api, client: FlaskClient, video: dict[str, Any]) -> None:
    assert (video["videoId"], video["type"], video["status"]) == (video["id"], "video", "ready")
    assert (video["title"], video["mimeType"], len(video["id"])) == ("A lake", "video/mp4", 21)
    assert video["playbackUrl"] == video["playback_url"] == video["url"]
    assert client.get(f"/{video['id']}.mp4").data == film()
    assert client.get(f"/{video['id']}.th.jpeg").status_code == 200


def test_one_and_the_list(api: Api, video: dict[str, Any]) -> None:
    one = data_of(api.get(f"/videos/{video['id']}"))
    page = data_of(api.get("/videos"))

    assert {**one, "videoId": one["id"], "video_id": one["id"]} == video
    assert (page["videos"], page["items"], page["total"]) == ([one], [one], 1)


def test_the_status(api: Api, video: dict[str, Any]) -> None:
    status = data_of(api.get(f"/videos/{video['id']}/status"))

    assert (status["id"], status["status"], status["progress"]) == (video["id"], "ready", 100)
    assert (status["playbackUrl"], status["thumbnailUrl"]) == (video["playbackUrl"], video["thumbnailUrl"])
    assert status["durationSeconds"] == 3.0


def test_it_is_changed(api: Api, client: FlaskClient, video: dict[str, Any]) -> None:
    assert data_of(api.patch(f"/videos/{video['id']}", {"title": "Sea", "is_public": False})) is None
    changed = data_of(api.get(f"/videos/{video['id']}"))
    assert (changed["title"], changed["isPublic"]) == ("Sea", False)
    assert client.get(f"/{video['id']}.mp4").status_code == 401


def test_no_change_is_none(api: Api, video: dict[str, Any]) -> None:
    assert data_of(api.patch(f"/videos/{video['id']}", {})) is None
    refused(api.patch("/videos/AAAAAAAAAAA", {}), 404, "NOT_FOUND")


def test_it_is_deleted(api: Api, video: dict[str, Any]) -> None:
    assert data_of(api.delete(f"/videos/{video['id']}")) is None
    refused(api.get(f"/videos/{video['id']}"), 404, "NOT_FOUND")


def test_it_is_signed(api: Api, client: FlaskClient, video: dict[str, Any]) -> None:
    api.patch(f"/videos/{video['id']}", {"is_public": False})
    url = data_of(api.post(f"/videos/{video['id']}/sign"))["signedUrl"]

    assert client.get(url, headers={"Range": "bytes=0-9"}).data == film()[:10]


def test_the_same_again_is_the_record_there_is(api: Api, video: dict[str, Any]) -> None:
    again = api.upload(film(), "Lake.mp4", to="/videos")

    assert data_of(again, 202) == video
    assert again.headers["X-Picora-Duplicate"] == "true"


@pytest.mark.parametrize("data", [draw(), sound(), film_without_pictures("mp4", "aac"), b"text"])
def test_what_is_no_video(api: Api, opened: Opened, data: bytes) -> None:
    refused(api.upload(data, "a.mp4", to="/videos"), 422)
    assert opened.library.usage().media_count == 0


def test_an_image_is_not_found(api: Api) -> None:
    id = data_of(api.upload(), 201)["id"]

    for path in (f"/videos/{id}", f"/videos/{id}/status"):
        refused(api.get(path), 404, "NOT_FOUND")
    refused(api.delete(f"/videos/{id}"), 404, "NOT_FOUND")


def test_that_of_somebody_else_is_not_found(bob_api: Api, video: dict[str, Any]) -> None:
    refused(bob_api.get(f"/videos/{video['id']}"), 404, "NOT_FOUND")
    refused(bob_api.post(f"/videos/{video['id']}/sign"), 404, "NOT_FOUND")


def test_no_key(anonymous: Api) -> None:
    refused(anonymous.upload(film(), "a.mp4", to="/videos"), 401, "UNAUTHORIZED")


def test_a_key_that_only_reads(api_with: Callable[..., Api]) -> None:
    refused(api_with("read").upload(film(), "a.mp4", to="/videos"), 403, "FORBIDDEN")
