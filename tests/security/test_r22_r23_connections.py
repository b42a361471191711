"""R22 and R23: requests that never end, or come a byte at a time, hold nobody up and are not waited for."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest

from gateway.patience import FIRST_SECONDS, SLOWEST_BYTES, is_too_slow
from tests.conftest import LiveServer, draw
from tests.journeys.bare import chunk, dial, head, listen, say
from tests.journeys.uploading import acknowledged, form, get, upload

MB = 1_000_000
HEADER_SECONDS = 2
PATIENCE = 30


@pytest.fixture
def strict(serve: Callable[..., LiveServer]) -> LiveServer:
    return serve(GATEWAY_UPLOADS__MAX_SIZE="1 MB", GATEWAY_SERVER__HEADER_TIMEOUT=str(HEADER_SECONDS))


def drip(line: socket.socket, data: bytes, seconds: float = 0.1) -> float:
    """A byte now and then, until the other side has had enough. Returns for how long."""
    began = time.monotonic()
    line.settimeout(seconds)
    for at in range(len(data)):
        if time.monotonic() - began > PATIENCE:
            break
        try:
            line.sendall(data[at : at + 1])
            if not line.recv(4096):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


SLOW = {
    "headers": b"GET / HTTP/1.1\r\nHost: picgate\r\nX-Slow: " + b"x" * 10_000,
    "a request line": b"GET /" + b"x" * 10_000,
    "blank lines": b"\r\n" * 10_000,
}


@pytest.mark.parametrize("what", SLOW)
def test_r23_headers_that_drip_are_not_waited_for(strict: LiveServer, what: str) -> None:
    with dial(strict.url) as line:
        assert drip(line, SLOW[what]) < PATIENCE
    assert get(strict.url, "/health").status == 200


def test_r23_headers_that_take_their_time_are_heard(strict: LiveServer) -> None:
    with dial(strict.url) as line:
        for piece in (b"GET /health HTTP/1.1\r\n", b"Host: picgate\r\n", b"Connection: close\r\n\r\n"):
            line.sendall(piece)
            time.sleep(0.3)  # as a slow line would
        assert listen(line).status == 200


def test_r23_a_hundred_that_drip_hold_nobody_up(strict: LiveServer) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(dial(strict.url)) for _ in range(100)]
        for line in lines:
            line.sendall(b"POST /api/1/upload HTTP/1.1\r\nX-Slow: ")
        for seed in range(3):
            acknowledged(upload(strict.url, strict.key, data := draw(seed=seed)), data)
        for line in lines:
            line.settimeout(PATIENCE)
            with suppress(ConnectionError):
                assert line.recv(4096) == b""


@pytest.mark.parametrize(
    ("seconds", "body_bytes", "is_late"),
    [(FIRST_SECONDS, 0, False), (FIRST_SECONDS + 1, 0, True), (FIRST_SECONDS + 1, SLOWEST_BYTES * 61 - 1, True),
     (FIRST_SECONDS + 1, SLOWEST_BYTES * 61, False), (100_000, SLOWEST_BYTES * 100_000, False)],
)  # fmt: skip
def test_r23_a_body_has_to_come_at_some_speed(seconds: float, body_bytes: int, is_late: bool) -> None:
    assert is_too_slow(seconds, 30, headers_finished=True, body_bytes=body_bytes) is is_late


def encoded(data: bytes) -> bytes:
    return base64.b64encode(data).replace(b"+", b"%2B")


BODY, KIND = form(bytes(9 * MB))
TEXT = b"source=" + encoded(bytes(9 * MB))
TOO_LONG: dict[str, tuple[bytes, list[bytes]]] = {
    "a form of a length": (head(f"Content-Type: {KIND}", "Content-Length: 60000000"), [BODY] * 6),
    "a form in chunks": (head(f"Content-Type: {KIND}", "Transfer-Encoding: chunked"), [chunk(BODY[:MB])] * 60),
    "base64 of a length": (
        head("Content-Type: application/x-www-form-urlencoded", "Content-Length: 60000000"), [TEXT] * 5,
    ),
    "base64 in chunks": (
        head("Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked"), [chunk(TEXT[:MB])] * 60,
    ),
    "a form of /v1": (
        head(f"Content-Type: {KIND}", "Transfer-Encoding: chunked", path="/v1/images"), [chunk(BODY[:MB])] * 60,
    ),
    "JSON of /v1": (
        head("Content-Type: application/json", "Content-Length: 60000000", path="/v1/images/exists"), [bytes(MB)] * 60,
    ),
    "a piece of an upload": (
        head("Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream",
             "Content-Length: 60000000", path="/v1/uploads/abc", method="PATCH"), [bytes(MB)] * 60,
    ),
    "an announced upload": (
        head("Tus-Resumable: 1.0.0", "Upload-Length: 60000000", "Content-Length: 0", path="/v1/uploads"), [],
    ),
    "the form of an album": (
        head("Content-Type: application/x-www-form-urlencoded", "Content-Length: 60000000", path="/album/a"),
        [bytes(MB)] * 60,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TOO_LONG)
def test_r22_a_body_over_the_limit_is_cut_as_soon_as_that_is_known(strict: LiveServer, what: str) -> None:
    first, rest = TOO_LONG[what]
    key = f"X-API-Key: {strict.key}\r\nAuthorization: Bearer {strict.key}\r\n".encode()
    heard = say(strict.url, first.replace(b"Host: picgate\r\n", b"Host: picgate\r\n" + key), *rest)
    assert heard.status is None or 400 <= heard.status < 500, heard
    assert get(strict.url, "/health").status == 200
    assert not list((strict.data / "incoming").iterdir())
