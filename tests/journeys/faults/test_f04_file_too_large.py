"""F4. A file that may not grow: the system writes a part of it and then refuses (RLIMIT_FSIZE)."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import LiveServer
from tests.journeys.faults.proof import is_busy, nothing_lost, send
from tests.journeys.folder import incoming, known, query, stored
from tests.journeys.uploading import lost, noise, upload

QUIET = {"GATEWAY_SWEEPER__INTERVAL": "86400"}


@pytest.fixture
def server(serve: Callable[..., LiveServer]) -> LiveServer:
    return serve(**QUIET)


@contextmanager
def files_up_to(server: LiveServer, size: int) -> Iterator[None]:
    pid, (soft, hard) = server.process.pid, resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


def test_f04_a_file_that_cannot_be_written_whole_is_not_kept(server: LiveServer) -> None:
    promised = [send(server, noise(1))]
    large = noise(2, 1100, 1000)
    with files_up_to(server, 2_500_000):
        assert len(large) > 2_500_000
        assert is_busy(upload(server.url, server.key, large))
        assert query(server.data, "SELECT count(*) FROM media") == [(1,)]
        assert (incoming(server.data), stored(server.data)) == ([], known(server.data))
        promised.append(send(server, noise(3)))
    promised.append(send(server, large))
    nothing_lost(server, promised)


def test_f04_a_catalog_that_may_not_grow_keeps_neither_row_nor_file(server: LiveServer) -> None:
    promised = [send(server, noise(number)) for number in range(3)]
    log = server.data / "catalog.db-wal"
    with files_up_to(server, log.stat().st_size - 1000):
        refused = upload(server.url, server.key, noise(10))
        assert is_busy(refused)
        assert query(server.data, "SELECT count(*) FROM media") == [(3,)]
        assert (incoming(server.data), stored(server.data)) == ([], known(server.data))
        assert list(lost(server.url, promised)) == []
    promised.append(send(server, noise(10)))
    nothing_lost(server, promised)


def test_f04_what_was_acknowledged_after_that_survives(serve: Callable[..., LiveServer], server: LiveServer) -> None:
    promised = [send(server, noise(number)) for number in range(3)]
    with files_up_to(server, (server.data / "catalog.db-wal").stat().st_size - 1000):
        for number in range(5):
            assert is_busy(upload(server.url, server.key, noise(10 + number)))
    promised += [send(server, noise(10 + number)) for number in range(5)]
    server.process.kill()
    server.process.wait(60)
    again = serve(**QUIET)
    nothing_lost(again, promised)
