"""A client that writes whatever it likes to the socket, and tells what came back."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.journeys.uploading import PATIENCE


@dataclass(frozen=True, slots=True)
class Heard:
    """`status` is None where the connection was closed without an answer; `was_cut` where writing was cut short."""

    status: int | None
    headers: dict[str, str]
    body: bytes
    was_cut: bool

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "")


def dial(url: str) -> socket.socket:
    where = urlsplit(url)
    return socket.create_connection((where.hostname, where.port), timeout=PATIENCE)


def say(url: str, *pieces: bytes, then_hang_up: bool = False) -> Heard:
    """`then_hang_up` ends the writing side once everything is written, as a client does that gave up."""
    with dial(url) as line:
        was_cut = not write(line, pieces)
        if then_hang_up:
            with suppress(OSError):
                line.shutdown(socket.SHUT_WR)
        return listen(line, was_cut)


def write(line: socket.socket, pieces: Iterable[bytes]) -> bool:
    try:
        for piece in pieces:
            line.sendall(piece)
    except ConnectionError:
        return False
    return True


def listen(line: socket.socket, was_cut: bool = False) -> Heard:
    """Fails with a timeout only when the other side neither answers nor closes."""
    response = http.client.HTTPResponse(line)
    try:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Heard(response.status, headers, response.read(), was_cut)
    except (ConnectionError, http.client.HTTPException):
        return Heard(None, {}, b"", was_cut)
    finally:
        response.close()


def head(*lines: str, path: str = "/api/1/upload", method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: picgate", *lines, "", ""]).encode("latin-1")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
