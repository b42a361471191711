"""`/oembed`: how another site learns to show a picture of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.core.library import Added
from gateway.urls import viewer_path
from tests.conftest import PUBLIC_URL, draw
from tests.web.conftest import Hide

AddImage = Callable[..., Added]
Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """ask("/image/Cat.xyz", maxwidth=500) asks about that address of ours; a whole address is asked as it is."""

    def send(address: str, path: str = "/oembed", **limits: Any) -> TestResponse:
        url = PUBLIC_URL + address if address.startswith("/") else address
        return client.get(path, query_string={"url": url, **limits})

    return send


def test_it_works(ask: Ask, add_image: AddImage) -> None:
    media = add_image(title="Cat & dog").media
    answer = ask(viewer_path(media))
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json == {
        "version": "1.0",
        "type": "photo",
        "title": "Cat & dog",
        "url": f"{PUBLIC_URL}/{media.id}.png",
        "width": 64,
        "height": 48,
        "thumbnail_url": f"{PUBLIC_URL}/{media.id}.th.png",
        "thumbnail_width": 320,
        "thumbnail_height": 320,
        "provider_name": "img.example.org",
        "provider_url": f"{PUBLIC_URL}/",
    }


@pytest.mark.parametrize(
    "address",
    [
        "/image/{id}",
        "/image/another-slug.{id}",
        "/video/{id}",
        "/image/{id}/?from=mail#top",
        "http://img.example.org/image/{id}",
        "https://IMG.example.org/image/{id}",
    ],
)
def test_any_spelling_of_the_page_works(ask: Ask, add_image: AddImage, address: str) -> None:
    media = add_image().media
    assert ask(address.format(id=media.id)).status_code == 200


def test_a_trailing_slash_works(ask: Ask, add_image: AddImage) -> None:
    assert ask(viewer_path(add_image().media), path="/oembed/").status_code == 200


@pytest.mark.parametrize(
    ("limits", "variant", "size"),
    [
        ({}, "", (1000, 750)),
        ({"maxwidth": 1000}, "", (1000, 750)),
        ({"maxwidth": 999}, ".md", (500, 375)),
        ({"maxheight": 400}, ".md", (500, 375)),
        ({"maxwidth": 400}, ".th", (320, 320)),
        ({"maxwidth": 2000, "maxheight": 340}, ".th", (320, 320)),
        ({"maxwidth": 160}, ".th", (160, 160)),
        ({"maxwidth": "0"}, "", (1000, 750)),
        ({"maxwidth": "-5", "maxheight": "wide"}, "", (1000, 750)),
    ],
)
def test_it_chooses_what_fits(
    ask: Ask, add_image: AddImage, limits: dict[str, object], variant: str, size: tuple[int, int]
) -> None:
    media = add_image(data=draw(1000, 750)).media
    photo: Any = ask(viewer_path(media), **limits).json
    assert photo["url"] == f"{PUBLIC_URL}/{media.id}{variant}.png"
    assert (photo["width"], photo["height"]) == size


def test_xml_works(ask: Ask, add_image: AddImage) -> None:
    media = add_image(title="<Ünder> & \x01over").media
    answer = ask(viewer_path(media), format="xml")
    assert answer.mimetype == "text/xml"
    photo = ElementTree.fromstring(answer.data)
    assert photo.tag == "oembed"
    assert (photo.findtext("type"), photo.findtext("width")) == ("photo", "64")
    assert photo.findtext("title") == "<Ünder> & over"


def test_another_format_is_501(ask: Ask, add_image: AddImage) -> None:
    assert ask(viewer_path(add_image().media), format="yaml").status_code == 501


def test_no_address_is_400(client: FlaskClient) -> None:
    answer = client.get("/oembed")
    assert answer.status_code == 400
    assert answer.json and "missing" in answer.json["error"]


@pytest.mark.parametrize(
    "address",
    [
        "/image/AAAAAAAAAAA",
        "/",
        "/{id}.png",
        "/image/{id}/delete/0",
        "https://elsewhere.example/image/{id}",
        "https://img.example.org@elsewhere.example/image/{id}",
        "ftp://img.example.org/image/{id}",
        "image/{id}",
        "http://[",
        "https://img.example.org/image/%ff%00",
    ],
)
def test_what_is_not_a_page_of_ours_is_404(ask: Ask, add_image: AddImage, address: str) -> None:
    answer = ask(address.format(id=add_image().media.id))
    assert answer.status_code == 404
    assert answer.mimetype == "application/json"


def test_not_public_looks_like_unknown(ask: Ask, hide: Hide, add_image: AddImage) -> None:
    hide(media := add_image(title="Secret plans").media)
    answer = ask(viewer_path(media))
    assert (answer.status_code, answer.data) == (404, ask("/image/AAAAAAAAAAA").data)
