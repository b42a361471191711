"""Headless Chromium for the tests of pages, and what it is driven with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

webdriver = pytest.importorskip(
    "selenium.webdriver", reason="the browser tests need selenium: pip install -e '.[test]'"
)
from selenium.common import exceptions  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

needs_chromium = pytest.mark.skipif(not CHROMIUM or not DRIVER, reason="chromium and chromedriver are not installed")

Driver = Any


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    with a_chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@contextmanager
def a_chromium(profile: Path) -> Iterator[Driver]:
    """Which knows nothing of any other."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def browser(chromium: Driver) -> Iterator[Driver]:
    """A window of 1280 x 800 without memory of the test before; what it complains of fails the test."""
    set_screen(chromium, 1280, 800)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    chromium.execute_cdp_cmd("Browser.resetPermissions", {})
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    chromium.get("about:blank")
    chromium.get_log("browser")
    yield chromium
    assert chromium.get_log("browser") == []


def set_screen(browser: Driver, width: int, height: int) -> None:
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def element(browser: Driver, selector: str) -> Any:
    return browser.find_element(By.CSS_SELECTOR, selector)


def press(browser: Driver, selector: str) -> None:
    """And wait for the page that comes."""
    before = element(browser, "html")
    element(browser, selector).click()
    wait_until(browser, lambda _: is_gone(before))


def is_gone(page: Any) -> bool:
    try:
        page.is_enabled()
    except exceptions.StaleElementReferenceException:
        return True
    except exceptions.WebDriverException as error:
        if "does not belong to the document" in str(error):  # asked in the very moment in which one page takes over
            return True
        raise
    return False


def wait_until(browser: Driver, is_so: Callable[[Driver], object]) -> None:
    WebDriverWait(browser, 20, poll_frequency=0.05).until(is_so)


from tests.browser.dashboard import house, visit  # noqa: E402, F401 - fixtures of those who test the dashboard
