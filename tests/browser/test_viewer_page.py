"""The pages in headless Chromium: what only a browser can tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from PIL.PngImagePlugin import PngInfo

from tests.browser.conftest import By, Driver, element, needs_chromium, set_screen, wait_until
from tests.conftest import LiveServer, draw

pytestmark = needs_chromium

Upload = Callable[..., dict[str, Any]]


@pytest.fixture
def upload(live_server: LiveServer) -> Upload:
    """upload(title="Cat") -> the `image` of the answer; never the same file twice, whatever other tests sent."""

    def send(width: int = 800, height: int = 600, **fields: object) -> dict[str, Any]:
        unique = PngInfo()
        unique.add_text("Comment", uuid4().hex)
        answer = requests.post(
            f"{live_server.url}/api/1/upload",
            headers={"X-API-Key": live_server.key},
            files={"source": ("pic.png", draw(width, height, pnginfo=unique))},
            data=fields,
            timeout=30,
        )
        image: dict[str, Any] = answer.json()["image"]
        return image

    return send


def says(button: Any, text: str, _: Driver) -> bool:
    return bool(button.text == text)


def allow(browser: Driver, permission: str, setting: str) -> None:
    browser.execute_cdp_cmd("Browser.setPermission", {"permission": {"name": permission}, "setting": setting})


def clipboard(browser: Driver) -> str:
    allow(browser, "clipboard-read", "granted")
    text: str = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0], arguments[0])")
    return text


def color_of_page(browser: Driver) -> str:
    color: str = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    return color


def test_it_works(browser: Driver, upload: Upload) -> None:
    image = upload(title="Evening light")
    browser.get(image["url_viewer"])
    assert browser.title.startswith("Evening light")
    wait_until(browser, lambda b: b.execute_script("return document.querySelector('.picture img').complete"))
    shown = browser.execute_script("return document.querySelector('.picture img').naturalWidth")
    assert shown == 800
    assert color_of_page(browser) == "rgb(246, 247, 249)"  # the style sheet was allowed


@pytest.mark.parametrize("permission", ["granted", "denied"])
def test_every_copy_button_copies(browser: Driver, upload: Upload, permission: str) -> None:
    """With the clipboard's own permission and, as on plain http, without."""
    browser.get(upload(title='The [best] "one"', seed=permission)["url_viewer"])
    buttons = browser.find_elements(By.CSS_SELECTOR, "button.copy")
    assert len(buttons) == 5
    for button in buttons:
        allow(browser, "clipboard-write", permission)
        button.click()
        wait_until(browser, partial(says, button, "Copied"))
        assert element(browser, "#said").get_attribute("textContent") == "Copied"
        assert clipboard(browser) == element(browser, "#" + button.get_dom_attribute("data-copy")).get_property("value")


def test_a_visit_counts_once(browser: Driver, upload: Upload) -> None:
    image = upload(title="Ünder (the) bridge [2026]")
    for path in ("url_viewer", "url_short", "url_viewer"):
        browser.get(image[path])
        assert "Views\n1" in element(browser, ".facts").text


@pytest.mark.parametrize("page", ["viewer", "nsfw", "panorama", "/", "/tools"])
def test_it_fits_a_phone(browser: Driver, live_server: LiveServer, upload: Upload, page: str) -> None:
    set_screen(browser, 360, 740)
    if page.startswith("/"):
        browser.get(live_server.url + page)
    else:
        width = 3000 if page == "panorama" else 800
        browser.get(upload(width, 300, title="Long" * 24, nsfw=int(page == "nsfw"))["url_viewer"])
    for details in browser.find_elements(By.CSS_SELECTOR, "details"):
        details.find_element(By.TAG_NAME, "summary").click()
    wide, window = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window == 360


def test_the_space_is_there_before_the_picture(browser: Driver, upload: Upload) -> None:
    image = upload(2000, 1000)
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*.png"]})
    try:
        browser.get(image["url_viewer"])
        height = browser.execute_script("return document.querySelector('.picture img').offsetHeight")
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert 600 < height <= 640
    browser.get_log("browser")  # the refusals asked for


def test_dark_is_dark(browser: Driver, upload: Upload) -> None:
    browser.get(upload()["url_viewer"])
    colors = []
    for scheme in ("light", "dark"):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        colors.append(color_of_page(browser))
    assert colors == ["rgb(246, 247, 249)", "rgb(18, 20, 23)"]


def test_it_works_without_scripts(browser: Driver, live_server: LiveServer, upload: Upload) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    image = upload(title="Plain")
    browser.get(image["url_viewer"])
    fields = browser.find_elements(By.CSS_SELECTOR, "input[readonly]")
    assert len(fields) == 5 and all(field.is_displayed() for field in fields)
    assert fields[0].get_dom_attribute("value") == image["url"]
    assert not any(button.is_displayed() for button in browser.find_elements(By.CSS_SELECTOR, "button.copy"))
    browser.get(f"{live_server.url}/tools")
    assert not element(browser, "#key").is_displayed()
    assert "YOUR_API_KEY" in element(browser, "#curl-text").text


def test_a_sensitive_picture_is_shown_on_request_without_scripts(browser: Driver, upload: Upload) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(upload(nsfw=1)["url_viewer"])
    picture = element(browser, ".picture img")
    assert picture.value_of_css_property("filter") == "blur(40px)"
    element(browser, ".veil label").click()
    assert picture.value_of_css_property("filter") == "none"
    assert not element(browser, ".veil").is_displayed()


def test_the_key_fills_the_settings_and_stays_here(browser: Driver, live_server: LiveServer, tmp_path: Path) -> None:
    browser.get(f"{live_server.url}/tools")
    loaded = browser.execute_script("return performance.getEntriesByType('resource').length")
    element(browser, "#key").send_keys("sk_live_abc-DEF_123\n")
    for text in ("curl-text", "curl-link", "sharex-text", "picgo-text"):
        content = element(browser, f"#{text}").get_property("textContent")
        assert "sk_live_abc-DEF_123" in content and "YOUR_API_KEY" not in content
    assert json.loads(element(browser, "#picgo-header").get_property("value")) == {"X-API-Key": "sk_live_abc-DEF_123"}

    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    element(browser, "#sharex-file").click()
    wait_until(browser, lambda _: (tmp_path / "picgate.sxcu").exists())
    assert json.loads((tmp_path / "picgate.sxcu").read_text())["Headers"] == {"X-API-Key": "sk_live_abc-DEF_123"}
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == loaded
    assert browser.current_url == f"{live_server.url}/tools"


def test_what_cannot_be_a_key_is_not_filled_in(browser: Driver, live_server: LiveServer) -> None:
    browser.get(f"{live_server.url}/tools")
    element(browser, "#key").send_keys('"; rm x')
    assert "YOUR_API_KEY" in element(browser, "#curl-text").text
    assert element(browser, "#key").get_dom_attribute("aria-invalid") == "true"
