"""How many, how fast, how long."""

from __future__ import annotations

from migrate.items import Verdict
from migrate.outcome import Outcome
from migrate.tally import Tally


class Hand:
    """Seconds, which pass when they are told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at


def one(verdict: Verdict = "imported", size: int = 1000) -> Outcome:
    return Outcome("k", "/a.png", verdict, size_bytes=size)


def test_a_steady_run_is_measured_in_items_and_bytes() -> None:
    hand = Hand()
    tally = Tally(hand.now)
    tally.begin(100, {})
    for _ in range(20):
        hand.at += 0.5
        tally.count(one())
    assert tally.items_a_second == 2.0
    assert tally.bytes_a_second == 2000.0
    assert tally.seconds_left == 40.0


def test_the_speed_is_that_of_the_last_half_minute() -> None:
    hand = Hand()
    tally = Tally(hand.now)
    tally.begin(None, {})
    for _ in range(1000):
        hand.at += 0.1
        tally.count(one())
    for _ in range(60):
        hand.at += 1
        tally.count(one())
    assert 0.9 < tally.items_a_second < 1.3
    assert len(tally.samples) < 70


def test_what_a_resumed_run_had_counts_as_done_and_not_as_speed() -> None:
    hand = Hand()
    tally = Tally(hand.now)
    tally.begin(110, {"imported": 90, "skipped": 10})
    assert tally.seconds_left is None
    hand.at += 1
    tally.count(one())
    assert tally.done == 101
    assert tally.items_a_second == 1.0
    assert tally.seconds_left == 9.0


def test_nobody_knows_how_long_it_takes_when_nobody_knows_how_much_there_is() -> None:
    hand = Hand()
    tally = Tally(hand.now)
    tally.begin(None, {})
    hand.at += 1
    tally.count(one())
    assert tally.seconds_left is None


def test_bytes_are_those_that_were_brought() -> None:
    hand = Hand()
    tally = Tally(hand.now)
    tally.begin(None, {})
    hand.at += 1
    tally.count(one("rejected", 5_000_000))
    assert tally.bytes_a_second == 0.0
