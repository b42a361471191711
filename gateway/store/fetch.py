"""Fetching what a stranger's URL points at, without being lent to them as a way into this network.

- Only the public internet, only http and https on ports 80 and 443; `allow` lists exceptions, one by one.
- A name is resolved once, all its addresses must pass, and the connection goes to one of those. Redirects are followed
  here, at most three, each checked like the first.
- One deadline for everything; the body is plain bytes, of exactly the length that was announced.
- No proxy, cookie, password, key or referer is ever sent.
- All that goes wrong at an address reads the same to the caller, so a fetch cannot be used to look around.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

from requests import Request, Response
from urllib3.exceptions import HTTPError

from gateway.core.errors import FetchRefused, TooBig
from gateway.core.ports import Upload
from gateway.store.deadline import Deadline
from gateway.store.network import IpAddress, is_public, resolve
from gateway.store.pinning import PinnedAdapter
from gateway.store.target import DEFAULT_PORTS, FAILED, NOT_PUBLIC, Target, read_place, read_target

MAX_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
BLOCK_BYTES = 65536

log = logging.getLogger(__name__)


class GuardedFetcher:
    """`allow` and `own_hosts` hold `host` (its ports 80 and 443) or `host:port`. A place in `allow` may be private, on
    an odd port, or this gateway itself; every other rule holds there too."""

    def __init__(
        self,
        *,
        timeout: float = 30,
        allow: tuple[str, ...] = (),
        own_hosts: tuple[str, ...] = (),
        user_agent: str = "Picgate",
    ) -> None:
        self._timeout = timeout
        self._allow = tuple(read_place(text) for text in allow)
        self._own = tuple(read_place(text) for text in own_hosts)
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }

    def fetch(self, url: str, into: Upload) -> str:
        with Deadline(self._timeout) as deadline:
            target = read_target(url)
            address = self._admit(target, deadline)
            redirects = 0
            while True:
                with self._open(target, address, deadline) as response:
                    if response.status_code not in REDIRECTS or redirects == MAX_REDIRECTS:
                        receive(response, into, target, deadline)
                        return target.file_name
                    location = location_of(response)
                target, address = self._follow(target, location, response.status_code, deadline)
                redirects += 1

    def _admit(self, target: Target, deadline: Deadline) -> IpAddress:
        """The one address to connect to. Raises `FetchRefused`."""
        is_allowed = target.is_among(self._allow)
        if not is_allowed and target.is_among(self._own):
            raise FetchRefused("Unsupported self host URL upload", code="URL_HOST")
        addresses = resolve(target.host, target.port, deadline.remaining())
        if not addresses:
            raise failed(target, "name not resolved")
        # One public address among private ones proves nothing: whoever answers for the name chooses both.
        if not is_allowed and not all(is_public(address) for address in addresses):
            raise FetchRefused(NOT_PUBLIC, code="URL_HOST")
        if not is_allowed and target.port not in DEFAULT_PORTS.values():
            raise FetchRefused("Unsupported port for upload, use 80 or 443", code="URL_HOST")
        return addresses[0]

    def _follow(self, target: Target, location: str, status: int, deadline: Deadline) -> tuple[Target, IpAddress]:
        try:
            following = target.follow(location)
            return following, self._admit(following, deadline)
        except FetchRefused as refused:
            # To tell a refused hop from a dead one would let a stranger's server ask which names are private here.
            raise failed(target, f"redirect refused ({refused.code})", status) from refused

    @contextmanager
    def _open(self, target: Target, address: IpAddress, deadline: Deadline) -> Iterator[Response]:
        """The adapter is used without a session, which has nothing to offer here but cookies, .netrc and proxies."""
        is_filtered = not target.is_among(self._allow)
        adapter = PinnedAdapter(target, address, deadline, is_filtered=is_filtered)
        try:
            with network_errors(target):
                request = Request("GET", target.url, headers=self._headers | {"Host": target.netloc}).prepare()
                response: Response = adapter.send(request, stream=True, timeout=deadline.remaining())
            try:
                yield response
            finally:
                response.close()
        finally:
            adapter.close()


def receive(response: Response, into: Upload, target: Target, deadline: Deadline) -> None:
    status = response.status_code
    if status != 200:
        raise failed(target, f"status {status}", status)
    # Not asked for, and a small answer could unpack into an endless one.
    for header, plain in (("Content-Encoding", "identity"), ("Transfer-Encoding", "chunked")):
        if response.headers.get(header, plain).strip().lower() != plain:
            raise failed(target, f"{header} {response.headers[header]!r}", status)
    announced = announced_bytes(response, target)
    if announced is not None and announced > into.limit_bytes:
        raise TooBig(into.limit_bytes)
    received = 0
    for block in blocks(response, target):
        received += len(block)
        into.write(block)
    # A connection cut by the deadline looks like the end of a body without a length.
    if deadline.is_over or announced not in (None, received):
        raise failed(target, f"{received} of {announced} bytes", status)


def announced_bytes(response: Response, target: Target) -> int | None:
    text = response.headers.get("Content-Length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise failed(target, "unreadable Content-Length", response.status_code)
    return int(text)


def blocks(response: Response, target: Target) -> Iterator[bytes]:
    while True:
        # `read1`, because `read` and `stream` take a chunk size of "-1" for "all of it" and would fill the memory.
        with network_errors(target):
            block: bytes = response.raw.read1(BLOCK_BYTES, decode_content=False)
        if not block:
            return
        yield block


def location_of(response: Response) -> str:
    # Headers arrive as Latin-1; servers that do not escape an address mean UTF-8.
    return response.headers.get("Location", "").encode("latin-1", "replace").decode("utf-8", "replace")


@contextmanager
def network_errors(target: Target) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        raise failed(target, type(error).__name__) from error


def failed(target: Target, reason: str, status: int | None = None) -> FetchRefused:
    """The operator may know why; the caller may not."""
    log.info("not fetched from %s: %s", target.netloc, reason)
    return FetchRefused(FAILED, status=status)
