"""Uploading from the dashboard, in a browser: by button, drop, paste and address; broken lines; no script."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gateway.core.sizes import format_size
from tests.browser.conftest import Driver, needs_chromium
from tests.browser.dashboard import Visit, needs_axe, open_house, visiting
from tests.conftest import draw

pytestmark = needs_chromium

LARGE = 12_000_000  # in two pieces
LINE = 2_000_000  # bytes a second: slow enough to be seen on the way


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., list[Path]]:
    """pictures(2) are files on the disk that no other test has."""

    def make(number: int, begin: int = 0) -> list[Path]:
        found = []
        for at in range(number):
            path = tmp_path / f"picture {begin + at}.png"
            # The folder's name is another one for every test.
            path.write_bytes(draw(seed=begin + at, width=40 + sum(map(ord, tmp_path.name)) % 400))
            found.append(path)
        return found

    return make


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A picture that is sent in pieces, with noise in it, so that it is no other test's."""
    path = tmp_path / "large.bmp"
    Image.effect_noise((2000, 2000), 50).convert("RGB").save(path)
    assert path.stat().st_size > LARGE - 1_000_000
    return path


def choose(visit: Visit, *files: Path) -> None:
    visit.find("#upload-files").send_keys("\n".join(map(str, files)))


def states(visit: Visit) -> list[str]:
    return [row.get_attribute("class").removeprefix("sending is-") for row in visit.all(".sending")]


def wait_for(visit: Visit, *wanted: str) -> None:
    visit.wait(lambda: states(visit) == list(wanted))


def drop(visit: Visit, *paths: Path) -> None:
    """As the system does it."""
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        visit.browser.execute_cdp_cmd("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 500, "data": data})


def paste(visit: Visit, *, text: str = "", file: bytes = b"") -> None:
    visit.run(
        """
        const transfer = new DataTransfer();
        const [text, file] = arguments;
        if (text) transfer.setData("text/plain", text);
        const bytes = Uint8Array.from(atob(file), (mark) => mark.charCodeAt(0));
        if (file) transfer.items.add(new File([bytes], "image.png", { type: "image/png" }));
        const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
        (document.activeElement ?? document.body).dispatchEvent(event);
        """,
        text,
        base64.b64encode(file).decode(),
    )


def test_chosen_files_come_in_and_are_shown(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    visit.open("library")
    choose(visit, *pictures(4))
    wait_for(visit, "done", "done", "done", "done")
    assert visit.text("#sendings-summary") == "4 of 4 uploaded"
    newest = {one["id"] for one in visit.house.listed()[:4]}
    visit.wait(lambda: {tile.get_attribute("data-id") for tile in visit.all("#tiles .tile")[:4]} == newest)
    assert visit.text("#said") == "4 of 4 uploaded"


def test_the_link_is_copied_in_the_form_that_was_chosen(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    visit.open("library")
    choose(visit, *pictures(2))
    wait_for(visit, "done", "done")
    url = visit.house.listed()[0]["url"]
    visit.all('[data-do="copy"]')[-1].click()
    visit.wait(lambda: visit.text(".sending:last-child [data-do=copy]") == "Copied")
    copied = [visit.text(f".sending:nth-child({at}) .address") for at in (1, 2)]
    assert url in copied and visit.clipboard() == copied[1]
    visit.find('#sendings-form option[value="markdown"]').click()
    visit.find("#sendings-copy").click()
    visit.wait(lambda: visit.text("#sendings-copy") == "Copied")
    lines = visit.clipboard().split("\n")
    assert [line.startswith("![picture ") for line in lines] == [True, True] and f"({url})" in "".join(lines)
    visit.open("library")
    assert visit.run("return document.getElementById('sendings-form').value") == "markdown"


def test_a_drop_anywhere(visit: Visit, pictures: Callable[..., list[Path]], tmp_path: Path) -> None:
    """Folders too, with what is in them."""
    (folder := tmp_path / "holiday" / "beach").mkdir(parents=True)
    pictures(3)
    (tmp_path / "picture 1.png").rename(folder / "one.png")
    (tmp_path / "picture 2.png").rename(folder.parent / "two.png")
    (folder / ".DS_Store").write_bytes(b"of a system")
    visit.open("library")
    drop(visit, tmp_path / "picture 0.png", tmp_path / "holiday")
    wait_for(visit, "done", "done", "done")
    assert {name.text for name in visit.all(".sending .name")} == {"picture 0.png", "one.png", "two.png"}
    assert not visit.find("#drop-here").is_displayed()


def test_what_is_dragged_is_welcome_everywhere(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    visit.open("library")
    data = {"items": [], "files": [str(pictures(1)[0])], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver"):
        visit.browser.execute_cdp_cmd("Input.dispatchDragEvent", {"type": kind, "x": 9, "y": 9, "data": data})
    visit.wait(lambda: visit.find("#drop-here").is_displayed())
    visit.wait(lambda: not visit.find("#drop-here").is_displayed())


def test_a_picture_is_pasted(visit: Visit) -> None:
    visit.open("library")
    paste(visit, file=draw(31, 17))
    wait_for(visit, "done")
    newest = visit.house.listed()[0]
    assert newest["width"] == 31 and newest["filename"].startswith("Pasted 20")


def test_an_address_is_pasted_and_told_why_nothing_is_fetched(visit: Visit) -> None:
    visit.open("library")
    visit.find("h1").click()
    paste(visit, text=f"{visit.house.url}/nothing.png")
    assert visit.find("#upload-url").get_property("value") == f"{visit.house.url}/nothing.png"
    visit.find("#upload-url").submit()
    wait_for(visit, "failed")
    assert visit.text(".sending .state") == "Nothing is fetched from this address."
    assert visit.find("#upload-url").get_property("value") == ""
    assert len(visit.complaints()) == 1


def test_text_pasted_into_a_field_stays_there(visit: Visit) -> None:
    visit.open("library")
    visit.find("#q").click()
    paste(visit, text="https://example.org/cat.png")
    assert visit.find("#upload-url").get_property("value") == "" and not visit.all(".sending")


def test_choices_are_of_the_files_that_come_after_them(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    visit.open("library")
    visit.find("#upload-choices summary").click()
    visit.find('#upload-visibility option[value="private"]').click()
    visit.find("#upload-tags").send_keys("sea, one day")
    visit.find('#upload-life option[value="P7D"]').click()
    choose(visit, *pictures(1))
    wait_for(visit, "done")
    newest = visit.house.listed()[0]
    assert (newest["isPublic"], sorted(newest["tags"])) == (False, ["one day", "sea"])
    assert visit.text("#upload-chosen") == "Only me · sea, one day · After a week"
    assert visit.text(".sending .state").startswith("Private.")
    visit.open("library")
    assert visit.text("#upload-chosen") == "Only me · sea, one day · After a week"


def test_each_file_that_is_refused_says_why(visit: Visit, pictures: Callable[..., list[Path]], tmp_path: Path) -> None:
    visit.in_language("de")
    (text := tmp_path / "notes.txt").write_text("no picture")
    (empty := tmp_path / "empty.png").touch()
    visit.open("library")
    choose(visit, text, *pictures(1), empty)
    wait_for(visit, "failed", "done", "failed")
    said = [visit.text(f".sending:nth-child({at}) .state") for at in (1, 3)]
    assert said[0].startswith("Das ist kein Bild, Video oder Ton") and said[1] == "In dieser Datei steht nichts."
    assert visit.text("#sendings-summary") == "1 von 3 hochgeladen, 2 nicht"
    assert len(visit.complaints()) == 2


def test_a_file_twice_is_one(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    visit.open("library")
    choose(visit, *pictures(1))
    wait_for(visit, "done")
    number = len(visit.house.listed())
    choose(visit, *pictures(1))
    wait_for(visit, "done", "done")
    assert visit.text(".sending:last-child .state").startswith("You had this file already.")
    assert len(visit.house.listed()) == number == len({tile.get_attribute("data-id") for tile in visit.all(".tile")})


def test_a_large_file_comes_in_pieces(visit: Visit, large: Path) -> None:
    visit.open("library")
    choose(visit, large)
    wait_for(visit, "done")
    newest = visit.house.listed()[0]
    assert (newest["filename"], newest["width"]) == ("large.bmp", 2000)
    assert visit.run("return Object.keys(localStorage).filter((key) => key.startsWith('picgate-upload-'))") == []


def first_piece_is_there(visit: Visit) -> Callable[[], Any]:
    return lambda: visit.run("return document.querySelector('.sending progress').value") > 0.7


def leave_in_the_middle(visit: Visit, large: Path) -> None:
    """And come back."""
    visit.open("library")
    visit.slow_down(LINE * 4)
    choose(visit, large)
    visit.wait(first_piece_is_there(visit))
    visit.open("library")
    assert all("beforeunload" in one for one in visit.complaints())  # shown to those who touched the page
    visit.slow_down(-1)
    wait_for(visit, "unfinished")


def test_after_a_reload_it_goes_on_where_it_was(visit: Visit, large: Path) -> None:
    leave_in_the_middle(visit, large)
    assert visit.text(".sending .state").startswith("8 MB of 12 MB are here already.")
    before = visit.house.listed()
    choose(visit, large)
    wait_for(visit, "done")
    after = visit.house.listed()
    assert len(after) == len(before) + 1 and after[0]["filename"] == "large.bmp"


def test_it_goes_on_as_it_was_begun_whatever_is_chosen_now(visit: Visit, large: Path) -> None:
    visit.browser.execute_cdp_cmd("Page.setInterceptFileChooserDialog", {"enabled": True})
    visit.open("library")
    visit.find("#upload-choices summary").click()
    visit.find('#upload-visibility option[value="private"]').click()
    visit.slow_down(LINE * 4)
    choose(visit, large)
    visit.wait(first_piece_is_there(visit))
    visit.run("sessionStorage.clear()")
    visit.run("addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), true)")
    visit.open("library")
    visit.slow_down(-1)
    wait_for(visit, "unfinished")
    assert visit.text("#upload-chosen") == "Everybody with the link"
    visit.find('[data-do="choose"]').click()
    choose(visit, large)
    wait_for(visit, "done")
    assert visit.house.listed()[0]["isPublic"] is False


def test_an_unfinished_one_is_forgotten(visit: Visit, large: Path) -> None:
    leave_in_the_middle(visit, large)
    visit.find('[data-do="dismiss"]').click()
    wait_for(visit)
    visit.open("library")
    assert visit.run("return Object.keys(localStorage).filter((key) => key.startsWith('picgate-upload-'))") == []


def test_a_line_that_breaks_is_waited_for(visit: Visit, large: Path) -> None:
    visit.open("library")
    visit.slow_down(LINE)
    choose(visit, large)
    visit.wait(lambda: visit.run("return document.querySelector('.sending progress').value") > 0.2)
    visit.go_offline()
    visit.wait(lambda: "The connection is lost" in visit.text(".sending .state"))
    visit.go_offline(False)
    wait_for(visit, "done")
    assert visit.house.listed()[0]["filename"] == "large.bmp"
    assert all("ERR_INTERNET_DISCONNECTED" in one for one in visit.complaints())


def test_a_small_file_goes_again_when_the_line_is_back(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    visit.open("library")
    visit.go_offline()
    choose(visit, *pictures(1))
    wait_for(visit, "failed")
    assert "cannot be reached" in visit.text(".sending .state")
    visit.go_offline(False)
    wait_for(visit, "done")
    assert visit.complaints()


def test_one_is_cancelled_and_sent_after_all(visit: Visit, large: Path, pictures: Callable[..., list[Path]]) -> None:
    visit.open("library")
    visit.slow_down(LINE // 4)
    choose(visit, large)
    visit.wait(lambda: visit.run("return document.querySelector('.sending progress').value") > 0)
    visit.find('[data-do="cancel"]').click()
    wait_for(visit, "cancelled")
    visit.slow_down(-1)
    visit.find('[data-do="retry"]').click()
    wait_for(visit, "done")


def test_one_that_is_cancelled_and_dismissed_is_not_offered_again(visit: Visit, large: Path) -> None:
    visit.open("library")
    visit.slow_down(LINE * 4)
    choose(visit, large)
    visit.wait(first_piece_is_there(visit))
    visit.find('[data-do="cancel"]').click()
    wait_for(visit, "cancelled")
    visit.slow_down(-1)
    visit.find('[data-do="dismiss"]').click()
    wait_for(visit)
    assert visit.run("return Object.keys(localStorage).filter((key) => key.startsWith('picgate-upload-'))") == []


def test_no_more_than_three_are_on_their_way(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    visit.open("library")
    visit.slow_down(200)
    choose(visit, *pictures(5))
    wait_for(visit, "sending", "sending", "sending", "waiting", "waiting")
    visit.find("#sendings-cancel").click()
    wait_for(visit, *["cancelled"] * 5)


@pytest.fixture
def fragile(browser: Driver, tmp_path: Path) -> Iterator[Visit]:
    """In a house that may be brought down."""
    yield from visiting(browser, house := open_house(tmp_path / "fragile"))
    house.close()


@pytest.fixture
def strict(browser: Driver, tmp_path: Path) -> Iterator[Visit]:
    """Ten uploads a minute, for an admin, of files of one megabyte."""
    house = open_house(
        tmp_path / "strict", GATEWAY_LIMITS__UPLOAD="1", GATEWAY_UPLOADS__MAX_SIZE="1 MB",
        GATEWAY_UPLOADS__URL_SOURCES="false",
    )  # fmt: skip
    yield from visiting(browser, house)
    house.close()


def test_limits_are_told_before_anything_is_sent(strict: Visit, large: Path) -> None:
    strict.open("library")
    assert not strict.all("#upload-url") and not strict.find("#upload-send").is_displayed()
    choose(strict, large)
    wait_for(strict, "failed")
    assert strict.text(".sending .state") == f"This is larger than {format_size(1_000_000)}, the most you can send."


def test_too_many_at_once_wait_for_their_turn(strict: Visit, pictures: Callable[..., list[Path]]) -> None:
    strict.open("library")
    choose(strict, *pictures(12))
    strict.wait(lambda: set(states(strict)) == {"done", "waiting"} and len(states(strict)) == 12)
    strict.wait(lambda: "It goes on in" in strict.text(".sending.is-waiting .state"))
    assert all("429" in one for one in strict.complaints())


def test_a_gateway_that_is_killed_is_waited_for(fragile: Visit, large: Path) -> None:
    fragile.open("library")
    fragile.slow_down(LINE * 4)
    choose(fragile, large)
    fragile.wait(first_piece_is_there(fragile))
    fragile.house.kill()
    fragile.wait(lambda: "Not answered just now" in fragile.text(".sending .state"))
    fragile.slow_down(-1)
    fragile.house.restart()
    wait_for(fragile, "done")
    assert [one["filename"] for one in fragile.house.listed()] == ["large.bmp"]
    assert all("ERR_" in one for one in fragile.complaints())


def test_who_is_signed_out_signs_in_and_retries(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    visit.open("library")
    visit.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    choose(visit, *pictures(1))
    wait_for(visit, "failed")
    assert visit.text(".sending .state").startswith("You are not signed in")
    visit.sign_in()
    visit.find('[data-do="retry"]').click()
    wait_for(visit, "done")
    assert len(visit.complaints()) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_is_wide_enough(visit: Visit, pictures: Callable[..., list[Path]], tmp_path: Path, scheme: str) -> None:
    visit.screen(360, 740)
    visit.in_scheme(scheme)
    (text := tmp_path / f"{'long-' * 40}.txt").write_text("no picture")
    visit.open("upload")
    choose(visit, *pictures(1), text)
    wait_for(visit, "done", "failed")
    visit.find("#upload-choices summary").click()
    assert visit.is_wide_enough()
    visit.complaints()


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_there_are_no_barriers(visit: Visit, pictures: Callable[..., list[Path]], tmp_path: Path, scheme: str) -> None:
    visit.in_scheme(scheme)
    (text := tmp_path / "notes.txt").write_text("no picture")
    visit.open("upload")
    choose(visit, *pictures(2), text)
    wait_for(visit, "done", "done", "failed")
    visit.find("#upload-choices summary").click()
    assert visit.barriers() == []
    visit.complaints()


def test_without_a_script_a_form_does_it(visit: Visit, pictures: Callable[..., list[Path]], tmp_path: Path) -> None:
    visit.without_scripts()
    (text := tmp_path / "notes.txt").write_text("no picture")
    visit.open("library")
    choose(visit, *pictures(2), text)
    visit.press("#upload-send")
    assert visit.text(".heading p") == "2 of 3 uploaded"
    assert [visit.find(f"#direct-{at}").get_attribute("value") for at in (1, 2)] == [
        one["url"] for one in reversed(visit.house.listed()[:2])
    ]
    assert "This is no picture" in visit.text(".uploaded .problem")
