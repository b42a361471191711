"""What the query of a file's address asks for, and where the pixels go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidImageParams
from gateway.core.recipes import MAX_SIDE, Fit, Layout, Recipe, asked_recipe, layout


def test_it_works() -> None:
    assert asked_recipe("w=300&h=200&fit=cover&fmt=webp&q=70") == Recipe(300, 200, "cover", "webp", 70)


def test_what_is_not_said_has_a_default() -> None:
    assert asked_recipe("w=300") == Recipe(width=300, height=None, fit="inside", format=None, quality=85)


@pytest.mark.parametrize("query", ["", "v=2", "sig=abc&exp=1790000000", "v="])
def test_a_cache_buster_and_a_signature_ask_nothing_of_the_picture(query: str) -> None:
    assert asked_recipe(query) is None


def test_they_may_stand_beside_a_size() -> None:
    assert asked_recipe("v=2&w=10&sig=a") == Recipe(width=10)


@pytest.mark.parametrize(
    "query",
    [
        "w=0", "w=4097", "w=-1", "w=1.5", "w=", "w=abc", "w=%D9%A1", "w=+5", "w=00005", "h=0", "h=99999", "q=0",
        "q=101", "q=high", "fit=stretch", "fit=", "fit=COVER", "fmt=gif", "fmt=jpg", "fmt=", "w=1&w=2", "wm=1",
        "preview=1", "x=1", "W=1", "w", "1234", "=1", "w=1;h=2", "&".join(f"v={n}" for n in range(40)),
    ],
)  # fmt: skip
def test_anything_else_is_refused(query: str) -> None:
    with pytest.raises(InvalidImageParams) as refused:
        asked_recipe(query)
    assert refused.value.code == "INVALID_IMAGE_PARAMS"


def test_the_refusal_names_the_parameter() -> None:
    with pytest.raises(InvalidImageParams, match="w must be a whole number from 1 to 4096"):
        asked_recipe("w=5000")
    with pytest.raises(InvalidImageParams, match="no parameter 'wm'"):
        asked_recipe("wm=7")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("w=300", "w=0300"),
        ("w=300&h=200", "h=200&w=300&fit=inside"),
        ("w=300", "w=300&fit=cover"),
        ("w=300", "w=300&q=85&fmt=jpeg"),
    ],
)
def test_two_spellings_of_one_wish_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_quality_is_no_difference_where_nothing_is_lost() -> None:
    assert key("w=9&q=10", "png") == key("w=9", "png")
    assert key("w=9&q=10", "webp") != key("w=9", "webp")


def test_different_wishes_have_different_keys() -> None:
    queries = ["w=300", "h=300", "w=300&h=300", "w=300&h=300&fit=cover", "w=300&q=80", "q=80", "w=30&h=0300"]

    assert len({key(query) for query in queries}) == len(queries)


def key(query: str, format: str = "jpeg") -> str:
    recipe = asked_recipe(query)
    assert recipe
    return recipe.key(format)


WIDE = (800, 400)


@pytest.mark.parametrize(
    ("fit", "drawn", "canvas"),
    [
        ("inside", (200, 100), (200, 100)),
        ("outside", (400, 200), (400, 200)),
        ("contain", (200, 100), (200, 200)),
        ("cover", (200, 200), (200, 200)),
        ("fill", (200, 200), (200, 200)),
    ],
)
def test_every_fit_of_a_wide_picture(fit: Fit, drawn: tuple[int, int], canvas: tuple[int, int]) -> None:
    plan = layout(WIDE, Recipe(200, 200, fit))

    assert (plan.drawn, plan.canvas) == (drawn, canvas)


def test_cover_takes_the_middle() -> None:
    assert layout(WIDE, Recipe(200, 200, "cover")).box == (200, 0, 600, 400)
    assert layout((400, 800), Recipe(200, 200, "cover")).box == (0, 200, 400, 600)


@pytest.mark.parametrize("fit", ["inside", "outside", "contain", "cover", "fill"])
def test_one_side_alone_keeps_the_ratio(fit: Fit) -> None:
    assert layout(WIDE, Recipe(width=200, fit=fit)).canvas == (200, 100)
    assert layout(WIDE, Recipe(height=200, fit=fit)).canvas == (400, 200)


def test_a_small_picture_is_enlarged_when_asked_to_be() -> None:
    assert layout((40, 20), Recipe(width=400)).canvas == (400, 200)


def test_without_a_size_it_keeps_its_own() -> None:
    assert layout(WIDE, Recipe(format="webp")) == Layout((0, 0, 800, 400), WIDE, WIDE)


@pytest.mark.parametrize(
    ("source", "recipe", "size"),
    [
        ((100, 1000), Recipe(width=4096), (410, 4096)),
        ((1000, 10), Recipe(100, 100, "outside"), (4096, 41)),
        ((8192, 4096), Recipe(format="webp"), (4096, 2048)),
        ((1, 30_000), Recipe(width=4096), (1, 4096)),
    ],
)
def test_no_side_is_ever_over_4096(source: tuple[int, int], recipe: Recipe, size: tuple[int, int]) -> None:
    assert layout(source, recipe).canvas == size


SIDES = st.integers(1, 40_000)
ASKED = st.none() | st.integers(1, MAX_SIDE)
FITS = st.sampled_from(["inside", "outside", "contain", "cover", "fill"])


@given(st.tuples(SIDES, SIDES), ASKED, ASKED, FITS)
def test_whatever_is_asked_stays_within_bounds(
    source: tuple[int, int], width: int | None, height: int | None, fit: Fit
) -> None:
    plan = layout(source, Recipe(width, height, fit))
    left, top, right, bottom = plan.box

    assert all(1 <= side <= MAX_SIDE for side in (*plan.drawn, *plan.canvas))
    assert plan.drawn[0] <= plan.canvas[0] and plan.drawn[1] <= plan.canvas[1]
    assert 0 <= left < right <= source[0] and 0 <= top < bottom <= source[1]
