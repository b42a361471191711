"""File names and titles: text from outside, made safe to keep and good to read."""

from __future__ import annotations

import pytest

from gateway.core.titles import base_name, clean, title_from


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("Holiday_Photo-01.jpg", "Holiday Photo 01"),
        ("photo.jpg", "photo"),
        ("photo", "photo"),
        ("photo.", "photo"),
        ("archive.tar.gz", "archive.tar"),
        ("a -_- b.png", "a b"),
        ("__a__.png", "a"),
        ("Straße am Fluß 🌊.jpg", "Straße am Fluß 🌊"),
        ("two\n lines.jpg", "two lines"),
        ("no\u00a0break.jpg", "no break"),
    ],
)
def test_it_works(filename: str, title: str) -> None:
    assert title_from(filename) == title


@pytest.mark.parametrize("filename", ["", ".jpg", "_.jpg", "---.png", " .png", "-", ".", "_-_ -.jpeg", ".htaccess"])
def test_a_name_that_says_nothing_is_no_title(filename: str) -> None:
    assert title_from(filename) is None


def test_a_title_is_cut_at_100_characters() -> None:
    assert title_from("👍" * 150 + ".jpg") == "👍" * 100
    assert title_from("x" * 99 + " yz.jpg") == "x" * 99


# file names


@pytest.mark.parametrize(
    "sent",
    ["cat.jpg", "/home/alice/cat.jpg", "C:\\Users\\alice\\cat.jpg", "..\\../cat.jpg", " cat.jpg ", "a/b\\cat.jpg"],
)
def test_only_the_last_part_of_a_path_is_kept(sent: str) -> None:
    assert base_name(sent) == "cat.jpg"


@pytest.mark.parametrize("sent", ["", "/", "a/", "a\\", "C:\\", " ", "\0"])
def test_a_path_may_have_no_last_part(sent: str) -> None:
    assert base_name(sent) == ""


def test_a_long_name_keeps_its_end() -> None:
    kept = base_name("x" * 300 + "👍.jpg")
    assert kept == "x" * 250 + "👍.jpg"


def test_a_name_keeps_any_letter() -> None:
    assert base_name("Grüße 世界 👩‍🚀 'quoted' \"%20\".jpg") == "Grüße 世界 👩‍🚀 'quoted' \"%20\".jpg"


# any text


def test_clean_text_is_left_alone() -> None:
    text = "Grüße\n\t世界 👩‍🚀 \x01\x1b\x7f \u200b\ufeff \U0010ffff"
    assert clean(text) == text


def test_nul_is_dropped() -> None:
    assert clean("a\0b\0") == "ab"


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc80.jpg", "\ud83d\ud83d", "\ude00\ud83d"])
def test_half_a_character_is_replaced(text: str) -> None:
    kept = clean(text)
    assert len(kept) == len(text)
    kept.encode()
