"""The first hour of somebody who has never seen this: from the link that a first start prints to pictures that others
see, or do not; with another browser beside, without scripts, on a phone, and behind an nginx under a path."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from gateway.app import create_app
from gateway.settings import Server, Settings, Storage
from gateway.store.opening import open_data
from tests.browser.conftest import Driver, a_chromium, needs_chromium
from tests.browser.dashboard import PASSWORD, House, Visit, needs_axe, open_house, visiting
from tests.conftest import LiveServer, draw, free_port, gateway_environment, start_server
from tests.journeys.commands import gateway, gateway_json
from tests.journeys.in_front import in_front

pytestmark = needs_chromium

# Addresses that are no pages: what leads to one, parts that scripts ask for, and the link that is good once.
NO_PAGES = {"front", "library_more", "library_tags", "library_tile", "upload_state", "password"}


@pytest.fixture(scope="module")
def another_chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    with a_chromium(tmp_path_factory.mktemp("another")) as driver:
        yield driver


@pytest.fixture
def visitor(another_chromium: Driver, house: House) -> Visit:
    """Somebody with a browser of his own, who is not signed in."""
    another_chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    return Visit(another_chromium, house)


def status(visit: Visit, url: str) -> int:
    """As the browser is answered; what it says of refusals is forgiven."""
    visit.browser.get(url)
    found: int = visit.run("return performance.getEntriesByType('navigation')[0].responseStatus")
    visit.complaints()
    return found


def is_shown(visit: Visit, selector: str) -> bool:
    """A picture that is there to the last byte."""
    return bool(
        visit.run("const i = document.querySelector(arguments[0]); return i.complete && i.naturalWidth", selector)
    )


def sign_in(visit: Visit) -> None:
    visit.find("#name").send_keys("admin")
    visit.find("#password").send_keys(PASSWORD)
    visit.press(".entrance button")


def set_password(visit: Visit, greeting: str) -> None:
    """By the link that was printed."""
    link = re.search(r"http\S+/dashboard/password/\S+", greeting)
    assert link
    visit.browser.get(link[0])
    for field in ("new-password", "repeated-password"):
        visit.find(f"#{field}").send_keys(PASSWORD)
    visit.press(".entrance button")


def make_key(visit: Visit, name: str) -> str:
    visit.open("keys")
    visit.find("#name").send_keys(name)
    visit.press('form[action$="/keys"] button')
    return str(visit.find("#key-text").get_property("value"))


def make_album(visit: Visit, name: str, password: str = "") -> str:
    """Its path."""
    visit.open("albums")
    if not visit.find("details.fold").get_attribute("open"):
        visit.find("details.fold summary").click()
    visit.find("#name").send_keys(name)
    if password:
        visit.find('[name="privacy"][value="password"]').click()
        visit.find("#album-password").send_keys(password)
    visit.press(".album-form button")
    return str(visit.browser.current_url.partition("?")[0].rpartition("/dashboard/")[2])


def save(visit: Visit, media_id: str) -> None:
    visit.press(f'form[action*="/media/{media_id}"]:has(#title) button[type="submit"]')


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_from_the_printed_link_to_an_upload_by_curl(
    browser: Driver, serve: Callable[..., LiveServer], tmp_path: Path
) -> None:
    house = House(serve(), "")
    visit = Visit(browser, house)
    set_password(visit, house.server.greeting)
    make_key(visit, "curl")
    visit.find("#curl summary").click()
    line = str(visit.find("#curl-text").get_property("textContent"))
    visit.open("library")
    assert visit.find("#empty").is_displayed()

    (tmp_path / "picture.png").write_bytes(draw())
    ran = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    image = json.loads(ran.stdout)["image"]

    visit.open("library")
    visit.wait(lambda: is_shown(visit, f'.tile[data-id="{image["id_encoded"]}"] img'))
    visit.press(f'.tile[data-id="{image["id_encoded"]}"] a')
    assert visit.find("#link-direct").get_property("value") == image["url"]
    visit.open("keys")
    assert "Used" in visit.text(".rows li:first-child")
    assert visit.strangers() == []


def test_the_printed_link_is_good_once(browser: Driver, serve: Callable[..., LiveServer]) -> None:
    house = House(serve(), "")
    visit = Visit(browser, house)
    set_password(visit, house.server.greeting)
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    link = re.search(r"http\S+/dashboard/password/\S+", house.server.greeting)
    assert link and status(visit, link[0]) == 410


def test_a_private_file_is_for_nobody_else(visit: Visit, visitor: Visit, house: House) -> None:
    image = house.add(seed=11, width=900)
    visit.open(f"media/{image['id_encoded']}")
    visit.find('[name="shown"][value="private"]').click()
    save(visit, image["id_encoded"])
    assert is_shown(visit, ".stage img"), "its owner sees it"
    refused = [status(visitor, url) for url in (image["url"], image["thumb"]["url"], image["url_viewer"])]
    assert all(code in (401, 403, 404) for code in refused), refused
    visitor.open(f"media/{image['id_encoded']}")
    assert visitor.find("#password").is_displayed(), "strangers are asked who they are"

    visit.press("#signed form button")
    signed = visit.find("#signed-url").get_property("value")
    assert status(visitor, signed) == 200
    assert status(visitor, image["url"]) in (401, 403, 404), "the link opens nothing but itself"


def test_an_edited_picture_is_seen_by_others_as_it_is_now(visit: Visit, visitor: Visit, house: House) -> None:
    image = house.add(seed=12)
    visit.open(f"media/{image['id_encoded']}")
    visit.find("#title").clear()
    visit.find("#title").send_keys("Fähre & Möwe")
    visit.find("#description").send_keys("On the way back.")
    save(visit, image["id_encoded"])
    visitor.browser.get(str(visit.find("#link-viewer").get_property("value")))
    assert visitor.text("h1") == "Fähre & Möwe"
    assert "On the way back." in visitor.text("main")


def test_an_album_with_a_password_is_seen_by_who_knows_it(visit: Visit, visitor: Visit, house: House) -> None:
    image = house.add(seed=13)
    path = make_album(visit, "Birthday", "cake for all")
    visit.open(f"{path}/add")
    visit.find(f"#pick-{image['id_encoded']}").click()
    visit.press(".picked button")
    address = str(visit.find("#address").get_property("value"))

    visitor.browser.get(address)
    visitor.find("#password").send_keys("pie")
    visitor.press("form.password button")
    assert visitor.find("#problem").is_displayed()
    visitor.complaints()
    visitor.find("#password").send_keys("cake for all")
    visitor.press("form.password button")
    assert visitor.text("h1") == "Birthday"
    visitor.wait(lambda: is_shown(visitor, ".tiles img"))
    assert visitor.strangers() == []


def test_signing_out_everywhere_ends_the_other_browser(visit: Visit, visitor: Visit, tmp_path: Path) -> None:
    house = open_house(tmp_path / "data")
    try:
        here, there = Visit(visit.browser, house), Visit(visitor.browser, house)
        for one in (here, there):
            one.open("library")
            sign_in(one)
            assert one.text("h1") == "Library"
        here.open("account")
        here.press('form[action$="/account/sign-out"] button')
        assert "sign-in" in here.browser.current_url
        there.open("library")
        assert there.find("#password").is_displayed()
        there.complaints()
        assert here.strangers() == []
    finally:
        house.close()


def test_all_of_it_without_scripts(visit: Visit, house: House, tmp_path: Path) -> None:
    visit.without_scripts()
    visit.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    visit.open("library")
    sign_in(visit)
    assert visit.text("h1") == "Library"

    picture = tmp_path / "harbour.png"
    picture.write_bytes(draw(300, 200, seed=14))
    visit.find("#upload-files").send_keys(str(picture))
    visit.press("#upload-send")
    visit.press(".uploaded h2 a")
    media_id = house.listed()[0]["id"]
    visit.find("#title").clear()
    visit.find("#title").send_keys("Harbour")
    visit.find("#tags").send_keys("boats")
    save(visit, media_id)
    assert visit.text("h1") == "Harbour"

    path = make_album(visit, "By the sea")
    visit.open(f"{path}/add")
    visit.find(f"#pick-{media_id}").click()
    visit.press(".picked button")
    visit.open("library?tag=boats")
    assert [tile.get_attribute("data-id") for tile in visit.all("#tiles .tile")] == [media_id]

    visit.open(f"media/{media_id}")
    visit.find(".confirm summary").click()
    visit.press(".confirm .danger")
    assert media_id not in {one["id"] for one in house.listed()}
    visit.find(".menu summary").click()
    visit.press(".menu-body button")
    assert visit.find("#password").is_displayed()


# Every page there is


@dataclass(frozen=True, slots=True)
class LivedIn:
    """A house with something on every page. `paths` are by endpoint."""

    house: House
    paths: dict[str, str]


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedIn]:
    folder = tmp_path_factory.mktemp("lived in")
    old = folder / "old"
    old.mkdir()
    (old / "boat.png").write_bytes(draw(seed=21))
    (old / "broken.png").write_bytes(draw(seed=22)[:60])
    house = open_house(folder / "data")
    assert gateway(folder / "data", "owner", "add", "bob").returncode == 0
    command = [sys.executable, "-m", "migrate", "import", "folder", str(old), "--data", str(folder / "data")]
    ran = subprocess.run(command, env=gateway_environment(), capture_output=True, text=True, timeout=120)
    assert ran.returncode == 3, ran.stderr  # one of the two is none
    title = "A long title, as people give them " * 5
    media = house.add(seed=20, width=1200, height=800, title=title, tags="a,b", expiration="P9D")["id_encoded"]
    owner = gateway_json(folder / "data", "owner", "show", "bob")["id"]
    album = gateway_json(folder / "data", "album", "add", "Summer", "--owner", "admin")["id"]
    key = gateway_json(folder / "data", "key", "list")[0]["id"]
    run = gateway_json_of_moves(folder / "data")
    yield LivedIn(
        house,
        {
            "sign_in": "sign-in",
            "account": "account",
            "keys": "keys",
            "key": f"keys/{key}",
            "usage": "usage",
            "library": "library",
            "albums": "albums",
            "album": f"albums/{album}",
            "album_more": f"albums/{album}/add",
            "media": f"media/{media}",
            "upload": "upload",
            "moves": "moves",
            "move": f"moves/{run}",
            "admin": "admin",
            "owner": f"admin/owners/{owner}",
            "nothing": "nowhere",
        },
    )
    house.close()


def gateway_json_of_moves(data: Path) -> str:
    command = [sys.executable, "-m", "migrate", "status", "--json", "--data", str(data)]
    ran = subprocess.run(command, env=gateway_environment(), capture_output=True, text=True, timeout=120)
    return str(json.loads(ran.stdout)[0]["run"])


@pytest.fixture
def lived_in_visit(browser: Driver, lived_in: LivedIn) -> Iterator[Visit]:
    yield from visiting(browser, lived_in.house)


def look_at_all(visit: Visit, paths: dict[str, str]) -> Iterator[str]:
    """Each page with everything unfolded; what the browser says of one that is not there is forgiven."""
    for endpoint, path in paths.items():
        visit.open(path)
        visit.run("document.querySelectorAll('main details:not(.confirm)').forEach((one) => (one.open = true))")
        if endpoint == "nothing":
            assert len(visit.complaints()) == 1
        yield endpoint


def test_no_page_is_missing_here(lived_in: LivedIn, tmp_path: Path) -> None:
    settings = Settings(server=Server(public_url="https://img.example.org"), storage=Storage(str(tmp_path / "data")))
    opened = open_data(settings)
    try:
        rules = list(create_app(settings, opened).url_map.iter_rules())
    finally:
        opened.close()
    pages = {
        rule.endpoint for rule in rules if rule.endpoint.startswith("dashboard.") and "GET" in (rule.methods or ())
    }
    assert {name.removeprefix("dashboard.") for name in pages} - NO_PAGES == set(lived_in.paths)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [360, 768])
def test_no_page_has_to_be_pushed_sideways(lived_in_visit: Visit, lived_in: LivedIn, width: int, language: str) -> None:
    lived_in_visit.in_language(language)
    lived_in_visit.screen(width)
    assert [one for one in look_at_all(lived_in_visit, lived_in.paths) if not lived_in_visit.is_wide_enough()] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@needs_axe
def test_no_page_keeps_anybody_out(lived_in_visit: Visit, lived_in: LivedIn, scheme: str) -> None:
    lived_in_visit.in_scheme(scheme)
    barriers = {one: lived_in_visit.barriers() for one in look_at_all(lived_in_visit, lived_in.paths)}
    assert {one: found for one, found in barriers.items() if found} == {}


# Behind an nginx, under a path


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """As people reach it: nginx sends the bytes, and all of it is below /pics."""
    folder = tmp_path_factory.mktemp("below")
    url = f"http://127.0.0.1:{free_port()}/pics"
    server = start_server(folder / "data", "--public-url", url, GATEWAY_FILES__SENDFILE="x-accel")
    try:
        with in_front("nginx sub-path", folder, server, url):
            yield House(replace(server, url=url), "")
    finally:
        server.stop()
        server.process.communicate()


def test_it_all_works_below_a_path_behind_nginx(browser: Driver, below: House, tmp_path: Path) -> None:
    browser.get_log("performance")
    visit = Visit(browser, below)
    set_password(visit, below.server.greeting)
    visit.open()
    assert visit.browser.current_url == f"{below.url}/dashboard/library"

    picture = tmp_path / "lighthouse.png"
    picture.write_bytes(draw(900, 600, seed=31))
    visit.find("#upload-files").send_keys(str(picture))
    visit.wait(lambda: visit.text("#sendings-summary") == "1 of 1 uploaded")
    visit.wait(lambda: is_shown(visit, "#tiles .tile img"))
    visit.press("#tiles .tile a")
    links = [str(one.get_property("value")) for one in visit.all("#link-direct, #link-viewer")]
    assert len(links) == 2 and all(link.startswith(f"{below.url}/") for link in links)
    visit.wait(lambda: is_shown(visit, ".stage img"))

    visit.find('[name="shown"][value="private"]').click()
    save(visit, below.listed()[0]["id"])
    visit.wait(lambda: is_shown(visit, ".stage img"))
    visit.press("#signed form button")
    signed = str(visit.find("#signed-url").get_property("value"))

    for place in visit.all(".places a"):
        assert str(place.get_property("href")).startswith(f"{below.url}/dashboard/")
    key = make_key(visit, "ShareX")
    assert key in visit.text("#curl-text") and f"{below.url}/api/1/upload" in visit.text("#curl-text")
    path = make_album(visit, "Coast")
    assert str(visit.find("#address").get_property("value")).startswith(f"{below.url}/album/")
    visit.open(f"{path}/add")
    visit.wait(lambda: is_shown(visit, ".squares img"))

    assert requests.get(signed, timeout=30).content == picture.read_bytes()
    visit.open("account")
    visit.press('form[action$="/account/sign-out"] button')
    assert visit.browser.current_url.startswith(f"{below.url}/dashboard/sign-in")
    sign_in(visit)
    assert visit.browser.current_url == f"{below.url}/dashboard/library"
    assert visit.strangers() == []


def test_a_visitor_below_a_path_sees_what_is_public(browser: Driver, below: House) -> None:
    image = below.add(seed=32, width=800, title="Pier")
    visit = Visit(browser, below)
    visit.browser.get(image["url_viewer"])
    assert visit.text("h1") == "Pier"
    visit.wait(lambda: is_shown(visit, "main img"))
    visit.press("a.brand")
    assert visit.browser.current_url == f"{below.url}/"
    assert visit.strangers() == []
