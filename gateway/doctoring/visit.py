"""A client at the door of a gateway: one request after another, and what came back exactly as it came.

Promises: redirects are not followed, nothing is kept between requests, and no password of this machine's netrc is sent.
What cannot be reached raises `Unreached` with the reason in a sentence.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from gateway import __version__
from gateway.urls import origin_of

AGENT = f"picgate-doctor/{__version__}"


class Unreached(Exception):
    """Nobody answered, and why."""


@dataclass(frozen=True, slots=True)
class Heard:
    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def mime(self) -> str:
        return self.header("Content-Type").partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        return self.mime == "text/html" or self.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> dict[str, Any]:
        """Empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Visit:
    """`url` is the address people use, with its sub-path if it has one; `key` is "" for a stranger."""

    def __init__(self, url: str, key: str = "", timeout: float = 30) -> None:
        self.base = url.rstrip("/")
        self.root = urlsplit(self.base).path
        self.key = key
        self.timeout = timeout
        self.claimed = self.base  # what the links of the gateway begin with
        self.others: frozenset[str] = frozenset()  # other places that the gateway names for its files
        self.session = requests.Session()
        self.session.auth = lambda asked: asked
        self.session.headers = CaseInsensitiveDict({"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"})

    def close(self) -> None:
        self.session.close()

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, as_owner: bool = False, **body: Any
    ) -> Heard:
        """`path` below the address, or a whole link of the gateway."""
        sent = {**(headers or {}), **({"Authorization": f"Bearer {self.key}"} if as_owner else {})}
        try:
            heard = self.session.request(
                method, self.place(path), headers=sent, timeout=self.timeout, allow_redirects=False, **body
            )
        except requests.RequestException as error:
            raise Unreached(reason(error, self.timeout)) from None
        finally:
            self.session.cookies.clear()
        return Heard(heard.status_code, heard.headers, heard.content)

    def place(self, link: str) -> str:
        """Where to ask for what the gateway calls `link`, even when it has a wrong idea of its own address."""
        if link.startswith(("http://", "https://")):
            return self.base + link.removeprefix(self.claimed) if link.startswith(self.claimed) else link
        if link.startswith("/") and (root := urlsplit(self.claimed).path) and link.startswith(f"{root}/"):
            link = link.removeprefix(root)
        return self.base + link

    def is_below(self, link: str) -> bool:
        """Whether the link leads to where we are."""
        whole = urljoin(f"{self.base}/", link)
        return whole == self.base or whole.startswith(f"{self.base}/")

    def is_ours(self, link: str) -> bool:
        """Below the address, or where the gateway has its files."""
        return self.is_below(link) or origin_of(link) in self.others

    def sent_on(self, heard: Heard) -> str:
        """Where the gateway itself sends people for the bytes of a file; "" where it does not."""
        location = heard.header("Location") if heard.status == 302 else ""
        return location if location and self.is_ours(location) and not self.is_below(location) else ""

    def fetch(self, link: str) -> Heard:
        """A file, from wherever it is sent."""
        heard = self.ask("GET", link)
        place = self.sent_on(heard)
        return self.ask("GET", place) if place else heard

    def announce(self, path: str, size: int, patience: float) -> int | None:
        """The status that a body of that size gets before any of it is sent: 100 where it is asked for, None where
        nobody said anything for so long."""
        line = self.dial()
        try:
            self.begin(line, "POST", path, {"Content-Length": str(size), "Expect": "100-continue",
                                            "Content-Type": "application/octet-stream"})  # fmt: skip
            line.sock.settimeout(patience)
            head = b""
            while b"\r\n" not in head:
                block = line.sock.recv(4096)
                if not block:
                    return 0
                head += block
            status = head.split(None, 2)[1]
            return int(status) if status.isdigit() else 0
        except TimeoutError:
            return None
        except OSError as error:
            raise Unreached(reason(error, self.timeout)) from None
        finally:
            line.close()

    def send_cut_off(self, method: str, path: str, headers: Mapping[str, str], size: int, body: bytes) -> None:
        """A body of which only a part is sent before the line is cut."""
        line = self.dial()
        try:
            own = {"Authorization": f"Bearer {self.key}", "Content-Length": str(size)}
            self.begin(line, method, path, {**own, **headers})
            line.send(body)
        except OSError as error:
            raise Unreached(reason(error, self.timeout)) from None
        finally:
            line.close()

    def dial(self) -> http.client.HTTPConnection:
        place = urlsplit(self.base)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        line = kind(place.hostname or "", place.port, timeout=self.timeout)
        try:
            line.connect()
        except OSError as error:
            raise Unreached(reason(error, self.timeout)) from None
        return line

    def begin(self, line: http.client.HTTPConnection, method: str, path: str, headers: Mapping[str, str]) -> None:
        line.putrequest(method, urlsplit(self.place(path)).path, skip_accept_encoding=True)
        for name, value in {"User-Agent": AGENT, **headers}.items():
            line.putheader(name, value)
        line.endheaders()


def reason(error: BaseException, timeout: float) -> str:
    """The innermost one says it."""
    chain: list[BaseException] = [error]
    while len(chain) < 10 and (inner := cause(chain[-1])):
        chain.append(inner)
    for one in reversed(chain):
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not good: {one.verify_message}"
        if isinstance(one, ssl.SSLError):
            return "it does not speak TLS (https) there"
        if isinstance(one, socket.gaierror):
            return "its name is not known here (DNS)"
        if isinstance(one, ConnectionRefusedError):
            return "nobody listens there (connection refused)"
        if isinstance(one, TimeoutError | requests.Timeout):
            return f"nothing was heard for {timeout:g} seconds"
        if isinstance(one, ConnectionError | http.client.HTTPException):
            return "the connection was closed without an answer"
    return str(chain[-1])


def cause(error: BaseException) -> BaseException | None:
    inner = [*error.args, getattr(error, "reason", None)]
    return next((one for one in inner if isinstance(one, BaseException)), error.__cause__ or error.__context__)
