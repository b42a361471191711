"""Decoders in a process of their own. Run as a program, this file is such a process with jobs that misbehave."""

from __future__ import annotations

import gc
import io
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from gateway.core.errors import FileRefused, InvalidInput, StoreUnavailable
from gateway.core.formats import child
from gateway.core.formats.child import Pool
from gateway.core.formats.decoding import serve
from gateway.core.formats.wire import Message

COMMAND = (sys.executable, "-P", "-m", "tests.core.test_child")


def echo(file: BinaryIO, options: dict[str, Any]) -> Message:
    return Message({"pid": os.getpid(), **options}, (file.read(), b"", b"two"))


def about(file: BinaryIO, options: dict[str, Any]) -> Message:
    files = {name: os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")[:-1]}
    return Message({"environment": sorted(os.environ), "files": files, "folder": str(Path.cwd())})


def crash(file: BinaryIO, options: dict[str, Any]) -> Message:
    os.kill(os.getpid(), options["signal"])
    return Message({})


def hang(file: BinaryIO, options: dict[str, Any]) -> Message:
    if "told" in options:
        Path(options["told"]).write_text(str(os.getpid()))
    while True:
        time.sleep(60)


def spin(file: BinaryIO, options: dict[str, Any]) -> Message:
    while True:
        pass


def eat(file: BinaryIO, options: dict[str, Any]) -> Message:
    return Message({}, (bytes(options["bytes"]),))


def refuse(file: BinaryIO, options: dict[str, Any]) -> Message:
    raise {"file": FileRefused, "input": InvalidInput}[options["kind"]]("No.", code="SO_IT_IS", setting="a.b")


def stumble(file: BinaryIO, options: dict[str, Any]) -> Message:
    raise ZeroDivisionError("secret path /etc")


def scribble(file: BinaryIO, options: dict[str, Any]) -> Message:
    found = []
    for attempt in (
        lambda: os.write(file.fileno(), b"changed"),
        lambda: Path(options["folder"], "new").write_text("new"),
        lambda: [os.open(os.devnull, os.O_RDONLY) for _ in range(100)],
    ):
        try:
            attempt()
            found.append("done")
        except OSError as reason:
            found.append(type(reason).__name__)
    return Message({"found": found})


JOBS = {job.__name__: job for job in (echo, about, crash, hang, spin, eat, refuse, stumble, scribble)}


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(2, command=COMMAND)
    yield pool
    pool.close()


@pytest.fixture
def hasty() -> Iterator[Pool]:
    """Gives a job one second."""
    pool = Pool(2, seconds=1, command=COMMAND)
    yield pool
    pool.close()


def run(pool: Pool, job: str, source: child.Source = b"", **options: Any) -> Message:
    return pool.run(job, source, label="test file", options=options)


def pid_of(pool: Pool) -> int:
    return int(run(pool, "echo").facts["pid"])


def refusal(pool: Pool, job: str, **options: Any) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        run(pool, job, **options)
    return refused.value


def assert_ends(pid: int, seconds: float = 20) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    ended = waiting.poll(seconds * 1_000)
    os.close(handle)
    assert ended, "the child is still there"


def test_it_works(pool: Pool) -> None:
    answer = run(pool, "echo", b"bytes", colour="blue")
    assert answer.facts["colour"] == "blue"
    assert answer.parts == (b"bytes", b"", b"two")


def test_the_next_job_finds_the_child_warm(pool: Pool) -> None:
    assert pid_of(pool) == pid_of(pool) != os.getpid()


def test_a_warmed_pool_has_a_child_already(pool: Pool) -> None:
    pool.warm()
    assert [kept.process.pid for kept in pool._idle] == [pid_of(pool)]


def test_a_file_is_passed_without_being_copied(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"of the file")
    assert run(pool, "echo", path).parts[0] == b"of the file"
    with path.open("r+b") as file:
        file.read(3)
        path.unlink()
        assert run(pool, "echo", file).parts[0] == b"of the file"
        assert file.tell() == 3
    assert run(pool, "echo", io.BytesIO(b"in memory")).parts[0] == b"in memory"


def test_much_goes_through_in_both_directions(pool: Pool) -> None:
    data = os.urandom(1 << 20) * 30
    assert run(pool, "echo", data).parts[0] == data


def test_the_child_has_nothing_of_the_server(pool: Pool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PICGATE_SECRET", "s")
    with socket.socket() as listening, (tmp_path / "open").open("wb") as opened:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        for handle in (listening.fileno(), opened.fileno()):
            os.set_inheritable(handle, True)
        facts = run(pool, "about").facts
    assert facts["environment"] == ["LC_ALL", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH"]
    assert facts["folder"] == "/"
    others = [place for place in facts["files"].values() if place != os.devnull]
    assert len(others) == 1 and others[0].startswith("socket:")


def test_the_child_cannot_change_the_file_or_write_another(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"of the file")
    with path.open("r+b") as file:
        found = run(pool, "scribble", file, folder=str(tmp_path)).facts["found"]
    assert found == ["OSError", "OSError", "OSError"]
    assert path.read_bytes() == b"of the file"


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_crash_costs_the_file_alone(pool: Pool, number: int) -> None:
    before = pid_of(pool)
    refused = refusal(pool, "crash", signal=number)
    assert (refused.code, refused.message) == (
        "FILE_BROKEN",
        "This test file is damaged: it brought down its decoder.",
    )
    assert pid_of(pool) != before


def test_a_child_killed_in_the_middle_of_a_job(pool: Pool, tmp_path: Path) -> None:
    told = tmp_path / "told"
    os.mkfifo(told)
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(refusal, pool, "hang", told=str(told))
        os.kill(int(told.read_text()), signal.SIGKILL)
        assert job.result().code == "FILE_BROKEN"
    assert pid_of(pool)


def test_a_child_killed_between_jobs_costs_nothing(pool: Pool) -> None:
    pid = pid_of(pool)
    os.kill(pid, signal.SIGKILL)
    assert_ends(pid)
    assert pid_of(pool) != pid


@pytest.mark.parametrize("job", ["hang", "spin"])
def test_a_child_that_hangs_is_ended(hasty: Pool, job: str) -> None:
    before = pid_of(hasty)
    refused = refusal(hasty, job)
    assert (refused.code, refused.message) == ("FILE_BROKEN", "Reading this test file took more than 1 seconds.")
    assert_ends(before)
    assert pid_of(hasty) != before


def test_a_child_that_wants_too_much_memory(tmp_path: Path) -> None:
    pool = Pool(1, memory_bytes=64 << 20, command=COMMAND)
    assert len(run(pool, "eat", bytes=16 << 20).parts[0]) == 16 << 20
    before = pid_of(pool)
    refused = refusal(pool, "eat", bytes=128 << 20)
    assert (refused.code, refused.message) == (
        "FILE_BROKEN",
        "This test file needs more memory to be read than is allowed.",
    )
    assert pid_of(pool) != before
    pool.close()


def test_a_refusal_is_passed_on_and_the_child_kept(pool: Pool) -> None:
    before = pid_of(pool)
    refused = refusal(pool, "refuse", kind="file")
    assert (refused.code, refused.message, refused.meta) == ("SO_IT_IS", "No.", {"setting": "a.b"})
    with pytest.raises(InvalidInput):
        run(pool, "refuse", kind="input")
    assert pid_of(pool) == before


def test_what_a_decoder_says_is_not_passed_on(pool: Pool) -> None:
    refused = refusal(pool, "stumble")
    assert (refused.code, refused.message) == ("FILE_BROKEN", "This test file is damaged or cut short.")


def test_a_child_is_replaced_after_many_jobs(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "JOBS_PER_CHILD", 2)
    pids = [pid_of(pool) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_eight_threads_share_two_children(pool: Pool) -> None:
    def job(number: int) -> int:
        answer = run(pool, "echo", b"%d" % number, number=number)
        assert answer.parts[0] == b"%d" % answer.facts["number"] == b"%d" % number
        return int(answer.facts["pid"])

    with ThreadPoolExecutor(8) as threads:
        assert 1 <= len(set(threads.map(job, range(80)))) <= 2


def test_no_descriptor_is_left_behind(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"of the file")
    before = sorted(os.listdir("/proc/self/fd"))
    for _ in range(3):
        run(pool, "echo", path)
        refusal(pool, "crash", signal=signal.SIGKILL)
    pool.close()
    assert sorted(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("command", [("/bin/false",), ("/nowhere/python",)])
def test_a_child_that_cannot_be_started_is_not_blamed_on_the_file(command: tuple[str, ...]) -> None:
    pool = Pool(1, command=command)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            run(pool, "echo")
    pool.close()


def test_closing_ends_the_children(pool: Pool) -> None:
    pid = pid_of(pool)
    pool.close()
    assert_ends(pid)


def test_a_forgotten_pool_ends_its_children() -> None:
    pool = Pool(1, command=COMMAND)
    pid = pid_of(pool)
    del pool
    gc.collect()
    assert_ends(pid)


SERVER = """
import sys
from tests.core.test_child import COMMAND, Pool, pid_of, run
pool = Pool(1, seconds=2, command=COMMAND)
print(pid_of(pool), flush=True)
if sys.argv[1] == "busy":
    run(pool, "hang")
sys.stdin.read()
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_child_does_not_outlive_its_server(state: str) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with server:
        assert server.stdout
        pid = int(server.stdout.readline())
        handle = os.pidfd_open(pid)
        os.close(handle)
        server.kill()
    assert_ends(pid)


if __name__ == "__main__":
    serve(JOBS, *map(int, sys.argv[1:3]))
