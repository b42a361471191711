"""Risky decoders in processes of their own: limited, kept warm, and replaced when one of them falls.

Promises: a decoder that crashes, hangs or asks for too much memory costs its file a `FileRefused`, and nobody else
anything; a child gets no socket, no open file and no environment of the server; it ends when the server does, however
that ends. Any number of threads may call `Pool.run`.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from gateway.core.errors import FileRefused, GatewayError, InvalidInput, StoreUnavailable
from gateway.core.formats.decoding import JOBS_PER_CHILD
from gateway.core.formats.wire import Message, Wire, reopened

log = logging.getLogger(__name__)

Source = bytes | os.PathLike[str] | BinaryIO

_COMMAND = (sys.executable, "-P", "-m", "gateway.core.formats.decoding")
_ROOT = Path(__file__).parents[3]
_START_SECONDS = 30
_REFUSALS: dict[str, type[GatewayError]] = {"FileRefused": FileRefused, "InvalidInput": InvalidInput}


class Child:
    """One such process, seen from the server."""

    def __init__(self, command: Sequence[str], seconds: int, memory_bytes: int) -> None:
        ours, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(
                [*command, str(seconds), str(memory_bytes)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                close_fds=True,
                # Ctrl-C in a terminal is meant for the server alone.
                start_new_session=True,
                cwd="/",
                env=_environment(),
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self.wire = Wire(ours, memory_bytes)
        self.owner = os.getpid()
        self.jobs = 0

    def is_usable(self) -> bool:
        """False also in a process forked from the one that started it: they must not share the conversation."""
        return self.owner == os.getpid() and self.jobs < JOBS_PER_CHILD and self.process.poll() is None

    def wait_until_ready(self) -> None:
        self.wire.deadline = time.monotonic() + _START_SECONDS
        self.wire.receive()

    def run(self, request: Message, file: int | None, seconds: int) -> Message:
        self.jobs += 1
        self.wire.deadline = time.monotonic() + seconds
        self.wire.send(request, file)
        return self.wire.receive()

    def kill(self) -> int:
        """How it ended; negative: by which signal."""
        self.wire.end.close()
        if self.owner != os.getpid():
            return 0
        self.process.kill()
        return self.process.wait()


class Pool:
    """At most `workers` jobs at once, the others wait their turn. Children are started when first needed, and the one
    last used is the next to be used, so that one is always warm.

    `seconds` is what a job may take, of processor time and by the clock, `memory_bytes` what it may map on top of what
    an idle child does.
    """

    def __init__(
        self, workers: int, *, seconds: int = 15, memory_bytes: int = 1 << 30, command: Sequence[str] = _COMMAND
    ) -> None:
        self.seconds = seconds
        self.memory_bytes = memory_bytes
        self.command = command
        self._slots = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._is_closed = False
        self._finalizer = weakref.finalize(self, _kill_all, self._idle)

    def warm(self) -> None:
        """Start a child now and do not wait for it, so that the first file need not."""
        self._keep(self._start())

    def run(self, job: str, source: Source, *, label: str, options: Mapping[str, Any] | None = None) -> Message:
        """`label` is what the sender knows the file as, such as "HEIC image". Raises whatever the job refuses with."""
        data, file = _opened(source)
        facts = {"job": job, "label": label, "options": dict(options or {})}
        try:
            with self._slots:
                return self._run(Message(facts, () if data is None else (data,)), file, label)
        finally:
            if file is not None:
                os.close(file)

    def close(self) -> None:
        """Jobs under way are finished. Children started after this do not outlive their job."""
        with self._lock:
            self._is_closed = True
            idle = self._idle[:]
            self._idle.clear()
        _kill_all(idle)

    def _run(self, request: Message, file: int | None, label: str) -> Message:
        child = self._take()
        try:
            answer = child.run(request, file, self.seconds)
        except (OSError, EOFError, ValueError) as reason:
            self._raise_lost(label, child.kill(), isinstance(reason, TimeoutError))
        except BaseException:
            child.kill()
            raise
        if answer.facts.get("is_spent"):
            child.kill()
        else:
            self._keep(child)
        if refusal := answer.facts.get("refused"):
            kind, message, code, meta = refusal
            log.debug("A %s was refused: %s %s", label, message, answer.facts.get("reason", ""))
            raise _REFUSALS.get(kind, FileRefused)(message, code=code, **meta)
        return answer

    def _take(self) -> Child:
        child = self._take_idle() or self._start()
        if not child.jobs:
            self._greet(child)
        return child

    def _take_idle(self) -> Child | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                child = self._idle.pop()
            if child.is_usable():
                return child
            child.kill()

    def _start(self) -> Child:
        try:
            return Child(self.command, self.seconds, self.memory_bytes)
        except OSError as reason:
            raise _not_started() from reason

    def _greet(self, child: Child) -> None:
        try:
            child.wait_until_ready()
        except (OSError, EOFError, ValueError) as reason:
            child.kill()
            raise _not_started() from reason

    def _keep(self, child: Child) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append(child)
                return
        child.kill()

    def _raise_lost(self, label: str, status: int, is_late: bool) -> NoReturn:
        ended = signal.Signals(-status).name if status < 0 else f"status {status}"
        log.warning("A decoder was lost to a %s: %s", label, "it took too long" if is_late else ended)
        if is_late or -status in (signal.SIGXCPU, signal.SIGALRM):
            raise FileRefused(f"Reading this {label} took more than {self.seconds} seconds.", code="FILE_BROKEN")
        raise FileRefused(f"This {label} is damaged: it brought down its decoder.", code="FILE_BROKEN")


def _kill_all(children: list[Child]) -> None:
    while children:
        children.pop().kill()


def _environment() -> dict[str, str]:
    """Nothing but where the code is: the child imports what the server would."""
    path = [str(_ROOT), *filter(os.path.isabs, sys.path)]
    return {"PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


def _not_started() -> StoreUnavailable:
    return StoreUnavailable("A decoder could not be started. Please try again later.")


def _opened(source: Source) -> tuple[bytes | None, int | None]:
    """The bytes, or a descriptor that can only be read."""
    if isinstance(source, bytes):
        return source, None
    if isinstance(source, os.PathLike):
        return None, os.open(source, os.O_RDONLY)
    try:
        return None, reopened(source.fileno())
    except OSError:
        # `io.UnsupportedOperation` is one: this file is in memory.
        source.seek(0)
        return source.read(), None
