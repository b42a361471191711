"""What may be a tag, and what becomes of the white space in it."""

from __future__ import annotations

import pytest

from gateway.core.tags import sort_out


def test_it_works() -> None:
    assert sort_out(["cat", "Holiday 2026", "Köln", "👍"]) == (("cat", "Holiday 2026", "Köln", "👍"), ())


def test_case_and_accents_make_another_tag() -> None:
    assert sort_out(["One", "one", "ONE", "e\u0301", "\u00e9"])[0] == ("One", "one", "ONE", "e\u0301", "\u00e9")


def test_white_space_is_tidied() -> None:
    assert sort_out(["  black \t\n and\u00a0  white "]) == (("black and white",), ())


def test_each_is_kept_once_in_the_order_sent() -> None:
    assert sort_out(["b", "a", " b", "c", "a"]) == (("b", "a", "c"), ())


@pytest.mark.parametrize("nothing", ["", " ", "\t\n", "\u3000"])
def test_nothing_is_neither_kept_nor_left_out(nothing: str) -> None:
    assert sort_out([nothing, "cat", nothing]) == (("cat",), ())


@pytest.mark.parametrize("name", ["x" * 32, "世" * 32, "👍" * 32, " " + "x" * 32 + " ", "x  " * 10 + "xx"])
def test_a_tag_has_up_to_32_characters_when_tidied(name: str) -> None:
    assert sort_out([name])[1] == ()


@pytest.mark.parametrize("name", ["x" * 33, "世" * 33, "x " * 16 + "x", "a,b", "a/b", "#cat", "c#", "/", ",", "#"])
def test_a_tag_that_is_too_long_or_holds_a_separator_is_left_out(name: str) -> None:
    assert sort_out([name, "cat"]) == (("cat",), (name,))


@pytest.mark.parametrize("name", ["!", "!!!", "---", "_", "...", "~~~~", "'", '""', "\\"])
def test_one_mark_repeated_is_left_out(name: str) -> None:
    assert sort_out([name]) == ((), (name,))


@pytest.mark.parametrize("name", ["!?", "c++", "-a-", "_x_", ":)", "aaa", "ーー", "ー", "¿¿", "👍👍", "0", "1"])
def test_other_short_ones_are_tags(name: str) -> None:
    assert sort_out([name]) == ((name,), ())


def test_a_tag_left_out_is_told_as_it_was_tidied() -> None:
    assert sort_out(["  a / b  "]) == ((), ("a / b",))
