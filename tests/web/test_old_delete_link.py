"""Delete links of an imported site: every old form of the viewer, and a token of which only a slow hash is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import bcrypt
import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.errors import NotFound
from gateway.core.ids import new_image_id
from gateway.core.library import Added
from gateway.core.moving import Arrived
from gateway.core.records import Media
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.urls import viewer_path
from tests.conftest import Client
from tests.old_host import OldHost

TOKEN = "c65755d71e1979a9aae82d4e2a139259b7f5264716652741"


@dataclass(frozen=True, slots=True)
class Brought:
    media: Media
    text: str

    def link(self, form: str = "/i/{}", token: str = TOKEN) -> str:
        return f"{form.format(self.text)}/delete/{token}"


def hashed(token: str) -> str:
    """As PHP writes it, and as cheap as may be."""
    return bcrypt.hashpw(token.encode(), bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$", 1)


@pytest.fixture
def cat(opened: Opened, add_image: Callable[..., Added], old: OldHost) -> Brought:
    media = replace(add_image(title="Cat").media, id=new_image_id())
    assert opened.catalog.add_arrived([Arrived(media, token_hashes=(hashed(TOKEN), "$2y$04$broken"))]) == [None]
    return Brought(media, old.media(7, media, "/images/cat.png"))


def is_there(opened: Opened, cat: Brought) -> bool:
    try:
        opened.library.get(cat.media.id)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize(
    "form", ["/i/{}", "/i/Cat.{}", "/image/{}", "/image/wrong.{}", "/video/{}", "/clip/x.{}", "/i//{}"]
)
def test_it_deletes(client: FlaskClient, opened: Opened, cat: Brought, form: str) -> None:
    answer = client.get(cat.link(form))
    assert answer.status_code == 301
    assert answer.headers["Location"] == viewer_path(cat.media) + "?deleted"
    assert not is_there(opened, cat)


def test_our_own_form_takes_the_old_token(client: FlaskClient, opened: Opened, cat: Brought) -> None:
    assert client.get(f"/image/{cat.media.id}/delete/{TOKEN}").status_code == 301
    assert not is_there(opened, cat)


def test_a_trailing_slash_works(client: FlaskClient, opened: Opened, cat: Brought) -> None:
    assert client.get(cat.link() + "/").status_code == 301


def test_afterwards_the_page_says_so(client: FlaskClient, cat: Brought) -> None:
    answer = client.get(cat.link(), follow_redirects=True)
    assert answer.status_code == 404
    assert "This picture was deleted." in answer.text
    assert client.get(f"/i/{cat.text}").status_code == client.get("/images/cat.png").status_code == 410


@pytest.mark.parametrize("form", ["/i/{}", "/image/Cat.{}"])
def test_the_second_use_is_404(client: FlaskClient, cat: Brought, form: str) -> None:
    client.get(cat.link(form))
    assert client.get(cat.link(form)).status_code == client.get(cat.link()).status_code == 404


@pytest.mark.parametrize("form", ["/i/{}", "/image/{}"])
def test_head_never_deletes(client: FlaskClient, opened: Opened, cat: Brought, form: str) -> None:
    assert client.head(cat.link(form)).status_code == 200
    assert client.head(cat.link(form, "0000")).status_code == 404
    assert is_there(opened, cat)


@pytest.mark.parametrize("token", ["0000", TOKEN[:-1], TOKEN.upper(), "x" * 100, "%00", "%ff", "%F0%9F%98%80", "a b"])
def test_a_wrong_token_is_404(client: FlaskClient, opened: Opened, cat: Brought, token: str) -> None:
    assert client.get(cat.link(token=token)).status_code == 404
    assert is_there(opened, cat)


def test_the_token_of_another_is_404(
    client: FlaskClient, opened: Opened, cat: Brought, add_image: Callable[..., Added], old: OldHost
) -> None:
    dog = add_image()
    text = old.media(8, dog.media)
    assert client.get(f"/i/{text}/delete/{TOKEN}").status_code == 404
    assert client.get(cat.link(token=dog.delete_token)).status_code == 404
    assert client.get(f"/i/{text}/delete/{dog.delete_token}").status_code == 301
    assert is_there(opened, cat)


def test_the_slow_hash_is_tried_for_its_own_media_alone(
    client: FlaskClient, opened: Opened, cat: Brought, add_image: Callable[..., Added], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    monkeypatch.setattr(opened.library, "legacy_matches", lambda token, stored: bool(tried.append(stored)))
    assert client.get(f"/image/{add_image().media.id}/delete/{TOKEN}").status_code == 404
    assert tried == []
    client.get(cat.link())
    assert len(tried) == 2


def test_what_was_deleted_there_has_no_delete_link(client: FlaskClient, old: OldHost) -> None:
    assert client.get(f"/i/{old.gone('media', 5)}/delete/{TOKEN}").status_code == 404


def test_post_is_not_forwarded(client: FlaskClient, opened: Opened, cat: Brought) -> None:
    assert client.post(cat.link()).status_code == client.post(cat.link("/image/{}")).status_code == 404
    assert is_there(opened, cat)


def test_nobody_keeps_the_answer_or_learns_the_link(client: FlaskClient, cat: Brought) -> None:
    for link in (cat.link(token="0000"), cat.link(), cat.link(), cat.link("/image/{}")):
        headers = client.get(link).headers
        assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_asking_first_shows_a_page_with_a_button(settings: Settings, opened: Opened, cat: Brought) -> None:
    chevereto = replace(settings.chevereto, confirm_delete=True)
    client = Client(create_app(replace(settings, chevereto=chevereto), opened))
    assert client.get(cat.link(token="0000")).status_code == 404
    answer = client.get(cat.link(), follow_redirects=True)
    assert answer.status_code == 200 and "Delete this picture?" in answer.text
    assert is_there(opened, cat)
    assert client.post(answer.request.path).status_code == 303
    assert not is_there(opened, cat)
