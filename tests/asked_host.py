"""An old host on loopback that is still there and is asked for files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class AskedHost:
    """`files` are what it has, by the path as it is written in a request; `asked` what it was asked for. Whatever
    `status` says, it says to everybody."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        body = self.files.get(path)
        return self.status or (404 if body is None else 200), body or b""


@contextmanager
def asked_host(port: int = 0) -> Iterator[AskedHost]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = host.answer(self.path)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | host.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        host = AskedHost(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield host
        finally:
            server.shutdown()
            thread.join()
