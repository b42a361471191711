"""What both benches share: a server in a process of its own, what it costs, and a client that costs little."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


# the server


@contextmanager
def running(command: Sequence[str], ready: str) -> Iterator[tuple[int, list[str]]]:
    """The pid of a started server and what it printed up to the line that contains `ready`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=kept)
    assert process.stdout
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if ready in line:
                break
        else:
            raise SystemExit(f"{command[0]} did not start:\n" + "\n".join(lines))
        yield process.pid, lines
    finally:
        process.terminate()
        process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tree(root: int) -> Iterator[Path]:
    """The folders in /proc of a process and of all below it."""
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):  # it ended meanwhile
                # The name in the second field may hold blanks and brackets itself.
                parents[int(entry.name)] = int(Path(entry.path, "stat").read_text().rpartition(")")[2].split()[1])
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return (Path(f"/proc/{pid}") for pid in family)


def cpu_seconds(root: int) -> float:
    """User and system time of all threads, and of children that have ended. `schedstat` counts nanoseconds where `stat`
    counts hundredths."""
    processes = list(tree(root))
    times = (thread.read_text().split()[0] for process in processes for thread in process.glob("task/*/schedstat"))
    stats = ((process / "stat").read_text().rpartition(")")[2].split() for process in processes)
    ended = sum(int(fields[13]) + int(fields[14]) for fields in stats) / os.sysconf("SC_CLK_TCK")
    return sum(map(int, times)) / 1e9 + ended


def whole_cpu_seconds(root: int) -> float:
    """The same with what threads used that have ended since, in hundredths: for long work in decoders' own threads."""
    stats = ((process / "stat").read_text().rpartition(")")[2].split() for process in tree(root))
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def memory_mb(root: int) -> float:
    """Proportional set size: a page that two processes share counts once."""
    lines = (line for process in tree(root) for line in (process / "smaps_rollup").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


class Peak(threading.Thread):
    """The most memory a server had while the block ran."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.mb = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.1):
            self.mb = max(self.mb, memory_mb(self.root))

    def __enter__(self) -> Peak:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join()


# the client


class Client:
    """One keep-alive connection over a plain socket. Whatever is not a 200 ends the bench."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.room = memoryview(bytearray(1 << 20))

    def ask(self, *parts: bytes) -> bytes:
        """Send a whole request; returns what fits of the answer's body."""
        for part in joined_if_small(parts):
            self.socket.sendall(part)
        head, got = b"", 0
        while not head:
            got += self.receive(got)
            head, blank, _ = bytes(self.room[: min(got, 8192)]).partition(b"\r\n\r\n")
            head = head if blank else b""
        if not head.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"The server said: {bytes(self.room[:got]).decode(errors='replace')}")
        lines = head.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        start = len(head) + 4
        while got < start + length:
            got += self.receive(got)
        return bytes(self.room[start:got])

    def receive(self, at: int) -> int:
        count = self.socket.recv_into(self.room[at:])
        if not count:
            raise SystemExit("The server closed the connection.")
        return count


def joined_if_small(parts: tuple[bytes, ...]) -> Iterable[bytes]:
    return [b"".join(parts)] if sum(map(len, parts)) < 64_000 else parts


def in_a_row(port: int, requests: Iterable[tuple[bytes, ...]]) -> bytes:
    """One after the other, over one connection; returns the last answer."""
    client, answer = Client(port), b""
    for request in requests:
        answer = client.ask(*request)
    client.socket.close()
    return answer


@dataclass(frozen=True, slots=True)
class Rush:
    per_second: float
    p50: float
    p99: float
    peak_mb: float


def rush(port: int, root: int, requests: Sequence[tuple[bytes, ...]], connections: int) -> Rush:
    """All requests, over that many connections at once, to the server whose process is `root`."""
    waiting, took = iter(requests), []
    taking = threading.Lock()

    def work() -> None:
        client = Client(port)
        while True:
            with taking:
                request = next(waiting, None)
            if request is None:
                return
            began = time.perf_counter()
            client.ask(*request)
            took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    began = time.perf_counter()
    with Peak(root) as peak:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    wall = time.perf_counter() - began
    if len(took) < len(requests):
        raise SystemExit("Some requests were not answered.")
    took.sort()
    return Rush(len(took) / wall, took[len(took) // 2], took[len(took) * 99 // 100], peak.mb)


# the figures


def each(work: Callable[[T], object], things: Iterable[T]) -> None:
    for thing in things:
        work(thing)


def own_cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def server_cpu(root: int, work: Callable[[], object]) -> float:
    before = cpu_seconds(root)
    work()
    time.sleep(0.02)  # what a server tidies up after its last answer is part of the price
    return cpu_seconds(root) - before


@dataclass(slots=True)
class Line:
    """One row of the table: two sides, measured in turns. The ratio is the median of the rounds' own ratios."""

    name: str
    goal: float | None
    base: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    unit: str = "ms"
    at_least: bool = False

    def note(self, base: float, ours: float) -> None:
        self.base.append(base)
        self.ours.append(ours)

    @property
    def ratios(self) -> list[float]:
        return [ours / base for base, ours in zip(self.base, self.ours, strict=True)]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        is_met = self.ratio >= self.goal if self.at_least else self.ratio <= self.goal
        return "ok" if is_met else "UNDER" if self.at_least else "OVER"


def print_table(lines: Sequence[Line], base: str, ours: str) -> None:
    print(f"\n{'':34} {base:>10} {ours:>10} {'':5} {'ratio':>7}  {'(spread)':14} {'goal':>8}")
    for line in lines:
        goal = "" if line.goal is None else f"{'>=' if line.at_least else '<='} {line.goal:g}"
        print(
            f"{line.name:34} {statistics.median(line.base):10.3f} {statistics.median(line.ours):10.3f} {line.unit:5}"
            f" {line.ratio:7.3f}  ({min(line.ratios):.3f}-{max(line.ratios):.3f}) {goal:>9}  {line.verdict}",
            flush=True,
        )


def write_json(file: Path, lines: Sequence[Line]) -> None:
    rows = [asdict(line) | {"ratio": line.ratio, "verdict": line.verdict} for line in lines]
    file.write_text(json.dumps(rows, indent=1) + "\n")
