"""The dashboard in a browser, for the tests of its pages: a real gateway whose admin is signed in.

A test asks for `visit`, and for `house` if it looks behind the pages. Whatever the browser complains of fails the test,
and so does every request that is for anybody but the gateway.
"""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.browser.conftest import By, Driver, element, press, set_screen, wait_until
from tests.clients.tools import CLIENTS, needs_client
from tests.conftest import LiveServer, draw, start_server

exceptions = pytest.importorskip("selenium.common.exceptions", reason="the browser tests need selenium")

PASSWORD = "four plain words here"
AXE = CLIENTS / "axe-core/node_modules/axe-core/axe.min.js"
LOOK_FOR_BARRIERS = """
const done = arguments[arguments.length - 1];
axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }).then(({ violations }) => {
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  done(serious.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`)));
}, (error) => done([String(error)]));
"""

needs_axe = needs_client("axe-core")


@dataclass(slots=True)
class House:
    """A running gateway, and the badge of its admin."""

    server: LiveServer
    badge: str

    @property
    def url(self) -> str:
        return self.server.url

    def kill(self) -> None:
        """All at once, as a power cut does it."""
        self.server.stop(signal.SIGKILL)
        self.server.process.communicate()

    def restart(self) -> None:
        """At the same address; what a greeting says only once is kept."""
        server = start_server(self.server.data, port=urlsplit(self.url).port)
        self.server = replace(server, key=self.server.key)

    def close(self) -> None:
        self.server.stop()
        self.server.process.communicate()

    def add(self, *, width: int = 64, height: int = 48, name: str = "pic.png", **fields: object) -> dict[str, Any]:
        """A picture as a tool sends it; `seed` makes it another one."""
        picture = draw(width, height, seed=int(str(fields.pop("seed", 0))))
        answer = requests.post(
            f"{self.url}/api/1/upload",
            headers={"X-API-Key": self.server.key},
            files={"source": (name, picture)},
            data=fields,
            timeout=30,
        )
        image: dict[str, Any] = answer.json()["image"]
        return image

    def listed(self) -> list[dict[str, Any]]:
        """Everything there is, newest first, as `/v1` tells it."""
        headers = {"Authorization": f"Bearer {self.server.key}"}
        answer = requests.get(f"{self.url}/v1/media?limit=100", headers=headers, timeout=30)
        found: list[dict[str, Any]] = answer.json()["data"]["items"]
        return found


def open_house(data: Path, *flags: str, **settings: str) -> House:
    """As `start_server`; its admin has `PASSWORD` and is signed in."""
    server = start_server(data, *flags, **settings)
    link = re.search(r"http\S+/dashboard/password/\S+", server.greeting)
    assert link
    with requests.Session() as session:
        token = re.search(r'name="token" value="(\w+)"', session.get(link[0], timeout=30).text)
        assert token
        chosen = {"token": token[1], "new-password": PASSWORD, "repeated-password": PASSWORD}
        assert session.post(link[0], chosen, timeout=30).ok
        return House(server, session.cookies["picgate"])


class Visit:
    """The admin in front of the dashboard."""

    def __init__(self, browser: Driver, house: House) -> None:
        self.browser = browser
        self.house = house

    def sign_in(self) -> None:
        cookie = {
            "name": "picgate",
            "value": self.house.badge,
            "url": f"{self.house.url}/dashboard",
            "path": "/dashboard",
        }
        self.browser.execute_cdp_cmd("Network.setCookie", cookie)

    def open(self, path: str = "") -> None:
        """ "library" is /dashboard/library."""
        self.browser.get(f"{self.house.url}/dashboard/{path}".rstrip("/"))

    def find(self, selector: str) -> Any:
        return element(self.browser, selector)

    def all(self, selector: str) -> list[Any]:
        found: list[Any] = self.browser.find_elements(By.CSS_SELECTOR, selector)
        return found

    def text(self, selector: str) -> str:
        """Also of what is out of sight."""
        text: str = self.find(selector).get_property("textContent")
        return " ".join(text.split())

    def wait(self, is_so: Callable[[], object]) -> None:
        """What is replaced while it is looked at is looked at again."""

        def look(_: Driver) -> object:
            try:
                return is_so()
            except (exceptions.StaleElementReferenceException, exceptions.NoSuchElementException):
                return False

        wait_until(self.browser, look)

    def press(self, selector: str) -> None:
        """And wait for the page that comes."""
        press(self.browser, selector)

    def run(self, script: str, *arguments: object) -> Any:
        """`script` is the body of a function."""
        return self.browser.execute_script(script, *arguments)

    def run_slowly(self, script: str, *arguments: object) -> Any:
        """`script` calls the last of its arguments with what came of it."""
        return self.browser.execute_async_script(script, *arguments)

    def screen(self, width: int, height: int = 800) -> None:
        set_screen(self.browser, width, height)

    def is_wide_enough(self) -> bool:
        """Nothing has to be pushed sideways. Phones make `innerWidth` as wide as what is too wide."""
        script = "const page = document.documentElement; return page.scrollWidth <= page.clientWidth"
        return bool(self.run(script))

    def in_scheme(self, scheme: str) -> None:
        """ "light" or "dark"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def without_scripts(self) -> None:
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})

    def in_language(self, language: str) -> None:
        headers = {"headers": {"Accept-Language": language} if language else {}}
        self.browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", headers)

    def go_offline(self, is_offline: bool = True) -> None:
        """The line is cut, or there again."""
        cut = {"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.browser.execute_cdp_cmd("Network.emulateNetworkConditions", cut)

    def slow_down(self, bytes_per_second: int) -> None:
        """What is sent. -1 is as fast as can be."""
        line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
        self.browser.execute_cdp_cmd("Network.emulateNetworkConditions", line)

    def clipboard(self) -> str:
        self.browser.execute_cdp_cmd(
            "Browser.setPermission", {"permission": {"name": "clipboard-read"}, "setting": "granted"}
        )
        return str(self.run_slowly("navigator.clipboard.readText().then(arguments[0], arguments[0])"))

    def barriers(self) -> list[str]:
        """What keeps people from using this page, as axe-core sees it. For tests that are marked `needs_axe`."""
        self.run(AXE.read_text("utf-8"))
        found: list[str] = self.run_slowly(LOOK_FOR_BARRIERS)
        return found

    def complaints(self) -> list[str]:
        """Of the browser so far, such as that something was refused. They are forgiven."""
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def strangers(self) -> list[str]:
        """Addresses that were asked for since the last time and are not of the gateway."""
        events = (json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance"))
        asked = [
            event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in asked if url.startswith(("http", "ws")) and not url.startswith(f"{self.house.url}/")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One gateway for all tests of a module, which starts empty."""
    found = open_house(tmp_path_factory.mktemp("house") / "data")
    yield found
    found.close()


@pytest.fixture
def visit(browser: Driver, house: House) -> Iterator[Visit]:
    """In a window of 1280 x 800 that remembers nothing."""
    yield from visiting(browser, house)


def visiting(browser: Driver, house: House) -> Iterator[Visit]:
    """For fixtures of those who need a house of their own."""
    storage = {"origin": house.url, "storageTypes": "local_storage"}
    browser.execute_cdp_cmd("Storage.clearDataForOrigin", storage)
    browser.get_log("performance")
    visit = Visit(browser, house)
    visit.sign_in()
    yield visit
    visit.slow_down(-1)
    visit.in_language("")
    assert visit.strangers() == []
