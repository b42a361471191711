"""`/category/{url_key}`: everything in one category."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from gateway.core.library import Added
from gateway.store.opening import Opened
from gateway.urls import category_path, viewer_path
from tests.conftest import PUBLIC_URL
from tests.web.conftest import AddAlbum, Fill
from tests.web.test_album_page import link, meta, viewers

AddImage = Callable[..., Added]


def test_it_works(client: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    category = opened.catalog.add_category("Nature & sky", "nature", "Outside.")
    media = add_image(category_id=category.id).media
    add_image()
    answer = client.get("/category/nature")
    assert answer.status_code == 200
    assert "<h1>Nature &amp; sky</h1>" in answer.text and "Outside." in answer.text
    assert viewers(answer.text) == [viewer_path(media)]
    assert f'<link rel="canonical" href="{PUBLIC_URL}/category/nature">' in answer.text
    assert meta(answer.text, "og:description") == "Outside."
    assert '<a href="/category/nature">Nature &amp; sky</a>' in client.get(viewer_path(media)).text


@pytest.mark.parametrize("key", ["black-and-white", "натюрморт", "a b", "100%", "A.b"])
def test_every_key_has_an_address_that_opens(client: FlaskClient, opened: Opened, key: str) -> None:
    category = opened.catalog.add_category("Something", key)
    assert client.get(category_path(category)).status_code == 200


def test_an_empty_category_says_so(client: FlaskClient, opened: Opened) -> None:
    opened.catalog.add_category("Nature", "nature")
    assert "Nothing here yet." in client.get("/category/nature/").text


def test_unknown_is_404(client: FlaskClient) -> None:
    assert client.get("/category/nature").status_code == 404


def test_a_number_nobody_knows_is_not_named(client: FlaskClient, add_image: AddImage) -> None:
    assert "Category" not in client.get(viewer_path(add_image(category_id=77).media)).text


@pytest.mark.parametrize("facts", [{"privacy": "link"}, {"privacy": "private"}, {"password": "cake"}])
def test_hidden_pictures_are_left_out(
    client: FlaskClient, opened: Opened, add_album: AddAlbum, add_image: AddImage, facts: dict[str, str]
) -> None:
    category = opened.catalog.add_category("Nature", "nature")
    add_image(category_id=category.id, album_id=add_album(**facts).id)
    assert viewers(client.get("/category/nature").text) == []


def test_every_picture_is_on_exactly_one_page(client: FlaskClient, opened: Opened, fill: Fill) -> None:
    category = opened.catalog.add_category("Nature", "nature")
    media = fill(61, category_id=category.id)
    first = client.get("/category/nature").text
    second = client.get(link(first, "Older") or "").text
    assert viewers(first) + viewers(second) == [viewer_path(one) for one in reversed(media)]
