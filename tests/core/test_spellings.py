"""Paths as careless tools write them, and the files that renditions belong to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.spellings import is_file_name, mains, one_slash, spellings


def test_a_plain_path_has_one_spelling() -> None:
    assert spellings("/images/2026/11/21/a-b_c.th.png") == ["/images/2026/11/21/a-b_c.th.png"]


def test_what_was_asked_is_looked_for_first() -> None:
    assert spellings("/a+b//c%20d.png")[0] == "/a+b//c%20d.png"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("//a///b.png", "/a/b.png"),
        ("/a/./b/../c.png", "/a/c.png"),
        ("/a%20b.png", "/a b.png"),
        ("/a%2520b.png", "/a b.png"),
        ("/a+b.png", "/a b.png"),
        ("/a//b%20c.png", "/a/b c.png"),
        ("/u\u0308.png", "/\u00fc.png"),
        ("/\u00fc.png", "/u\u0308.png"),
        ("/100%.png", "/100%.png"),
    ],
)
def test_a_careless_spelling_is_understood(asked: str, meant: str) -> None:
    assert meant in spellings(asked)


@given(st.text())
def test_any_text_has_spellings_that_begin_with_a_slash(text: str) -> None:
    assert spellings(f"/{text}")[0] == f"/{text}"
    assert one_slash(f"/{text}").startswith("/") and not one_slash(f"/{text}").startswith("//")


def test_the_file_of_a_rendition() -> None:
    assert list(mains("/a/b.th.png")) == [("/a/b.png", "th")]
    assert ("/a/b.mp4", "fr") in list(mains("/a/b.fr.jpeg"))
    assert ("/a/b.mp3", "th") in list(mains("/a/b.th.jpg"))
    assert ("/a/b.jpg", "fr") not in list(mains("/a/b.fr.jpg"))
    assert list(mains("/a/b.png")) == [] == list(mains("/a.th.png/b"))


def test_a_file_name_ends_as_files_do() -> None:
    assert is_file_name("/a/b.JPG") and is_file_name("/x.y.webm")
    assert not is_file_name("/a.png/b") and not is_file_name("/png") and not is_file_name("/a.html")
