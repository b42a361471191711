"""F5. The n-th fsync of an upload fails: nothing is acknowledged, nothing is left, and nobody asks the same file again
whether it is on the disk now - which the system would affirm."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from tests.conftest import LiveServer
from tests.journeys.faults.proof import is_busy, nothing_lost, send
from tests.journeys.faults.tracing import Call, calls, traced
from tests.journeys.folder import incoming, known, stored
from tests.journeys.uploading import acknowledged, noise, upload

MOST = 8  # no upload syncs more often
QUIET = {"GATEWAY_SWEEPER__INTERVAL": "86400"}


def test_f05_an_fsync_that_fails_is_no_acknowledgement(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    server = serve(**QUIET)
    data = server.data
    promised = [send(server, noise(1))]
    failed: list[str] = []
    for name, number in itertools.product(("fsync", "fdatasync"), range(1, MOST)):  # strace counts each by itself
        sent, log = noise(100 + len(promised)), tmp_path / "trace"
        broken = f"inject={name}:error=EIO:when={number}"
        with traced(server.process.pid, log, "-e", f"trace={name}", "-e", broken):
            answer = upload(server.url, server.key, sent)
        seen = calls(log)
        hit = [at for at, call in enumerate(seen) if "INJECTED" in call.said]
        if not hit:
            promised.append(acknowledged(answer, sent))
            continue
        failed.append(seen[hit[0]].path.removeprefix(str(data)))
        assert is_busy(answer), failed
        assert asked_again(seen, hit[0]) == []
        assert (incoming(data), stored(data)) == ([], known(data)), failed
        promised.append(send(server, sent))  # as a client does; nobody tells it that this is here already
    assert {kind(path) for path in failed} >= {"/incoming", "/media", "/catalog.db-wal"}, failed
    server.process.kill()
    server.process.wait(60)
    print(f"{len(failed)} failing fsyncs: {len(promised)} uploads acknowledged, none lost: {failed}")
    nothing_lost(serve(**QUIET), promised)


def asked_again(seen: list[Call], at: int) -> list[Call]:
    return [call for call in seen[at + 1 :] if call.path == seen[at].path]


def kind(path: str) -> str:
    return "/" + path.split("/")[1]
