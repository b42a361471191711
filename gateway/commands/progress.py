"""How far something is that only counts: one bar on a terminal, a line now and then elsewhere, nothing for programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

EVERY_SECONDS = 10.0

Counted = Callable[[int, int | None], None]  # how many are done, of how many if that is known


@contextmanager
def progressing(title: str, *, quiet: bool, console: Console | None = None) -> Iterator[Counted]:
    """What is printed meanwhile stays above the bar, and goes where it is meant to go."""
    # Late: every command comes by here, and a gateway that is started draws no bar.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = console or Console(stderr=True)
    if quiet:
        yield lambda done, total: None
    elif console.is_terminal and not console.is_dumb_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
            task = bar.add_task(title, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        yield now_and_then(title, lambda line: console.print(line, markup=False, highlight=False))


def now_and_then(title: str, out: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> Counted:
    said_at = now()

    def counted(done: int, total: int | None) -> None:
        nonlocal said_at
        if now() - said_at >= EVERY_SECONDS:
            said_at = now()
            out(f"{title}: {done:,}" + (f" of {total:,}" if total is not None else ""))

    return counted
