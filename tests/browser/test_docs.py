"""The description of the API in headless Chromium: it is all there, it works, and it asks nobody else for anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import By, Driver, element, needs_chromium, wait_until
from tests.conftest import LiveServer
from tests.web.picora.described import OPERATIONS

pytestmark = needs_chromium

OURS = ("http", "https", "ws", "wss")


@pytest.fixture
def docs(browser: Driver, live_server: LiveServer) -> Iterator[Driver]:
    browser.get_log("performance")
    browser.get(f"{live_server.url}/docs")
    wait_until(browser, lambda page: len(page.find_elements(By.CSS_SELECTOR, ".opblock")) >= len(OPERATIONS))
    yield browser
    assert {urlsplit(url).netloc for url in asked(browser)} == {urlsplit(live_server.url).netloc}


def asked(browser: Driver) -> Iterator[str]:
    """The addresses the page asked for, those that never left the browser excepted."""
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if urlsplit(url).scheme in OURS:
                yield url


def test_it_lists_every_operation(docs: Driver) -> None:
    blocks = docs.find_elements(By.CSS_SELECTOR, ".opblock")
    shown = {
        (
            block.find_element(By.CSS_SELECTOR, ".opblock-summary-method").text,
            block.find_element(By.CSS_SELECTOR, ".opblock-summary-path").get_attribute("data-path"),
        )
        for block in blocks
    }
    assert shown == set(OPERATIONS)


def test_an_operation_can_be_tried(docs: Driver, live_server: LiveServer) -> None:
    element(docs, "button.authorize").click()
    wait_until(docs, lambda page: page.find_elements(By.CSS_SELECTOR, ".modal-ux input"))
    element(docs, ".modal-ux input").send_keys(live_server.key)
    element(docs, ".modal-ux button[type=submit]").click()
    element(docs, ".modal-ux .btn-done").click()

    element(docs, "#operations-account-verify .opblock-summary-control").click()
    for button in (".try-out__btn", ".execute"):
        wait_until(docs, lambda page, button=button: page.find_elements(By.CSS_SELECTOR, button))
        element(docs, button).click()
    answer = "#operations-account-verify .live-responses-table tbody .response-col_status"
    wait_until(docs, lambda page: page.find_elements(By.CSS_SELECTOR, answer))
    assert element(docs, answer).text.startswith("200")
