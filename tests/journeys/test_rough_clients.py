"""Broken, rude and hostile HTTP: a refusal or a closed line, the envelope below /api, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests

from tests.conftest import LiveServer, draw
from tests.journeys.bare import Heard, chunk, dial, head, say, write
from tests.journeys.commands import until
from tests.journeys.folder import incoming, orphans, snapshot
from tests.journeys.uploading import acknowledged, form, get, upload

MB = 1_000_000
TOO_BIG = "File too big - max 1 MB"


@pytest.fixture
def server(strict_server: LiveServer) -> Iterator[LiveServer]:
    """Whatever was done to it: it serves on, and nothing is left of what it did not acknowledge."""
    before = snapshot(strict_server.data)
    yield strict_server
    assert get(strict_server.url, "/health").status == 200
    until(lambda: incoming(strict_server.data) == [], "incoming/ is empty")
    assert snapshot(strict_server.data) == before
    picture = draw(seed=2)
    acknowledged(upload(strict_server.url, strict_server.key, picture), picture)


def is_a_refusal(heard: Heard) -> bool:
    """4xx as the envelope or as plain text, or a closed line."""
    if heard.status is None:
        return True
    if heard.kind.startswith("application/json"):
        assert json.loads(heard.body)["status_code"] == heard.status, heard
    else:
        assert heard.kind.startswith("text/plain"), heard
        assert b"<" not in heard.body, heard
    return 400 <= heard.status < 500


def words(heard: Heard) -> str:
    text: str = json.loads(heard.body)["error"]["message"]
    return text


# too big


def test_r22_a_body_over_the_limit_is_refused_while_it_is_still_sent(server: LiveServer) -> None:
    heard = say(server.url, head("Content-Length: 500000000"), *[bytes(MB)] * 30)
    assert (heard.status, heard.was_cut) == (400, False)
    assert words(heard) == TOO_BIG


def test_r22_a_chunked_body_over_the_limit_is_refused_while_it_is_still_sent(server: LiveServer) -> None:
    heard = say(server.url, head("Transfer-Encoding: chunked"), *[chunk(bytes(MB))] * 30)
    assert (heard.status, heard.was_cut) == (400, False)
    assert words(heard) == TOO_BIG


def test_r22_a_chunk_over_the_limit_is_refused_before_it_arrives(server: LiveServer) -> None:
    heard = say(server.url, head("Transfer-Encoding: chunked"), b"FFFFFFFFFFFFFFFF\r\nabc")
    assert heard.status == 400
    assert words(heard) == TOO_BIG


def test_nothing_over_the_limit_is_asked_for(server: LiveServer) -> None:
    heard = say(server.url, head("Content-Length: 500000000", "Expect: 100-continue"))
    assert heard.status == 400
    assert words(heard) == TOO_BIG


def test_a_file_over_the_limit_in_a_body_below_it_is_refused(server: LiveServer) -> None:
    body, kind = form(bytes(1_100_000))
    heard = say(server.url, head(f"Content-Type: {kind}", f"Content-Length: {len(body)}"), body)
    assert heard.status == 400
    assert words(heard) == TOO_BIG


# broken framing

NEVER_ENDING = b"1;" + b"x" * 3 * MB
FRAMINGS: dict[str, tuple[bytes, bytes]] = {
    "a chunk size that is no number": (head("Transfer-Encoding: chunked"), b"zz\r\nabc\r\n0\r\n\r\n"),
    "a negative chunk size": (head("Transfer-Encoding: chunked"), b"-5\r\nabcde\r\n0\r\n\r\n"),
    "a chunk longer than it says": (head("Transfer-Encoding: chunked"), b"2\r\nabcdef\r\n0\r\n\r\n"),
    "a chunk extension of garbage": (head("Transfer-Encoding: chunked"), b"2;\x00\xff\r\nab\r\n0\r\n\r\n"),
    "a chunk size line without end": (head("Transfer-Encoding: chunked"), NEVER_ENDING),
    "a trailer without end": (head("Transfer-Encoding: chunked"), b"0\r\nX: " + b"x" * 3 * MB),
    "an unknown transfer encoding": (head("Transfer-Encoding: gzip", "Content-Length: 3"), b"abc"),
    "two transfer encodings": (head("Transfer-Encoding: gzip, chunked"), chunk(b"abc") + chunk(b"")),
    "chunked in HTTP/1.0": (head("Transfer-Encoding: chunked").replace(b"1.1", b"1.0"), chunk(b"abc") + chunk(b"")),
    "two lengths": (head("Content-Length: 3", "Content-Length: 30"), b"abc"),
    "a length and chunks": (head("Content-Length: 3", "Transfer-Encoding: chunked"), chunk(b"abc") + chunk(b"")),
    "a negative length": (head("Content-Length: -1"), b"abc"),
    "a length that is no number": (head("Content-Length: many"), b"abc"),
    "a signed length": (head("Content-Length: +3"), b"abc"),
    "a length of 30 digits": (head("Content-Length: " + "9" * 30), b"abc"),
    "a length of 5000 digits": (head("Content-Length: " + "9" * 5000), b"abc"),
    "no length at all": (head("Content-Type: multipart/form-data; boundary=b"), b""),
    "headers of 300 KB": (head("X-Long: " + "x" * 300_000), b""),
    "5000 headers": (head(*(f"X-{number}: {'x' * 60}" for number in range(5000))), b""),
    "a header without colon": (head("No colon here"), b""),
    "a header with a bare newline": (head("X-A: 1\nX-B: 2"), b""),
    "a folded first header": (b"POST /api/1/upload HTTP/1.1\r\n folded: 1\r\n\r\n", b""),
    "a request line of garbage": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", b""),
    "a request line of one word": (b"UPLOAD\r\nHost: picgate\r\n\r\n", b""),
    "a method in small letters": (head(method="post"), b""),
    "an unknown method": (head(method="BREW"), b""),
    "a path of 60 KB": (head(path="/api/1/upload/" + "a" * 60_000), b""),
    "an overlong path": (head(path="/api/%c0%af%c0%ae/1/upload"), b""),
    "a NUL in the path": (head(path="/api/1/upload%00"), b""),
    "a port that is none": (head(path="http://picgate:99999999/api/1/upload"), b""),
    "brackets that do not close": (head(path="http://[::1/api/1/upload"), b""),
    "an expectation that cannot be met": (head("Expect: a-miracle"), b""),
    "waiting to continue with nothing": (head("Expect: 100-continue"), b""),
}


@pytest.mark.parametrize("what", FRAMINGS)
def test_r22_broken_framing_is_refused(server: LiveServer, what: str) -> None:
    assert is_a_refusal(say(server.url, *FRAMINGS[what]))


@pytest.mark.parametrize("what", FRAMINGS)
def test_r22_broken_framing_is_refused_when_the_client_has_hung_up(server: LiveServer, what: str) -> None:
    assert is_a_refusal(say(server.url, *FRAMINGS[what], then_hang_up=True))


# broken forms

PART = b'--b\r\nContent-Disposition: form-data; name="source"; filename="a.png"\r\n\r\n'
PICTURE = draw(seed=77)
FORMS: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", PART + PICTURE + b"\r\n--b--\r\n"),
    "an empty boundary": ("multipart/form-data; boundary=", PART + PICTURE + b"\r\n--b--\r\n"),
    "another boundary": ("multipart/form-data; boundary=c", PART + PICTURE + b"\r\n--b--\r\n"),
    "a part cut off": ("multipart/form-data; boundary=b", PART + PICTURE[:100]),
    "a large part cut off": ("multipart/form-data; boundary=b", PART + PICTURE[:100] + bytes(900_000)),
    "part headers cut off": ("multipart/form-data; boundary=b", PART[:40]),
    "no final boundary": ("multipart/form-data; boundary=b", PART + PICTURE),
    "nothing but a final boundary": ("multipart/form-data; boundary=b", b"--b--\r\n"),
    "5000 parts": (
        "multipart/form-data; boundary=b",
        b"".join(b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n' for _ in range(5000)) + b"--b--\r\n",
    ),
    "5000 files": ("multipart/form-data; boundary=b", b"\r\n".join([PART + b"x"] * 5000) + b"\r\n--b--\r\n"),
    "a part header of 900 KB": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="' + b"x" * 900_000 + b'"\r\n\r\n1\r\n--b--\r\n',
    ),
    "an unknown character set": ("application/x-www-form-urlencoded; charset=klingon", b"source=%ff%fe&key=%00"),
    "100000 fields": ("application/x-www-form-urlencoded", b"a=1&" * 100_000),
    "half a JSON document": ("application/json", b'{"source": "iVBORw0'),
    "JSON without end": ("application/json", b'{"a":' + b"[" * 200_000),
    "JSON with lists in lists": ("application/json", b'{"a":' + b"[" * 900 + b"]" * 900 + b"}"),
    "a type of garbage": ("\xff\xfe;;;=", b"abc"),
}  # fmt: skip


@pytest.mark.parametrize("what", FORMS)
def test_r22_a_broken_form_is_refused(server: LiveServer, what: str) -> None:
    kind, body = FORMS[what]
    lines = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", f"X-API-Key: {server.key}")
    heard = say(server.url, head(*lines), body)
    assert heard.status == 400
    assert is_a_refusal(heard)
    assert json.loads(heard.body)["error"]["code"] is not None


# giving up


@pytest.mark.parametrize("size", [0, 80, 200_000])
def test_a_body_that_ends_too_early_is_not_kept(server: LiveServer, size: int) -> None:
    body, kind = form(bytes(800_000))
    lines = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", f"X-API-Key: {server.key}")
    assert say(server.url, head(*lines), body[:size], then_hang_up=True).status is None


def test_a_client_that_leaves_before_the_answer_does_no_harm(server: LiveServer) -> None:
    """With a bad key, so that nothing may be added even where the server had it all."""
    body, kind = form(draw(seed=3))
    lines = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", "X-API-Key: nobody")
    for _ in range(20):
        with dial(server.url) as line:
            write(line, [head(*lines), body])


def test_r23_stalled_uploads_hold_nobody_up(strict_server: LiveServer) -> None:
    server, (body, kind) = strict_server, form(draw(seed=3))
    lines = (f"Content-Type: {kind}", "Content-Length: 900000", f"X-API-Key: {server.key}")
    with ExitStack() as stack:
        for _ in range(40):
            write(stack.enter_context(dial(server.url)), [head(*lines), body[:80]])
        picture = draw(seed=2)
        for _ in range(5):
            acknowledged(upload(server.url, server.key, picture), picture)
    until(lambda: incoming(server.data) == [], "incoming/ is empty")
    assert orphans(server.data) == set()


def test_requests_in_one_breath_are_answered_in_turn(server: LiveServer) -> None:
    asked = head(method="GET", path="/health") * 2 + head("Connection: close", method="GET", path="/nothing-here")
    with dial(server.url) as line, line.makefile("rb") as answers:
        write(line, [asked])
        statuses = [line.split()[1] for line in answers if line.startswith(b"HTTP/1.1 ")]
    assert statuses == [b"200", b"200", b"404"]


# names that lie

LIES = ("X-Forwarded-Host: evil.example", "X-Forwarded-Proto: gopher", "Forwarded: host=evil.example;proto=gopher",
        "X-Forwarded-Prefix: /evil.example", "X-Forwarded-Port: 666", "X-Original-Host: evil.example")  # fmt: skip


def lie(path: str, *lines: str, method: str = "GET") -> bytes:
    return head(*LIES, *lines, path=path, method=method).replace(b"Host: picgate", b"Host: evil.example")


def test_r26_hosts_that_a_request_claims_never_show_up(strict_server: LiveServer) -> None:
    server = strict_server
    body, kind = form(draw(seed=2))
    lines = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", f"X-API-Key: {server.key}")
    answered = say(server.url, lie("/api/1/upload", *lines, method="POST"), body)
    assert answered.status == 200
    image = json.loads(answered.body)["image"]
    pages = ["/", "/tools", "/tools/picgate.sxcu", "/nothing-here", "/health", "/api", "//evil/..",
             image["path_viewer"], f"/image/{image['id_encoded']}", f"/oembed?url={image['url_viewer']}"]  # fmt: skip
    heard = [
        answered,
        *(say(server.url, lie(page)) for page in pages),
        say(server.url, lie("http://evil.example/tools")),
    ]
    for one in heard:
        told = (one.body + str(one.headers).encode()).lower()
        assert b"evil.example" not in told, one
        assert b"gopher" not in told, one
    assert server.url in image["url"]


def test_an_unchanged_file_does_not_cost_the_connection(strict_server: LiveServer) -> None:
    """Waitress alone hangs up after each 304, and a browser asks for many."""
    picture = draw(seed=77)
    answer = requests.post(
        f"{strict_server.url}/api/1/upload", files={"source": picture}, data={"key": strict_server.key}, timeout=30
    )
    url = urlsplit(answer.json()["image"]["url"])
    connection = HTTPConnection(url.netloc, timeout=30)
    connection.request("GET", url.path)
    etag = (first := connection.getresponse()).headers["ETag"]
    assert first.read() == picture
    port = connection.sock.getsockname()[1]
    for _ in range(3):
        connection.request("GET", url.path, headers={"If-None-Match": etag})
        unchanged = connection.getresponse()
        assert (unchanged.status, unchanged.read(), unchanged.headers["ETag"]) == (304, b"", etag)
        assert connection.sock is not None and connection.sock.getsockname()[1] == port
    connection.close()
