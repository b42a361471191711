"""What is seen of a run on a terminal: a bar, a line for each verdict, the file it is at.

Its height stays the same, it is redrawn in place, and gone when the run is over: what stays is the report.
"""

from __future__ import annotations

import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.text import Text

from gateway.core.sizes import format_size
from migrate.items import VERDICTS, Verdict
from migrate.outcome import ATTENTION, Outcome, Run, Summary
from migrate.tally import Tally
from migrate.words import harmless, lasting, shortened

PER_SECOND = 5
WIDEST = 100
LABEL = max(map(len, VERDICTS))
STOPPING = (
    "Stopping: what was begun is finished first. Ctrl-C again stops at once.",
    "Stopping. Ctrl-C again stops at once.",
    "Stopping.",
)  # the first that fits


class Display:
    """A watcher that draws. `is_stopping` tells whether somebody asked the run to stop."""

    def __init__(
        self, console: Console, title: str, is_stopping: Callable[[], bool],
        before: Mapping[Verdict, int] | None = None, tally: Tally | None = None,
    ) -> None:  # fmt: skip
        self.console = console
        self.title = title
        self.is_stopping = is_stopping
        self.before = before or {}
        self.tally = tally or Tally()
        self.doing = "Opening the source"
        self.read: tuple[int, int] | None = None
        self.has_begun = False

    @contextmanager
    def shown(self) -> Iterator[None]:
        live = Live(self, console=self.console, refresh_per_second=PER_SECOND, transient=True)
        with quiet_keys(self.console.file), live:
            yield

    # what happens

    def reading(self, done: int, total: int) -> None:
        self.doing = "Reading the dump"
        self.read = done, total

    def begun(self, run: Run, total: int | None) -> None:
        limit = run.options.get("limit")
        if isinstance(limit, int) and total is not None:
            total = min(limit, total)
        self.tally.begin(total, self.before)
        self.doing, self.read, self.has_begun = "Owners, albums and keys", None, True

    def working_on(self, name: str) -> None:
        self.doing = name

    def settled(self, outcome: Outcome) -> None:
        self.tally.count(outcome)

    def said(self, sentence: str) -> None:
        self.console.print(Text(harmless(sentence)))

    def ended(self, summary: Summary) -> None:
        self.doing = ""

    # what is seen of it

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, WIDEST) - 1
        yield Text(harmless(self.title), style="bold", no_wrap=True, overflow="ellipsis")
        yield self.bar(width)
        yield Segment.line()
        yield Text(self.figures(width), no_wrap=True, overflow="ellipsis")
        yield Text("")
        for verdict in VERDICTS:
            yield self.verdict_line(verdict)
        yield Text("")
        yield self.last_line(width)

    def bar(self, width: int) -> ProgressBar:
        done, total = self.read or (self.tally.done, self.tally.total if self.has_begun else None)
        return ProgressBar(
            total=total or None,
            completed=done,
            width=width,
            pulse=not total,
            complete_style="green",
            pulse_style="green",
            animation_time=self.tally.elapsed,
        )

    def figures(self, width: int) -> str:
        """As much as fits, the most important first."""
        tally, parts = self.tally, []
        if self.read:
            done, total = self.read
            parts = [f"{format_size(done)} of {format_size(total)} read"]
        elif self.has_begun:
            of = f" of {tally.total:,}" if tally.total is not None else ""
            parts = [f"{tally.done:,}{of}", f"{tally.items_a_second:,.1f}/s"]
            left = tally.seconds_left
            parts += [f"{lasting(left)} left"] if left is not None else []
            parts += [f"{format_size(round(tally.bytes_a_second))}/s"]
        parts.append(f"{lasting(tally.elapsed)} so far")
        while len(parts) > 1 and len(" · ".join(parts)) > width:
            parts.pop()
        return " · ".join(parts)

    def verdict_line(self, verdict: Verdict) -> Text:
        count = self.tally.verdicts[verdict]
        style = "dim" if not count else "yellow" if verdict in ATTENTION else "green" if verdict == "imported" else ""
        return Text(f"  {verdict:<{LABEL}} {count:>12,}", style=style, no_wrap=True)

    def last_line(self, width: int) -> Text:
        if self.is_stopping():
            return Text(next((one for one in STOPPING if len(one) <= width), ""), style="yellow")
        return Text(shortened(self.doing, width), style="dim", no_wrap=True)


@contextmanager
def quiet_keys(file: IO[str]) -> Iterator[None]:
    """What is typed, be it Ctrl-C, must not appear in the middle of what is drawn."""
    try:
        before = termios.tcgetattr(file.fileno())
    except (termios.error, OSError, ValueError):
        yield
        return
    after = list(before)
    after[3] &= ~termios.ECHO
    termios.tcsetattr(file.fileno(), termios.TCSANOW, after)
    try:
        yield
    finally:
        termios.tcsetattr(file.fileno(), termios.TCSANOW, before)
