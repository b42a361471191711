"""Albums and profiles in headless Chromium: what only a browser can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gateway.core.ids import new_id
from gateway.core.library import NewMedia
from gateway.core.records import Album, Media, Owner
from gateway.settings import Server, Settings, Storage
from gateway.store.opening import Opened, open_data
from gateway.store.passwords import hash_password
from gateway.urls import album_path, profile_path, viewer_path
from tests.browser.conftest import By, Driver, element, needs_chromium, set_screen, wait_until
from tests.conftest import LiveServer, draw

pytestmark = needs_chromium

AddAlbum = Callable[..., Album]
AddMedia = Callable[..., Media]


@pytest.fixture
def opened(live_server: LiveServer) -> Iterator[Opened]:
    """The library that is being served, opened a second time."""
    settings = Settings(server=Server(public_url=live_server.url), storage=Storage(data=str(Path(live_server.data))))
    opened = open_data(settings)
    yield opened
    opened.close()


@pytest.fixture
def owner(opened: Opened) -> Owner:
    carol = opened.owners.add(f"carol-{uuid4().hex[:8]}")
    opened.owners.publish(carol.username)
    return opened.owners.named(carol.username)


@pytest.fixture
def add_album(opened: Opened, owner: Owner) -> AddAlbum:
    def add(name: str, **facts: Any) -> Album:
        opened.catalog.add_album(album := Album(new_id(), owner.id, name, opened.clock.now(), **facts))
        return album

    return add


@pytest.fixture
def add_media(opened: Opened, owner: Owner) -> AddMedia:
    """add_media(seed=3, title="Cat") adds a picture of the owner's; each seed is another picture."""

    def add(seed: int = 0, **facts: Any) -> Media:
        upload = opened.blobs.receive(1_000_000)
        upload.write(draw(640, 400, seed=seed))
        try:
            return opened.library.add(owner, upload, NewMedia(filename="pic.png", **facts)).media
        finally:
            upload.discard()

    return add


def tiles(browser: Driver) -> list[Any]:
    found: list[Any] = browser.find_elements(By.CSS_SELECTOR, ".tiles .tile")
    return found


def test_the_tiles_are_square_and_loaded(
    browser: Driver, live_server: LiveServer, add_album: AddAlbum, add_media: AddMedia
) -> None:
    album = add_album("Lake")
    for seed in range(3):
        add_media(seed, album_id=album.id)
    browser.get(live_server.url + album_path(album))
    shown = "[...document.querySelectorAll('.tiles img')].every(i => i.complete && i.naturalWidth === 320)"
    wait_until(browser, lambda b: b.execute_script(f"return {shown}"))
    boxes = [tile.rect for tile in tiles(browser)]
    assert len(boxes) == 3 and len({box["y"] for box in boxes}) == 1
    assert all(abs(box["width"] - box["height"]) < 1 and box["width"] > 150 for box in boxes)


@pytest.mark.parametrize("page", ["album", "profile", "password"])
def test_it_fits_a_phone(
    browser: Driver, live_server: LiveServer, owner: Owner, add_album: AddAlbum, add_media: AddMedia, page: str
) -> None:
    set_screen(browser, 360, 740)
    album = add_album("Long" * 25, description="Word" * 200)
    add_album("Inner" * 20, parent_id=album.id)
    for seed in range(4):
        add_media(seed, album_id=album.id, title="Title" * 20, is_nsfw=seed == 1)
    locked = add_album("Locked", privacy="password", password_hash=hash_password("cake"))
    path = {"album": album_path(album), "profile": profile_path(owner), "password": album_path(locked)}[page]
    browser.get(live_server.url + path)
    wide, window = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window == 360


def test_a_sensitive_tile_is_shown_on_request_without_scripts(
    browser: Driver, live_server: LiveServer, add_album: AddAlbum, add_media: AddMedia
) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    album = add_album("Lake")
    media = add_media(album_id=album.id, is_nsfw=True)
    browser.get(live_server.url + album_path(album))
    picture = element(browser, ".tiles img")
    assert picture.value_of_css_property("filter") == "blur(20px)"
    tiles(browser)[0].click()
    assert picture.value_of_css_property("filter") == "none"
    assert browser.current_url == live_server.url + album_path(album)
    tiles(browser)[0].click()
    wait_until(browser, lambda b: b.current_url == live_server.url + viewer_path(media))


def test_a_sensitive_tile_is_shown_with_the_keyboard(
    browser: Driver, live_server: LiveServer, add_album: AddAlbum, add_media: AddMedia
) -> None:
    album = add_album("Lake")
    add_media(album_id=album.id, is_nsfw=True)
    browser.get(live_server.url + album_path(album))
    element(browser, ".cover input").send_keys(" ")
    assert element(browser, ".tiles img").value_of_css_property("filter") == "none"


def test_the_password_is_typed_once(
    browser: Driver, live_server: LiveServer, add_album: AddAlbum, add_media: AddMedia
) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    album = add_album("Birthday", privacy="password", password_hash=hash_password("cake"))
    media = add_media(album_id=album.id, title="Ünder & over")
    viewer = live_server.url + viewer_path(media)
    browser.get(viewer + "?from=mail")
    element(browser, "#password").send_keys("cake\n")
    wait_until(browser, lambda b: b.current_url == viewer + "?from=mail")
    assert element(browser, "h1").text == "Ünder & over"
    element(browser, ".places a[href*='/album/']").click()
    wait_until(browser, lambda b: b.current_url == live_server.url + album_path(album))
    assert element(browser, "h1").text == "Birthday" and len(tiles(browser)) == 1


def test_older_pictures_are_a_click_away(
    browser: Driver, live_server: LiveServer, add_album: AddAlbum, add_media: AddMedia
) -> None:
    album = add_album("Lake")
    for seed in range(61):
        add_media(seed, album_id=album.id)
    browser.get(live_server.url + album_path(album))
    assert len(tiles(browser)) == 60
    element(browser, "a[rel=next]").click()
    wait_until(browser, lambda b: "after=" in b.current_url)
    assert len(tiles(browser)) == 1
    element(browser, ".turn a").click()
    wait_until(browser, lambda b: b.current_url == live_server.url + album_path(album))
