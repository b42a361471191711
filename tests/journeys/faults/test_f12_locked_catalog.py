"""F12. Somebody else holds the catalog: uploads wait for it, and after a while are refused with a time to come back.
PICGATE_KILL_ROUNDS=200 holds it for as long as the contract says, 10 and 60 seconds."""

from __future__ import annotations

import http.client
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest

from tests.conftest import LiveServer
from tests.journeys.faults.proof import nothing_lost, send
from tests.journeys.faults.rounds import IS_LONG
from tests.journeys.folder import incoming, known, stored
from tests.journeys.uploading import acknowledged, connect, form, lost, noise, upload

SHORT, LONG = (10, 60) if IS_LONG else (3, 0)
QUIET = {"GATEWAY_SWEEPER__INTERVAL": "86400"}


@pytest.fixture
def server(serve: Callable[..., LiveServer]) -> LiveServer:
    return serve(**QUIET)


@contextmanager
def locked(data: Path) -> Iterator[None]:
    with closing(sqlite3.connect(data / "catalog.db", isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        yield
        somebody.execute("ROLLBACK")


def test_f12_uploads_wait_for_a_catalog_that_is_locked_for_a_while(server: LiveServer) -> None:
    sent = [noise(number) for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        with locked(server.data):
            waiting = [threads.submit(upload, server.url, server.key, one) for one in sent]
            Event().wait(SHORT)
            assert not any(one.done() for one in waiting)
        promised = [acknowledged(one.result(60), what) for one, what in zip(waiting, sent, strict=True)]
    nothing_lost(server, promised)


def test_f12_a_catalog_that_stays_locked_is_503_with_a_time_to_come_back(server: LiveServer) -> None:
    promised = [send(server, noise(1))]
    body, kind = form(noise(2))
    line = connect(server.url)
    with locked(server.data):
        line.request("POST", "/api/1/upload", body, {"X-API-Key": server.key, "Content-Type": kind})
        assert list(lost(server.url, promised)) == []
        answer = line.getresponse()
        assert is_for_later(answer)
        Event().wait(max(0, LONG - 20))
        assert (incoming(server.data), stored(server.data)) == ([], known(server.data))
    line.close()
    promised.append(send(server, noise(2)))
    nothing_lost(server, promised)


def is_for_later(answer: http.client.HTTPResponse) -> bool:
    answer.read()
    return answer.status == 503 and int(answer.getheader("Retry-After", "0")) > 0
