"""Uploading through the legacy door without a socket."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.settings import Settings
from gateway.store.opening import Opened, open_data
from tests.conftest import Client, FrozenClock, draw

Post = Callable[..., TestResponse]


@pytest.fixture
def post(client: FlaskClient, alice_key: str) -> Post:
    """post(title="Cat") uploads a picture as alice; source=…, key=… and path=… replace what it would send."""

    def send(path: str = "/api/1/upload", headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        fields = {"source": (io.BytesIO(draw()), "pic.png"), "key": alice_key} | fields
        return client.post(
            path, data={name: value for name, value in fields.items() if value is not None}, headers=headers
        )

    return send


@pytest.fixture
def client_with(settings: Settings, clock: FrozenClock) -> Iterator[Callable[..., tuple[FlaskClient, str]]]:
    """client_with(uploads={"duplicates": "keep"}) -> a client of a gateway with these settings, and a key for it."""
    opened = []

    def make(**sections: dict[str, Any]) -> tuple[FlaskClient, str]:
        changed = replace(
            settings, **{name: replace(getattr(settings, name), **keys) for name, keys in sections.items()}
        )
        opened.append(here := open_data(changed, clock))
        owner = here.owners.add(f"carol{len(opened)}", role="admin")
        return Client(create_app(changed, here)), here.keys.issue(owner, "test")[1]

    yield make
    for here in opened:
        here.close()


Send = Callable[..., Any]


@pytest.fixture
def send(post: Post) -> Send:
    """send(data, "clip.mp4", title="Cat") uploads a file as curl does by default, and gives the JSON of the answer."""

    def upload(data: bytes, filename: str, type: str = "application/octet-stream", **fields: Any) -> Any:
        return post(source=(io.BytesIO(data), filename, type), **fields).json

    return upload


@pytest.fixture
def nothing_is_left(settings: Settings, opened: Opened) -> Iterator[None]:
    yield
    assert opened.library.usage().media_count == 0
    assert [path for name in ("media", "incoming") for path in Path(settings.data, name).rglob("*.*")] == []


@contextmanager
def picture_server(**pages: bytes) -> Iterator[str]:
    """A loopback site: picture_server(cat=b"…") has /cat.png; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path.strip("/").removesuffix(".png"))
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
