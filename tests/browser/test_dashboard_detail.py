"""Albums, and the page of one file, in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import needs_chromium
from tests.browser.dashboard import House, Visit, needs_axe

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def files(house: House) -> list[str]:
    """Ids, oldest first."""
    return [house.add(seed=at, name=f"Boat {at}.png")["id_encoded"] for at in range(5)]


@pytest.fixture
def album(visit: Visit, files: list[str]) -> Iterator[str]:
    """With all files in it; its path."""
    visit.open("albums")
    if not visit.find("details.fold").get_attribute("open"):
        visit.find("details.fold summary").click()
    visit.find("#name").send_keys("Summer")
    visit.press(".album-form button")
    path = visit.browser.current_url.partition("?")[0].rpartition("/dashboard/")[2]
    visit.press('a[href$="/add"]')
    for media_id in files:
        visit.find(f"#pick-{media_id}").click()
    visit.press(".picked button")
    yield path
    visit.open(path)
    if not visit.find("details.fold").get_attribute("open"):
        visit.find("details.fold summary").click()
    visit.find(".confirm summary").click()
    visit.press(".confirm .danger")


def heading(visit: Visit) -> str:
    return visit.text("h1")


def key(visit: Visit, *keys: str) -> None:
    """And wait for the page that comes."""
    before = visit.browser.current_url
    ActionChains(visit.browser).send_keys(*keys).perform()
    visit.wait(lambda: visit.browser.current_url != before and visit.run("return document.readyState") == "complete")


def test_a_list_is_gone_through_by_keys(visit: Visit, album: str) -> None:
    visit.open(album)
    visit.press(".squares li:first-child a")
    assert heading(visit) == "Boat 4"
    seen = [heading(visit)]
    for _ in range(2):
        key(visit, Keys.ARROW_RIGHT)
        seen.append(heading(visit))
    key(visit, Keys.ARROW_LEFT)
    seen.append(heading(visit))
    assert seen == ["Boat 4", "Boat 3", "Boat 2", "Boat 3"]
    key(visit, Keys.ESCAPE)
    assert visit.browser.current_url.endswith(album)


def test_keys_mean_what_they_mean_while_somebody_types(visit: Visit, files: list[str]) -> None:
    visit.open(f"media/{files[2]}")
    before = visit.browser.current_url
    visit.find("#title").send_keys(Keys.ARROW_LEFT, "!", Keys.ARROW_RIGHT, Keys.ESCAPE)
    assert visit.browser.current_url == before and "!" in visit.find("#title").get_property("value")


def test_what_is_saved_stays(visit: Visit, files: list[str]) -> None:
    visit.open(f"media/{files[0]}?q=boat")
    visit.find("#description").send_keys("On the lake")
    visit.find("#tags").send_keys("sea, big boats")
    visit.press(".card form .strong")
    assert "It is saved." in visit.text(".notice")
    assert "q=boat" in visit.browser.current_url
    assert visit.find("#description").get_property("value") == "On the lake"
    assert "# big boats" in visit.text(".marks")


def test_what_is_wrong_is_where_the_reader_looks(visit: Visit, files: list[str]) -> None:
    visit.open(f"media/{files[1]}")
    visit.find("#tags").send_keys("a/b")
    visit.press(".card form .strong")
    assert visit.run("return document.activeElement.id") == "tags"
    [refused] = visit.complaints()
    assert "400" in refused


def test_links_are_copied(visit: Visit, files: list[str]) -> None:
    visit.open(f"media/{files[1]}")
    visit.find('[data-copy="link-markdown"]').click()
    visit.wait(lambda: "Copied" in visit.text('[data-copy="link-markdown"]'))
    assert visit.clipboard() == f"![Boat 1]({visit.house.url}/{files[1]}.png)"


def test_ticks_are_counted_and_rows_ticked_at_once(visit: Visit, album: str, files: list[str]) -> None:
    visit.open(album)
    cover, take_out = visit.all(".picked button")
    assert not cover.is_enabled() and not take_out.is_enabled()
    visit.find(f"#pick-{files[4]}").click()
    assert cover.is_enabled() and "1 chosen" in visit.text(".picked p")
    ActionChains(visit.browser).key_down(Keys.SHIFT).click(visit.find(f"#pick-{files[1]}")).key_up(Keys.SHIFT).perform()
    assert "4 chosen" in visit.text(".picked p")
    assert not cover.is_enabled() and take_out.is_enabled()


def test_the_password_is_asked_for_when_there_is_to_be_one(visit: Visit, album: str) -> None:
    visit.open(album)
    visit.find("details.fold summary").click()
    assert not visit.find("#album-password").is_displayed()
    visit.find('[name="privacy"][value="password"]').click()
    assert visit.find("#album-password").is_displayed()


def test_it_all_works_without_scripts(visit: Visit, album: str, files: list[str]) -> None:
    visit.without_scripts()
    visit.open(album)
    visit.find(f"#pick-{files[0]}").click()
    visit.press('.picked [value="take-out"]')
    assert "The files are out of the album." in visit.text(".notice")
    assert len(visit.all(".squares li")) == len(files) - 1
    visit.press(".squares li:first-child a")
    visit.press('[rel="next"]')
    assert heading(visit) == "Boat 3"
    visit.press("#signed form button")
    assert "?sig=" in str(visit.find("#signed-url").get_property("value"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@needs_axe
def test_nothing_keeps_people_out(visit: Visit, album: str, files: list[str], scheme: str) -> None:
    visit.in_scheme(scheme)
    for path in ("albums", album, f"{album}/add", f"media/{files[1]}?album={album.rpartition('/')[2]}"):
        visit.open(path)
        visit.run("document.querySelectorAll('main details:not(.confirm)').forEach((one) => (one.open = true))")
        assert visit.barriers() == [], path


@pytest.mark.parametrize("language", ["en", "de"])
def test_it_fits_on_a_phone(visit: Visit, album: str, files: list[str], language: str) -> None:
    visit.in_language(language)
    visit.screen(360)
    for path in ("albums", album, f"{album}/add", f"media/{files[1]}"):
        visit.open(path)
        visit.run("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
        assert visit.is_wide_enough(), path
