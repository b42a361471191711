"""The page about a move in headless Chromium: its list is drawn, searched and turned, and nothing is complained of."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.urls import Urls
from migrate.items import OldSite
from migrate.page import write_page
from tests.browser.conftest import By, Driver, element, needs_chromium, set_screen
from tests.migrate.engine import Importer
from tests.migrate.fakes import FakeSource, picture

pytestmark = needs_chromium

PICTURES = 120


@pytest.fixture
def page(opened: Opened, settings: Settings, tmp_path: Path) -> str:
    """Its address."""
    importer = Importer(opened, settings)
    journal = importer.begin()
    site = OldSite("fake-site", "folder", "Old place", "https://old.example.org")
    files = [picture(tmp_path / "old", f"Zoë {number:03}.png", seed=number) for number in range(PICTURES)]
    importer.bring(FakeSource(files=files, sites_there=[site]), journal)
    out = io.StringIO()
    write_page(journal, opened.catalog, Urls("https://img.example.org"), out)
    (file := tmp_path / "page.html").write_text(out.getvalue(), "utf-8")
    return file.as_uri()


def rows(browser: Driver) -> list[str]:
    return [row.text for row in browser.find_elements(By.CSS_SELECTOR, "#shown tr")]


def search(browser: Driver, text: str) -> list[str]:
    field: Any = element(browser, "#search")
    field.clear()
    field.send_keys(text)
    return rows(browser)


def test_the_list_is_drawn_in_parts(browser: Driver, page: str) -> None:
    browser.get(page)
    assert len(rows(browser)) == 100
    assert element(browser, "#found").text == "1 to 100 of 120"
    element(browser, "#on").click()
    assert len(rows(browser)) == 20
    assert not element(browser, "#on").is_enabled()
    element(browser, "#back").click()
    assert len(rows(browser)) == 100


def test_an_old_link_is_found_as_it_is_pasted(browser: Driver, page: str) -> None:
    browser.get(page)
    for text in ("https://old.example.org/Zo%C3%AB%20007.png", "/Zoë 007.png", "ZOË 007"):
        assert len(search(browser, text)) == 1
        assert rows(browser)[0].startswith("https://old.example.org/Zoë 007.png")
    link = element(browser, "#shown a").get_attribute("href")
    assert link.startswith("https://img.example.org/image/")
    assert search(browser, "100%") == []
    assert element(browser, "#found").text == "Nothing here has that in its address."


def test_a_telephone_shows_all_of_it(browser: Driver, page: str) -> None:
    set_screen(browser, 360, 700)
    browser.get(page)
    assert browser.execute_script("const page = document.documentElement; return page.scrollWidth <= page.clientWidth")


def test_without_scripts_it_says_what_is_missing(browser: Driver, page: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(page)
    assert element(browser, "noscript p").is_displayed()
    assert not element(browser, "#map").is_displayed()
