"""What is stored, and how much is left."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.app import create_app
from gateway.core.library import Added
from gateway.core.plans import Plan
from gateway.core.records import Owner
from gateway.core.sizes import format_size
from gateway.settings import Limits, Settings
from gateway.store.opening import Opened
from gateway.web.pages.dashboard import plots
from tests.conftest import Client
from tests.web.dashboard.conftest import Person, text_of

USAGE = "/dashboard/usage"
Add = Callable[..., Added]


def test_an_empty_library(user: Person) -> None:
    text = text_of(user.get(USAGE).text)
    assert "0 B stored" in text and "Nothing limits you" in text and "Nothing is stored yet." in text


def test_it_works(user: Person, alice: Owner, add_image: Add, opened: Opened, bob: Owner) -> None:
    sizes = [add_image(owner=alice, title=f"No. {number}").media.size_bytes for number in range(3)]
    add_image(owner=bob, title="Not hers")
    opened.owners.limit("alice", None, 1_000_000)
    page = user.get(USAGE)
    text = text_of(page.text)
    assert "3 uploads in 30 days" in text and "Not hers" not in text
    assert f"Pictures 3 {format_size(sum(sizes))}" in text
    assert "of 1 MB" in text
    assert all(f"No. {number}" in text for number in range(3))


def test_numbers_are_written_as_the_language_does(user: Person, alice: Owner, opened: Opened) -> None:
    text = text_of(user.get(USAGE, headers={"Accept-Language": "de"}).text)
    assert "600 von 600" in text and "0 B gespeichert" in text
    opened.owners.limit("alice", None, 1_500_000)
    assert "0 B von 1,5 MB" in text_of(user.get(USAGE, headers={"Accept-Language": "de"}).text)


def test_a_plan_is_told_with_what_is_used_of_it(
    settings: Settings, opened: Opened, alice: Owner, add_image: Add
) -> None:
    plan = Plan("default", image_bytes=10, uploads_per_day=4, uploads_per_month=100)
    person = Person(Client(create_app(replace(settings, plans=(plan,)), opened)))
    person.sign_in()
    add_image(owner=alice)
    page = person.get(USAGE).text
    assert "Uploads today 1 of 4" in text_of(page) and "Uploads this month 1 of 100" in text_of(page)
    assert 'aria-label="25 percent used"' in page and 'aria-label="100 percent used"' in page


def test_requests_are_counted_down(user: Person, opened: Opened, alice: Owner) -> None:
    _, text = opened.keys.issue(alice, "laptop")
    for _ in range(3):
        user.client.get("/v1/images", headers={"Authorization": f"Bearer {text}"})
    told = text_of(user.get(USAGE).text)
    assert "Reads in a minute 597 of 600" in told
    assert "with the key laptop 4,997 of 5,000" in told


def test_what_is_not_counted_is_any_number(settings: Settings, opened: Opened, alice: Owner) -> None:
    person = Person(Client(create_app(replace(settings, limits=Limits(read=0)), opened)))
    person.sign_in()
    assert "Reads in a minute any number" in text_of(person.get(USAGE).text)


def test_a_plot_fits_its_place(user: Person, alice: Owner, add_image: Add) -> None:
    for _ in range(3):
        add_image(owner=alice)
    page = user.get(USAGE).text
    assert "style=" not in page
    for width in re.findall(r'<rect[^>]* width="([\d.]+)"', page):
        assert 0 < float(width) <= plots.WIDTH


# plots


def days(*numbers: int) -> dict[date, int]:
    return {date(2026, 11, 1) + timedelta(days=at): number for at, number in enumerate(numbers)}


@pytest.mark.parametrize(
    ("most", "line"),
    [(0, 4), (1, 4), (4, 4), (5, 10), (10, 10), (11, 20), (39, 40), (41, 100), (101, 200), (999, 1000)],
)
def test_the_line_above_is_round(most: int, line: int) -> None:
    assert plots.columns(days(0, most)).line == line


def test_columns_are_as_high_as_their_numbers() -> None:
    drawn = plots.columns(days(0, 10, 5, 1)).columns
    assert [column.height for column in drawn] == [0, plots.HEIGHT, plots.HEIGHT / 2, plots.HEIGHT / 10]
    assert all(column.y + column.height == plots.HEIGHT for column in drawn)


def test_one_upload_beside_a_thousand_is_seen() -> None:
    assert plots.columns(days(1000, 1)).columns[1].height == 2


@pytest.mark.parametrize("amounts", [[1, 0, 1], [1, 1, 1_000_000], [0, 0, 5], [1_000_000, 1, 1]])
def test_a_strip_is_filled_and_not_more(amounts: list[int]) -> None:
    pieces = plots.strip(amounts, sum(amounts))
    assert [piece.hue for piece in pieces] == [hue for hue, amount in enumerate(amounts, 1) if amount]
    assert all(piece.width > 0 for piece in pieces)
    assert pieces[-1].x + pieces[-1].width == pytest.approx(plots.STRIP_WIDTH, abs=5)
    assert pieces[-1].x + pieces[-1].width <= plots.STRIP_WIDTH


def test_a_strip_of_nothing_is_empty() -> None:
    assert plots.strip([0, 0, 0], 0) == ()
