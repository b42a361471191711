"""`/album/{name}.{id}`: the page of an album."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core import galleries
from gateway.core.library import Added
from gateway.core.records import Album, Owner
from gateway.settings import Server, Settings
from gateway.store.opening import Opened
from gateway.urls import album_path, profile_path, viewer_path
from gateway.web.pages import gallery
from tests.conftest import PUBLIC_URL, Client, FrozenClock
from tests.media import film, sound
from tests.web.conftest import AddAlbum, Fill

AddImage = Callable[..., Added]


def show(client: FlaskClient, album: Album, query: str = "") -> str:
    answer = client.get(album_path(album) + query)
    assert answer.status_code == 200
    return answer.text


def viewers(page: str) -> list[str]:
    """Where the tiles lead, in their order."""
    return [unescape(path) for path in re.findall(r'<a href="(/(?:image|video|audio)/[^"]+)">', page)]


def listed(page: str) -> list[str]:
    """The names of the albums on a page."""
    return [unescape(name) for name in re.findall(r'<span class="name">(.*?)</span>', page)]


def link(page: str, word: str) -> str | None:
    match = re.search(rf'href="([^"]+)"[^>]*>{word}</a>', page)
    return unescape(match[1]) if match else None


def meta(page: str, name: str) -> str | None:
    match = re.search(rf'<meta (?:property|name)="{name}" content="([^"]*)">', page)
    return unescape(match[1]) if match else None


def test_it_works(client: FlaskClient, alice: Owner, add_album: AddAlbum, add_image: AddImage) -> None:
    album = add_album("Evening light", description="From the shore.\nIn June.")
    media = add_image(title="Boat", album_id=album.id).media
    page = show(client, album)
    assert "<h1>Evening light</h1>" in page
    assert '<p class="description">From the shore.\nIn June.</p>' in page
    assert viewers(page) == [viewer_path(media)]
    assert f'<img src="{PUBLIC_URL}/{media.id}.th.png" alt="Boat"' in page
    assert f'By <a href="{profile_path(alice)}">alice</a>' in page
    assert "<span>1 item</span>" in page and "21 November 2026</time>" in page


def test_it_tells_chats_what_to_show(client: FlaskClient, add_album: AddAlbum, add_image: AddImage) -> None:
    album = add_album("Evening light", description="From the shore.")
    media = add_image(album_id=album.id).media
    add_image(album_id=album.id, is_nsfw=True)
    page = show(client, album)
    assert meta(page, "og:title") == "Evening light"
    assert meta(page, "og:description") == meta(page, "description") == "From the shore."
    assert meta(page, "og:image") == f"{PUBLIC_URL}/{media.id}.th.png"
    assert meta(page, "og:url") == PUBLIC_URL + album_path(album)
    assert f'<link rel="canonical" href="{PUBLIC_URL}{album_path(album)}">' in page


def test_the_page_is_hardened(client: FlaskClient, add_album: AddAlbum) -> None:
    headers = client.get(album_path(add_album())).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", ["/album/{id}", "/album/other.{id}", "/album/a.b.{id}", "/album/Lake.{id}/"])
def test_another_spelling_leads_to_the_canonical_one(client: FlaskClient, add_album: AddAlbum, path: str) -> None:
    album = add_album("Lake")
    answer = client.get(path.format(id=album.id) + "?from=mail&x=%20y")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/album/Lake.{album.id}?from=mail&x=%20y"


@pytest.mark.parametrize("name", ["ä/ö ü", "100 % [sure] (yes)", "a.b.c", "<b>x</b>", "日本語", "a\nb\tc", "..", "?"])
def test_every_name_has_an_address_that_opens(client: FlaskClient, add_album: AddAlbum, name: str) -> None:
    answer = client.get(f"/album/{add_album(name).id}", follow_redirects=True)
    assert answer.status_code == 200


def test_what_was_typed_in_stays_text(client: FlaskClient, add_album: AddAlbum, add_image: AddImage) -> None:
    evil = '"><script>alert(1)</script>'
    album = add_album(evil, description=evil)
    add_album(evil, parent_id=album.id)
    add_image(title=evil, album_id=album.id, is_nsfw=True)
    page = show(client, album)
    assert "<script" not in page and page.count("&lt;script&gt;") > 5


def test_an_album_of_albums_shows_what_is_in_these(
    client: FlaskClient, alice: Owner, add_album: AddAlbum, add_image: AddImage
) -> None:
    top = add_album("Travels")
    low = add_album("Lake", parent_id=top.id)
    add_album("Hidden", parent_id=top.id, privacy="link")
    media = add_image(album_id=low.id).media
    assert "<span>1 album</span>" in show(client, top)
    around = client.get(profile_path(alice)).text
    assert f"/{media.id}.th.png" in around.partition("Travels")[0] and '<span class="small">1 album</span>' in around


def test_an_empty_album_says_so(client: FlaskClient, add_album: AddAlbum) -> None:
    assert "Nothing here yet." in show(client, add_album())


def test_films_and_sounds_are_marked(client: FlaskClient, add_album: AddAlbum, add_image: AddImage) -> None:
    album = add_album()
    add_image(data=film(), filename="a.mp4", album_id=album.id)
    add_image(data=sound(), filename="b.mp3", album_id=album.id)
    add_image(album_id=album.id)
    page = show(client, album)
    assert page.count('<span class="mark video">0:03</span>') == 1
    assert page.count('<span class="mark audio">0:03</span>') == 1
    assert page.count('class="mark') == 2


def test_a_sensitive_picture_is_covered(client: FlaskClient, add_album: AddAlbum, add_image: AddImage) -> None:
    album = add_album()
    add_image(album_id=album.id)
    assert "covered" not in show(client, album)
    add_image(album_id=album.id, is_nsfw=True)
    assert show(client, album).count('class="tile covered"') == 1


def test_what_is_hidden_or_past_its_time_is_left_out(
    client: FlaskClient, opened: Opened, clock: FrozenClock, add_album: AddAlbum, add_image: AddImage
) -> None:
    album = add_album()
    kept = add_image(album_id=album.id).media
    add_image(album_id=album.id, expiration="PT5M")
    shy = replace(kept, id="AAAAAAAAAAA", is_public=False)
    opened.catalog.add_media(shy, "0" * 64, reuse=False)
    clock.advance(minutes=10)
    assert viewers(show(client, album)) == [viewer_path(kept)]


def test_those_that_nobody_else_sees_are_not_counted(
    client: FlaskClient, add_album: AddAlbum, add_image: AddImage
) -> None:
    album = add_album("Sea")
    inside = add_album("Harbour", parent_id=album.id)
    for at in range(3):
        add_image(album_id=album.id, is_public=at == 0)
        add_image(album_id=inside.id, is_public=False)
    page = show(client, album)
    assert "<span>1 item</span>" in page and 'An album of 1 item"' in page
    assert '<span class="small">0 items</span>' in page


def test_of_very_many_it_is_said_that_there_are_more(
    client: FlaskClient, add_album: AddAlbum, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (galleries, gallery):
        monkeypatch.setattr(module, "MOST_COUNTED", 3)
    album = add_album("Sea")
    fill(4, album_id=album.id)
    assert "more than 3 items" in show(client, album)


def test_a_visit_counts_once(client: FlaskClient, opened: Opened, add_album: AddAlbum) -> None:
    album = add_album(views=41)
    assert "<span>42 views</span>" in show(client, album)
    assert "<span>42 views</span>" in show(client, album)
    client.head(album_path(album))
    stored = opened.catalog.album(album.id)
    assert stored and stored.views == 42


# many


def test_every_picture_is_on_exactly_one_page(client: FlaskClient, add_album: AddAlbum, fill: Fill) -> None:
    album = add_album()
    media = fill(130, album_id=album.id)
    seen, path, pages = [], album_path(album), 0
    while path:
        page = client.get(path).text
        seen += viewers(page)
        path, pages = link(page, "Older") or "", pages + 1
    assert seen == [viewer_path(one) for one in reversed(media)]
    assert pages == 3


def test_a_later_page_leads_back_to_the_newest(client: FlaskClient, add_album: AddAlbum, fill: Fill) -> None:
    album = add_album()
    fill(61, album_id=album.id)
    first = show(client, album)
    assert link(first, "Newest") is None
    older = link(first, "Older") or ""
    second = client.get(older).text
    assert link(second, "Older") is None and link(second, "Newest") == album_path(album)
    assert f'<link rel="canonical" href="{PUBLIC_URL}{older}">' in second


def test_exactly_one_page_has_no_older_one(client: FlaskClient, add_album: AddAlbum, fill: Fill) -> None:
    album = add_album()
    fill(60, album_id=album.id)
    assert link(show(client, album), "Older") is None


def test_pictures_of_one_moment_are_not_lost_between_pages(
    client: FlaskClient, opened: Opened, add_album: AddAlbum, fill: Fill
) -> None:
    album = add_album()
    media = fill(100, album_id=album.id)
    with opened.catalog.transaction() as db:  # type: ignore[attr-defined]
        db.execute("UPDATE media SET created_at = ?", ("1969-07-20T20:17:40.001Z",))
    page = show(client, album)
    seen = viewers(page) + viewers(client.get(link(page, "Older") or "").text)
    assert sorted(seen) == sorted(map(viewer_path, media))


def test_past_the_end_there_is_the_end(client: FlaskClient, add_album: AddAlbum, add_image: AddImage) -> None:
    album = add_album()
    add_image(album_id=album.id)
    page = show(client, album, "?after=-1.x")
    assert "That was all." in page and link(page, "Newest") == album_path(album)


@pytest.mark.parametrize(
    "after", ["", "x", "1.", ".x", "9" * 15 + ".x", "9" * 99 + ".x", "1.%00", "1.%ff", "1.x%22%3E", "-.x", "1.²"]
)
def test_a_place_that_makes_no_sense_is_the_first_page(
    client: FlaskClient, add_album: AddAlbum, add_image: AddImage, after: str
) -> None:
    album = add_album()
    add_image(album_id=album.id)
    page = show(client, album, f"?after={after}")
    assert len(viewers(page)) == 1 and link(page, "Newest") is None


# albums in albums


def test_albums_inside_are_listed_with_their_covers(
    client: FlaskClient, add_album: AddAlbum, add_image: AddImage
) -> None:
    album = add_album("Norway")
    inner = add_album("Lofoten", parent_id=album.id)
    cover = add_image(album_id=inner.id).media
    page = show(client, album)
    assert listed(page) == ["Lofoten"]
    assert f'<a class="album" href="{album_path(inner)}">' in page
    assert f"/{cover.id}.th.png" in page
    assert f'Part of <a href="{album_path(album)}">Norway</a>' in show(client, inner)


def test_the_chosen_cover_comes_before_the_newest(
    client: FlaskClient, opened: Opened, clock: FrozenClock, add_album: AddAlbum, add_image: AddImage
) -> None:
    album = add_album()
    inner = add_album(parent_id=album.id)
    chosen, newest = (add_image(album_id=inner.id).media for _ in range(2))
    opened.catalog.set_album_cover(inner.id, chosen.id)
    assert f"/{chosen.id}.th.png" in show(client, album)
    opened.library.remove(chosen)
    assert f"/{newest.id}.th.png" in show(client, album)


def test_a_cover_that_lies_elsewhere_is_not_shown(
    client: FlaskClient, opened: Opened, add_album: AddAlbum, add_image: AddImage
) -> None:
    """It may have been moved to an album that is private."""
    album = add_album()
    inner = add_album(parent_id=album.id)
    moved = add_image(album_id=add_album(privacy="private").id).media
    opened.catalog.set_album_cover(inner.id, moved.id)
    assert moved.id not in show(client, album)


@pytest.mark.parametrize("facts", [{"privacy": "link"}, {"privacy": "private"}, {"password": "cake"}])
def test_only_public_albums_are_named(client: FlaskClient, add_album: AddAlbum, facts: dict[str, str]) -> None:
    album = add_album("Norway")
    add_album("Secret", parent_id=album.id, **facts)
    assert "Secret" not in show(client, album)
    inner = add_album("Open", parent_id=add_album("Hidden", **facts).id)
    assert "Hidden" not in show(client, inner)


def test_albums_in_a_circle_open(client: FlaskClient, opened: Opened, add_album: AddAlbum) -> None:
    one = add_album("One")
    two = add_album("Two", parent_id=one.id)
    with opened.catalog.transaction() as db:  # type: ignore[attr-defined]
        db.execute("UPDATE albums SET parent_id = ? WHERE id = ?", (two.id, one.id))
    assert listed(show(client, one)) == ["Two"]


# who may see it


def test_private_looks_like_unknown(client: FlaskClient, add_album: AddAlbum, add_image: AddImage) -> None:
    album = add_album("Secret plans", privacy="private")
    media = add_image(title="Secret map", album_id=album.id).media
    unknown = client.get(f"/album/{'A' * 21}")
    for path in (album_path(album), f"/album/{album.id}", viewer_path(media), f"/image/{media.id}"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (404, unknown.text)
    assert client.get(f"/{media.id}.png").status_code == 200
    assert client.get("/oembed", query_string={"url": PUBLIC_URL + viewer_path(media)}).status_code == 404


def test_by_link_opens_for_those_who_know_it_and_for_no_search_engine(
    client: FlaskClient, add_album: AddAlbum, add_image: AddImage
) -> None:
    album = add_album("Party", privacy="link")
    media = add_image(album_id=album.id).media
    page = show(client, album)
    assert viewers(page) == [viewer_path(media)] and meta(page, "robots") == "noindex"
    viewer = client.get(viewer_path(media)).text
    assert meta(viewer, "robots") == "noindex" and album.id not in viewer
    assert meta(show(client, add_album("Open")), "robots") is None


def test_the_owner_is_named_only_where_there_is_a_profile(
    client: FlaskClient, opened: Opened, add_album: AddAlbum
) -> None:
    album = add_album()
    opened.owners.disable("alice")
    assert "alice" not in show(client, album)


def test_a_picture_names_its_album_and_owner(client: FlaskClient, add_album: AddAlbum, add_image: AddImage) -> None:
    album = add_album("Lake")
    viewer = client.get(viewer_path(add_image(album_id=album.id).media)).text
    assert f'In the album <a href="{album_path(album)}">Lake</a>' in viewer
    assert 'By <a href="/user/alice">alice</a>' in viewer


def test_an_album_cannot_be_posted_to_without_reason(client: FlaskClient, add_album: AddAlbum) -> None:
    answer = client.post(album_path(album := add_album()), data={"password": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (303, album_path(album))
    assert "Set-Cookie" not in answer.headers


def test_a_public_url_with_a_path_is_in_front_of_everything(
    settings: Settings, opened: Opened, add_album: AddAlbum, fill: Fill
) -> None:
    client = Client(create_app(replace(settings, server=Server(public_url="https://example.org/pictures")), opened))
    album = add_album("Lake")
    add_album(parent_id=album.id)
    fill(61, album_id=album.id)
    page = show(client, album)
    paths = re.findall(r'(?:href|src|action)="([^"]+)"', page)
    assert paths and all(path.startswith(("/pictures/", "https://example.org/pictures")) for path in paths)
    moved = client.get(f"/album/{album.id}").headers["Location"]
    assert moved == f"/pictures{album_path(album)}"
