"""`/user/{username}`: the page of an owner, and the list of all albums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient

from gateway.core.ids import new_id
from gateway.core.library import Added
from gateway.core.records import Asset, Owner
from gateway.store.opening import Opened
from gateway.urls import album_path, profile_path, viewer_path
from tests.conftest import PUBLIC_URL, FrozenClock, draw
from tests.web.conftest import AddAlbum, Fill
from tests.web.test_album_page import link, listed, meta, viewers

AddImage = Callable[..., Added]
AddOwner = Callable[..., Owner]


@pytest.fixture
def add_owner(opened: Opened, clock: FrozenClock) -> AddOwner:
    """add_owner("carol", bio="…") adds an owner about whom more is known than a name."""

    def add(username: str, **facts: object) -> Owner:
        blank = Owner(new_id(), username, None, "user", True, None, 0, 0, None, clock.now())
        opened.catalog.add_owner(owner := replace(blank, **facts))  # type: ignore[arg-type]
        return owner

    return add


def show(client: FlaskClient, path: str = "/user/alice") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def test_it_works(client: FlaskClient, add_album: AddAlbum, add_image: AddImage) -> None:
    album = add_album("Lake")
    first, second = add_image(album_id=album.id).media, add_image().media
    page = show(client)
    assert "<h1>alice</h1>" in page
    assert listed(page) == ["Lake"] and f'href="{album_path(album)}"' in page
    assert sorted(viewers(page)) == sorted([viewer_path(first), viewer_path(second)])
    assert f'<link rel="canonical" href="{PUBLIC_URL}/user/alice">' in page
    assert meta(page, "og:type") == "profile"


def test_it_tells_who_it_is(client: FlaskClient, opened: Opened, clock: FrozenClock, add_owner: AddOwner) -> None:
    owner = add_owner("carol", name="Carol <C>", bio="Sunsets.\nMostly.", website="https://carol.example/me/")
    avatar, background = (Asset(new_id(), owner.id, "image/png", "png", 99, "0" * 64, clock.now()) for _ in range(2))
    for asset in (avatar, background):
        opened.catalog.add_asset(asset)
        opened.blobs.put({asset.blob(): draw()})
    opened.catalog.set_owner_profile(replace(owner, avatar_id=avatar.id, background_id=background.id))
    page = show(client, "/user/carol")
    assert "<h1>Carol &lt;C&gt;</h1>" in page and '<p class="small">carol</p>' in page
    assert "Sunsets.\nMostly." in page
    assert '<a href="https://carol.example/me/" rel="nofollow noopener">carol.example/me</a>' in page
    assert f'<img class="avatar" src="{PUBLIC_URL}/{avatar.id}.png"' in page
    assert f'<img class="banner" src="{PUBLIC_URL}/{background.id}.png"' in page
    assert meta(page, "og:image") == f"{PUBLIC_URL}/{avatar.id}.png"
    assert client.get(f"/{avatar.id}.png").data == draw()


@pytest.mark.parametrize(
    "website",
    ["javascript:alert(1)//carol", "data:text/html,carol", "//carol.example", "carol.example", "http://[", ""],
)
def test_only_web_addresses_are_links(client: FlaskClient, add_owner: AddOwner, website: str) -> None:
    add_owner("carol", website=website)
    assert "nofollow" not in show(client, "/user/carol")


def test_a_picture_that_is_gone_leaves_the_initial(client: FlaskClient, add_owner: AddOwner) -> None:
    add_owner("carol", name="Ünal", avatar_id="A" * 21, background_id="B" * 21)
    page = show(client, "/user/carol")
    assert '<span class="avatar" aria-hidden="true">Ü</span>' in page and "banner" not in page


@pytest.mark.parametrize("path", ["/user/ALICE", "/user/alice/", "/user/Alice/"])
def test_another_spelling_leads_to_the_canonical_one(client: FlaskClient, alice: Owner, path: str) -> None:
    answer = client.get(path + "?from=mail")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/user/alice?from=mail")


@pytest.mark.parametrize("name", ["jörg", "日本", "a.b", "100%", "x?y", "a+b", "#1", '"><b>'])
def test_every_name_has_an_address_that_opens(client: FlaskClient, add_owner: AddOwner, name: str) -> None:
    page = show(client, profile_path(add_owner(name)))
    assert f"<h1>{name}</h1>" in unescape(page)


def test_an_empty_profile_says_so(client: FlaskClient, alice: Owner) -> None:
    assert "Nothing here yet." in show(client)


def test_unknown_is_404(client: FlaskClient) -> None:
    assert client.get("/user/nobody").status_code == 404


@pytest.mark.parametrize("facts", [{"is_active": False}, {"is_private": True}, {"role": "guest"}])
def test_who_has_no_profile_looks_like_unknown(
    client: FlaskClient, add_owner: AddOwner, add_album: AddAlbum, add_image: AddImage, facts: dict[str, object]
) -> None:
    owner = add_owner("carol", **facts)
    album = add_album(owner=owner)
    media = add_image(owner=owner, album_id=album.id).media
    for path in ("/user/carol", "/user/CAROL", "/user/carol/albums"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (404, client.get("/user/nobody").text)
    for path in (f"/{media.id}.png", viewer_path(media), album_path(album)):
        answer = client.get(path)
        assert answer.status_code == 200 and b"carol" not in answer.data


def test_what_lies_in_an_album_for_some_is_left_out(
    client: FlaskClient, add_album: AddAlbum, add_image: AddImage
) -> None:
    seen = add_image().media
    for facts in ({"privacy": "link"}, {"privacy": "private"}, {"password": "cake"}):
        album = add_album("Secret", **facts)  # type: ignore[arg-type]
        add_image(album_id=album.id)
    page = show(client)
    assert viewers(page) == [viewer_path(seen)] and listed(page) == []


def test_another_owners_are_left_out(
    client: FlaskClient, bob: Owner, alice: Owner, add_album: AddAlbum, add_image: AddImage
) -> None:
    add_image(owner=bob, album_id=add_album(owner=bob).id)
    page = show(client)
    assert viewers(page) == [] and listed(page) == []


def test_every_picture_is_on_exactly_one_page(client: FlaskClient, add_album: AddAlbum, fill: Fill) -> None:
    add_album("Lake")
    media = fill(61)
    first = show(client)
    second = show(client, link(first, "Older") or "")
    assert viewers(first) + viewers(second) == [viewer_path(one) for one in reversed(media)]
    assert listed(first) == ["Lake"] and listed(second) == []


def test_many_albums_have_pages_of_their_own(client: FlaskClient, add_album: AddAlbum) -> None:
    albums = [add_album(f"Album {number}") for number in range(70)]
    add_album("Inside", parent_id=albums[0].id)
    newest_first = [album.name for album in reversed(albums)]
    page = show(client)
    assert listed(page) == newest_first[:12]
    first = show(client, link(page, "All 70 albums") or "")
    second = show(client, link(first, "Older") or "")
    assert listed(first) + listed(second) == newest_first
    assert link(first, "Newest") is None and link(second, "Older") is None
    assert link(second, "Newest") == "/user/alice/albums"


def test_few_albums_need_no_page(client: FlaskClient, add_album: AddAlbum) -> None:
    for number in range(12):
        add_album(f"Album {number}")
    page = show(client)
    assert len(listed(page)) == 12 and "/user/alice/albums" not in page


def test_the_list_of_no_albums_says_so(client: FlaskClient, alice: Owner) -> None:
    assert "No albums yet." in show(client, "/user/alice/albums")
    assert client.get("/user/Alice/albums/").headers["Location"] == "/user/alice/albums"
