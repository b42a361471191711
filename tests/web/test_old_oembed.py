"""`/oembed` asked about the addresses that are written in old posts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.core.library import Added
from gateway.core.records import Media
from gateway.store.opening import Opened
from tests.conftest import PUBLIC_URL
from tests.old_host import OldHost, move_in
from tests.web.conftest import AddAlbum, Hide

Ask = Callable[[str], TestResponse]


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    return lambda url: client.get("/oembed/", query_string={"url": url})


@pytest.fixture
def cat(add_image: Callable[..., Added], old: OldHost) -> Media:
    """Number 7 there."""
    media = add_image(title="Cat").media
    old.media(7, media, "/images/cat.png")
    old.address("media", media.id, "/?v=cat.png")
    return media


@pytest.mark.parametrize(
    "url",
    [
        "https://old.example/i/{}", "http://OLD.example:8480/image/Cat.{}", "https://old.example/clip/x.{}?from=mail#top",
        f"{PUBLIC_URL}/i/{{}}", f"{PUBLIC_URL}/image/{{}}", "https://old.example/?v=cat.png",
    ],
)  # fmt: skip
def test_an_old_viewer_is_answered(ask: Ask, cat: Media, old: OldHost, url: str) -> None:
    answer: Any = ask(url.format(old.short(7)))
    assert answer.status_code == 200
    assert (answer.json["title"], answer.json["url"]) == ("Cat", f"{PUBLIC_URL}/{cat.id}.png")


def test_our_own_page_under_the_old_name_is_answered(ask: Ask, cat: Media) -> None:
    assert ask(f"https://old.example/image/{cat.id}").status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/i/{}", "https://old.example@other.example/i/{}", "ftp://old.example/i/{}", "/i/{}",
        "https://old.example/i/{}/delete/0", "https://old.example/a/{}", "https://old.example/images/cat.png",
        "https://old.example/i/zzzzzz", "https://old.example/", "https://old.example:x/i/{}y.", "https://old.example/%ff",
    ],
)  # fmt: skip
def test_what_is_no_page_about_a_picture_is_404(ask: Ask, cat: Media, old: OldHost, url: str) -> None:
    answer = ask(url.format(old.short(7)))
    assert (answer.status_code, answer.mimetype) == (404, "application/json")


def test_what_is_not_public_looks_like_unknown(ask: Ask, cat: Media, old: OldHost, hide: Hide) -> None:
    hide(cat)
    answer = ask(f"https://old.example/i/{old.short(7)}")
    assert (answer.status_code, answer.data) == (404, ask("https://old.example/i/zzzzzz").data)


@pytest.mark.parametrize("closed", [{"privacy": "private"}, {"password": "secret"}])
def test_what_is_in_a_closed_album_is_404(
    ask: Ask, add_image: Callable[..., Added], add_album: AddAlbum, old: OldHost, closed: dict[str, str]
) -> None:
    text = old.media(8, add_image(album_id=add_album(**closed).id).media)
    assert ask(f"https://old.example/i/{text}").status_code == 404


def test_what_was_deleted_is_404(ask: Ask, opened: Opened, cat: Media, old: OldHost) -> None:
    opened.library.remove(cat)
    assert ask(f"https://old.example/i/{old.short(7)}").status_code == 404
    assert ask(f"https://old.example/i/{old.gone('media', 5)}").status_code == 404


def test_the_host_in_the_address_tells_sites_apart(
    ask: Ask, opened: Opened, cat: Media, old: OldHost, add_image: Callable[..., Added]
) -> None:
    second = move_in(opened.catalog, "second", salt=old.site.salt)
    second.media(7, add_image(title="Dog").media)
    answer: Any = ask(f"https://second.example/i/{old.short(7)}").json
    assert answer["title"] == "Dog"
