"""The short ids of the old host: those two real sites gave, and what they read into letters that were never an id."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.shortids import decode, digits, encode
from tests.shared import SHARED, needs_shared

SALT, PADDING = "5alt", 999


@needs_shared("golden")
@pytest.mark.parametrize("version", ["v3", "v4"])
def test_every_recorded_id_is_written_and_read_as_its_site_did(version: str) -> None:
    facts = json.loads((SHARED / "golden" / version / "ids-and-lab-keys.json").read_text())
    salt, padding = facts["algorithm_inputs"]["crypt_salt"], facts["algorithm_inputs"]["id_padding"]
    assert {number: encode(int(number), salt, padding) for number in facts["encode"]} == facts["encode"]
    assert {short: decode(short, salt, padding) for short in facts["encode"].values()} == {
        short: int(number) for number, short in facts["encode"].items()
    }
    lenient = facts.get("decode_lenient", {})
    assert {short: decode(short, salt, padding) for short in lenient} == lenient


@given(st.integers(1, 10**12), st.text(max_size=20), st.sampled_from([0, 1, 999, 5000]))
def test_reading_is_the_reverse_of_writing(number: int, salt: str, padding: int) -> None:
    assert decode(encode(number, salt, padding), salt, padding) == number


def test_the_digits_are_all_letters_once() -> None:
    assert len(set(digits(SALT))) == 62


def test_nothing_is_no_id() -> None:
    assert encode(0, SALT, PADDING) == ""
    assert decode("", SALT, PADDING) == 0


def test_what_is_no_multiple_of_the_padding_is_rounded_down() -> None:
    order = digits(SALT)
    next_digit = order[order.index(encode(7, SALT, PADDING)[-1]) + 1 - 62]
    assert decode(encode(7, SALT, PADDING)[:-1] + next_digit, SALT, PADDING) in (6, 7)


def test_an_unknown_letter_is_a_zero() -> None:
    assert decode("ä" + encode(7, SALT, PADDING), SALT, PADDING) == 7
