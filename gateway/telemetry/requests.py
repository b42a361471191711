"""Around the whole application: each request gets an id, is counted and timed, and leaves one line in the log.

The line tells what was asked for and what became of it, and holds nothing that opens anything: no query, no header, no
cookie, and of a path neither a key nor the token of a link that deletes or sets a password. Doors say whose request it
was and which media it was about by `environ[OWNER]` and `environ[MEDIA]`.

What the gateway did not foresee ends here: with an answer that tells the id, and a log that tells the rest.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from flask import request
from waitress.buffers import ReadOnlyFileBasedBuffer

from gateway.telemetry.ids import choose_id
from gateway.telemetry.logs import current, tell
from gateway.telemetry.recent import FAILURE, Recent
from gateway.telemetry.tallies import METHODS, Tallies

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

PLAIN = re.compile(r"[!-~]{1,300}", re.ASCII)
SECRET = re.compile(
    r"(?<=/delete/)[^/]+|(?<=/dashboard/password/)[^/]+|(?<=sk_live_)[^/]+|(?<=chv_)[^/]+|(?<=^/api/1/upload/).+"
)
LONGEST_PATH = 300
FILE = re.compile(r"/([A-Za-z0-9_-]{11}|[A-Za-z0-9_-]{21})\.", re.ASCII)
OWNER, MEDIA, PLACE = "picgate.owner", "picgate.media", "picgate.place"
FILES = ("files", "/{file}")  # what is answered in front of all routes
UNKNOWN = "none"
DOORS = {"legacy_api": "legacy", "legacy_api_root": "legacy", "legacy_upload": "legacy", "picora": "picora",
         "health": "picora", "docs": "picora", "ops": "ops"}  # fmt: skip


class Line(NamedTuple):
    """What the log tells of one request. A tuple, which is made in a third of the time: there are many."""

    door: str
    route: str
    method: str
    path: str
    status: int
    seconds: float
    received: int
    sent: int
    client: str
    owner: str | None
    media: str | None

    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = self._asdict()
        facts |= {"path": shown(self.path), "media": self.media or media_in(self.path)}
        facts["ms"] = round(facts.pop("seconds") * 1000, 1)
        return {name: value for name, value in facts.items() if value is not None}

    def __str__(self) -> str:
        text = f"{self.method} {shown(self.path)} {self.status} {self.seconds * 1000:.1f} ms {self.sent} bytes"
        media = self.media or media_in(self.path)
        return f"{text}{f' owner={self.owner}' if self.owner else ''}{f' media={media}' if media else ''}"


class Exchange:
    """One request and its answer."""

    __slots__ = ("began", "environ", "id", "requests", "size", "start_response", "status")

    def __init__(self, requests: Requests, environ: WSGIEnvironment, start_response: StartResponse) -> None:
        self.began = time.perf_counter()
        self.requests = requests
        self.environ = environ
        self.start_response = start_response
        self.status = 0
        self.size = 0  # what the answer says it has
        self.id = environ["picgate.request_id"] = choose_id(environ.get("HTTP_X_REQUEST_ID", ""), requests.node)

    def start(self, status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
        self.status = int(status[:3])
        name, value = headers[-1] if headers else ("", "")
        self.size = int(value) if name == "Content-Length" else 0
        return self.start_response(status, [*headers, *self.requests.shared, ("X-Request-Id", self.id)], *exc_info)

    def crash(self, error: Exception) -> list[bytes]:
        log.error("request %s failed", self.id, exc_info=error)
        self.environ[FAILURE] = f"{type(error).__name__}: {error}"
        if self.status:
            raise error
        body = f"Something went wrong inside the gateway. Its log tells more: request {self.id}.\n".encode()
        self.start(
            "500 Internal Server Error",
            [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"),
             ("X-Content-Type-Options", "nosniff"), ("Content-Length", str(len(body)))],
        )  # fmt: skip
        return [] if self.environ["REQUEST_METHOD"] == "HEAD" else [body]

    def end(self, sent: int) -> None:
        seconds = time.perf_counter() - self.began
        environ = self.environ
        received = environ.get("CONTENT_LENGTH")
        self.requests.note(
            environ, self.status, seconds, int(received) if received and received.isdecimal() else 0, sent
        )
        current.request_id = ""


class Counted:
    """An answer that is made while it is sent."""

    def __init__(self, answer: Iterable[bytes], exchange: Exchange) -> None:
        self.answer = answer
        self.exchange = exchange
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self.answer:
                self.sent += len(piece)
                yield piece
        except Exception:
            log.exception("request %s broke off", self.exchange.id)
            raise

    def close(self) -> None:
        try:
            if hasattr(self.answer, "close"):
                self.answer.close()
        finally:
            self.exchange.end(self.sent)


class Requests:
    def __init__(
        self, app: WSGIApplication, node: str, tallies: Tallies, recent: Recent | None = None, *, told: bool = True,
        shared: tuple[tuple[str, str], ...] = (),
    ) -> None:  # fmt: skip
        """Without `told`, requests are counted, and no lines are written for them. `recent` is told what failed.
        `shared` are headers of all answers."""
        self.app = app
        self.node = node
        self.tallies = tallies
        self.recent = recent
        self.told = told
        self.shared = shared

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        exchange = Exchange(self, environ, start_response)
        current.request_id = exchange.id
        self.tallies.begin()
        try:
            answer = self.app(environ, exchange.start)
        except Exception as error:
            answer = exchange.crash(error)
        if isinstance(answer, ReadOnlyFileBasedBuffer):
            exchange.end(exchange.size)
        elif isinstance(answer, list):
            exchange.end(sum(map(len, answer)))
        else:
            return Counted(answer, exchange)
        return answer

    def note_refused(self, request_id: str, method: str, path: str, status: int, sent: int) -> None:
        """What was refused in front of the application."""
        current.request_id = request_id
        self.tallies.begin()
        self.note({"REQUEST_METHOD": method, "PATH_INFO": path, PLACE: (door_at(path), UNKNOWN)},
                  status, 0.0, 0, sent)  # fmt: skip
        current.request_id = ""

    def note(self, environ: WSGIEnvironment, status: int, seconds: float, received: int, sent: int) -> None:
        method: str = environ["REQUEST_METHOD"]
        method = method if method in METHODS else "OTHER"
        door, route = environ.get(PLACE, FILES)
        self.tallies.end(door, route, method, status, seconds, received, sent)
        if status >= 500 and self.recent:
            path, reason = shown(environ.get("PATH_INFO", "")), environ.get(FAILURE, "")
            self.recent.add(current.request_id, self.node, method, path, status, reason)
        level = logging.INFO if status < 500 else logging.ERROR if status == 500 else logging.WARNING
        if (self.told or level > logging.INFO) and log.isEnabledFor(level):
            path, client = environ.get("PATH_INFO", ""), environ.get("REMOTE_ADDR", "")
            owner, media = environ.get(OWNER), environ.get(MEDIA)
            line = Line(door, route, method, path, status, seconds, received, sent, client, owner, media)
            tell(log, level, line)


def note_place() -> None:
    """Before each request that gets as far as the routes: door, route, and media, if the address names one."""
    rule, environ = request.url_rule, request.environ
    environ[PLACE] = (door_of(rule.endpoint), rule.rule) if rule else (door_at(request.path), UNKNOWN)
    if media_id := (request.view_args or {}).get("media_id"):
        environ[MEDIA] = media_id


def media_in(path: str) -> str | None:
    found = FILE.match(path)
    return found[1] if found else None


@lru_cache(256)
def door_of(endpoint: str) -> str:
    return DOORS.get(endpoint.partition(".")[0], "pages")


def door_at(path: str) -> str:
    if path.startswith("/api"):
        return "legacy"
    return "picora" if path.startswith("/v1") else "pages"


def shown(path: str) -> str:
    """As one word without control characters, and with nothing in it that opens anything."""
    if not PLAIN.fullmatch(path):
        path = quote(path[:LONGEST_PATH], safe="/!$&'()*+,:;=@~", encoding="utf-8", errors="replace")
    return SECRET.sub("***", path)
