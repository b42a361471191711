"""`/image/{slug}.{id}`: the page of a picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway.core.errors import StoreUnavailable
from gateway.core.library import Added
from gateway.core.records import Media
from gateway.store.opening import Opened
from gateway.urls import viewer_path
from tests.conftest import PUBLIC_URL, Client, FrozenClock, draw
from tests.web.conftest import Hide

AddImage = Callable[..., Added]


def show(client: FlaskClient, media: Media) -> str:
    answer = client.get(viewer_path(media))
    assert answer.status_code == 200
    return answer.text


def meta(page: str, name: str) -> str | None:
    match = re.search(rf'<meta (?:property|name)="{name}" content="([^"]*)">', page)
    return unescape(match[1]) if match else None


def copied(page: str, id: str) -> str:
    match = re.search(rf'<input id="{id}" type="text" value="([^"]*)" readonly', page)
    assert match
    return unescape(match[1])


def test_it_works(client: FlaskClient, add_image: AddImage) -> None:
    media = add_image(title="Evening light", description="From the shore.", tags=("lake", "Norway 2026")).media
    page = show(client, media)
    assert '<h1 id="title">Evening light</h1>' in page
    assert "From the shore." in page
    assert '<a href="/tag/lake">lake</a>' in page and '<a href="/tag/Norway%202026">Norway 2026</a>' in page
    assert "64 × 48 pixels" in page
    assert f"PNG, {media.size_bytes} B" in page
    assert '<time datetime="2026-11-21T12:00:00.123000+00:00">21 November 2026, 12:00 UTC</time>' in page
    assert f'<img src="{PUBLIC_URL}/{media.id}.png" alt="Evening light" width="64" height="48">' in page


def test_a_tag_of_somebody_without_a_page_leads_nowhere(
    client: FlaskClient, add_image: AddImage, opened: Opened
) -> None:
    media = add_image(tags=("lake",)).media
    opened.owners.conceal("alice")
    page = show(client, media)
    assert "<li>lake</li>" in page and client.get("/tag/lake").status_code == 404


def test_it_offers_the_link_in_every_language(client: FlaskClient, add_image: AddImage) -> None:
    media = add_image(title="Evening light").media
    page, file, viewer = show(client, media), f"{PUBLIC_URL}/{media.id}.png", PUBLIC_URL + viewer_path(media)
    assert copied(page, "direct") == file
    assert copied(page, "viewer") == viewer
    assert copied(page, "markdown") == f"![Evening light]({file})"
    assert copied(page, "bbcode") == f"[url={viewer}][img]{file}[/img][/url]"
    assert copied(page, "html") == f'<a href="{viewer}"><img src="{file}" alt="Evening light"></a>'


def test_it_tells_chats_and_forums_what_to_show(client: FlaskClient, add_image: AddImage) -> None:
    media = add_image(title="Evening light", description="From the shore.").media
    page = show(client, media)
    assert meta(page, "og:title") == "Evening light"
    assert meta(page, "og:description") == meta(page, "description") == "From the shore."
    assert meta(page, "og:url") == PUBLIC_URL + viewer_path(media)
    assert meta(page, "og:image") == f"{PUBLIC_URL}/{media.id}.png"
    assert (meta(page, "og:image:width"), meta(page, "og:image:height")) == ("64", "48")
    assert meta(page, "og:image:type") == "image/png"
    assert meta(page, "og:site_name") == "img.example.org"
    assert meta(page, "twitter:card") == "summary_large_image"
    assert f'<link rel="canonical" href="{PUBLIC_URL}{viewer_path(media)}">' in page
    assert 'type="application/json+oembed"' in page


def test_the_oembed_link_in_the_page_works(client: FlaskClient, add_image: AddImage) -> None:
    page = show(client, add_image(title="Ünder & over").media)
    match = re.search(r'application/json\+oembed" href="([^"]+)"', page)
    assert match
    answer = client.get(unescape(match[1]).removeprefix(PUBLIC_URL))
    assert answer.json and answer.json["title"] == "Ünder & over"


@pytest.mark.parametrize(
    "path",
    ["/image/{id}", "/image/other.{id}", "/image/a.b.{id}", "/video/{id}", "/audio/Cat.{id}", "/image/Cat.{id}/"],
)
def test_another_spelling_leads_to_the_canonical_one(client: FlaskClient, add_image: AddImage, path: str) -> None:
    media = add_image(title="Cat").media
    answer = client.get(path.format(id=media.id) + "?from=mail&x=%20y")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/image/Cat.{media.id}?from=mail&x=%20y"


@pytest.mark.parametrize(
    "title", ["ä/ö ü", "100 % [sure] (yes)", "a.b.c", "<b>x</b>", "日本語", "a\nb\tc", "..", "a;b=c,d"]
)
def test_every_title_has_an_address_that_opens(client: FlaskClient, add_image: AddImage, title: str) -> None:
    media = add_image(title=title).media
    answer = client.get(f"/image/{media.id}", follow_redirects=True)
    assert answer.status_code == 200
    assert len(answer.history) == 1


def test_without_a_title_the_short_address_is_the_canonical_one(client: FlaskClient, add_image: AddImage) -> None:
    media = add_image(title="?", filename="-.png").media
    assert viewer_path(media) == f"/image/{media.id}"
    assert client.get(f"/image/{media.id}").status_code == 200


def test_what_was_typed_in_stays_text(client: FlaskClient, add_image: AddImage) -> None:
    evil = '"><script>alert(1)</script>'
    page = show(client, add_image(title=evil, description=evil, tags=("<i>tag",), filename='"><b>.png').media)
    assert "<script>alert" not in page and "<i>" not in page and "<b>" not in page
    assert copied(page, "html").endswith('alt="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"></a>')


def test_a_title_cannot_leave_its_markdown(client: FlaskClient, add_image: AddImage) -> None:
    media = add_image(title="a](http://evil.example)\n\n![b").media
    assert copied(show(client, media), "markdown") == (
        rf"![a\](http://evil.example) \!\[b]({PUBLIC_URL}/{media.id}.png)"
    )


def test_a_large_original_is_shown_to_chats_as_its_medium(
    client: FlaskClient, add_image: AddImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web.pages.playing.PREVIEW_BYTES", 100)
    page = show(client, media := add_image(data=draw(800, 600)).media)
    assert meta(page, "og:image") == f"{PUBLIC_URL}/{media.id}.md.png"
    assert (meta(page, "og:image:width"), meta(page, "og:image:height")) == ("500", "375")
    assert f'<img src="{PUBLIC_URL}/{media.id}.png"' in page


def test_a_sensitive_picture_is_veiled(client: FlaskClient, add_image: AddImage) -> None:
    assert 'class="stage veiled"' in show(client, add_image(is_nsfw=True).media)
    assert "veiled" not in show(client, add_image().media)


def test_an_expiring_picture_says_until_when(client: FlaskClient, add_image: AddImage) -> None:
    assert "23 November 2026, 12:00 UTC" in show(client, add_image(expiration="P2D").media)


def test_a_visit_counts_once(client: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    media = add_image(title="Cat").media
    for _ in range(3):
        assert "<dd>1</dd>" in show(client, media)
    assert opened.library.get(media.id).views == 1


def test_every_visitor_and_every_page_counts(app: Flask, opened: Opened, add_image: AddImage) -> None:
    cat, dog = add_image(title="Cat").media, add_image(title="Dog").media
    one, other = Client(app), Client(app)
    show(one, cat), show(one, dog), show(other, cat)
    assert [opened.library.get(media.id).views for media in (cat, dog)] == [2, 1]


def test_the_cookie_goes_to_this_page_alone(client: FlaskClient, add_image: AddImage) -> None:
    media = add_image(title="Ünder").media
    cookie = client.get(viewer_path(media)).headers["Set-Cookie"]
    assert cookie == f"seen=1; HttpOnly; Path={viewer_path(media)}; SameSite=Lax"


def test_head_and_redirects_do_not_count(client: FlaskClient, opened: Opened, add_image: AddImage) -> None:
    media = add_image(title="Cat").media
    answer = client.head(viewer_path(media))
    assert answer.status_code == 200 and not answer.data and "Set-Cookie" not in answer.headers
    client.get(f"/image/{media.id}")
    assert opened.library.get(media.id).views == 0


def test_page_headers(client: FlaskClient, add_image: AddImage) -> None:
    headers = client.get(viewer_path(add_image().media)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src 'self' https://img.example.org;")
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cache-Control"] == "private, no-cache"


def test_nothing_runs_inline_and_nothing_comes_from_elsewhere(client: FlaskClient, add_image: AddImage) -> None:
    seen: list[tuple[str, dict[str, str | None]]] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, dict(attrs)))

    Tags().feed(show(client, add_image(is_nsfw=True).media))
    for tag, attributes in seen:
        assert tag != "style" and "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("src") or "/").startswith(("/", PUBLIC_URL + "/"))
        assert tag != "script" or attributes["src"]


def test_unknown_is_404(client: FlaskClient) -> None:
    answer = client.get("/image/Cat.AAAAAAAAAAA")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html" and "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_expired_is_404(client: FlaskClient, clock: FrozenClock, add_image: AddImage) -> None:
    media = add_image(expiration="PT1H").media
    clock.advance(hours=1)
    assert client.get(viewer_path(media)).status_code == 404


@pytest.mark.parametrize("query", ["", "?deleted"])
def test_not_public_looks_like_unknown(client: FlaskClient, hide: Hide, add_image: AddImage, query: str) -> None:
    media = add_image(title="Secret plans").media
    hide(media)
    for path in (viewer_path(media), f"/image/{media.id}", f"/video/x.{media.id}"):
        answer = client.get(path + query)
        unknown = client.get(path.replace(media.id, "AAAAAAAAAAA") + query)
        assert (answer.status_code, answer.text) == (404, unknown.text)
        assert "Location" not in answer.headers


def test_post_is_405(client: FlaskClient, add_image: AddImage) -> None:
    assert client.post(viewer_path(add_image().media)).status_code == 405


def test_while_the_catalog_is_away_it_says_when_to_come_back(
    client: FlaskClient, opened: Opened, add_image: AddImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str) -> None:
        raise StoreUnavailable("The catalog cannot be read just now.")

    path = viewer_path(add_image().media)
    monkeypatch.setattr(opened.catalog, "media", away)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The catalog cannot be read just now." in answer.text
