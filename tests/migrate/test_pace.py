"""How much is handed out at once."""

from __future__ import annotations

from pathlib import Path

from migrate.items import Absent, OnDisk
from migrate.pace import MOMENT, MOST, MOST_BYTES, Pace
from tests.migrate.fakes import item, lost


def sizes(pace: Pace, count: int, seconds: float) -> list[int]:
    """Of the loads, when each item takes so long."""
    found = []
    for load in pace.loads(lost(str(number)) for number in range(count)):
        found.append(len(load))
        pace.took(len(load), seconds * len(load))
    return found


def test_it_begins_with_one_and_grows_while_files_are_quick() -> None:
    assert sizes(Pace(), 150, 0.001) == [1, 2, 4, 8, 16, 32, MOST, 37]


def test_slow_files_come_one_by_one() -> None:
    assert sizes(Pace(), 4, 3 * MOMENT) == [1, 1, 1, 1]


def test_a_process_gets_as_many_as_it_can_do_in_a_moment() -> None:
    assert sizes(Pace(), 30, MOMENT / 8.5)[:6] == [1, 2, 4, 8, 8, 7]


def test_what_was_quick_and_becomes_slow_shrinks_at_once() -> None:
    pace = Pace()
    sizes(pace, 200, 0.001)
    pace.took(MOST, MOST * MOMENT)
    assert sizes(pace, 2, MOMENT) == [1, 1]


def test_what_takes_no_time_at_all_is_quick() -> None:
    assert sizes(Pace(), 15, 0.0) == [1, 2, 4, 8]


def test_large_files_are_fewer(tmp_path: Path) -> None:
    pace = Pace()
    sizes(pace, 200, 0.001)
    (tmp_path / "small").write_bytes(b"x")
    large = item("large", Absent("no-file", ""), size_bytes=MOST_BYTES)
    loads = pace.loads(
        iter([item("small", OnDisk(tmp_path / "small")), large, large, item("gone", OnDisk(tmp_path / "no"))])
    )
    assert [[one.key for one in load] for load in loads] == [["small", "large"], ["large", "gone"]]
