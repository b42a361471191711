"""Albums with a password: asked once per visitor, for the album and for every picture in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import bcrypt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.core.library import Added
from gateway.core.records import Album, Media
from gateway.store.opening import Opened
from gateway.urls import album_path, viewer_path
from tests.conftest import PUBLIC_URL, Client
from tests.web.conftest import AddAlbum

AddImage = Callable[..., Added]


@pytest.fixture
def album(add_album: AddAlbum) -> Album:
    return add_album("Birthday", description="Forty years.", password="cake & more")


@pytest.fixture
def media(album: Album, add_image: AddImage) -> Media:
    return add_image(title="Candles", album_id=album.id).media


def give(client: FlaskClient, album: Album, password: str, **form: str) -> TestResponse:
    return client.post(f"/album/{album.id}", data={"password": password, **form})


def asks(answer: TestResponse) -> bool:
    return '<input id="password" name="password" type="password"' in answer.text


def test_the_password_opens_the_album(client: FlaskClient, album: Album, media: Media) -> None:
    answer = client.get(album_path(album))
    assert answer.status_code == 200 and asks(answer)
    assert media.id not in answer.text and "Forty" not in answer.text
    assert 'content="noindex"' in answer.text and answer.headers["Cache-Control"] == "no-store"
    assert "og:" not in answer.text
    back = re.search(r'name="back" value="([^"]+)"', answer.text)
    assert back
    answer = give(client, album, "cake & more", back=unescape(back[1]))
    assert (answer.status_code, answer.headers["Location"]) == (303, album_path(album))
    page = client.get(answer.headers["Location"])
    assert "Forty years." in page.text and viewer_path(media) in page.text and 'content="noindex"' in page.text


def test_it_is_asked_once_for_all_pictures_in_it(client: FlaskClient, album: Album, media: Media) -> None:
    path = viewer_path(media)
    answer = client.get(path + "?from=mail&x=%20y")
    assert answer.status_code == 200 and asks(answer) and media.id + ".png" not in answer.text
    back = re.search(r'name="back" value="([^"]+)"', answer.text)
    assert back
    answer = give(client, album, "cake & more", back=unescape(back[1]))
    assert answer.headers["Location"] == f"{path}?from=mail&x=%20y"
    assert "Candles" in client.get(path).text
    assert "Forty years." in client.get(album_path(album)).text


def test_an_address_without_title_does_not_tell_it(client: FlaskClient, album: Album, media: Media) -> None:
    for path in (f"/image/{media.id}", f"/album/{album.id}"):
        answer = client.get(path)
        assert asks(answer) and "Location" not in answer.headers
        assert "Candles" not in answer.text and "Birthday" not in answer.text


def test_a_wrong_password_is_told_and_asked_again(client: FlaskClient, album: Album, media: Media) -> None:
    for wrong in ("", "cake", "Cake & more", "cake & more ", "x" * 5_000, "\0", "\ud800".encode("utf-8", "replace")):
        answer = client.post(f"/album/{album.id}", data={"password": wrong, "back": viewer_path(media)})
        assert answer.status_code == 403 and asks(answer)
        assert "That is not the password." in answer.text
        assert f'value="{viewer_path(media)}"' in answer.text
        assert "Set-Cookie" not in answer.headers
    assert asks(client.get(viewer_path(media)))


def test_no_password_at_all_is_wrong(client: FlaskClient, album: Album) -> None:
    assert client.post(f"/album/{album.id}").status_code == 403


def test_another_visitor_is_asked(app: Flask, client: FlaskClient, album: Album) -> None:
    give(client, album, "cake & more")
    assert asks(Client(app).get(album_path(album)))


def test_another_album_is_asked_for(client: FlaskClient, album: Album, add_album: AddAlbum) -> None:
    """Also when it has the same password, and even the same hash."""
    give(client, album, "cake & more")
    twin = add_album("Twin", privacy="password", password_hash=album.password_hash)
    assert asks(client.get(album_path(twin)))


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient, album: Album) -> None:
    cookie = give(client, album, "cake & more").headers["Set-Cookie"]
    assert cookie.startswith(f"album-{album.id}=") and "cake" not in cookie
    assert album.password_hash and album.password_hash not in cookie
    for flag in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    assert "Expires" not in cookie and "Max-Age" not in cookie


def test_a_forged_cookie_opens_nothing(client: FlaskClient, album: Album) -> None:
    for forged in ("", "1", "0" * 64, "ü"):
        client.set_cookie(f"album-{album.id}", forged, domain="localhost")
        assert asks(client.get(album_path(album)))


def test_a_new_password_ends_what_the_old_one_opened(
    client: FlaskClient, opened: Opened, album: Album, add_album: AddAlbum
) -> None:
    give(client, album, "cake & more")
    other = add_album(password="pie")
    with opened.catalog.transaction() as db:  # type: ignore[attr-defined]
        db.execute("UPDATE albums SET password_hash = ? WHERE id = ?", (other.password_hash, album.id))
    assert asks(client.get(album_path(album)))


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil", "javascript:alert(1)",
     "", "/a\r\nSet-Cookie: x=1", "/\u00e4"],
)  # fmt: skip
def test_it_never_leads_elsewhere(client: FlaskClient, album: Album, back: str) -> None:
    answer = give(client, album, "cake & more", back=back)
    assert (answer.status_code, answer.headers["Location"]) == (303, album_path(album))
    assert "evil" not in give(client, album, "wrong", back=back).text


def test_the_hash_of_another_program_opens_too(client: FlaskClient, add_album: AddAlbum) -> None:
    hashed = bcrypt.hashpw(b"cake", bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$")
    album = add_album(privacy="password", password_hash=hashed)
    assert give(client, album, "pie").status_code == 403
    assert give(client, album, "cake").status_code == 303


@pytest.mark.parametrize("stored", [None, "", "plain", "md5$x$y", "$2y$10$broken"])
def test_what_no_password_can_open_stays_shut(
    client: FlaskClient, add_album: AddAlbum, add_image: AddImage, stored: str | None
) -> None:
    album = add_album(privacy="password", password_hash=stored)
    media = add_image(album_id=album.id).media
    for path in (album_path(album), viewer_path(media)):
        assert media.id + ".png" not in client.get(path).text
    assert give(client, album, stored or "").status_code in (403, 404)
    client.set_cookie(f"album-{album.id}", "", domain="localhost")
    assert media.id + ".png" not in client.get(viewer_path(media)).text


def test_guessing_is_slowed_down(client: FlaskClient, album: Album, add_album: AddAlbum) -> None:
    for _ in range(10):
        assert give(client, album, "wrong").status_code == 403
    answer = give(client, album, "cake & more")
    assert answer.status_code == 429 and asks(answer) and "Too many tries." in answer.text
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    other = client.post(
        f"/album/{album.id}", data={"password": "cake & more"}, environ_base={"REMOTE_ADDR": "10.0.0.7"}
    )
    assert other.status_code == 303
    assert give(client, add_album(password="pie"), "pie").status_code == 303


def test_the_right_password_is_no_guess(app: Flask, album: Album) -> None:
    """A whole school may sit behind one address."""
    for _ in range(15):
        assert give(Client(app), album, "cake & more").status_code == 303


def test_a_form_too_large_is_refused(client: FlaskClient, album: Album) -> None:
    assert give(client, album, "x" * 100_000).status_code == 413


def test_its_pictures_are_listed_nowhere(
    client: FlaskClient, opened: Opened, album: Album, add_image: AddImage
) -> None:
    category = opened.library.add_category("Nature", "nature")
    hidden = add_image(album_id=album.id, category_id=category.id, tags=("lake",)).media
    add_image(category_id=category.id, tags=("lake",))
    give(client, album, "cake & more")
    for path in ("/user/alice", "/tag/lake", "/category/nature"):
        page = client.get(path).text
        assert hidden.id not in page and "Birthday" not in page


def test_its_files_stay_where_they_are(client: FlaskClient, media: Media) -> None:
    assert client.get(f"/{media.id}.png").status_code == 200


def test_oembed_tells_nothing(client: FlaskClient, album: Album, media: Media) -> None:
    give(client, album, "cake & more")
    answer = client.get("/oembed", query_string={"url": PUBLIC_URL + viewer_path(media)})
    unknown = client.get("/oembed", query_string={"url": f"{PUBLIC_URL}/image/AAAAAAAAAAA"})
    assert (answer.status_code, answer.data) == (404, unknown.data)


def test_a_hidden_picture_stays_hidden_behind_the_password(
    client: FlaskClient, opened: Opened, album: Album, media: Media
) -> None:
    shy = replace(media, id="AAAAAAAAAAA", is_public=False)
    opened.catalog.add_media(shy, "0" * 64, reuse=False)
    assert client.get(f"/image/{shy.id}").status_code == 404
    give(client, album, "cake & more")
    assert client.get(f"/image/{shy.id}").status_code == 404
