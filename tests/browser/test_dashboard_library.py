"""The library as somebody uses it: scrolling through thousands, choosing many, undoing, and the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.moving import Arrived
from gateway.core.records import Media
from gateway.store.disk import DiskBlobs
from gateway.store.sqlite import SqliteCatalog
from tests.browser.conftest import Driver, needs_chromium
from tests.browser.dashboard import House, Visit, open_house, visiting
from tests.conftest import draw
from tests.contract.samples import NOW, a_media

webdriver = pytest.importorskip("selenium.webdriver")

pytestmark = needs_chromium

KEYS = webdriver.Keys
MANY = 5000
IN_SIGHT = """
const seen = [...document.querySelectorAll(".tile")].filter((one) => {
  const { top, bottom } = one.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
});
return seen.map((one) => one.querySelector("img").alt);
"""


def fill(house: House, number: int) -> list[Media]:
    """So many pictures, the newest first, all of them with the same face."""
    face = house.server.data / "face.png"
    face.write_bytes(draw(64, 48))
    blobs = DiskBlobs(house.server.data)
    with closing(SqliteCatalog(house.server.data / "catalog.db")) as catalog:
        owner = catalog.owner_named("admin")
        assert owner
        media = [
            replace(a_media(owner), title=f"No. {at}", created_at=NOW - timedelta(seconds=at)) for at in range(number)
        ]
        blobs.adopt({name: Path(face) for one in media for name in one.blobs()}, link=True)
        catalog.add_arrived([Arrived(one) for one in media])
    return media


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with thousands of pictures, which are only looked at."""
    found = open_house(tmp_path_factory.mktemp("crowd") / "data", GATEWAY_LIMITS__READ="0")
    fill(found, MANY)
    yield found
    found.server.stop()
    found.server.process.communicate()


@pytest.fixture
def crowded(browser: Driver, crowd: House) -> Iterator[Visit]:
    yield from visiting(browser, crowd)


@pytest.fixture
def twelve(visit: Visit) -> Iterator[Visit]:
    """In front of twelve pictures of the test's own."""
    fill(visit.house, 12)
    enter(visit)
    yield visit
    visit.open("keys")
    with closing(SqliteCatalog(visit.house.server.data / "catalog.db")) as catalog:
        owner = catalog.owner_named("admin")
        assert owner
        catalog.drop_media(owner.id, [one["id"] for one in visit.house.listed()], NOW)


def enter(visit: Visit, path: str = "library") -> None:
    """Once its script is at work."""
    visit.open(path)
    visit.wait(lambda: visit.all("#extras.is-here"))


def press(visit: Visit, *keys: str) -> None:
    webdriver.ActionChains(visit.browser).send_keys(*keys).perform()


def held(visit: Visit, holding: str, *keys: str) -> None:
    webdriver.ActionChains(visit.browser).key_down(holding).send_keys(*keys).key_up(holding).perform()


def click(visit: Visit, at: int, holding: str = "") -> None:
    """On the circle of a square."""
    box = visit.all(".pick input")[at]
    chain = webdriver.ActionChains(visit.browser)
    (chain.key_down(holding).click(box).key_up(holding) if holding else chain.click(box)).perform()


def titles(visit: Visit) -> list[str]:
    found: list[str] = visit.run("return [...document.querySelectorAll('.tile img')].map((one) => one.alt)")
    return found


def toast(visit: Visit, word: str) -> None:
    """Presses a button of a note."""
    next(button for button in visit.all(".toast button") if button.text == word).click()


def left(visit: Visit) -> int:
    return len(visit.house.listed())


# thousands


def test_thousands_are_scrolled_through(crowded: Visit) -> None:
    enter(crowded)
    assert crowded.text("#number") == "5,000 files"
    most = 0
    while crowded.find("#turn").is_displayed():
        await_more(crowded, crowded.run("scrollTo(0, document.documentElement.scrollHeight); return scrollY"))
        most = max(most, len(crowded.all(".tile")))
    crowded.run("scrollTo(0, document.documentElement.scrollHeight)")
    crowded.wait(lambda: f"No. {MANY - 1}" in crowded.run(IN_SIGHT))
    assert most <= 700


def await_more(visit: Visit, height: int) -> None:
    """Than could be scrolled to so far, or the end."""
    longer = "return document.documentElement.scrollHeight - innerHeight > arguments[0]"
    visit.wait(lambda: visit.run(longer, height) or not visit.find("#turn").is_displayed())


def test_nothing_is_missing_in_the_middle(crowded: Visit) -> None:
    enter(crowded)

    def are_loaded() -> bool:
        crowded.run("scrollTo(0, document.documentElement.scrollHeight)")
        return bool(crowded.run("return document.getElementById('tiles').scrollHeight > 30000"))

    crowded.wait(are_loaded)
    for height in (25000, 12000, 100, 18000):
        crowded.run("scrollTo(0, arguments[0])", height)
        crowded.wait(lambda: len(crowded.run(IN_SIGHT)) >= 20)
        seen = [int(title.removeprefix("No. ")) for title in crowded.run(IN_SIGHT)]
        assert seen == list(range(seen[0], seen[0] + len(seen)))


def test_nothing_jumps_while_it_loads(crowded: Visit) -> None:
    enter(crowded)
    crowded.run("""
    window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => window.shift += one.value))
      .observe({ type: "layout-shift" });
    """)
    for height in (800, 1600, 2400):
        crowded.run("scrollTo(0, arguments[0])", height)
        crowded.wait(lambda: len(crowded.run(IN_SIGHT)) >= 20)
    crowded.wait(lambda: len(crowded.all(".tile")) > 100)
    assert crowded.run("return window.shift") < 0.02


def test_the_reader_comes_back_to_where_he_was(crowded: Visit) -> None:
    enter(crowded)

    def is_far() -> bool:
        crowded.run("scrollTo(0, document.documentElement.scrollHeight)")
        return bool(crowded.run("return scrollY > 6000"))

    crowded.wait(is_far)
    crowded.run("scrollTo(0, 5000)")
    crowded.wait(lambda: len(crowded.run(IN_SIGHT)) >= 20)
    before = crowded.run(IN_SIGHT)
    crowded.open("keys")
    crowded.browser.back()
    crowded.wait(lambda: crowded.run(IN_SIGHT) == before)


def test_far_away_is_selected_too(crowded: Visit) -> None:
    enter(crowded)
    held(crowded, KEYS.CONTROL, "a")
    assert crowded.text("#count") == "5,000 selected"
    crowded.run("scrollTo(0, document.documentElement.scrollHeight)")
    crowded.wait(lambda: len(crowded.all(".tile")) > 100)
    assert crowded.run("return document.querySelector('.pick :not(:checked, span)')") is None


# choosing


def test_a_range_is_chosen(twelve: Visit) -> None:
    click(twelve, 2)
    click(twelve, 6, KEYS.SHIFT)
    assert twelve.text("#count") == "5 selected"
    click(twelve, 3)
    assert twelve.text("#count") == "4 selected"
    twelve.find("#drop").click()
    assert not twelve.find("#chosen").is_displayed()


def test_while_choosing_a_square_is_no_link(twelve: Visit) -> None:
    click(twelve, 0)
    twelve.all(".tile > a")[3].click()
    assert twelve.text("#count") == "2 selected"
    twelve.all(".tile > a")[3].click()
    twelve.all(".tile > a")[0].click()
    twelve.press(".tile:nth-of-type(4) > a")
    assert twelve.run("return location.pathname") != "/dashboard/library"


def test_many_get_a_tag(twelve: Visit) -> None:
    for at in (0, 1):
        click(twelve, at)
    twelve.find("button[value=tag]").click()
    twelve.wait(lambda: twelve.find("#asked-tags").is_displayed())
    twelve.find("#asked-tags").send_keys("sea, salt", KEYS.ENTER)
    twelve.wait(lambda: "2 files have their tags." in twelve.text("#toasts"))
    assert sorted(tuple(one["tags"]) for one in twelve.house.listed())[-2:] == [("sea", "salt")] * 2


def test_thinking_better_of_it_changes_nothing(twelve: Visit) -> None:
    click(twelve, 0)
    twelve.find("button[value=tag]").click()
    twelve.wait(lambda: twelve.find("#asked-tags").is_displayed())
    press(twelve, "sea", KEYS.ESCAPE)
    twelve.wait(lambda: not twelve.find("#ask-tags").is_displayed())
    assert not any(one["tags"] for one in twelve.house.listed()) and twelve.text("#count") == "One selected"


def test_private_is_seen_at_once(twelve: Visit) -> None:
    click(twelve, 0)
    twelve.find("button[value=private]").click()
    twelve.wait(lambda: twelve.all(".tile:nth-of-type(2) .mark[title=Private]"))


# deleting


def test_a_deletion_is_undone(twelve: Visit) -> None:
    before = titles(twelve)
    for at in (0, 3, 4):
        click(twelve, at)
    twelve.find("button[value=delete]").click()
    assert titles(twelve) == [title for at, title in enumerate(before) if at not in (0, 3, 4)]
    assert "3 files are deleted in ten seconds." in twelve.text("#toasts")
    toast(twelve, "Undo")
    assert titles(twelve) == before and left(twelve) == 12


def test_a_deletion_is_made(twelve: Visit) -> None:
    click(twelve, 0)
    twelve.find("button[value=delete]").click()
    assert left(twelve) == 12
    toast(twelve, "Delete now")
    twelve.wait(lambda: left(twelve) == 11)
    twelve.wait(lambda: twelve.text("#number") == "11 files")


def test_what_is_to_be_deleted_does_not_come_back_before_it_is(twelve: Visit) -> None:
    gone = titles(twelve)[0]
    click(twelve, 0)
    twelve.find("button[value=delete]").click()
    click(twelve, 0)
    twelve.run("document.querySelector('#everything input').click()")
    twelve.find("button[value=private]").click()
    twelve.wait(lambda: "12 files are private now." in twelve.text("#toasts"))
    twelve.wait(lambda: len(twelve.all(".mark[title=Private]")) == 11)
    assert gone not in titles(twelve)
    toast(twelve, "Undo")
    assert gone in titles(twelve) and left(twelve) == 12


def test_a_deletion_happens_after_ten_seconds(twelve: Visit) -> None:
    click(twelve, 0)
    twelve.find("button[value=delete]").click()
    twelve.wait(lambda: left(twelve) == 11)


def test_whoever_leaves_has_deleted(twelve: Visit) -> None:
    click(twelve, 0)
    twelve.find("button[value=delete]").click()
    twelve.open("keys")
    twelve.wait(lambda: left(twelve) == 11)


def test_what_could_not_be_deleted_is_there_again(twelve: Visit) -> None:
    before = titles(twelve)
    click(twelve, 0)
    twelve.find("button[value=delete]").click()
    twelve.go_offline()
    toast(twelve, "Delete now")
    twelve.wait(lambda: "The gateway did not answer." in twelve.text("#toasts"))
    twelve.wait(lambda: titles(twelve) == before)
    twelve.go_offline(False)
    assert twelve.complaints() and left(twelve) == 12


# the keyboard


def test_by_the_keyboard_alone(twelve: Visit) -> None:
    press(twelve, KEYS.ARROW_RIGHT, KEYS.ARROW_RIGHT)
    assert twelve.run("return document.activeElement.querySelector('img').alt") == "No. 1"
    press(twelve, KEYS.SPACE)
    held(twelve, KEYS.SHIFT, KEYS.ARROW_RIGHT, KEYS.ARROW_RIGHT)
    assert twelve.text("#count") == "3 selected"
    press(twelve, KEYS.ESCAPE, "/")
    assert twelve.run("return document.activeElement.id") == "q"
    twelve.run("document.activeElement.blur()")
    press(twelve, "?")
    assert twelve.find("#keys-dialog").is_displayed()
    press(twelve, KEYS.ESCAPE)
    twelve.wait(lambda: not twelve.find("#keys-dialog").is_displayed())
    press(twelve, KEYS.END, KEYS.DELETE)
    assert titles(twelve)[-1] == "No. 10"
    toast(twelve, "Undo")
    press(twelve, KEYS.HOME, KEYS.ENTER)
    twelve.wait(lambda: twelve.run("return location.pathname") != "/dashboard/library")


def test_one_square_is_one_stop(twelve: Visit) -> None:
    stops = "return document.querySelectorAll('.tile [tabindex=\"0\"]').length"
    assert twelve.run(stops) == 3
    press(twelve, KEYS.ARROW_RIGHT, KEYS.ARROW_DOWN)
    assert twelve.run(stops) == 3


# links


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        ("direct", "{url}/{id}.png"),
        ("viewer", "{url}/image/{id}"),
        ("markdown", "![No. 0]({url}/{id}.png)"),
        ("html", '<a href="{url}/image/{id}"><img src="{url}/{id}.png" alt="No. 0"></a>'),
        ("bbcode", "[url={url}/image/{id}][img]{url}/{id}.png[/img][/url]"),
    ],
)
def test_a_link_is_copied(twelve: Visit, kind: str, link: str) -> None:
    twelve.run("const as = document.getElementById('copy-as'); as.value = arguments[0];"
               "as.dispatchEvent(new Event('change'))", kind)  # fmt: skip
    enter(twelve)
    press(twelve, KEYS.ARROW_RIGHT, "c")
    twelve.wait(lambda: twelve.text("#said") == "Copied")
    newest = twelve.run("return document.querySelector('.tile').dataset.id")
    assert twelve.clipboard() == link.format(url=twelve.house.url, id=newest)


# what comes in, and what is looked for


def test_a_new_one_is_put_in_front(twelve: Visit) -> None:
    image = twelve.house.add(seed=7, title="New")
    new = image["url"].rpartition("/")[2].partition(".")[0]
    twelve.run("document.dispatchEvent(new CustomEvent('picgate:added', { detail: { id: arguments[0] } }))", new)
    twelve.wait(lambda: titles(twelve)[0] == "New" and twelve.text("#number") == "13 files")


def test_a_choice_is_looked_up_at_once_and_gone_back_from(twelve: Visit) -> None:
    before = twelve.find("html")
    twelve.run("const kind = document.getElementById('kind'); kind.value = 'video';"
               "kind.dispatchEvent(new Event('change', { bubbles: true }))")  # fmt: skip
    twelve.wait(lambda: twelve.find("html") != before and twelve.run("return location.search") == "?kind=video")
    twelve.wait(lambda: "Nothing is found." in twelve.text("#empty"))
    twelve.browser.back()
    twelve.wait(lambda: len(titles(twelve)) == 12)


def test_without_scripts_it_is_all_there(visit: Visit) -> None:
    fill(visit.house, 2)
    visit.without_scripts()
    visit.open("library?q=No.")
    visit.all(".pick input")[0].click()
    visit.press("#chosen button[value=delete]")
    visit.press(".danger")
    assert "The files are deleted." in visit.text(".notice") and left(visit) == 1


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("language", ["en", "de"])
def test_it_fits_every_screen(twelve: Visit, width: int, language: str) -> None:
    twelve.screen(width)
    twelve.in_language(language)
    enter(twelve, "library?kind=image")
    click(twelve, 0)
    assert twelve.is_wide_enough()
