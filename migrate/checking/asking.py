"""Asks the gateway itself, as a stranger who has nothing but an old address. Nobody's views are counted for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit

from werkzeug.test import create_environ, run_wsgi_app

from gateway.app import create_app
from gateway.settings import Settings
from gateway.store.opening import Opened

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOVED = (301, 302, 303, 307, 308)
MAX_MOVES = 5
FORM = b'name="password"'  # what nothing but the question for a password has
SEEN = "seen=1"  # a visitor whose view is counted already


@dataclass(frozen=True, slots=True)
class Answer:
    """Where it ended, after all that moved: at `path`, which is one of ours when it moved at all."""

    status: int
    path: str
    mime: str
    length: int | None = None
    sha256: str | None = None
    asks_password: bool = False

    def __str__(self) -> str:
        if self.asks_password:
            return "the question for a password"
        return f"{self.status} at {self.path}" if self.status == 200 else str(self.status)


class Asker:
    def __init__(self, settings: Settings, opened: Opened) -> None:
        # The bytes are wanted here, also where a server in front sends them otherwise.
        settings = replace(settings, files=replace(settings.files, sendfile="direct"))
        self.app = create_app(settings, opened).wsgi_app
        self.public_url = settings.public_url
        self.root = urlsplit(settings.public_url).path.rstrip("/")
        self.template = create_environ("/", settings.public_url, headers={"Cookie": SEEN})
        self.count = 0
        self.native = lru_cache(64)(self.find)  # several old addresses of one thing end at the same page

    def file(self, host: str, path: str, *, reads: bool) -> Answer:
        """With `reads`, all of its bytes are read and hashed."""
        self.count += 1
        status, headers, body = self.send("GET" if reads else "HEAD", host, path, "")
        digest, length = hashlib.sha256(), 0
        for block in body:
            digest.update(block)
            length += len(block)
        told = headers.get("content-length", "")
        return Answer(
            status,
            path,
            mime_in(headers),
            length if reads else int(told) if told.isdecimal() else None,
            digest.hexdigest() if reads else None,
        )

    def page(self, host: str, path: str, query: str = "") -> Answer:
        """Follows wherever it leads."""
        self.count += 1
        answer, leads_to = self.one(host, path, query)
        return self.native(*leads_to, MAX_MOVES) if leads_to else answer

    def find(self, path: str, query: str, moves: int) -> Answer:
        answer, leads_to = self.one(urlsplit(self.public_url).netloc, path, query)
        return self.find(*leads_to, moves - 1) if leads_to and moves else answer

    def one(self, host: str, path: str, query: str) -> tuple[Answer, tuple[str, str] | None]:
        """And where it leads, if it does."""
        status, headers, body = self.send("GET", host, path, query)
        content, mime = b"".join(body), mime_in(headers)
        answer = Answer(status, path, mime, len(content), None, mime == "text/html" and FORM in content)
        return answer, self.ours(host, path, headers.get("location", "")) if status in MOVED else None

    def ours(self, host: str, path: str, location: str) -> tuple[str, str]:
        """The path and the query a redirect leads to, without the root of this place."""
        target = urlsplit(urljoin(f"//{host}{self.root}{quote(path)}", location))
        return unquote(target.path).removeprefix(self.root), target.query

    def send(self, method: str, host: str, path: str, query: str) -> tuple[int, dict[str, str], Iterable[bytes]]:
        body, status, headers = run_wsgi_app(self.app, self.environ(method, host, path, query), buffered=False)
        return int(status[:3]), {name.lower(): value for name, value in headers}, closing(body)

    def environ(self, method: str, host: str, path: str, query: str) -> WSGIEnvironment:
        raw = quote(path, errors="surrogateescape")
        return {
            **self.template,
            "REQUEST_METHOD": method,
            "HTTP_HOST": host,
            "PATH_INFO": path.encode("utf-8", "surrogateescape").decode("latin-1"),
            "QUERY_STRING": quote(query, safe="=&/+%"),
            "REQUEST_URI": raw,
            "RAW_URI": raw,
            "wsgi.input": BytesIO(),
        }


def mime_in(headers: dict[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0]


def closing(body: Iterable[bytes]) -> Iterable[bytes]:
    try:
        yield from body
    finally:
        if close := getattr(body, "close", None):
            close()
