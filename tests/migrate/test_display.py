"""What is seen on a terminal, whatever its width, and what is left when it is gone."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from migrate.display import Display, quiet_keys
from migrate.items import VERDICTS
from migrate.tally import Tally
from tests.conftest import draw
from tests.migrate.runs import a_run, outcome

CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Watch:
    """A display on paper, and a clock that is set by hand."""

    def __init__(self, width: int, is_stopping: Callable[[], bool] = lambda: False, color: bool = True) -> None:
        self.at = 0.0
        system = "256" if color else None
        self.console = Console(
            file=io.StringIO(),
            width=width,
            height=40,
            force_terminal=True,
            color_system=system,  # type: ignore[arg-type]
        )
        self.display = Display(self.console, "Importing the folder /srv/pics", is_stopping, {}, Tally(lambda: self.at))

    def drawn(self) -> str:
        with self.console.capture() as capture:
            self.console.print(self.display)
        return capture.get()

    def lines(self) -> list[str]:
        return CODES.sub("", self.drawn()).splitlines()


@pytest.mark.parametrize("width", [20, 60, 100, 250])
def test_nothing_is_wider_than_the_terminal_and_the_height_stays(width: int) -> None:
    watch = Watch(width)
    heights = {len(watch.lines())}
    watch.display.reading(1_000_000, 2_000_000_000)
    heights.add(len(watch.lines()))
    watch.display.begun(a_run(), 123_456_789)
    watch.at += 10
    watch.display.working_on("/2026/11/21/" + "long name " * 30 + ".png")
    watch.display.settled(outcome("a.png", size_bytes=9_999_999_999))
    heights.add(len(watch.lines()))
    assert len(heights) == 1
    assert max(map(len, watch.lines())) <= width


def test_every_verdict_has_a_line_with_its_count() -> None:
    watch = Watch(80)
    watch.display.begun(a_run(), 10)
    for at, verdict in enumerate(VERDICTS):
        for number in range(at):
            watch.display.settled(outcome(f"{verdict}{number}", verdict))
    shown = [line.split() for line in watch.lines()]
    for at, verdict in enumerate(VERDICTS):
        assert [verdict, str(at)] in shown


def test_how_far_how_fast_and_how_long() -> None:
    watch = Watch(100)
    watch.display.begun(a_run(), 1000)
    for number in range(20):
        watch.at += 0.5
        watch.display.settled(outcome(str(number), size_bytes=500_000))
    assert watch.lines()[2] == "20 of 1,000 · 2.0/s · 8 min 10 s left · 1 MB/s · 10 s so far"


def test_what_fits_not_is_left_out_from_behind() -> None:
    watch = Watch(42)
    watch.display.begun(a_run(), 1000)
    watch.at += 10
    watch.display.settled(outcome("a"))
    assert watch.lines()[2] == "1 of 1,000 · 0.1/s · 2 h 46 min left"


def test_a_total_that_nobody_knows_is_not_made_up() -> None:
    watch = Watch(100)
    watch.display.begun(a_run(), None)
    watch.at += 1
    watch.display.settled(outcome("a"))
    assert watch.lines()[2].startswith("1 · 1.0/s · ")
    assert "left" not in watch.lines()[2]


def test_a_limit_is_the_total() -> None:
    watch = Watch(100)
    watch.display.begun(a_run(options={"limit": 5}), 1000)
    assert watch.lines()[2].startswith("0 of 5 · ")


def test_reading_a_dump_is_told_in_bytes() -> None:
    watch = Watch(100)
    watch.display.reading(500_000_000, 2_000_000_000)
    assert watch.lines()[2] == "500 MB of 2 GB read · 0 s so far"
    assert watch.lines()[-1] == "Reading the dump"


def test_the_current_file_is_told_and_cannot_act() -> None:
    watch = Watch(60)
    watch.display.begun(a_run(), 1)
    watch.display.working_on("/evil\x1b[2J.png")
    assert watch.lines()[-1] == "/evil�[2J.png"


def test_somebody_who_stops_it_is_told_that_it_stops() -> None:
    watch = Watch(100, is_stopping=lambda: True)
    assert watch.lines()[-1] == "Stopping: what was begun is finished first. Ctrl-C again stops at once."


@pytest.mark.parametrize(("width", "said"), [(60, "Stopping. Ctrl-C again stops at once."), (20, "Stopping.")])
def test_on_a_narrow_terminal_that_is_told_as_far_as_it_fits(width: int, said: str) -> None:
    assert Watch(width, is_stopping=lambda: True).lines()[-1] == said


def test_without_color_there_is_no_color() -> None:
    watch = Watch(100, color=False)
    watch.display.begun(a_run(), 10)
    watch.display.settled(outcome("a"))
    assert not re.search(r"\x1b\[[0-9;]*(3|4)[0-9;]*m", watch.drawn())


def test_the_terminal_is_left_as_it_was() -> None:
    ours, theirs = pty.openpty()
    with open(theirs, "w") as terminal:
        before = termios.tcgetattr(terminal)
        with quiet_keys(terminal):
            assert not termios.tcgetattr(terminal)[3] & termios.ECHO
        assert termios.tcgetattr(terminal) == before
    os.close(ours)


def test_what_is_no_terminal_is_left_alone(tmp_path: Path) -> None:
    with open(tmp_path / "file", "w") as file, quiet_keys(file):
        file.write("fine")


def test_a_run_on_a_real_terminal_leaves_the_report_alone(tmp_path: Path) -> None:
    """Drawn on standard error, which is the terminal; the report goes where standard output goes."""
    (pictures := tmp_path / "pics").mkdir()
    for number in range(3):
        (pictures / f"{number}.png").write_bytes(draw(seed=number))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "migrate", "import", "folder", str(pictures), "--data", str(tmp_path / "data")]
    with open(theirs, "wb") as terminal:
        done = subprocess.Popen(
            command, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, env=os.environ | {"TERM": "xterm"}
        )
    seen = read_all(ours)
    report = done.communicate(timeout=60)[0].decode()
    assert done.returncode == 0
    assert report.startswith("Run ") and "\x1b" not in report
    assert "Importing the folder" in seen and "imported" in seen
    assert seen.count("\x1b[?25l") == seen.count("\x1b[?25h") == 1  # the cursor is back
    assert seen.rpartition("\x1b[2K")[2].strip() in ("", "\x1b[?25h")  # every line that was drawn is wiped


def read_all(terminal: int) -> str:
    seen = b""
    while True:
        try:
            block = os.read(terminal, 65536)
        except OSError:  # the other side is closed
            block = b""
        if not block:
            os.close(terminal)
            return seen.decode()
        seen += block
