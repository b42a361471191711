"""Old viewers, albums, profiles and categories lead to the pages that are about the same thing here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.core.library import Added
from gateway.core.records import Media, Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.urls import album_path, viewer_path
from tests.conftest import Client, FrozenClock
from tests.media import film
from tests.old_host import ROUTES, OldHost, move_in
from tests.web.conftest import AddAlbum, Hide, Send

AddImage = Callable[..., Added]


@pytest.fixture
def cat(add_image: AddImage, old: OldHost) -> Media:
    """Number 7 there."""
    media = add_image(title="Red cat").media
    old.media(7, media, "/images/cat.png")
    return media


def outcome(answer: TestResponse) -> tuple[int, str | None]:
    return answer.status_code, answer.headers.get("Location")


def statuses(client: FlaskClient, *paths: str) -> Sequence[int]:
    return [client.get(path).status_code for path in paths]


# viewers


@pytest.mark.parametrize(
    "path",
    [
        "/i/{}", "/i/Red-cat.{}", "/i/wrong-slug.{}", "/i/K%C3%A4tzchen.{}", "/i/{}/", "/image/{}", "/image/slug.{}",
        "/clip/{}", "/video/{}", "/audio/x.{}", "/i/Red-cat.{}/embeds", "/i//{}",
    ],
)  # fmt: skip
def test_every_form_of_a_viewer_leads_to_the_page(client: FlaskClient, cat: Media, old: OldHost, path: str) -> None:
    answer = client.get(path.format(old.short(7)))
    assert outcome(answer) == (302, viewer_path(cat))
    assert client.head(path.format(old.short(7))).status_code == 302


def test_it_ends_on_the_page_itself(client: FlaskClient, cat: Media, old: OldHost) -> None:
    answer = client.get(f"/i/{old.short(7)}", follow_redirects=True)
    assert answer.status_code == 200
    assert '<h1 id="title">Red cat</h1>' in answer.text


def test_the_query_is_kept(client: FlaskClient, cat: Media, old: OldHost) -> None:
    answer = client.get(f"/i/{old.short(7)}?from=mail&x=%20y")
    assert answer.headers["Location"] == viewer_path(cat) + "?from=mail&x=%20y"


def test_the_word_deleted_alone_says_nothing(client: FlaskClient, cat: Media, old: OldHost) -> None:
    assert outcome(client.get(f"/image/{old.short(7)}?deleted")) == (302, viewer_path(cat) + "?deleted")
    assert client.get(f"/image/{old.short(7)}?deleted", follow_redirects=True).status_code == 200
    assert client.get(f"/image/{old.gone('media', 5)}?deleted").status_code == 410


def test_a_film_leads_to_the_page_of_a_film(client: FlaskClient, send: Send, opened: Opened, old: OldHost) -> None:
    media = opened.library.get(send(film("mp4"), "clip.mp4", title="Lake")["image"]["name"])
    old.media(8, media, "/v/clip.mp4")
    for route in ("clip", "i", "image"):
        assert client.get(f"/{route}/{old.short(8)}").headers["Location"] == f"/video/Lake.{media.id}"


@pytest.mark.parametrize("path", ["/img/{}", "/i/", "/i", "/i/zzzzzz", "/i/!!!", "/nobody", "/I/{}", "/{}", "/a/{}"])
def test_what_never_was_is_an_ordinary_404(client: FlaskClient, cat: Media, old: OldHost, path: str) -> None:
    answer = client.get(path.format(old.short(7)))
    assert answer.status_code == 404
    assert "Nothing here" in answer.text


def test_nothing_but_get_and_head_is_forwarded(client: FlaskClient, cat: Media, old: OldHost) -> None:
    assert client.post(f"/i/{old.short(7)}").status_code == 404
    assert client.post(f"/image/{old.short(7)}").status_code == 405


def test_an_import_is_seen_at_once(client: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    media = add_image().media
    assert statuses(client, "/i/any") == [404]
    site = move_in(opened.catalog)
    site.media(9, media)
    assert statuses(client, f"/i/{site.short(9)}") == [302]


@pytest.mark.parametrize("root", ["image", "album"])
def test_viewers_or_albums_at_the_root(
    client: FlaskClient, opened: Opened, add_image: AddImage, add_album: AddAlbum, root: str
) -> None:
    site = move_in(opened.catalog, routes=ROUTES | {"root": root})
    media, album = add_image(title="Cat").media, add_album("Lake")
    text = site.media(7, media)
    site.album(7, album)
    path = viewer_path(media) if root == "image" else album_path(album)
    assert outcome(client.get(f"/{text}")) == outcome(client.get(f"/slug.{text}")) == (302, path)
    assert statuses(client, "/i", "/a", "/favicon.ico") == [404] * 3


# what may not be seen


def test_what_is_not_public_stays_unseen(client: FlaskClient, cat: Media, old: OldHost, hide: Hide) -> None:
    hide(cat)
    answer = client.get(f"/i/{old.short(7)}")
    assert (answer.status_code, "Location" in answer.headers) == (404, False)


def test_what_is_past_its_time_is_404(
    client: FlaskClient, add_image: AddImage, old: OldHost, clock: FrozenClock
) -> None:
    text = old.media(7, add_image(expiration="60").media)
    clock.advance(seconds=60)
    assert statuses(client, f"/i/{text}", f"/image/{text}") == [404, 404]


def test_an_album_with_a_password_asks_for_it(
    client: FlaskClient, add_image: AddImage, add_album: AddAlbum, old: OldHost
) -> None:
    album = add_album("Secret plans", password="open sesame")
    media = add_image(title="Page one", album_id=album.id).media
    picture, place = f"/i/{old.media(7, media)}", f"/a/{old.album(3, album)}"
    assert outcome(client.get(picture)) == (302, f"/image/{media.id}")
    assert outcome(client.get(place)) == (302, f"/album/{album.id}")
    page = client.get(picture, follow_redirects=True)
    assert "password" in page.text and "Page one" not in page.text and "Secret plans" not in page.text
    client.post(f"/album/{album.id}", data={"password": "open sesame", "back": "/"})
    assert outcome(client.get(picture)) == (302, viewer_path(media))
    assert outcome(client.get(place)) == (302, album_path(album))


def test_a_private_album_stays_unseen(
    client: FlaskClient, add_image: AddImage, add_album: AddAlbum, old: OldHost
) -> None:
    album = add_album("Secret plans", privacy="private")
    text = old.media(7, add_image(album_id=album.id).media)
    old.album(3, album)
    assert statuses(client, f"/i/{text}", f"/image/{text}", f"/a/{old.short(3)}") == [404] * 3


# albums, profiles, categories


@pytest.mark.parametrize("path", ["/a/{}", "/a/Lake.{}", "/album/other-slug.{}", "/a/{}/", "/a/Lake.{}/embeds"])
def test_every_form_of_an_album_leads_to_the_page(
    client: FlaskClient, add_album: AddAlbum, old: OldHost, path: str
) -> None:
    album = add_album("Lake")
    text = old.album(3, album)
    assert outcome(client.get(path.format(text) + "?page=2")) == (302, album_path(album) + "?page=2")
    assert client.get(path.format(text), follow_redirects=True).status_code == 200


@pytest.mark.parametrize("path", ["/alice", "/Alice", "/ALICE/", "/member/alice", "/alice/albums", "/alice/search?q=x"])
def test_every_form_of_a_profile_leads_to_the_page(client: FlaskClient, alice: Owner, old: OldHost, path: str) -> None:
    old.owner(1, alice, "/alice", "/member/alice", "/user/alice")
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].partition("?")[0] == "/user/alice"
    assert client.get(path, follow_redirects=True).status_code == 200


def test_an_owner_who_was_renamed_is_found(client: FlaskClient, alice: Owner, old: OldHost) -> None:
    old.owner(2, alice, "/robert", "/user/robert")
    for path in ("/user/Robert", "/robert", "/Robert/albums"):
        assert outcome(client.get(path)) == (302, "/user/alice")


def test_a_hidden_owner_is_not_led_to(client: FlaskClient, opened: Opened, alice: Owner, old: OldHost) -> None:
    old.owner(2, alice, "/alice", "/user/alice")
    assert statuses(client, "/alice") == [302]
    opened.owners.disable("alice")
    assert statuses(client, "/alice", "/user/alice", "/user/alice/albums") == [404] * 3


def test_a_category_with_another_key_here_is_found(client: FlaskClient, opened: Opened, old: OldHost) -> None:
    category = opened.catalog.add_category("Nature", "nature-2")
    old.address("category", str(category.id), "/category/nature")
    assert outcome(client.get("/category/nature")) == (302, "/category/nature-2")
    assert client.get("/category/nature", follow_redirects=True).status_code == 200


def test_a_tag_of_a_site_in_a_folder(client: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    move_in(opened.catalog, url="https://old.example/pics")
    add_image(tags=("red cat",))
    assert outcome(client.get("/pics/tag/red%20cat")) == (302, "/tag/red%20cat")
    assert client.get("/pics/tag/red%20cat", follow_redirects=True).status_code == 200


# redirects, and things found by a query


def test_rows_of_redirects_lead_where_they_led(
    client: FlaskClient, cat: Media, add_album: AddAlbum, old: OldHost
) -> None:
    album = add_album("Lake")
    old.address("media", cat.id, "/old/pic.html", "/?v=cat.png", "/view.php?id=1")
    old.address("album", album.id, "/?album=7")
    for path in ("/old/pic.html", "/?v=cat.png", "/?v=cat.png&utm=1"):
        assert client.get(path, follow_redirects=True).status_code == 200
        assert client.get(path).headers["Location"].partition("?")[0] == viewer_path(cat)
    assert client.get("/view.php?id=1").headers["Location"].startswith(viewer_path(cat))
    assert client.get("/?album=7").headers["Location"] == album_path(album)


def test_the_front_page_stays_what_it_is(client: FlaskClient, cat: Media, old: OldHost) -> None:
    old.address("media", cat.id, "/?v=cat.png")
    assert statuses(client, "/", "/?v=dog.png", "/?", "/?%ff") == [200] * 4
    assert client.post("/?v=cat.png").status_code == 405


# what is gone


def test_what_was_deleted_here_is_gone(client: FlaskClient, opened: Opened, cat: Media, old: OldHost) -> None:
    old.address("media", cat.id, "/old/pic.html", "/?v=cat.png")
    opened.library.remove(cat)
    text = old.short(7)
    for path in (f"/i/{text}", f"/image/{text}", f"/video/x.{text}", "/old/pic.html", "/?v=cat.png"):
        answer = client.get(path)
        assert answer.status_code == 410, path
        assert "deleted" in answer.text and "<h1>" in answer.text
    assert statuses(client, viewer_path(cat)) == [404]


def test_what_was_deleted_there_is_gone(client: FlaskClient, old: OldHost) -> None:
    text, album = old.gone("media", 5), old.gone("album", 6)
    assert statuses(client, f"/i/{text}", f"/image/{text}", f"/a/{album}", f"/album/{text}") == [410, 410, 410, 404]


def test_an_album_that_was_taken_away_is_gone(
    client: FlaskClient, opened: Opened, add_album: AddAlbum, old: OldHost
) -> None:
    album = add_album("Lake")
    text = old.album(3, album)
    with opened.catalog.transaction() as db:  # type: ignore[attr-defined]
        db.execute("DELETE FROM albums WHERE id = ?", (album.id,))
    assert statuses(client, f"/a/{text}", f"/album/Lake.{text}") == [410, 410]


# our own addresses


def test_our_own_pages_come_first(client: FlaskClient, opened: Opened, alice: Owner, cat: Media) -> None:
    site = move_in(opened.catalog, "other")
    site.owner(1, alice, "/tools", "/oembed", "/health", "/")
    assert statuses(client, "/", "/tools", "/health", viewer_path(cat)) == [200] * 4
    assert statuses(client, "/oembed") == [400]


def test_a_gateway_in_a_folder_stays_in_it(settings: Settings, opened: Opened, add_image: AddImage) -> None:
    server = replace(settings.server, public_url="https://img.example.org/pics")
    client = Client(create_app(replace(settings, server=server), opened))
    site = move_in(opened.catalog, url="https://img.example.org/pics")
    media = add_image(title="Cat").media
    text = site.media(7, media, "/pics/images/cat.png")
    assert client.get(f"/i/{text}").headers["Location"] == "/pics" + viewer_path(media)
    assert client.get("/images/cat.png").status_code == 200


def test_a_catalog_that_is_busy_is_503(
    client: FlaskClient, cat: Media, old: OldHost, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.store.sqlite import busy

    def fail(*_: Any) -> None:
        raise busy()

    monkeypatch.setattr(opened.catalog, "sites", fail)
    monkeypatch.setattr(opened.catalog, "addresses_at", fail)
    assert statuses(client, f"/i/{old.short(7)}", "/?v=x", "/images/cat.png") == [503] * 3
