"""F2. A power cut: what is on the disk at a random moment, and nothing else, is what the next start finds."""

from __future__ import annotations

import filecmp
import itertools
import random
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import LiveServer
from tests.journeys.faults.disks import make_image, mounted
from tests.journeys.faults.proof import missing, nothing_lost, send
from tests.journeys.faults.rounds import ROUNDS
from tests.journeys.faults.tracing import SYNC, traced
from tests.journeys.folder import damage
from tests.journeys.uploading import Acknowledged, picture

MEGABYTE = 1 << 20
DISK = (40 + ROUNDS // 2) * MEGABYTE
UPLOADERS = 4
LONGEST_WAIT = 0.3  # seconds between two cuts
Serve = Callable[..., LiveServer]
QUIET = {"GATEWAY_SWEEPER__INTERVAL": "86400", "GATEWAY_LIMITS__UPLOAD": "0", "GATEWAY_LIMITS__HOURLY": "0"}


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return make_image(tmp_path / "disk.img", DISK)


@pytest.mark.timeout(120 + 5 * ROUNDS)
def test_f02_what_was_acknowledged_survives_a_power_cut(serve: Serve, disk: Path, tmp_path: Path) -> None:
    promised: list[Acknowledged] = []
    with mounted(tmp_path / "live", "-o", "loop", str(disk)) as live:
        server, numbers = serve(data=live / "data", **QUIET), itertools.count()
        for number in range(ROUNDS):
            with uploading(server, promised, numbers):
                before, copy = cut(server, promised, disk)
            with mounted(tmp_path / "after", "-o", "loop", str(copy)) as after:
                assert missing(after / "data", before) == []
                assert damage(after / "data") == []
                if number == ROUNDS - 1:
                    again = serve(data=after / "data")
                    nothing_lost(again, before)
                    assert again.stop() == 0
        server.process.kill()
        server.process.wait(60)
    assert len(promised) >= ROUNDS, "hardly anything was acknowledged"
    print(f"{ROUNDS} power cuts: {len(promised)} uploads acknowledged, none lost")


def test_f02_without_fsync_the_same_cut_loses_what_was_acknowledged(serve: Serve, disk: Path, tmp_path: Path) -> None:
    """Which shows that the test above would notice."""
    promised: list[Acknowledged] = []
    with mounted(tmp_path / "live", "-o", "loop", str(disk)) as live:
        server = serve(data=live / "data", **QUIET)
        forgetful = f"inject={SYNC}:retval=0"
        with traced(server.process.pid, tmp_path / "trace", "-e", f"trace={SYNC}", "-e", forgetful):
            promised += [send(server, picture(number)) for number in range(10)]
            before, copy = cut(server, promised, disk)
        server.process.kill()
        server.process.wait(60)
    with mounted(tmp_path / "after", "-o", "loop", str(copy)) as after:
        assert len(missing(after / "data", before)) == 10


@contextmanager
def uploading(server: LiveServer, promised: list[Acknowledged], numbers: Iterator[int]) -> Iterator[None]:
    """By several at once, until it is left."""
    over = threading.Event()

    def upload_on() -> None:
        while not over.is_set():
            promised.append(send(server, picture(next(numbers))))

    with ThreadPoolExecutor(UPLOADERS) as threads:
        running = [threads.submit(upload_on) for _ in range(UPLOADERS)]
        try:
            yield
        finally:
            over.set()
            for one in running:
                one.result()


def cut(server: LiveServer, promised: list[Acknowledged], disk: Path) -> tuple[list[Acknowledged], Path]:
    """What was promised until a random moment, and the disk as it was then: nobody writes while it is copied, and a
    copy that met the file system at work is made again."""
    threading.Event().wait(random.uniform(0, LONGEST_WAIT))
    before = list(promised)
    server.process.send_signal(signal.SIGSTOP)
    copy = disk.with_name("copy.img")
    try:
        shutil.copyfile(disk, copy)
        while not filecmp.cmp(disk, copy, shallow=False):
            shutil.copyfile(disk, copy)
    finally:
        server.process.send_signal(signal.SIGCONT)
    return before, copy
