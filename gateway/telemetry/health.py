"""Is it well, and if not, is it this gateway or a store that it shares with others?

Promises: an answer within `PATIENCE` seconds whatever hangs; a store is asked no more than once a second, however many
want to know; what is told names no place and no secret: that is in the log, once when something goes wrong and once
when it is well again.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.core.errors import StoreUnavailable

log = logging.getLogger(__name__)

Blame = Literal["gateway", "store"]
FRESH = 1.0  # seconds for which an answer counts
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Problem:
    """`word` is for programs, `sentence` for people, `detail` for the log."""

    word: str
    sentence: str
    detail: str = ""


class Check:
    """One thing that has to be well, asked by `look`, which tells what is wrong with it. Without a `blame`, it is told
    here, and that is all: the gateway is not ill of it, and the log has it from elsewhere."""

    def __init__(self, name: str, blame: Blame | None, look: Callable[[], Problem | None]) -> None:
        self.name = name
        self.blame = blame
        self.look = look
        self.lock = threading.Lock()
        self.problem: Problem | None = None

    def ask(self) -> Problem | None:
        problem = self.look()
        with self.lock:
            before, self.problem = self.problem, problem
        if self.blame and problem and (not before or before.word != problem.word):
            log.warning("%s: %s", self.name, problem.detail or problem.sentence)
        elif self.blame and before and not problem:
            log.warning("%s: well again", self.name)
        return problem


class Patient:
    """Looks in a thread of its own, so that nobody waits for what hangs, and is asked by one at a time."""

    def __init__(self, look: Callable[[], Problem | None], silent: Problem) -> None:
        self.look = look
        self.silent = silent
        self.lock = threading.Lock()
        self.asked_at = 0.0
        self.answered = threading.Event()
        self.answer: Problem | None = None

    def __call__(self) -> Problem | None:
        with self.lock:
            now = time.monotonic()
            is_first = not self.asked_at
            if is_first or (self.answered.is_set() and now - self.asked_at >= FRESH):
                self.asked_at = now
                self.answered = threading.Event()
                threading.Thread(target=self.run, args=(self.answered,), name="probe", daemon=True).start()
            answered, left = self.answered, self.asked_at + PATIENCE - now
        return self.answer if answered.wait(max(0.0, left)) else self.silent

    def run(self, answered: threading.Event) -> None:
        self.answer = self.look()
        answered.set()


def store_check(name: Literal["catalog", "files"], probe: Callable[[], None]) -> Check:
    sentence = f"The {name} cannot be reached."

    def look() -> Problem | None:
        try:
            probe()
        except StoreUnavailable as error:
            return Problem("unreachable", sentence, error.message)
        except Exception as error:  # whatever it was, uploads meet it, too
            return Problem("unreachable", sentence, repr(error))
        return None

    return Check(name, "store", Patient(look, Problem("silent", f"The {name} did not answer in time.")))


def disk_check(folder: Path, min_free: int) -> Check:
    """Where uploads are written first, and most of what is written stays."""

    def look() -> Problem | None:
        try:
            free = free_bytes(folder)
        except OSError as error:
            return Problem("unreachable", "The disk cannot be reached.", repr(error))
        if free < min_free:
            return Problem("full", "The disk is nearly full.", f"{free} bytes are free, less than storage.min_free")
        return None

    return Check("disk", "gateway", look)


def free_bytes(folder: Path) -> int:
    about = os.statvfs(folder)
    return about.f_bavail * about.f_frsize


def sweeper_check(is_late: Callable[[], bool]) -> Check:
    late = Problem("late", "The sweeper does not run.", "it ended, hangs, or fails each time")
    return Check("sweeper", "gateway", lambda: late if is_late() else None)


def limits_check(is_lost: Callable[[], bool]) -> Check:
    """Nobody is turned away for it: each process counts for itself meanwhile."""
    lost = Problem("lost", "limits.store cannot be reached.")
    return Check("limits", None, lambda: lost if is_lost() else None)


@dataclass(frozen=True, slots=True)
class Report:
    """`words` has each check and its word, "ok" where it is well. Not `ill`: uploads can be taken."""

    words: dict[str, str]
    ill: Blame | None
    sentence: str


class Health:
    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = checks

    def report(self) -> Report:
        """A store that is ill comes first: it makes gateways look so that are well."""
        found = [(check, check.ask()) for check in self.checks]
        words = {check.name: problem.word if problem else "ok" for check, problem in found}
        for blame in ("store", "gateway"):
            for check, problem in found:
                if problem and check.blame == blame:
                    return Report(words, check.blame, problem.sentence)
        return Report(words, None, "")
