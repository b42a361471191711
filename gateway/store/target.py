"""A URL taken apart once, strictly. What is checked is what is connected to: nothing parses the text a second time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from gateway.core.errors import FetchRefused

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL_LENGTH = 8000

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")

FAILED = "The URL could not be fetched. Check that it opens in a browser without signing in."
NOT_PUBLIC = "Unsupported non-public IP address for upload"


@dataclass(frozen=True, slots=True)
class Target:
    scheme: str
    host: str  # lower case ASCII, IPv6 without brackets
    port: int
    path: str
    query: str | None

    @property
    def netloc(self) -> str:
        """As the Host header wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Without credentials and without a fragment."""
        query = "" if self.query is None else f"?{self.query}"
        return f"{self.scheme}://{self.netloc}{self.path}{query}"

    @property
    def file_name(self) -> str:
        """The last path segment, decoded and harmless; "" when there is none."""
        name = re.split(r"[/\\]", unquote(self.path.rpartition("/")[2]))[-1]
        name = "".join(character for character in name if character.isprintable())
        return "" if name in {".", ".."} else name

    def is_among(self, places: Iterable[Place]) -> bool:
        return any(place.covers(self) for place in places)

    def follow(self, location: str) -> Target:
        try:
            # `urljoin` reads "http:x" as a relative path; others do not.
            return read_target(location if SCHEME.match(location) else urljoin(self.url, checked(location)))
        except ValueError as error:
            raise FetchRefused(FAILED) from error


@dataclass(frozen=True, slots=True)
class Place:
    """A configured `host` or `host:port`. Without a port it means the ordinary ones, never every port."""

    host: str
    port: int | None

    def covers(self, target: Target) -> bool:
        ports = DEFAULT_PORTS.values() if self.port is None else (self.port,)
        return target.host == self.host and target.port in ports


def read_target(text: str) -> Target:
    """Raises `FetchRefused`."""
    scheme = SCHEME.match(checked(text))
    if not scheme or scheme[1].lower() not in DEFAULT_PORTS:
        raise FetchRefused("Unsupported URL scheme, use http or https", code="URL_SCHEME")
    url = parse(text)
    return Target(
        scheme=scheme[1].lower(),
        host=checked_host(url.host or ""),
        port=DEFAULT_PORTS[scheme[1].lower()] if url.port is None else url.port,
        path=url.path or "/",
        query=url.query,
    )


def read_place(text: str) -> Place:
    """For configuration: raises `ValueError` naming the entry."""
    is_bare_ipv6 = text.count(":") > 1 and not text.startswith("[")
    if re.search(r"[/?#@]", text):
        raise ValueError(f"{text!r} is not a host or host:port")
    try:
        url = parse(f"http://[{text}]" if is_bare_ipv6 else f"http://{checked(text)}")
        return Place(checked_host(url.host or ""), url.port)
    except FetchRefused as error:
        raise ValueError(f"{text!r} is not a host or host:port") from error


def parse(text: str) -> Url:
    try:
        return parse_url(text)
    except (LocationParseError, UnicodeError) as error:
        raise FetchRefused(FAILED) from error


def checked(text: str) -> str:
    """White space, controls and backslashes are where two readers of one URL come to differ."""
    if len(text) > MAX_URL_LENGTH or "\\" in text or any(character.isspace() for character in text):
        raise FetchRefused(FAILED)
    if not text.isprintable():  # controls, invisible marks, lone surrogates
        raise FetchRefused(FAILED)
    return text


def checked_host(host: str) -> str:
    host = host.lower().removesuffix(".")
    # The C library reads 127.1, 0x7f.0.0.1, 0177.0.0.1 and 2130706433 as IPv4. One spelling is enough.
    if host.startswith("[") or NUMERIC.fullmatch(host.rpartition(".")[2]):
        return checked_literal(host)
    if not NAME.fullmatch(host) or len(host) > 253:
        raise FetchRefused(FAILED)
    return host


def checked_literal(host: str) -> str:
    try:
        address = ip_address(host.strip("[]"))
    except ValueError as error:
        raise FetchRefused(NOT_PUBLIC, code="URL_HOST") from error
    if "%" in host:  # a zone id picks an interface of this machine
        raise FetchRefused(NOT_PUBLIC, code="URL_HOST")
    return str(address)
