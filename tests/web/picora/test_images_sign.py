"""POST /v1/images/{id}/sign: a link that opens a private image for a while."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.conftest import PUBLIC_URL, draw
from tests.web.picora.api import Api, data_of, refused

PICTURE = draw(600, 400)


@pytest.fixture
def image_id(api: Api) -> str:
    image_id: str = data_of(api.upload(PICTURE, isPublic="false"), 201)["id"]
    return image_id


def test_it_works(api: Api, client: FlaskClient, image_id: str) -> None:
    signed = data_of(api.post(f"/images/{image_id}/sign", {"expSeconds": 60}))

    assert set(signed) == {"signedUrl", "signed_url", "expiresAt", "expires_at", "exp"}
    assert (signed["expiresAt"], signed["exp"]) == ("2026-11-21T12:01:00.000Z", 1_795_262_460)
    assert signed["signedUrl"].startswith(f"{PUBLIC_URL}/{image_id}.png?")
    assert client.get(signed["signedUrl"]).data == PICTURE


@pytest.mark.parametrize("body", [None, {}])
def test_an_hour_unless_it_is_said(api: Api, image_id: str, body: object) -> None:
    assert data_of(api.post(f"/images/{image_id}/sign", body))["expiresAt"] == "2026-11-21T13:00:00.000Z"


@pytest.mark.parametrize("variant", ["th", "md"])
def test_a_rendition_alone(api: Api, client: FlaskClient, image_id: str, variant: str) -> None:
    url = data_of(api.post(f"/images/{image_id}/sign", {"variant": variant}))["signedUrl"]

    assert f"/{image_id}.{variant}.png?" in url
    assert client.get(url).status_code == 200
    assert client.get(url.replace(f".{variant}.", ".")).status_code == 403


@pytest.mark.parametrize("name", ["expSeconds", "exp_seconds"])
@pytest.mark.parametrize("seconds", [1, 86_400])
def test_the_shortest_and_the_longest(api: Api, image_id: str, name: str, seconds: int) -> None:
    assert data_of(api.post(f"/images/{image_id}/sign", {name: seconds}))["exp"] == 1_795_262_400 + seconds


@pytest.mark.parametrize("seconds", [0, 86_401, -1, 10**400, 1.5, "60", True, None, []])
def test_a_time_that_cannot_be_had(api: Api, image_id: str, seconds: object) -> None:
    refused(api.post(f"/images/{image_id}/sign", {"expSeconds": seconds}), 422)


@pytest.mark.parametrize("variant", ["", "xl", 5, ["th"]])
def test_a_rendition_that_does_not_exist(api: Api, image_id: str, variant: object) -> None:
    refused(api.post(f"/images/{image_id}/sign", {"variant": variant}), 422)


@pytest.mark.parametrize("body", ["[]", "{", "null"])
def test_a_body_that_is_no_object(api: Api, image_id: str, body: str) -> None:
    refused(api.post(f"/images/{image_id}/sign", data=body), 422)


def test_that_of_somebody_else_is_not_found(bob_api: Api, image_id: str) -> None:
    refused(bob_api.post(f"/images/{image_id}/sign"), 404, "NOT_FOUND")


def test_no_key(anonymous: Api, image_id: str) -> None:
    refused(anonymous.post(f"/images/{image_id}/sign"), 401, "UNAUTHORIZED")


def test_a_key_that_only_reads(api_with: Callable[..., Api], image_id: str) -> None:
    refused(api_with("read").post(f"/images/{image_id}/sign"), 403, "FORBIDDEN")
