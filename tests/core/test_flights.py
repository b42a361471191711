"""Many ask for the same thing at once: one makes it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.core.flights import Flights


class Maker:
    """Works until `go` is set, and counts how often it was asked to."""

    def __init__(self, fails: bool = False) -> None:
        self.count, self.fails = 0, fails
        self.started, self.go = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.count += 1
        self.started.set()
        assert self.go.wait(30)
        if self.fails:
            raise ValueError("it broke")
        return "made"


def test_it_works() -> None:
    assert Flights[str]().run("a", lambda: "made") == "made"


def test_another_thing_need_not_wait() -> None:
    flights, maker = Flights[str](), Maker()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(flights.run, "a", maker)
        assert maker.started.wait(30)
        assert flights.run("b", lambda: "another") == "another"
        assert not first.done()
        maker.go.set()

    assert first.result() == "made"


def test_what_went_wrong_is_told_to_all_and_tried_again_by_the_next() -> None:
    flights, maker = Flights[str](), Maker(fails=True)
    maker.go.set()

    with pytest.raises(ValueError, match="it broke"):
        flights.run("a", maker)
    assert flights.run("a", lambda: "made") == "made"
