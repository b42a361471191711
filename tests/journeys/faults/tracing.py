"""A running process watched, or made to fail, at its system calls, by strace."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SYNC = "fsync,fdatasync"
RENAME = "rename,renameat,renameat2"
UNLINK = "unlink,unlinkat"
# 1234 fsync(7</data/media/xK>) = -1 EIO (Input/output error) (INJECTED)
LINE = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?P<told>.*?)\) += (?P<said>.*)")
RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. \w+ resumed>(?P<rest>.*)")
UNFINISHED = " <unfinished ...>"


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    told: str
    said: str

    @property
    def path(self) -> str:
        """Of the first descriptor."""
        found = re.match(r"\d+<([^>]*)>", self.told)
        return found[1] if found else ""


@contextmanager
def traced(pid: int, log: Path, *options: str) -> Iterator[None]:
    """Every thread of the process, until it is left or the process ends. Skips where nobody may look on."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    command = ["strace", "-f", "-y", "-s", "300", "-o", str(log), *options, "-p", str(pid)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    said = process.stderr.readline()
    if "attached" not in said:
        process.wait(60)
        pytest.skip(f"strace cannot look on here: {said.strip()}")
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def deadly(call: str, number: int) -> list[str]:
    """What to put before a command that is to be killed when it, or one of its processes, comes to this call for that
    time. With --seccomp-bpf, which is quicker, strace 6.1 kills nobody."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    kill = f"inject={call}:signal=KILL:when={number}"
    return ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", kill]


def calls(log: Path) -> list[Call]:
    """In the order in which they ended; those of threads that took turns are put together again."""
    begun: dict[str, str] = {}
    found = []
    for line in log.read_text("utf-8", "replace").splitlines():
        if line.endswith(UNFINISHED):
            thread = line.split(" ", 1)[0]
            begun[thread] = line.removesuffix(UNFINISHED)
            continue
        if resumed := RESUMED.match(line):
            line = begun.pop(resumed["thread"], "") + resumed["rest"]
        if match := LINE.match(line):
            found.append(Call(match["name"], match["told"], match["said"]))
    return found
