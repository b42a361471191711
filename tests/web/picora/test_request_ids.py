"""X-Request-Id: on every answer of the gateway, whichever door gives it."""

from __future__ import annotations

import socket

import pytest
from flask.testing import FlaskClient

from tests.conftest import LiveServer

PATHS = ("/", "/health", "/v1/health", "/v1/user/me", "/v1/nothing", "/api/1/upload", "/nowhere", "/AAAAAAAAAAA.png")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_one(client: FlaskClient, path: str) -> None:
    first, second = (client.get(path).headers.getlist("X-Request-Id") for _ in range(2))
    assert len(first) == len(second) == 1
    assert first != second


@pytest.mark.parametrize("path", PATHS)
def test_the_one_that_was_sent_is_echoed(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"x-request-id": "abc-1.Z_"}).headers["X-Request-Id"] == "abc-1.Z_"


@pytest.mark.parametrize("sent", ["a b<", "", "x" * 65, "ü", 'a"b'])
def test_one_that_is_not_sane_is_replaced(client: FlaskClient, sent: str) -> None:
    given = client.get("/v1/health", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert given and given != sent


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        ("/v1/images", 413, '"code":"VALIDATION_ERROR"'),
        ("/api/1/upload", 400, '"status_code":400'),
        ("/pictures", 413, "the most that is taken at once"),
    ],
)
def test_what_the_server_refuses_by_itself_has_one(live_server: LiveServer, path: str, status: int, part: str) -> None:
    port = int(live_server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: find-me\r\nContent-Length: 9{'0' * 14}\r\n\r\n".encode()
        )
        line.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: line.recv(65_536), b"")).decode()

    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert answer.lower().count("x-request-id: find-me") == 1
    assert part in answer
    assert ("Access-Control-Allow-Origin: *" in answer) == (path != "/pictures")
