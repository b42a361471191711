"""A line to a server that breaks in the middle of an upload, once; whoever tries again gets through."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

BLOCK_BYTES = 65_536


class Line:
    def __init__(self, near: socket.socket, far: tuple[str, int], after: int) -> None:
        self.near = near
        self.far = far
        self.bytes_left: int | None = after
        self.threads: list[threading.Thread] = []
        self.is_closing = False

    def listen(self) -> None:
        while True:
            client, _ = self.near.accept()
            if self.is_closing:
                client.close()
                return
            self.threads.append(thread := threading.Thread(target=self.connect, args=(client,)))
            thread.start()

    def connect(self, client: socket.socket) -> None:
        with client, socket.create_connection(self.far) as server:
            answers = threading.Thread(target=self.carry, args=(server, client))
            answers.start()
            self.carry(client, server, can_break=True)
            answers.join()

    def carry(self, source: socket.socket, target: socket.socket, *, can_break: bool = False) -> None:
        with suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
                target.sendall(block)
                if can_break and self.bytes_left is not None:
                    self.bytes_left -= len(block)
                    if self.bytes_left <= 0:
                        self.bytes_left = None
                        break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_that_breaks(url: str, *, after: int) -> Iterator[str]:
    """The address of the near end. After so many bytes have gone to the server it breaks."""
    far = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as near:
        line = Line(near, (far.hostname or "", far.port or 80), after)
        listener = threading.Thread(target=line.listen)
        listener.start()
        yield f"http://127.0.0.1:{near.getsockname()[1]}"
        line.is_closing = True
        socket.create_connection(near.getsockname()).close()
        for thread in (listener, *line.threads):
            thread.join()
