"""Requests and answers as bytes on the wire, so that nothing tidies them up on the way."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

BOUNDARY = "------------------------3c930e07d8e9affa"
CHUNK = 65_536
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a multipart body; without `filename` it is a text field."""

    name: str
    data: bytes
    filename: str | None = None
    type: str | None = None

    def render(self) -> bytes:
        head = f'Content-Disposition: form-data; name="{self.name}"'
        if self.filename is not None:
            head += '; filename="' + self.filename.replace('"', "%22") + '"'
        if self.type:
            head += f"\r\nContent-Type: {self.type}"
        return head.encode() + b"\r\n\r\n" + self.data + b"\r\n"


def multipart(parts: Iterable[Part], boundary: str = BOUNDARY) -> bytes:
    opening = f"--{boundary}\r\n".encode()
    return b"".join(opening + part.render() for part in parts) + f"--{boundary}--\r\n".encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have lower-case names."""

    status: int
    headers: dict[str, str]
    body: str


def exchange(port: int, head: bytes, body: bytes) -> Answer:
    """Send the bytes to loopback as they are; with `Expect: 100-continue` the body waits until it is asked for."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(head)
        if b"expect: 100-continue" in head.lower():
            wait_for_continue(connection)
        connection.sendall(chunked(body) if b"transfer-encoding: chunked" in head.lower() else body)
        response = HTTPResponse(connection)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read().decode())


def wait_for_continue(connection: socket.socket) -> None:
    interim = b""
    while not interim.endswith(b"\r\n\r\n"):
        received = connection.recv(1)
        assert received, f"no 100 Continue, but {interim!r}"
        interim += received
    assert interim.startswith(b"HTTP/1.1 100 "), interim


def chunked(body: bytes) -> bytes:
    pieces = (body[at : at + CHUNK] for at in range(0, len(body), CHUNK))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def download(address: str) -> bytes:
    """What is at a loopback address, which must be there and of the length it says."""
    place = urlsplit(address)
    assert place.hostname == "127.0.0.1", address
    connection = HTTPConnection(place.netloc, timeout=PATIENCE)
    try:
        connection.request("GET", place.path)
        response = connection.getresponse()
        data = response.read()
    finally:
        connection.close()
    assert (response.status, response.headers["Content-Length"]) == (200, str(len(data))), address
    return data
