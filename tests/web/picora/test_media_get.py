"""GET /v1/media/{id}: one of any kind."""

from __future__ import annotations

from tests.core.filming import needs_av, needs_ffmpeg
from tests.media import film, sound
from tests.web.picora.api import Api, data_of, refused


def test_it_works(api: Api) -> None:
    image = data_of(api.upload(), 201)

    assert data_of(api.get(f"/media/{image['id']}")) == image


@needs_ffmpeg
@needs_av
def test_other_kinds(api: Api) -> None:
    for data, path, status, type in ((film(), "/videos", 202, "video"), (sound(), "/audio", 201, "audio")):
        id = data_of(api.upload(data, "a", to=path), status)["id"]
        assert data_of(api.get(f"/media/{id}"))["type"] == type


def test_it_is_what_stands_in_the_list(api: Api) -> None:
    image = data_of(api.upload(), 201)

    assert data_of(api.get("/media"))["items"] == [data_of(api.get(f"/media/{image['id']}"))]


def test_that_of_somebody_else_is_not_found(api: Api, bob_api: Api) -> None:
    refused(api.get(f"/media/{data_of(bob_api.upload(), 201)['id']}"), 404, "NOT_FOUND")


def test_one_that_is_not_there(api: Api) -> None:
    refused(api.get("/media/AAAAAAAAAAA"), 404, "NOT_FOUND")


def test_no_key(anonymous: Api) -> None:
    refused(anonymous.get("/media/AAAAAAAAAAA"), 401, "UNAUTHORIZED")
