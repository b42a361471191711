"""Films, sounds and drawings in headless Chromium: they play, they can be skipped through, and nothing runs."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.browser.conftest import Driver, element, needs_chromium, set_screen, wait_until
from tests.conftest import LiveServer
from tests.core.filming import needs_av, needs_ffmpeg
from tests.media import film, sound

LONG = ("-metadata", "comment=of the players")  # other bytes than those of other tests
POISONED = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="200"
height="100" onload="document.documentElement.setAttribute('data-ran', 1)">
<script>document.documentElement.setAttribute('data-ran', 2)</script>
<a xlink:href="javascript:document.documentElement.setAttribute('data-ran', 3)"><rect width="200" height="100"/></a>
<animate attributeName="x" onbegin="document.documentElement.setAttribute('data-ran', 4)" dur="1s"/>
<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="javascript:alert(1)"/></foreignObject></svg>"""

pytestmark = [needs_chromium, needs_ffmpeg, needs_av]


def upload(server: LiveServer, data: bytes, filename: str, **fields: object) -> dict[str, Any]:
    answer = requests.post(
        f"{server.url}/api/1/upload",
        headers={"X-API-Key": server.key},
        files={"source": (filename, data, "application/octet-stream")},
        data=fields,
        timeout=60,
    )
    image: dict[str, Any] = answer.json()["image"]
    return image


def player(browser: Driver, name: str) -> Any:
    return browser.execute_script(f"return document.querySelector('video, audio').{name}")


def seek_to(browser: Driver, seconds: float) -> None:
    browser.execute_script("document.querySelector('video, audio').currentTime = arguments[0]", seconds)
    wait_until(browser, lambda _: not player(browser, "seeking") and player(browser, "readyState") >= 2)


@pytest.mark.parametrize("name", ["mp4", "webm", "mov"])
def test_a_film_plays_and_can_be_skipped_through(browser: Driver, live_server: LiveServer, name: str) -> None:
    image = upload(live_server, film(name, seconds=8, options=LONG), f"Clip {name}.{name}", title=f"Clip {name}")
    browser.get(image["url_viewer"])
    wait_until(browser, lambda _: player(browser, "readyState") >= 1)

    assert player(browser, "duration") == pytest.approx(8, abs=0.2)
    assert (player(browser, "videoWidth"), player(browser, "videoHeight")) == (320, 240)
    assert player(browser, "poster") == image["frame"]["url"]
    seek_to(browser, 6.5)
    assert player(browser, "currentTime") == pytest.approx(6.5)
    assert player(browser, "error") is None


@pytest.mark.parametrize("name", ["mp3", "m4a", "ogg", "flac", "wav"])
def test_a_sound_plays_and_can_be_skipped_through(browser: Driver, live_server: LiveServer, name: str) -> None:
    image = upload(live_server, sound(name, seconds=8), f"Tune.{name}")
    browser.get(image["url_viewer"])
    wait_until(browser, lambda _: player(browser, "readyState") >= 1)

    assert player(browser, "duration") == pytest.approx(8, abs=0.2)
    seek_to(browser, 6.5)
    assert player(browser, "currentTime") == pytest.approx(6.5)
    cover = browser.execute_script("return document.querySelector('.sound img').naturalWidth")
    assert cover == 320


def test_what_no_browser_plays_is_a_picture_and_a_sentence(browser: Driver, live_server: LiveServer) -> None:
    image = upload(live_server, film("avi", options=LONG), "old.avi")
    browser.get(image["url_viewer"])

    assert not browser.execute_script("return document.querySelector('video, audio')")
    assert "Browsers cannot play AVI files. Download the video to play it." in element(browser, ".still").text
    assert browser.execute_script("return document.querySelector('.still img').naturalWidth") == 320
    assert element(browser, ".still a").get_dom_attribute("href") == image["url"]


@pytest.mark.parametrize("has_sound", [True, False])
def test_what_this_browser_cannot_play_is_said(browser: Driver, live_server: LiveServer, has_sound: bool) -> None:
    """Chromium knows no MPEG-4 Part 2; where there is sound it plays that alone."""
    data = film(options=(*LONG, "-c:v", "mpeg4", *([] if has_sound else ["-an"])))
    browser.get(upload(live_server, data, "a.mp4")["url_viewer"])
    wait_until(browser, lambda _: element(browser, "#unplayable").is_displayed())

    assert element(browser, "#unplayable").text.startswith("This browser cannot play this video. Download it")


def test_what_it_can_play_is_not_doubted(browser: Driver, live_server: LiveServer) -> None:
    for data, name in ((film(options=LONG), "a.mp4"), (sound(), "a.mp3")):
        browser.get(upload(live_server, data, name)["url_viewer"])
        wait_until(browser, lambda _: player(browser, "readyState") >= 1)
        assert not element(browser, "#unplayable").is_displayed()


@pytest.mark.parametrize("name", ["mp4", "avi", "mp3"])
def test_it_fits_a_phone(browser: Driver, live_server: LiveServer, name: str) -> None:
    data = sound(seconds=7) if name == "mp3" else film(name, size="1280x720", options=LONG)
    set_screen(browser, 360, 740)
    browser.get(upload(live_server, data, f"a.{name}", title="Long" * 24)["url_viewer"])

    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360


def test_the_space_is_there_before_the_film(browser: Driver, live_server: LiveServer) -> None:
    image = upload(live_server, film(size="1280x640", options=LONG), "wide.mp4")
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*.mp4", "*.jpeg"]})
    try:
        browser.get(image["url_viewer"])
        height = browser.execute_script("return document.querySelector('video').offsetHeight")
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert 600 < height <= 640
    browser.get_log("browser")  # the refusals asked for


def test_a_sensitive_film_is_shown_on_request(browser: Driver, live_server: LiveServer) -> None:
    browser.get(upload(live_server, film(seconds=2, options=LONG), "a.mp4", nsfw=1)["url_viewer"])
    film_shown = element(browser, "video")
    assert film_shown.value_of_css_property("filter") == "blur(40px)"
    element(browser, ".veil label").click()
    assert film_shown.value_of_css_property("filter") == "none"


def test_a_poisoned_drawing_opened_by_itself_runs_nothing(browser: Driver, live_server: LiveServer) -> None:
    image = upload(live_server, POISONED, "a.svg")
    browser.get(image["url"])

    assert browser.execute_script("return document.documentElement.tagName") == "svg"
    assert browser.execute_script("return document.documentElement.getAttribute('data-ran')") is None
    assert not browser.execute_script("return document.querySelector('script, iframe, foreignObject')")


def test_a_drawing_is_a_picture_in_its_page(browser: Driver, live_server: LiveServer) -> None:
    browser.get(upload(live_server, POISONED, "a.svg")["url_viewer"])
    wait_until(browser, lambda b: b.execute_script("return document.querySelector('.picture img').complete"))

    assert browser.execute_script("return document.querySelector('.picture img').naturalWidth") == 200
    assert not browser.execute_script("return document.querySelector('main svg')")
