"""Every server here is on loopback; what names other addresses is in `test_fetch_forbidden.py`."""

from __future__ import annotations

import gzip
import hashlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from gateway.core.errors import FetchRefused, FileRefused
from gateway.core.ports import Fetcher, Upload
from gateway.store.fetch import GuardedFetcher
from gateway.store.target import NOT_PUBLIC

FAILED = "The URL could not be fetched. Check that it opens in a browser without signing in."
PICTURE = b"\x89PNG not really" * 10_000
PATIENCE = 20.0  # far beyond what any of this takes; only a broken deadline gets there


class MemoryUpload:
    def __init__(self, limit_bytes: int = 10_000_000) -> None:
        self.limit_bytes = limit_bytes
        self.size = 0
        self.data = bytearray()
        self.largest_block = 0

    def write(self, block: bytes, /) -> int:
        self.size += len(block)
        self.largest_block = max(self.largest_block, len(block))
        if self.size > self.limit_bytes:
            raise FileRefused("too big", code="FILE_TOO_BIG", limit_bytes=self.limit_bytes)
        self.data += block
        return len(block)

    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def md5(self) -> str:
        return hashlib.md5(self.data).hexdigest()

    def reader(self) -> BinaryIO:
        return BytesIO(self.data)

    def discard(self) -> None:
        self.data.clear()


Answer = Callable[["Server", socket.socket, bytes], None]


class Server:
    """Answers each connection once, in whatever way the test wants, and remembers what was asked."""

    def __init__(self, answer: bytes | Answer = b"", host: str = "127.0.0.1", port: int = 0) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.hits = 0
        self.stopping = threading.Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, port), family=family)
        self.place = f"[{host}]:" if ":" in host else f"{host}:"
        self.place += str(self.listener.getsockname()[1])
        self.url = f"http://{self.place}"
        self.tls: ssl.SSLContext | None = None
        self.threads = [threading.Thread(target=self.accept)]

    def __enter__(self) -> Server:
        self.threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(PATIENCE)
        self.listener.close()

    def accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.hits += 1
            self.threads.append(threading.Thread(target=self.serve, args=(connection,)))
            self.threads[-1].start()

    def serve(self, connection: socket.socket) -> None:
        with ExitStack() as stack, suppress(OSError):
            stack.enter_context(connection)
            connection.settimeout(PATIENCE)
            if self.tls:
                connection = stack.enter_context(self.tls.wrap_socket(connection, server_side=True))
            request = b""
            while b"\r\n\r\n" not in request and (block := connection.recv(65536)):
                request += block
            self.requests.append(request)
            if callable(self.answer):
                self.answer(self, connection, request)
            else:
                connection.sendall(self.answer)

    def drip(self, connection: socket.socket, block: bytes) -> None:
        """Until the other side hangs up."""
        while not self.stopping.wait(0.02):
            connection.sendall(block)


def ok(body: bytes = PICTURE, *headers: str, length: int | None = None) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(location: str, *headers: str, status: int = 302) -> bytes:
    lines = [f"HTTP/1.1 {status} Found", f"Location: {location}", "Content-Length: 0", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def by_path(**answers: bytes) -> Answer:
    """`/a` is answered with `answers["a"]`, and so on."""

    def answer(_: Server, connection: socket.socket, request: bytes) -> None:
        connection.sendall(answers[request.split(b" ")[1].decode().strip("/")])

    return answer


def dripping(head: bytes, block: bytes) -> Answer:
    def answer(server: Server, connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        server.drip(connection, block)

    return answer


def endless(head: bytes, block: bytes) -> Answer:
    def answer(server: Server, connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while not server.stopping.is_set():
            connection.sendall(block)

    return answer


def fetch(server: Server) -> MemoryUpload:
    upload = MemoryUpload()
    GuardedFetcher(allow=(server.place,)).fetch(f"{server.url}/cat.png", upload)
    return upload


def refused(url: str, fetcher: GuardedFetcher, code: str = "URL_FAILED", message: str = FAILED) -> None:
    with pytest.raises(FetchRefused) as caught:
        fetcher.fetch(url, MemoryUpload())
    assert (caught.value.code, caught.value.message) == (code, message)
    assert caught.value.meta == {}


@contextmanager
def no_thread_left() -> Iterator[None]:
    """Of the fetcher; the servers of a test may still be busy with theirs."""

    def fetching() -> list[str]:
        return [t.name for t in threading.enumerate() if isinstance(t, threading.Timer) or t.name == "resolve"]

    assert not fetching()
    yield
    assert not fetching()


def answers(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[list[str]]]) -> list[str]:
    """Each lookup of a name takes the next list of addresses; the last one stays. Returns the names asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: int, **kwargs: int) -> list[object]:
        if host.strip("[]").replace(".", "").isdigit() or ":" in host:
            return list(real(host, port, *args, **kwargs))
        asked.append(host)
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        found = names[host].pop(0) if len(names[host]) > 1 else names[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """No question leaves this machine, not even to a resolver."""
    answers(monkeypatch, {"localhost": [["127.0.0.1"]]})


# the ordinary case


def test_it_works() -> None:
    fetcher: Fetcher
    upload: Upload = MemoryUpload()
    with Server(ok()) as server, no_thread_left():
        fetcher = GuardedFetcher(allow=(server.place,), user_agent="Picgate/1")
        assert fetcher.fetch(f"{server.url}/a/cat.png?size=big#top", upload) == "cat.png"
    assert upload.reader().read() == PICTURE
    head = server.requests[0].decode().split("\r\n")
    assert head[0] == "GET /a/cat.png?size=big HTTP/1.1"
    assert sorted(head[1:-2]) == [
        "Accept-Encoding: identity",
        "Accept: */*",
        "Connection: close",
        f"Host: {server.place}",
        "User-Agent: Picgate/1",
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("", ""),
        ("/", ""),
        ("/folder/", ""),
        ("/cat.png?x=/dog.png", "cat.png"),
        ("/my%20cat.png", "my cat.png"),
        ("/%E7%8C%AB.png", "猫.png"),
        ("/猫.png", "猫.png"),
        ("/%FF.png", "\ufffd.png"),
        ("/a%2F..%2Fb%5Cc.png", "c.png"),
        ("/%2e%2e%2f%2e%2e", ""),
        ("/a%00b%0D%0Ac.png", "abc.png"),
        ("/cat.png;v=1", "cat.png;v=1"),
    ],
)
def test_file_name(path: str, name: str) -> None:
    with Server(ok()) as server:
        assert GuardedFetcher(allow=(server.place,)).fetch(server.url + path, MemoryUpload()) == name


def test_chunked_body() -> None:
    body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n"
    with Server(body) as server:
        assert fetch(server).data == b"abcde"


def test_body_until_the_connection_closes() -> None:
    with Server(b"HTTP/1.0 200 OK\r\n\r\n" + PICTURE) as server:
        assert fetch(server).data == PICTURE


def test_empty_body_is_left_to_the_caller() -> None:
    with Server(ok(b"")) as server:
        assert fetch(server).size == 0


def test_allow_ignores_case(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(ok()) as server:
        port = server.place.partition(":")[2]
        answers(monkeypatch, {"nas.test": [["127.0.0.1"]]})
        GuardedFetcher(allow=(f"NAS.test:{port}",)).fetch(f"HTTP://nas.TEST.:{port}/", MemoryUpload())
    assert f"Host: nas.test:{port}\r\n".encode() in server.requests[0]


def test_international_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, {"xn--bcher-kva.test": [["127.0.0.1"]]})
    with Server(ok()) as server:
        port = server.place.partition(":")[2]
        GuardedFetcher(allow=(f"BÜCHER.test:{port}",)).fetch(f"http://bücher.test:{port}/", MemoryUpload())
    assert asked == ["xn--bcher-kva.test"]
    assert f"Host: xn--bcher-kva.test:{port}\r\n".encode() in server.requests[0]


def test_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on loopback")
    with Server(ok(), host="::1") as server:
        assert fetch(server).data == PICTURE
    assert f"Host: {server.place}\r\n".encode() in server.requests[0]


# redirects


def test_three_redirects() -> None:
    with Server() as server:
        server.answer = by_path(
            a=redirect("/b", status=301),
            b=redirect("c", status=303),
            c=redirect(f"//{server.place}/d", status=307),
            d=ok(),
        )
        upload = MemoryUpload()
        assert GuardedFetcher(allow=(server.place,)).fetch(f"{server.url}/a", upload) == "d"
    assert upload.data == PICTURE
    assert server.hits == 4


def test_four_redirects() -> None:
    chain = by_path(a=redirect("/b"), b=redirect("/c"), c=redirect("/d"), d=redirect("/e"), e=ok())
    with Server(chain) as server:
        refused(f"{server.url}/a", GuardedFetcher(allow=(server.place,)))
    assert server.hits == 4


def test_unescaped_redirect() -> None:
    def answer(_: Server, connection: socket.socket, request: bytes) -> None:
        connection.sendall(ok() if b"%E7%8C%AB" in request else redirect("/猫.png"))

    with Server(answer) as server:
        assert GuardedFetcher(allow=(server.place,)).fetch(server.url, MemoryUpload()) == "猫.png"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_to_forbidden(status: int) -> None:
    with Server(ok()) as trap, Server(redirect(f"{trap.url}/cat.png", status=status)) as server:
        refused(server.url, GuardedFetcher(allow=(server.place,)))
    assert server.hits == 1
    assert trap.hits == 0


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://own.test/",
        "http://[::1]/",
        "http://[::1",
        "http://a]b/",
        "http://2130706433/",
        "http://unknown.invalid/",
        "ftp://127.0.0.1/",
        "file:///etc/hostname",
        "data:image/png;base64,AAAA",
        "javascript:1",
        "http://",
        "http:x",
        "/a b",
        "/a\tb",
        "\\\\127.0.0.1\\a",
        "",
    ],
)
def test_redirects_fail_alike(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a hop was refused, dead or nonsense must not show."""
    answers(monkeypatch, {"own.test": [["127.0.0.1"]]})
    with Server(redirect(location)) as server:
        refused(server.url, GuardedFetcher(allow=(server.place,), own_hosts=("own.test",)))


def test_r15_redirect_keeps_nothing() -> None:
    with Server() as server:
        secret = f"http://bob:hunter2@{server.place}/b"
        server.answer = by_path(a=redirect(secret, "Set-Cookie: sid=1; Path=/"), b=ok())
        GuardedFetcher(allow=(server.place,)).fetch(f"http://alice:secret@{server.place}/a", MemoryUpload())
    for request in server.requests:
        for header in (b"authorization", b"cookie", b"referer", b"secret", b"hunter2"):
            assert header not in request.lower()


# time


@pytest.mark.parametrize(
    "answer",
    [
        dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        dripping(b"", b""),
    ],
    ids=["in-a-header", "headers", "continue", "silence"],
)
def test_r14_drip_in_the_header(answer: Answer) -> None:
    with Server(answer) as server, no_thread_left():
        refused(server.url, GuardedFetcher(allow=(server.place,), timeout=0.5))


@pytest.mark.parametrize(
    "answer",
    [
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
        dripping(b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
    ],
    ids=["length", "chunks", "chunk-extension", "trailers", "until-close"],
)
def test_r14_drip_in_the_body(answer: Answer) -> None:
    with Server(answer) as server, no_thread_left():
        refused(server.url, GuardedFetcher(allow=(server.place,), timeout=0.5))


def test_r14_one_deadline_for_all_hops() -> None:
    def answer(server: Server, connection: socket.socket, _: bytes) -> None:
        server.stopping.wait(0.3)
        connection.sendall(redirect("/again"))

    with Server(answer) as server, no_thread_left():
        refused(server.url, GuardedFetcher(allow=(server.place,), timeout=0.5))
    assert server.hits <= 2


def test_tls_handshake_that_never_ends() -> None:
    def answer(server: Server, connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KB is announced
        server.drip(connection, b"\x02")

    class Impolite(Server):
        def serve(self, connection: socket.socket) -> None:
            with connection, suppress(OSError):
                answer(self, connection, b"")

    with Impolite() as server, no_thread_left():
        refused(f"https://{server.place}/", GuardedFetcher(allow=(server.place,), timeout=0.5))


def test_name_that_never_resolves(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    asked: list[threading.Thread] = []

    def getaddrinfo(*_: object, **__: object) -> list[object]:
        asked.append(threading.current_thread())
        released.wait(PATIENCE)
        raise socket.gaierror("at last")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    refused("http://slow.invalid/", GuardedFetcher(timeout=0.2))
    assert asked[0].is_alive()  # nothing can stop it, and nobody waits for it
    released.set()
    asked[0].join(PATIENCE)
    assert not asked[0].is_alive()


# size


def test_r14_announced_over_the_cap() -> None:
    upload = MemoryUpload(limit_bytes=1000)
    with Server(ok(b"x" * 100, length=1001)) as server, pytest.raises(FileRefused) as caught:
        GuardedFetcher(allow=(server.place,)).fetch(server.url, upload)
    assert caught.value.code == "FILE_TOO_BIG"
    assert caught.value.meta == {"limit_bytes": 1000}
    assert upload.size == 0


@pytest.mark.parametrize(
    "answer",
    [
        endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b"x" * 0x8000 + b"\r\n"),
        endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n", b"x" * 65536),
        endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", b"x" * 65536),
        endless(b"HTTP/1.0 200 OK\r\n\r\n", b"x" * 65536),
    ],
    ids=["chunks", "one-huge-chunk", "negative-chunk", "until-close"],
)
def test_r14_endless_body(answer: Answer) -> None:
    upload = MemoryUpload(limit_bytes=1_000_000)
    with Server(answer) as server, pytest.raises(FileRefused) as caught:
        GuardedFetcher(allow=(server.place,), timeout=PATIENCE).fetch(server.url, upload)
    assert caught.value.code == "FILE_TOO_BIG"
    assert upload.largest_block <= 65536


@pytest.mark.parametrize(
    "answer",
    [
        endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 65536),
        endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"x" * 65536),
        endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536),
        endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    ],
    ids=["chunk-size", "trailer", "header", "headers"],
)
def test_r14_endless_line(answer: Answer) -> None:
    with Server(answer) as server:
        refused(server.url, GuardedFetcher(allow=(server.place,), timeout=PATIENCE))


def test_storage_trouble_is_not_the_addresses_fault() -> None:
    class FullDisk(MemoryUpload):
        def write(self, block: bytes, /) -> int:
            raise OSError("No space left on device")

    with Server(ok()) as server, pytest.raises(OSError, match="No space"):
        GuardedFetcher(allow=(server.place,)).fetch(server.url, FullDisk())


# whatever goes wrong at the address reads the same


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\x01 SSH-2.0 hello\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 300 Choices\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
        ok(b"short", length=6),
        ok(b"short", "Transfer-Encoding: chunked"),
        ok(b"5\r\nshort\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=6),
        ok(b"x", length=-1),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nContent-Length: one\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        ok(gzip.compress(bytes(1_000_000)), "Content-Encoding: gzip"),
        ok(b"x", "Content-Encoding: br"),
        ok(b"x", "Content-Encoding: identity, gzip"),
    ],
)
def test_failures_read_alike(answer: bytes) -> None:
    with Server(answer) as server, no_thread_left():
        refused(f"{server.url}/cat.png", GuardedFetcher(allow=(server.place,), timeout=PATIENCE))
    assert server.hits == 1


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    refused(f"http://{place}/", GuardedFetcher(allow=(place,)))


def test_unknown_name() -> None:
    refused("http://unknown.invalid/", GuardedFetcher())


# which addresses


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/a.png",
        "FILE:///etc/passwd",
        "gopher://127.0.0.1:70/_x",
        "data:image/png;base64,AAAA",
        "blob:http://127.0.0.1/1",
        "httpx://127.0.0.1/",
        "//127.0.0.1/a.png",
        "127.0.0.1/a.png",
        "/etc/passwd",
        "",
    ],
)
def test_scheme(url: str) -> None:
    refused(url, GuardedFetcher(), "URL_SCHEME", "Unsupported URL scheme, use http or https")


@pytest.mark.parametrize(
    "tail",
    [
        "/a b",
        "/a\r\nX-Injected: 1",
        "/a\n",
        "/a\tb",
        "/a\x00b",
        "/a\x7fb",
        "/a\\b",
        "/a\u2028b",
        "/a\u00a0b",
        "/a\u202eb",
        "/\udc80",
        "/" + "a" * 8000,
        "\\@127.0.0.1/",
        "\r\n.test/",
        "99999/",
        ":80/",
        "x/",
    ],
)
def test_malformed(tail: str) -> None:
    with Server(ok()) as server:
        refused(server.url + tail, GuardedFetcher(allow=(server.place,)))
    assert server.hits == 0


@pytest.mark.parametrize("url", ["http://", "http:///a", "http:127.0.0.1", "http://?a", "http://a..b/", "http://*/"])
def test_no_host(url: str) -> None:
    refused(url, GuardedFetcher())


def test_private_address() -> None:
    refused("http://127.0.0.1/", GuardedFetcher(), "URL_HOST", "Unsupported non-public IP address for upload")


def test_name_of_a_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, {"inside.test": [["127.0.0.1"]]})
    message = "Unsupported non-public IP address for upload"
    refused("http://inside.test/", GuardedFetcher(), "URL_HOST", message)


def test_r15_odd_port() -> None:
    with Server(ok()) as server:
        refused(server.url, GuardedFetcher(), "URL_HOST", NOT_PUBLIC)
    assert server.hits == 0


def test_a_host_without_a_port_allows_the_ordinary_ones_only() -> None:
    with Server(ok()) as server:
        refused(server.url, GuardedFetcher(allow=("127.0.0.1",)), "URL_HOST", NOT_PUBLIC)
    assert server.hits == 0


def test_allow_is_exact() -> None:
    with Server(ok()) as server:
        port = server.place.partition(":")[2]
        fetcher = GuardedFetcher(allow=(server.place,))
        for host in ("localhost", "127.0.0.2", "127.1", "[::ffff:127.0.0.1]", "x127.0.0.1", "127.0.0.1.test"):
            with pytest.raises(FetchRefused):
                fetcher.fetch(f"http://{host}:{port}/", MemoryUpload())
    assert server.hits == 0


@pytest.mark.parametrize("text", ["", "a b", "http://nas.test", "nas.test/x", "me@nas.test", "127.1", "a:b:c", "[::1"])
def test_configuration_is_checked(text: str) -> None:
    with pytest.raises(ValueError, match="is not a host or host:port"):
        GuardedFetcher(allow=(text,))


def test_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, {"own.test": [["127.0.0.1"]]})
    with Server(ok()) as server:
        port = server.place.partition(":")[2]
        for own, url in (
            (server.place, server.url),
            ("own.test", "https://OWN.test/a.png"),
            ("own.test", "http://own.test./a.png"),
            (f"Own.Test:{port}", f"http://own.test:{port}/"),
        ):
            refused(url, GuardedFetcher(own_hosts=(own,)), "URL_HOST", "Unsupported self host URL upload")
        assert server.hits == 0
        GuardedFetcher(own_hosts=(server.place,), allow=(server.place,)).fetch(server.url, MemoryUpload())


# names


def test_r13_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, {"rebind.test": [["127.0.0.2"], ["127.0.0.1"]]})
    with Server(ok(), host="127.0.0.2") as server:
        port = server.place.partition(":")[2]
        with Server(ok(), port=int(port)) as trap:
            GuardedFetcher(allow=(f"rebind.test:{port}",)).fetch(f"http://rebind.test:{port}/", MemoryUpload())
    assert asked == ["rebind.test"]
    assert (server.hits, trap.hits) == (1, 0)


def test_r13_one_private_address_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """With loopback alone; `test_fetch_forbidden.py` mixes in public ones."""
    answers(monkeypatch, {"mixed.test": [["127.0.0.2", "127.0.0.1"]]})
    refused("http://mixed.test/", GuardedFetcher(), "URL_HOST", "Unsupported non-public IP address for upload")


# the environment


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_r15_proxies_are_ignored(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server(ok(b"trap")) as trap, Server(ok()) as server:
        monkeypatch.setenv(variable, trap.url)
        assert fetch(server).data == PICTURE
    assert trap.hits == 0


def test_r15_netrc_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login alice password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Server(ok()) as server:
        fetch(server)
    assert b"authorization" not in server.requests[0].lower()


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """For the name secure.test, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=secure.test", "-addext", "subjectAltName=DNS:secure.test"]
    try:
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    return certificate, key


@pytest.fixture
def secure(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    answers(monkeypatch, {"secure.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]})
    with Server(ok()) as server:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(*certificate)
        yield server


def secure_url(server: Server, name: str) -> tuple[str, GuardedFetcher]:
    place = server.place.replace("127.0.0.1", name)
    return f"https://{place}/cat.png", GuardedFetcher(allow=(place,))


def test_tls_keeps_the_name(secure: Server, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate[0]))
    names: list[str] = []
    assert secure.tls
    secure.tls.sni_callback = lambda _socket, name, _context: names.append(name)
    url, fetcher = secure_url(secure, "secure.test")
    upload = MemoryUpload()
    fetcher.fetch(url, upload)
    assert upload.data == PICTURE
    assert names == ["secure.test"]


def test_certificate_for_another_name(
    secure: Server, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate[0]))
    refused(*secure_url(secure, "other.test"))
    assert not any(secure.requests)


def test_certificate_nobody_knows(
    secure: Server, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(variable, str(certificate[0]))
    refused(*secure_url(secure, "secure.test"))
    assert not any(secure.requests)
