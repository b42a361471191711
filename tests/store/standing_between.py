"""A server between a gateway and its S3 store that refuses, breaks off and holds back, as networks and stores do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# Method and path of a request; the status and the code that are answered in place of the store.
Refusal = Callable[[str, str], tuple[int, str] | None]


@dataclass(slots=True)
class Between:
    """`breaks` says after how many bytes of each answer to come the connection breaks; with `spoils`, what arrives at
    the store is not what was sent."""

    endpoint: str
    refuse: Refusal = lambda method, path: None
    breaks: list[int] = field(default_factory=list)
    spoils: bool = False
    asked: list[str] = field(default_factory=list)


@contextmanager
def standing_between(endpoint: str) -> Iterator[Between]:
    store = urlsplit(endpoint)
    between = Between("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            between.asked.append(f"{self.command} {self.path} {self.headers.get('Range', '')}".rstrip())
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if refusal := between.refuse(self.command, self.path):
                self.deny(*refusal)
                return
            if between.spoils and body:
                body = body[:-1] + bytes([body[-1] ^ 1])
            connection = HTTPConnection(store.hostname or "", store.port)
            try:
                path = urlsplit(self.path)._replace(scheme="", netloc="").geturl()  # whole when asked as a proxy
                connection.request(self.command, path, body, dict(self.headers) | {"Host": store.netloc})
                found = connection.getresponse()
                data = found.read()
                self.send_response(found.status)
                for name, value in found.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                        self.send_header(name, value)
                self.end_headers()
                self.give(data)
            finally:
                connection.close()

        def give(self, data: bytes) -> None:
            if data and self.command == "GET" and between.breaks:
                self.wfile.write(data[: between.breaks.pop(0)])
                self.close_connection = True
                return
            with suppress(OSError):  # nobody has to read on
                self.wfile.write(data)

        def deny(self, status: int, code: str) -> None:
            text = f"<Error><Code>{code}</Code><Message>for a test</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        between.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield between
        server.shutdown()
        thread.join()
