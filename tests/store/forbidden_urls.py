"""Fetches a list of forbidden URLs and prints, as JSON, what was refused and what was reached.

Run by `test_fetch_forbidden.py` inside a network namespace of its own, and refuses to run anywhere else: there every
address of both families leads back to the listener below, so a hole in the guard shows as a hit and harms nobody.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address
from typing import BinaryIO
from urllib.parse import quote, unquote

import requests

from gateway.core.errors import FetchRefused
from gateway.store.fetch import GuardedFetcher

PUBLIC_V4, PUBLIC_V6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
REDIRECTOR = "127.0.0.3:8080"
PORTS = (80, 443, 8080, 6379)

# IPv4 addresses nobody outside may reach, and how each may be spelled or wrapped.
INSIDE_V4 = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1")
SPECIAL_V4 = (
    "0.0.0.0 0.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.254 127.0.0.2 127.255.255.254 168.63.129.16 "
    "169.254.0.1 169.254.170.2 172.16.0.1 172.31.255.254 192.0.0.1 192.0.0.8 192.0.0.170 192.0.0.192 192.0.2.1 "
    "192.88.99.1 192.168.0.1 192.168.255.254 198.18.0.1 198.19.255.254 198.51.100.1 203.0.113.1 224.0.0.1 "
    "239.255.255.250 240.0.0.1 255.255.255.254 255.255.255.255"
)
SPECIAL_V6 = (
    ":: ::1 ::2 ::ffff:0:0 64:ff9b::1 64:ff9b:1::1 100::1 100:0:0:1::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 "
    "2001:1::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002::1 3fff::1 4000::1 5f00::1 8000::1 fc00::1 "
    "fd00:ec2::254 fd20:ce::254 fdff:ffff::1 fe00::1 fe80::1 febf::1 fec0::1 feff:ffff::1 ff01::1 ff02::1 ff0e::1"
)


@dataclass
class Outcome:
    """How a run over the whole list ended."""

    tried: int = 0
    hits: list[str] = field(default_factory=list)
    not_refused: list[str] = field(default_factory=list)
    messages: dict[str, int] = field(default_factory=dict)


class Sink:
    size = 0

    limit_bytes = 10_000_000

    def write(self, block: bytes, /) -> int:
        self.size += len(block)
        return len(block)

    def sha256(self) -> str:
        return ""

    def md5(self) -> str:
        return ""

    def reader(self) -> BinaryIO:
        return BytesIO()

    def discard(self) -> None:
        pass


def spellings(text: str) -> Iterator[str]:
    """Of one IPv4 address, as the C library or a careless parser may read them."""
    number, (a, b, c, d) = int(IPv4Address(text)), (int(part) for part in text.split("."))
    yield from (f"{number}", f"0x{number:08x}", f"0X{number:X}", f"0{number:o}", f"{number:012d}")
    yield from (f"{a}.{(b << 16) | (c << 8) | d}", f"{a}.{b}.{(c << 8) | d}", f"{a}.0x{(b << 16) | (c << 8) | d:x}")
    yield from (f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}", f"0x{a:02x}.0{b:o}.{c}.{d}")
    yield from (f"000{a:o}.{b}.{c}.{d}", f"{a:03d}.{b:03d}.{c:03d}.{d:03d}", f"{text}.", f"{number}.", f"0x{number:x}.")
    yield from (quote(text[0]) + text[1:], "".join(f"%{ord(letter):02x}" for letter in text), text.replace(".", "%2e"))
    for zero in (0xFF10, 0x1D7CE, 0x0660):  # full-width, mathematical and Arabic digits
        yield "".join(chr(zero + int(letter)) if letter.isdigit() else letter for letter in text)
    for dot in "\u3002\uff0e\uff61":
        yield text.replace(".", dot)


def wrappings(text: str) -> Iterator[str]:
    """IPv6 addresses that carry an IPv4 address."""
    number = int(IPv4Address(text))
    yield f"[::ffff:{text}]"  # mapped, three ways to write it
    yield f"[::FFFF:{number >> 16:x}:{number & 0xFFFF:x}]"
    yield f"[0:0:0:0:0:ffff:{text}]"
    yield f"[::{text}]"  # compatible
    yield f"[{IPv6Address(number)}]"
    yield f"[::ffff:0:{text}]"  # translated
    yield f"[64:ff9b::{text}]"  # NAT64
    yield f"[{IPv6Address((0x0064FF9B0001 << 80) | number)}]"  # its local prefix
    yield f"[{IPv6Address((0x2002 << 112) | (number << 80) | 1)}]"  # 6to4
    yield f"[{IPv6Address((0x20010000 << 96) | (number << 64) | (number ^ 0xFFFFFFFF))}]"  # Teredo, server and client
    yield f"[fe80::5efe:{text}]"  # ISATAP


def forbidden_urls() -> list[str]:
    hosts = [*INSIDE_V4, *SPECIAL_V4.split(), *(f"[{text}]" for text in SPECIAL_V6.split())]
    for text in INSIDE_V4:
        hosts += [*spellings(text), *wrappings(text)]
    hosts += ["localhost", "LOCALHOST", "localhost.", "ip6-localhost", socket.gethostname(), "[::1%lo]", "[::1%25lo]"]
    hosts += [f"[{PUBLIC_V6}%lo]", f"[{PUBLIC_V6}%25lo]", f"[{PUBLIC_V6}%251]"]
    hosts += [
        "[fe80::1%251]",
        "[::1",
        "::1",
        "[[::1]]",
        "[127.0.0.1]",
        "[v1.1]",
        "0",
        "0x0",
        "00",
        "1",
        "127.1",
        "127.0.1",
    ]
    urls = [f"http://{host}/" for host in hosts]
    urls += [f"https://{host}/" for host in hosts[::7]]
    urls += [f"http://{host}:{port}/" for host in (PUBLIC_V4, "127.0.0.1", "[::1]") for port in (8080, 6379, 0, 65535)]
    urls += [f"HTTP://{user}127.0.0.1/" for user in ("a@", "a:b@", f"{PUBLIC_V4}@", f"{PUBLIC_V4}:80@", "a@b@", "%00@")]
    urls += [f"http://127.0.0.1{tail}" for tail in (f"#@{PUBLIC_V4}/", f"?@{PUBLIC_V4}/", f"\\@{PUBLIC_V4}/", ":80")]
    urls += [
        f"http://{PUBLIC_V4}{tail}" for tail in ("\\@127.0.0.1/", ":80\\@127.0.0.1/", " @127.0.0.1/", "\n.a/", "%00.a/")
    ]
    urls += [
        f"{scheme}127.0.0.1/"
        for scheme in ("//", "http:", "http:/", "http:///", "http:\\\\", " http://", "\x00http://")
    ]
    urls += [
        f"{scheme}://127.0.0.1/" for scheme in ("ftp", "gopher", "file", "dict", "ldap", "unix", "http+unix", "ws")
    ]
    urls += [f"http://{name}/" for name in NAMES]
    return urls


# Names answered by `getaddrinfo` below. No order and no majority of public addresses makes a name acceptable.
NAMES = {
    "private.test": ["10.0.0.1"],
    "metadata.test": ["169.254.169.254"],
    "public-then-private.test": [PUBLIC_V4, "127.0.0.1"],
    "private-then-public.test": ["127.0.0.1", PUBLIC_V4],
    "public-then-private-v6.test": [PUBLIC_V4, "fd00:ec2::254"],
    "public-v6-then-private.test": [PUBLIC_V6, PUBLIC_V4, "192.168.1.1"],
    "site-local.test": ["fec0::1"],
    "compatible.test": ["::10.0.0.1"],
    "translated.test": ["::ffff:0:10.0.0.1"],
    "nat64.test": ["64:ff9b::10.0.0.1"],
    "scoped.test": ["fe80::1%lo"],
}
REBINDING = [[PUBLIC_V4], ["127.0.0.1"]]


class Listener:
    """On every port of `PORTS`, both families. Remembers which address each visitor had dialled."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.visited: list[str] = []
        self.sockets = [
            socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=128)
            for port in PORTS
        ]
        for listening in self.sockets:
            threading.Thread(target=self.serve, args=(listening,), daemon=True).start()

    def serve(self, listening: socket.socket) -> None:
        while True:
            connection, _ = listening.accept()
            with closing(connection), suppress(OSError):
                where, port = connection.getsockname()[:2]
                place = f"{where.removeprefix('::ffff:')}:{port}"
                if place != REDIRECTOR:
                    with self.lock:
                        self.visited.append(place)
                connection.settimeout(2)
                connection.sendall(self.answer(connection, place))

    def answer(self, connection: socket.socket, place: str) -> bytes:
        if place.endswith((":443", ":6379")):  # no TLS here: that someone came is all that matters
            return b""
        request = b""
        while b"\r\n\r\n" not in request and (block := connection.recv(65536)):
            request += block
        if place != REDIRECTOR or b"?to=" not in request:
            return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"
        location = unquote(request.split(b"?to=")[1].split(b" ")[0].decode())
        location = location.replace("\r", "").replace("\n", "\n ")
        return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()

    def hits(self) -> list[str]:
        """So far. Connections queue, so one of our own is the sign that all before it were counted."""
        for port in PORTS:
            with suppress(OSError), socket.create_connection(("127.0.0.9", port)) as sentinel:
                sentinel.sendall(b"\r\n\r\n")
                while sentinel.recv(4096):
                    pass
        with self.lock:
            hits = [place for place in self.visited if not place.startswith("127.0.0.9:")]
            self.visited.clear()
        return hits


def lead_everywhere_home() -> None:
    """Every IPv4 and IPv6 address becomes one of this namespace's own."""
    here, outside = (os.readlink(f"/proc/{process}/ns/net") for process in ("self", os.getppid()))
    with open("/proc/net/route") as table:
        routes = table.readlines()[1:]
    if here == outside or routes:
        sys.exit("this is not a network namespace of its own")
    for command in (
        "link set lo up",
        "route add local default dev lo",
        "-6 route add local default dev lo",
        "addr add 10.0.0.1/32 dev lo",
        "addr add 169.254.169.254/32 dev lo",
        "-6 addr add fec0::1/128 dev lo nodad",
        "-6 addr add fd00:ec2::254/128 dev lo nodad",
        "-6 addr add ::10.0.0.1/128 dev lo nodad",
        "-6 addr add ::ffff:0:10.0.0.1/128 dev lo nodad",
    ):
        subprocess.run(["ip", *command.split()], check=True)


def answer_names() -> None:
    real = socket.getaddrinfo
    rebinding = iter(REBINDING)

    def getaddrinfo(host: str, port: int, *args: int, **kwargs: int) -> list[object]:
        found = next(rebinding, REBINDING[-1]) if host == "rebinding.test" else NAMES.get(host)
        if found is None:
            return list(real(host, port, *args, **kwargs))
        answers: list[object] = []
        for text in found:
            place: tuple[object, ...] = (text, port, 0, 0) if ":" in text else (text, port)
            answers.append((socket.AF_INET6 if ":" in text else socket.AF_INET, socket.SOCK_STREAM, 6, "", place))
        return answers

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]


def attack(listener: Listener, urls: list[str], *, by_redirect: bool = False) -> Outcome:
    fetcher = GuardedFetcher(timeout=5, allow=(REDIRECTOR,))
    outcome = Outcome(tried=len(urls))
    for url in urls:
        asked = f"http://{REDIRECTOR}/?to={quote(url)}" if by_redirect else url
        try:
            fetcher.fetch(asked, Sink())
            outcome.not_refused.append(url)
        except FetchRefused as refused:
            sentence = f"{refused.code}: {refused.message}"
            outcome.messages[sentence] = outcome.messages.get(sentence, 0) + 1
        outcome.hits += [f"{url!r} reached {place}" for place in listener.hits()]
    return outcome


def unguarded(listener: Listener, urls: list[str]) -> int:
    """How many of them a plain client reaches: proof that the list is worth refusing."""
    reached = 0
    for url in urls:
        with suppress(requests.RequestException, ValueError, OSError):
            requests.get(url, timeout=2, allow_redirects=False).close()
        reached += bool(listener.hits())
    return reached


def welcome(listener: Listener) -> dict[str, list[str]]:
    """What must be reached, or every refusal above proves nothing."""
    reached = {}
    for url in (f"http://{PUBLIC_V4}/", f"http://[{PUBLIC_V6}]/", f"http://{REDIRECTOR}/?to=//{PUBLIC_V4}/",
                "http://rebinding.test/"):  # fmt: skip
        GuardedFetcher(timeout=5, allow=(REDIRECTOR,)).fetch(url, Sink())
        reached[url] = listener.hits()
    return reached


def main() -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    lead_everywhere_home()
    answer_names()
    listener = Listener()
    urls = forbidden_urls()
    report = {
        "welcome": welcome(listener),
        "unguarded": unguarded(listener, urls),
        "direct": asdict(attack(listener, urls)),
        "redirect": asdict(attack(listener, urls, by_redirect=True)),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
