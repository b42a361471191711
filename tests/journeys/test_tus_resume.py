"""Uploads in pieces against a real server: killed in the middle again and again, lines that break, two at once.

PICGATE_KILL_ROUNDS=200 is the long run.
"""

from __future__ import annotations

import hashlib
import http.client
import itertools
import os
import random
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest

from tests.conftest import LiveServer
from tests.journeys.commands import gateway_json
from tests.journeys.folder import damage, incoming, orphans
from tests.journeys.uploading import connect, get, noise

ROUNDS = int(os.environ.get("PICGATE_KILL_ROUNDS", "10"))
PIECE_BYTES = 30_000
LONGEST_LIFE = 0.5  # seconds of pieces before the kill
PATIENCE = 30  # seconds to wait for what happens without an answer

seeds = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Sending:
    """An upload under way: what of it was acknowledged."""

    data: bytes
    path: str
    acknowledged: int = 0
    url: str | None = None


class Tus:
    def __init__(self, server: LiveServer, key: str) -> None:
        self.key = key
        self.connection = connect(server.url)

    def __enter__(self) -> Tus:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        sent = {"Authorization": f"Bearer {self.key}", "Tus-Resumable": "1.0.0"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body, sent)
        answer = self.connection.getresponse()
        answer.read()
        return answer

    def begin(self, data: bytes) -> Sending:
        answer = self.ask("POST", "/v1/uploads", Upload_Length=str(len(data)), Upload_Metadata="filename YS5wbmc=")
        assert answer.status == 201
        return Sending(data, urlsplit(answer.headers["Location"]).path)

    def offset(self, one: Sending) -> int:
        while (answer := self.ask("HEAD", one.path)).status == 423:  # another piece is being written
            pass
        assert answer.status == 200
        return int(answer.headers["Upload-Offset"])

    def send(self, one: Sending, at: int, count: int = PIECE_BYTES) -> Sending:
        answer = self.ask("PATCH", one.path, one.data[at : at + count], **piece_headers(at))
        assert answer.status == 204
        return replace(one, acknowledged=int(answer.headers["Upload-Offset"]), url=answer.headers["X-Picora-Url"])


def piece_headers(at: int) -> dict[str, str]:
    return {"Upload_Offset": str(at), "Content_Type": "application/offset+octet-stream"}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_served(server: LiveServer, one: Sending) -> bool:
    assert one.url
    return digest(get(server.url, urlsplit(one.url).path).body) == digest(one.data)


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_what_was_acknowledged_survives_kill_nine(serve: Callable[..., LiveServer]) -> None:
    chance, finished = random.Random(), list[Sending]()
    server, one = serve(GATEWAY_LIMITS__READ="0"), None
    key = server.key
    for _ in range(ROUNDS):
        one = sent_until_killed(server, key, one, chance.uniform(0.02, LONGEST_LIFE), finished)
        server = serve(GATEWAY_LIMITS__READ="0")
        assert not damage(server.data)
        if one:
            with Tus(server, key) as tus:
                assert one.acknowledged <= tus.offset(one) <= len(one.data)
    if one:
        with Tus(server, key) as tus:
            finished.append(tus.send(one, tus.offset(one), len(one.data)))
    assert finished
    assert all(is_served(server, one) for one in finished)
    assert server.stop() == 0
    print(f"{ROUNDS} kills: {len(finished)} uploads finished, {len(orphans(server.data))} orphans")
    assert gateway_json(server.data, "sweep", GATEWAY_SWEEPER__INCOMING_AGE="0")["expired"] == 0
    assert incoming(server.data) == []


def sent_until_killed(
    server: LiveServer, key: str, one: Sending | None, seconds: float, finished: list[Sending]
) -> Sending | None:
    """Goes on with `one`, and with more of them, until the process is killed; gives the one that was under way."""
    killer = threading.Timer(seconds, server.process.kill)
    killer.start()
    tus = Tus(server, key)
    try:
        at = tus.offset(one) if one else 0
        while True:
            if not one:
                one, at = tus.begin(noise(next(seeds), 400, 300)), 0
            one = tus.send(one, at)
            at = one.acknowledged
            if one.url:
                finished.append(one)
                one = None
    except (OSError, http.client.HTTPException):
        return one
    finally:
        tus.connection.close()
        killer.join()
        server.process.wait(60)


def test_a_piece_that_breaks_off_is_kept_as_far_as_it_came(serve: Callable[..., LiveServer]) -> None:
    server, sent = serve(GATEWAY_LIMITS__READ="0"), 1_500_000
    with Tus(server, server.key) as tus:
        one = tus.begin(noise(next(seeds), 1_000, 800))
        hang_up_after(sent, server, one, "application/offset+octet-stream")
        wait_for(lambda: tus.ask("HEAD", one.path).headers["Upload-Offset"] == str(sent))
        assert is_served(server, tus.send(one, sent, len(one.data)))
    assert incoming(server.data) == []


def test_half_of_anything_else_is_not_taken(serve: Callable[..., LiveServer]) -> None:
    server = serve()
    with Tus(server, server.key) as tus:
        one = tus.begin(noise(next(seeds)))
        hang_up_after(1_000, server, one, "image/png")
        assert tus.offset(one) == 0
        assert is_served(server, tus.send(one, 0, len(one.data)))


def hang_up_after(count: int, server: LiveServer, one: Sending, type: str) -> None:
    """Announces all of it and sends only so much."""
    head = (
        f"PATCH {one.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\nTus-Resumable: 1.0.0\r\n"
        f"Upload-Offset: 0\r\nContent-Type: {type}\r\nContent-Length: {len(one.data)}\r\n\r\n"
    )
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as line:
        line.sendall(head.encode() + one.data[:count])


def test_two_who_send_the_same_piece(serve: Callable[..., LiveServer]) -> None:
    """Many times over: one of them goes on, and whoever comes second is told so."""
    server = serve(GATEWAY_LIMITS__READ="0")

    def attempt(at: int) -> int:
        with Tus(server, server.key) as here:
            return here.ask("PATCH", one.path, one.data[at : at + PIECE_BYTES], **piece_headers(at)).status

    with Tus(server, server.key) as tus, ThreadPoolExecutor(4) as threads:
        one = tus.begin(noise(next(seeds), 600, 400))
        for at in range(0, len(one.data) - PIECE_BYTES, PIECE_BYTES):
            statuses = sorted(threads.map(attempt, [at] * 4))
            assert statuses[0] == 204 and set(statuses[1:]) <= {409, 423}, statuses
            assert tus.offset(one) == at + PIECE_BYTES
        assert is_served(server, tus.send(one, tus.offset(one)))


def wait_for(has_happened: Callable[[], bool]) -> None:
    for _ in range(PATIENCE * 50):
        if has_happened():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it has not happened")
