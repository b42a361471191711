"""`/image/{id}/delete/{token}`: whoever has the link may delete, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.errors import NotFound
from gateway.core.library import Added
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.urls import viewer_path
from tests.conftest import PUBLIC_URL, Client, draw

AddImage = Callable[..., Added]


@pytest.fixture
def asking(settings: Settings, opened: Opened) -> FlaskClient:
    """A client of a gateway that asks before it deletes."""
    chevereto = replace(settings.chevereto, confirm_delete=True)
    return Client(create_app(replace(settings, chevereto=chevereto), opened))


def link(added: Added) -> str:
    return f"/image/{added.media.id}/delete/{added.delete_token}"


def is_there(opened: Opened, added: Added) -> bool:
    try:
        opened.library.get(added.media.id)
    except NotFound:
        assert opened.blobs.size(added.media.blob()) is None
        return False
    return True


def test_it_works(client: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    added = add_image(title="Cat")
    answer = client.get(link(added))
    assert answer.status_code == 301
    assert answer.headers["Location"] == viewer_path(added.media) + "?deleted"
    assert not is_there(opened, added)


def test_the_link_of_the_upload_answer_works(client: FlaskClient, alice_key: str) -> None:
    file = (BytesIO(draw()), "cat.png")
    file = (BytesIO(draw()), "cat.png")
    answer: Any = client.post("/api/1/upload", data={"source": file}, headers={"X-API-Key": alice_key}).json
    image = answer["image"]
    assert client.get(image["delete_url"].removeprefix(PUBLIC_URL)).status_code == 301
    assert client.get(image["url"].removeprefix(PUBLIC_URL)).status_code == 404


def test_afterwards_the_page_says_so(client: FlaskClient, add_image: AddImage) -> None:
    answer = client.get(link(add_image(title="Cat")), follow_redirects=True)
    assert answer.status_code == 404
    assert "This picture was deleted." in answer.text


def test_without_the_word_the_page_is_an_ordinary_404(client: FlaskClient, add_image: AddImage) -> None:
    added = add_image(title="Cat")
    client.get(link(added))
    answer = client.get(viewer_path(added.media))
    assert answer.status_code == 404
    assert "was deleted" not in answer.text


def test_the_word_alone_deletes_nothing(client: FlaskClient, add_image: AddImage) -> None:
    answer = client.get(viewer_path(add_image(title="Cat").media) + "?deleted")
    assert answer.status_code == 200
    assert "was deleted" not in answer.text


def test_nobody_keeps_the_answer_or_learns_the_link(client: FlaskClient, add_image: AddImage) -> None:
    added = add_image()
    for _ in range(2):
        headers = client.get(link(added)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_a_trailing_slash_works(client: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    added = add_image()
    assert client.get(link(added) + "/").status_code == 301
    assert not is_there(opened, added)


def test_every_upload_of_the_same_file_has_its_own_link(
    client: FlaskClient, opened: Opened, add_image: AddImage
) -> None:
    first, second = add_image(data=draw()), add_image(data=draw())
    assert first.media.id == second.media.id and first.delete_token != second.delete_token
    assert client.get(link(first)).status_code == 301
    assert client.get(link(second)).status_code == 404


def test_r32_head_never_deletes(client: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    added = add_image()
    assert client.head(link(added)).status_code == 200
    assert client.head(link(added)[:-1] + "x").status_code == 404
    assert is_there(opened, added)


def test_the_second_use_is_404(client: FlaskClient, add_image: AddImage) -> None:
    added = add_image()
    client.get(link(added))
    assert client.get(link(added)).status_code == 404


@pytest.mark.parametrize("token", ["0" * 48, "x", "%00", "%ff", "'--"])
def test_r32_a_wrong_token_is_404(client: FlaskClient, opened: Opened, add_image: AddImage, token: str) -> None:
    added = add_image()
    assert client.get(f"/image/{added.media.id}/delete/{token}").status_code == 404
    assert is_there(opened, added)


def test_r32_the_token_of_another_picture_is_404(client: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    cat, dog = add_image(), add_image()
    assert client.get(f"/image/{cat.media.id}/delete/{dog.delete_token}").status_code == 404
    assert is_there(opened, cat) and is_there(opened, dog)


def test_r32_asking_shows_a_page_and_deletes_nothing(asking: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    added = add_image(title="<Cat>")
    answer = asking.get(link(added))
    assert answer.status_code == 200
    assert "&lt;Cat&gt;" in answer.text and f"{PUBLIC_URL}/{added.media.id}.th.png" in answer.text
    assert '<form class="actions" method="post">' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert is_there(opened, added)


def test_r32_asking_deletes_when_the_button_is_hit(asking: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    added = add_image(title="Cat")
    answer = asking.post(link(added))
    assert answer.status_code == 303
    assert answer.headers["Location"] == viewer_path(added.media) + "?deleted"
    assert not is_there(opened, added)


def test_asking_with_a_wrong_token_is_404(asking: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    added = add_image()
    wrong = link(added)[:-1] + "x"
    assert [asking.get(wrong).status_code, asking.post(wrong).status_code] == [404, 404]
    assert is_there(opened, added)
