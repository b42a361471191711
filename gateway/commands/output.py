"""Standard output and standard error when they cannot be written: a reader that has gone, a full disk.

Promises: a command whose result cannot be written ends with `Unheard`, which is no `OSError`, so that nobody takes it
for trouble with files; one that does something of its own (`working_on`) finishes that first. What is said aside on
standard error is dropped where nobody hears it.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

BROKEN_PIPE = 141  # as a shell says of a program that SIGPIPE ended


class Unheard(Exception):
    """What was said did not arrive."""

    def __init__(self, reason: OSError) -> None:
        self.is_closed = reason.errno == errno.EPIPE
        super().__init__(
            f"Standard output cannot be written: {reason.strerror}.\nMake room there, or lead it to another place."
        )

    @property
    def exit_code(self) -> int:
        return BROKEN_PIPE if self.is_closed else 1


class Output(io.FileIO):
    """The raw file below a standard stream."""

    def __init__(self, descriptor: int, *, goes_on: bool) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self.goes_on = goes_on
        self.lost: OSError | None = None

    def write(self, data: Any, /) -> int:
        if not self.lost:
            try:
                return super().write(data)
            except OSError as error:
                self.lost = error
        if not self.goes_on:
            raise Unheard(self.lost)
        return len(memoryview(data).cast("B"))


def watch_outputs() -> None:
    """Puts these below the standard streams of this process; those of a test stay as they are."""
    if sys.stdout is sys.__stdout__:
        sys.stdout = over(sys.stdout, goes_on=False)
    if sys.stderr is sys.__stderr__:
        sys.stderr = over(sys.stderr, goes_on=True)


def over(stream: Any, *, goes_on: bool) -> io.TextIOWrapper:
    if stream is None:  # it was closed, and the next file that is opened must not take its place
        return open(os.devnull, "w", encoding="utf-8")
    raw = io.BufferedWriter(Output(stream.fileno(), goes_on=goes_on))
    return io.TextIOWrapper(raw, stream.encoding, stream.errors, line_buffering=stream.line_buffering)


def standard_output() -> Output | None:
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw if isinstance(raw, Output) else None


@contextmanager
def working_on() -> Iterator[None]:
    """For work that matters more than who hears of it: it is finished. After it a full disk is still an error; who does
    not listen any more has heard enough."""
    output = standard_output()
    if output:
        output.goes_on = True
    yield
    if output and output.lost and output.lost.errno != errno.EPIPE:
        raise Unheard(output.lost)


def flush_output() -> None:
    """The last of what was said."""
    if sys.stdout:
        sys.stdout.flush()


def fall_silent() -> None:
    """Nothing more is written, nor complained about at the very end."""
    if output := standard_output():
        output.goes_on = True
        output.lost = output.lost or OSError(errno.EPIPE, "Broken pipe")
