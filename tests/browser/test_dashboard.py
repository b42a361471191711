"""The dashboard as somebody uses it: in a browser, on a real gateway, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import requests

from tests.browser.conftest import Driver, element, needs_chromium, press, set_screen, wait_until
from tests.conftest import LiveServer, start_server

exceptions = pytest.importorskip("selenium.common.exceptions")

pytestmark = needs_chromium

PASSWORD = "four plain words here"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Its admin has a password."""
    server = start_server(tmp_path_factory.mktemp("dashboard") / "data")
    with requests.Session() as session:
        token = re.search(r'name="token" value="(\w+)"', session.get(link := link_of(server)).text)
        assert token
        chosen = {"token": token[1], "new-password": PASSWORD, "repeated-password": PASSWORD}
        assert session.post(link, chosen).ok
    yield server
    server.stop()
    server.process.communicate()


def link_of(server: LiveServer) -> str:
    """What the greeting of a first start leads to."""
    match = re.search(r"http\S+/dashboard/password/\S+", server.greeting)
    assert match
    return match[0]


def set_password(browser: Driver, link: str) -> None:
    browser.get(link)
    for field in ("new-password", "repeated-password"):
        element(browser, f"#{field}").send_keys(PASSWORD)
    press(browser, ".entrance button")


def sign_in(browser: Driver, gateway: LiveServer) -> None:
    browser.get(f"{gateway.url}/dashboard")
    element(browser, "#name").send_keys("admin")
    element(browser, "#password").send_keys(PASSWORD)
    press(browser, ".entrance button")


def test_from_the_greeting_to_a_key(browser: Driver, serve: Callable[..., LiveServer]) -> None:
    gateway = serve()
    set_password(browser, link_of(gateway))
    assert "Your password is set" in element(browser, ".notice").text
    browser.get(f"{gateway.url}/dashboard/keys")
    element(browser, "#name").send_keys("ShareX")
    press(browser, 'form[action$="/keys"] button')
    key = element(browser, "#key-text").get_attribute("value")
    assert key.startswith("sk_live_")
    copy = element(browser, '[data-copy="key-text"]')
    copy.click()
    wait_until(browser, lambda _: copy.text in ("Copied", "Press Ctrl+C"))


@pytest.mark.parametrize("scripts", [True, False])
def test_signing_in_and_out(browser: Driver, gateway: LiveServer, scripts: bool) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    sign_in(browser, gateway)
    element(browser, ".menu summary").click()
    press(browser, ".menu-body button")
    assert "You are signed out." in element(browser, ".notice").text


def test_a_key_is_revoked_without_scripts(browser: Driver, gateway: LiveServer) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    sign_in(browser, gateway)
    browser.get(f"{gateway.url}/dashboard/keys")
    element(browser, "#name").send_keys("to be revoked")
    press(browser, 'form[action$="/keys"] button')
    browser.get(f"{gateway.url}/dashboard/keys")
    assert element(browser, ".rows h3").text == "to be revoked"
    element(browser, ".confirm summary").click()
    press(browser, ".confirm button")
    assert "The key is revoked." in element(browser, ".notice").text
    assert element(browser, ".rows h3").text != "to be revoked"


@pytest.mark.parametrize("path", ["account", "keys", "usage", "nowhere"])
def test_a_phone_is_wide_enough(browser: Driver, gateway: LiveServer, path: str) -> None:
    sign_in(browser, gateway)
    set_screen(browser, 360, 740)
    browser.get(f"{gateway.url}/dashboard/{path}")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    browser.get_log("browser")  # where there is nothing, the browser says so


def test_nothing_is_asked_of_anybody_else(browser: Driver, gateway: LiveServer) -> None:
    browser.get_log("performance")
    sign_in(browser, gateway)
    for path in ("account", "keys", "usage"):
        browser.get(f"{gateway.url}/dashboard/{path}")
    asked = re.findall(r'"url":"(http[^"]*)"', " ".join(entry["message"] for entry in browser.get_log("performance")))
    assert asked and all(url.startswith(gateway.url) for url in asked)
