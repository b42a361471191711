"""GET /v1/images/{id}: one image of one's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.core.library import Added
from tests.conftest import FrozenClock
from tests.core.filming import needs_ffmpeg
from tests.media import sound
from tests.web.picora.api import Api, data_of, refused

Add = Callable[..., Added]


def test_it_works(api: Api) -> None:
    image = data_of(api.upload(), 201)

    assert data_of(api.get(f"/images/{image['id']}")) == image


def test_what_came_through_the_other_door_is_here(api: Api, add_image: Add) -> None:
    media = add_image(title="Cat").media

    assert data_of(api.get(f"/images/{media.id}"))["title"] == "Cat"


def test_that_of_somebody_else_is_not_found(api: Api, bob_api: Api) -> None:
    image = data_of(bob_api.upload(), 201)

    refused(api.get(f"/images/{image['id']}"), 404, "NOT_FOUND")


@pytest.mark.parametrize("id", ["AAAAAAAAAAA", "x" * 5000, "a%00b", "%ff", "..", "é"])
def test_what_is_not_there(api: Api, id: str) -> None:
    refused(api.get(f"/images/{id}"), 404, "NOT_FOUND")


@needs_ffmpeg
def test_a_sound_is_no_image(api: Api) -> None:
    track = data_of(api.upload(sound(), "a.mp3", to="/audio"), 201)

    refused(api.get(f"/images/{track['id']}"), 404, "NOT_FOUND")


def test_what_is_past_its_time(api: Api, add_image: Add, clock: FrozenClock) -> None:
    media = add_image(expiration="PT5M").media
    assert data_of(api.get(f"/images/{media.id}"))["expiresAt"] == "2026-11-21T12:05:00.123Z"
    clock.advance(minutes=5)

    refused(api.get(f"/images/{media.id}"), 404, "NOT_FOUND")


def test_no_key(anonymous: Api) -> None:
    refused(anonymous.get("/images/AAAAAAAAAAA"), 401, "UNAUTHORIZED")


def test_a_key_that_may_not_read(api_with: Callable[..., Api]) -> None:
    refused(api_with("usage.read").get("/images/AAAAAAAAAAA"), 403, "FORBIDDEN")
