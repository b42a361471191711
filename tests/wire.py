"""Stands between a gateway and its database, and does to their connections what networks and servers do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Passes on what is said, until it is cut. With `hears` set, it goes as soon as the database has answered that, and
    the answer with it."""

    def __init__(self, url: str) -> None:
        there = urlsplit(url)
        self.there = there.hostname or "", there.port or 5432
        self.hears: bytes | None = None
        self.is_whole = True
        self.ends: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        login = there.netloc.rpartition("@")[0]
        self.url = there._replace(netloc=f"{login}@127.0.0.1:{port}", query="sslmode=disable").geturl()
        self.start(self.listen)

    def start(self, work: object, *what: object) -> None:
        thread = threading.Thread(target=work, args=what, daemon=True)  # type: ignore[arg-type]
        self.threads.append(thread)
        thread.start()

    def listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if not self.is_whole:
                    near.close()
                    continue
                far = socket.create_connection(self.there)
                self.ends += [near, far]
                heard = threading.Event()
                self.start(self.pass_on, near, far, heard, True)
                self.start(self.pass_on, far, near, heard, False)

    def pass_on(self, source: socket.socket, target: socket.socket, heard: threading.Event, is_asking: bool) -> None:
        with suppress(OSError):
            while block := source.recv(65536):
                if is_asking and self.hears and self.hears in block:
                    heard.set()
                elif not is_asking and heard.is_set():
                    break
                target.sendall(block)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Everybody is thrown out, and nobody is let in."""
        self.is_whole = False
        self.drop()

    def drop(self) -> None:
        """Everybody is thrown out, and may come again."""
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.is_whole = True

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
        for thread in self.threads:
            thread.join()
        for end in self.ends:
            end.close()


@contextmanager
def a_wire(url: str) -> Iterator[Wire]:
    wire = Wire(url)
    try:
        yield wire
    finally:
        wire.close()


@contextmanager
def a_refusal(code: bytes, said: bytes) -> Iterator[int]:
    """The port of a server that answers everybody who introduces himself with this error of PostgreSQL."""
    fields = b"SFATAL\0VFATAL\0C" + code + b"\0M" + said + b"\0\0"
    error = b"E" + (len(fields) + 4).to_bytes(4, "big") + fields

    def listen() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                with near:
                    asked = near.recv(4096)
                    if asked[4:8] == b"\x04\xd2\x16\x2f":  # may we speak in secret?
                        near.sendall(b"N")
                        near.recv(4096)
                    near.sendall(error)

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
