"""`/tag/{name}`: everything under one tag."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from gateway.core.library import Added
from gateway.urls import tag_path, viewer_path
from tests.conftest import PUBLIC_URL
from tests.web.conftest import AddAlbum, Fill
from tests.web.test_album_page import link, meta, viewers

AddImage = Callable[..., Added]


def test_it_works(client: FlaskClient, add_image: AddImage) -> None:
    media = add_image(tags=("lake", "boat")).media
    add_image(tags=("boat",))
    answer = client.get("/tag/lake")
    assert answer.status_code == 200
    assert "<h1>lake</h1>" in answer.text and viewers(answer.text) == [viewer_path(media)]
    assert f'<link rel="canonical" href="{PUBLIC_URL}/tag/lake">' in answer.text
    assert meta(answer.text, "og:title") == "lake"


@pytest.mark.parametrize("name", ["Nørth 100%", "a?b", "a&b=c", "日本 語", "C++", '"><script>', "a.b", "x;y"])
def test_every_tag_has_an_address_that_opens(client: FlaskClient, add_image: AddImage, name: str) -> None:
    media = add_image(tags=(name,)).media
    path = tag_path(name)
    answer = client.get(path)
    assert answer.status_code == 200 and viewers(answer.text) == [viewer_path(media)]
    assert "<script>" not in answer.text
    assert f'<a href="{path}">' in client.get(viewer_path(media)).text


def test_case_matters(client: FlaskClient, add_image: AddImage) -> None:
    small, large = add_image(tags=("lake",)).media, add_image(tags=("Lake",)).media
    assert viewers(client.get("/tag/lake").text) == [viewer_path(small)]
    assert viewers(client.get("/tag/Lake").text) == [viewer_path(large)]
    assert client.get("/tag/LAKE").status_code == 404


def test_a_trailing_slash_works(client: FlaskClient, add_image: AddImage) -> None:
    add_image(tags=("lake",))
    assert client.get("/tag/lake/").status_code == 200


def test_unknown_is_404(client: FlaskClient) -> None:
    assert client.get("/tag/lake").status_code == 404


@pytest.mark.parametrize("facts", [{"privacy": "link"}, {"privacy": "private"}, {"password": "cake"}])
def test_a_tag_of_hidden_pictures_looks_like_unknown(
    client: FlaskClient, add_album: AddAlbum, add_image: AddImage, facts: dict[str, str]
) -> None:
    add_image(tags=("secret",), album_id=add_album(**facts).id)
    answer = client.get("/tag/secret")
    assert (answer.status_code, answer.text) == (404, client.get("/tag/unknown").text)


def test_every_picture_is_on_exactly_one_page(client: FlaskClient, fill: Fill) -> None:
    media = fill(61, tags=("100 %",))
    first = client.get(tag_path("100 %")).text
    second = client.get(link(first, "Older") or "").text
    assert viewers(first) + viewers(second) == [viewer_path(one) for one in reversed(media)]
    assert link(second, "Newest") == "/tag/100%20%25"
