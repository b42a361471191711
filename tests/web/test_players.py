"""The pages of films and sounds, what they tell chats, and how other sites show them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from gateway.web.pages.playing import clock_time
from tests.conftest import PUBLIC_URL
from tests.core.filming import needs_av, needs_ffmpeg
from tests.media import film, sound
from tests.web.conftest import Send
from tests.web.test_viewer import copied, meta

EVIL = '"><script>alert(1)</script>'
Image = dict[str, Any]
Ask = Callable[..., Any]

pytestmark = [needs_ffmpeg, needs_av]


@pytest.fixture
def clip(send: Send) -> Image:
    image: Image = send(film(), "My clip.mp4")["image"]
    return image


@pytest.fixture
def tune(send: Send) -> Image:
    image: Image = send(sound(), "My tune.mp3")["image"]
    return image


@pytest.fixture
def old(send: Send) -> Image:
    image: Image = send(film("avi"), "Old clip.avi")["image"]
    return image


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    return lambda image, **limits: client.get("/oembed?" + urlencode({"url": image["url_viewer"], **limits})).json


def facts(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt>\s*<dd>(?:<time[^>]*>)?([^<]+)<", page))


def test_a_film_has_a_player(client: FlaskClient, clip: Image) -> None:
    page = client.get(clip["url_viewer"]).text

    assert f'<video src="{clip["url"]}" poster="{clip["url_frame"]}" width="320" height="240"' in page
    assert 'controls preload="metadata" playsinline></video>' in page
    assert facts(page)["Length"] == "0:03"
    assert facts(page)["Size"] == "320 × 240 pixels"
    assert facts(page)["File"].startswith("MP4, ")
    assert f'<a class="button" href="{clip["url"]}" download="My clip.mp4">Download</a>' in page


def test_a_sound_has_a_player(client: FlaskClient, tune: Image) -> None:
    page = client.get(tune["url_viewer"]).text

    assert f'<img src="{tune["thumb"]["url"]}" alt="" width="320" height="320">' in page
    assert f'<audio src="{tune["url"]}" aria-label="My tune" controls preload="metadata"></audio>' in page
    assert (facts(page)["Length"], facts(page)["Bit rate"]) == ("0:03", "64 kbit/s")
    assert "Size" not in facts(page)


@pytest.mark.parametrize("name", ["avi", "mkv"])
def test_what_no_browser_plays_is_said_to_be_so(send: Send, client: FlaskClient, name: str) -> None:
    image = send(film(name), f"old.{name}")["image"]
    page = client.get(image["url_viewer"]).text

    assert "<video" not in page
    assert f"Browsers cannot play {name.upper()} files." in page
    assert f'<img src="{image["url_frame"]}" alt="old" width="320" height="240">' in page
    assert f'<a href="{image["url"]}" download="old.{name}">Download the video</a>' in page
    assert meta(page, "og:video") is None


def test_a_film_is_a_linked_frame_where_nothing_plays(client: FlaskClient, clip: Image) -> None:
    page, frame, viewer = client.get(clip["url_viewer"]).text, clip["url_frame"], clip["url_viewer"]

    assert copied(page, "direct") == clip["url"]
    assert copied(page, "markdown") == f"[![My clip]({frame})]({viewer})"
    assert copied(page, "bbcode") == f"[url={viewer}][img]{frame}[/img][/url]"
    assert copied(page, "html") == (
        f'<video src="{clip["url"]}" poster="{frame}" width="320" height="240" controls preload="metadata" '
        "playsinline></video>"
    )


def test_a_sound_is_its_linked_cover_where_nothing_plays(client: FlaskClient, tune: Image) -> None:
    page, cover, viewer = client.get(tune["url_viewer"]).text, tune["thumb"]["url"], tune["url_viewer"]

    assert copied(page, "markdown") == f"[![My tune]({cover})]({viewer})"
    assert copied(page, "bbcode") == f"[url={viewer}][img]{cover}[/img][/url]"
    assert copied(page, "html") == f'<audio src="{tune["url"]}" controls preload="metadata"></audio>'


def test_what_no_browser_plays_is_pasted_as_a_linked_frame(client: FlaskClient, old: Image) -> None:
    html = copied(client.get(old["url_viewer"]).text, "html")
    assert html == f'<a href="{old["url_viewer"]}"><img src="{old["url_frame"]}" alt="Old clip"></a>'


def test_chats_are_told_of_the_film(client: FlaskClient, clip: Image) -> None:
    page = client.get(clip["url_viewer"]).text

    assert meta(page, "og:type") == "video.other"
    assert (meta(page, "og:video"), meta(page, "og:video:type")) == (clip["url"], "video/mp4")
    assert (meta(page, "og:video:width"), meta(page, "og:video:height")) == ("320", "240")
    assert (meta(page, "og:image"), meta(page, "og:image:type")) == (clip["url_frame"], "image/jpeg")
    assert (meta(page, "og:image:width"), meta(page, "og:image:height")) == ("320", "240")
    assert meta(page, "video:duration") == "3"
    assert meta(page, "og:description") == "0:03, 320 × 240 pixels"
    assert meta(page, "twitter:card") == "summary_large_image"


def test_chats_are_told_of_the_sound(client: FlaskClient, tune: Image) -> None:
    page = client.get(tune["url_viewer"]).text

    assert meta(page, "og:type") == "music.song"
    assert (meta(page, "og:audio"), meta(page, "og:audio:type")) == (tune["url"], "audio/mpeg")
    assert (meta(page, "og:image"), meta(page, "og:image:type")) == (tune["thumb"]["url"], "image/jpeg")
    assert (meta(page, "music:duration"), meta(page, "twitter:card")) == ("3", "summary")
    assert meta(page, "og:video:width") is None


def test_a_large_frame_is_shown_to_chats_as_its_medium(
    send: Send, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web.pages.playing.PREVIEW_BYTES", 100)
    image = send(film(size="640x360"), "a.mp4")["image"]

    assert meta(client.get(image["url_viewer"]).text, "og:image") == image["medium"]["url"]


@pytest.mark.parametrize(("data", "name"), [(film, "a.mp4"), (sound, "a.mp3")], ids=["film", "sound"])
def test_what_was_typed_in_stays_text(
    send: Send, client: FlaskClient, ask: Ask, data: Callable[[], bytes], name: str
) -> None:
    image = send(data(), name, title=EVIL, description=EVIL, nsfw="1")["image"]
    page = client.get(image["url_viewer"]).text
    seen: list[tuple[str, dict[str, str | None]]] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, dict(attrs)))

    Tags().feed(page)
    assert "<script>alert" not in page
    for tag, attributes in seen:
        assert tag != "style" and "style" not in attributes
        assert not [attribute for attribute in attributes if attribute.startswith("on")]
        assert (attributes.get("src") or "/").startswith(("/", PUBLIC_URL + "/"))
    assert "marked as not for everyone.</p>\n    <label" in page
    assert "<script" not in ask(image)["html"]


def test_a_policy_allows_our_own_films_alone(client: FlaskClient, clip: Image) -> None:
    policy = client.get(clip["url_viewer"]).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy and "media-src 'self' https://img.example.org" in policy
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy


def test_oembed_gives_the_film_as_a_player(ask: Ask, clip: Image) -> None:
    assert ask(clip) == {
        "version": "1.0",
        "type": "video",
        "title": "My clip",
        "html": f'<video src="{clip["url"]}" poster="{clip["url_frame"]}" width="320" height="240" controls '
        'preload="metadata" playsinline></video>',
        "width": 320,
        "height": 240,
        "thumbnail_url": clip["thumb"]["url"],
        "thumbnail_width": 320,
        "thumbnail_height": 320,
        "provider_name": "img.example.org",
        "provider_url": f"{PUBLIC_URL}/",
    }


def test_oembed_makes_the_player_fit(ask: Ask, clip: Image, tune: Image) -> None:
    small = ask(clip, maxwidth=200)

    assert (small["width"], small["height"]) == (200, 150)
    assert 'width="200" height="150"' in small["html"]
    assert ask(tune, maxwidth=200)["width"] == 200


def test_oembed_gives_the_sound_as_a_player(ask: Ask, tune: Image) -> None:
    answer = ask(tune)

    assert (answer["type"], answer["width"], answer["height"]) == ("rich", 300, 54)
    assert answer["html"] == f'<audio src="{tune["url"]}" controls preload="metadata"></audio>'
    assert answer["thumbnail_url"] == tune["thumb"]["url"]


def test_oembed_gives_a_link_to_what_no_browser_plays(ask: Ask, old: Image) -> None:
    answer = ask(old)

    assert (answer["type"], answer["thumbnail_url"]) == ("link", old["thumb"]["url"])
    assert "html" not in answer


def test_oembed_knows_the_size_of_a_drawing(send: Send, ask: Ask) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="9" height="9"/></svg>'
    answer = ask(send(drawing, "a.svg")["image"])

    assert (answer["type"], answer["width"], answer["height"]) == ("photo", 200, 100)
    assert (answer["thumbnail_url"], answer["thumbnail_width"]) == (answer["url"], 200)


def test_before_a_film_is_deleted_it_is_called_one(client_with: Any) -> None:
    client, key = client_with(chevereto={"confirm_delete": True})
    image = client.post("/api/1/upload", data={"key": key, "source": (BytesIO(film()), "a.mp4")}).json["image"]
    page = client.get(image["delete_url"]).text

    assert "Delete this video?" in page
    assert image["thumb"]["url"] in page


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0:01"), (9.6, "0:10"), (65, "1:05"), (3_599.6, "1:00:00"), (36_061, "10:01:01")]
)
def test_a_length_is_read_as_on_a_clock(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text
