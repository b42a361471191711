"""Turns at what only a few may do at once, and how long things take."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.core.timing import Timing
from gateway.core.turns import Turns


def test_no_more_than_allowed_are_busy_and_all_get_their_turn() -> None:
    turns, timing, most, seen = Turns(3), Timing(), 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal most
        with turns.taken(timing), seen:
            most = max(most, turns.busy)

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(work, range(200)))
    assert 1 <= most <= 3
    assert (turns.busy, turns.waiting, sum(timing.counts)) == (0, 0, 200)


def test_who_waits_is_counted() -> None:
    turns, timing, waits, done = Turns(1), Timing(), threading.Event(), threading.Event()

    def wait() -> None:
        waits.set()
        with turns.taken(timing):
            done.set()

    thread = threading.Thread(target=wait)
    with turns.taken(timing):
        thread.start()
        waits.wait(60)
        while not turns.waiting:
            pass
        assert (turns.busy, turns.waiting, done.is_set()) == (1, 1, False)
    assert done.wait(60)
    thread.join(60)


def test_a_turn_that_fails_is_given_back_and_not_timed() -> None:
    turns, timing = Turns(1), Timing()
    with pytest.raises(ZeroDivisionError), turns.taken(timing):
        1 / 0  # noqa: B018
    with turns.taken(timing):
        pass
    assert sum(timing.counts) == 1


def test_a_time_counts_below_the_first_bound_it_does_not_pass() -> None:
    timing = Timing((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7.0):
        timing.add(seconds)
    assert timing.read() == ([2, 1, 1], pytest.approx(7.65))
