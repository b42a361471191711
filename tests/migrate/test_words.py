"""Numbers, times and names as people read them."""

from __future__ import annotations

import pytest

from migrate.words import counted, harmless, lasting, shortened


def test_one_is_not_many() -> None:
    assert counted(1, "owner") == "1 owner"
    assert counted(1234, "owner") == "1,234 owners"
    assert counted(0, "category", "categories") == "0 categories"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (65, "1 min 05 s"), (3600, "1 h 00 min"), (7805, "2 h 10 min")],
)
def test_a_duration_has_two_units_at_most(seconds: float, text: str) -> None:
    assert lasting(seconds) == text


def test_a_name_cannot_move_the_cursor() -> None:
    assert harmless("a\x1b[2Jb\r\nc\u202ed") == "a�[2Jb��c�d"
    assert harmless("Grüße 猫.png") == "Grüße 猫.png"


def test_a_long_path_keeps_its_end() -> None:
    assert shortened("/2026/11/21/cat.png", 10) == "…1/cat.png"
    assert shortened("/cat.png", 8) == "/cat.png"
    assert shortened("/cat.png", 1) == "…"
