"""/v1/audio: sounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import draw
from tests.core.filming import needs_av, needs_ffmpeg
from tests.media import AUDIO_CODECS, film, film_without_pictures, sound
from tests.web.picora.api import Api, data_of, refused

pytestmark = [needs_ffmpeg, needs_av]


@pytest.fixture
def track(api: Api) -> dict[str, Any]:
    track: dict[str, Any] = data_of(api.upload(sound(), "Song.mp3", to="/audio", isPublic="true"), 201)
    return track


def test_it_works(api: Api, client: FlaskClient, track: dict[str, Any]) -> None:
    assert (track["type"], track["status"], track["mimeType"]) == ("audio", "ready", "audio/mpeg")
    assert (track["title"], track["width"], track["height"]) == ("Song", None, None)
    assert abs(track["durationSeconds"] - 3) < 0.2
    assert isinstance(track["bitrate"], int)
    assert client.get(f"/{track['id']}.mp3").data == sound()
    assert data_of(api.get(f"/audio/{track['id']}")) == track


@pytest.mark.parametrize("name", AUDIO_CODECS)
def test_every_kind_is_taken(api: Api, name: str) -> None:
    assert data_of(api.upload(sound(name), f"a.{name}", to="/audio"), 201)["url"].endswith(f".{name}")


def test_a_film_without_pictures_is_a_sound(api: Api) -> None:
    track = data_of(api.upload(film_without_pictures("mp4", "aac"), "a.mp4", to="/audio"), 201)

    assert (track["type"], track["mimeType"]) == ("audio", "audio/mp4")


def test_it_is_changed(api: Api, track: dict[str, Any]) -> None:
    assert data_of(api.patch(f"/audio/{track['id']}", {"title": "Tune", "isPublic": False})) is None
    changed = data_of(api.get(f"/audio/{track['id']}"))
    assert (changed["title"], changed["is_public"]) == ("Tune", False)


def test_no_change_is_none(api: Api, track: dict[str, Any]) -> None:
    assert data_of(api.patch(f"/audio/{track['id']}", {})) is None


def test_it_is_deleted(api: Api, track: dict[str, Any]) -> None:
    assert api.delete(f"/audio/{track['id']}").status_code == 204
    refused(api.delete(f"/audio/{track['id']}"), 404, "NOT_FOUND")


@pytest.mark.parametrize("data", [draw(), film(), b"text"])
def test_what_is_no_sound(api: Api, data: bytes) -> None:
    refused(api.upload(data, "a.mp3", to="/audio"), 422)


def test_there_is_no_list_of_them(api: Api) -> None:
    answer = api.get("/audio")

    refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert "POST" in answer.headers["Allow"]


def test_an_image_is_not_found(api: Api) -> None:
    refused(api.get(f"/audio/{data_of(api.upload(), 201)['id']}"), 404, "NOT_FOUND")


def test_that_of_somebody_else_is_not_found(bob_api: Api, track: dict[str, Any]) -> None:
    refused(bob_api.get(f"/audio/{track['id']}"), 404, "NOT_FOUND")


def test_no_key(anonymous: Api) -> None:
    refused(anonymous.upload(sound(), "a.mp3", to="/audio"), 401, "UNAUTHORIZED")


def test_a_key_that_only_writes(api_with: Callable[..., Api], track: dict[str, Any]) -> None:
    refused(api_with("read_write").delete(f"/audio/{track['id']}"), 403, "FORBIDDEN")
