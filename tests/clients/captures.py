"""Requests captured from real clients, rebuilt with our host, our key and a picture of our own.

The captured text is cut short in places; what was in a body is told again below it, a line for each part or field."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tests.clients.wire import Part, multipart
from tests.shared import SHARED

CAPTURES = SHARED / "captures"
THEIR_KEY = "K"
PART = re.compile(r"###   part name=(\S+) filename=(.*) type=(\S+) bytes=(\d+)(?: value=(.*))?")
URL_IN_FORM = re.compile(r"source=(http[^&\s]*)")
BASE64_IN_FORM = re.compile(r"source=((?!http)[^&\s]*)")
KEY_IN_FORM = re.compile(rf"\bkey={THEIR_KEY}(?=[&\s]|$)")
BIG = 1_000_000


@dataclass(frozen=True, slots=True)
class Captured:
    """`text` is the request as captured, `parts` what its multipart body had; `status` and `said` are the answer."""

    name: str
    text: str
    parts: tuple[tuple[Part, int], ...]
    status: int
    said: str

    @property
    def request_line(self) -> str:
        return self.text.partition("\n")[0]

    @property
    def head(self) -> list[str]:
        return self.text.partition("\n\n")[0].splitlines()[1:]

    @property
    def form(self) -> str:
        """An urlencoded body; those were short enough to be kept whole."""
        return self.text.partition("\n\n")[2].partition("\n[body:")[0].strip()

    @property
    def boundary(self) -> str | None:
        found = re.search("boundary=(.*)", self.text)
        return found[1].strip() if found else None

    @property
    def sent_name(self) -> str | None:
        """The name of the file as the client meant it: without folders, and a quote is a quote."""
        names = (part.filename.rpartition("/")[2] for part, _ in self.parts if part.filename)
        return next((name.replace("%22", '"') for name in names), None)

    @property
    def is_big(self) -> bool:
        return any(size > BIG for _, size in self.parts)

    @property
    def is_refused(self) -> bool:
        return self.status == 400 or "Invalid" in self.said


def captured() -> Iterator[Captured]:
    """All requests to the upload address; one client first fetched the picture it was to upload from there."""
    for file in sorted(CAPTURES.glob("*.txt")):
        for text in file.read_text("utf-8").split("### request (client label:")[1:]:
            request, _, told = text.partition("\n")[2].partition("### parsed:")
            parts = tuple(read_part(line) for line in told.splitlines() if PART.match(line))
            answer = re.search(r"### answered: HTTP (\d+) (.*)", told)
            assert answer, file
            if "/api/" in request.partition("\n")[0]:
                yield Captured(file.stem, request, parts, int(answer[1]), answer[2])


def read_part(line: str) -> tuple[Part, int]:
    found = PART.match(line)
    assert found
    name, filename, type, size, value = found.groups()
    data = (value or "").encode()
    return Part(name, data, none(filename), none(type)), int(size)


def none(text: str) -> str | None:
    return None if text == "None" else text


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """`pictures` is a loopback address that any path of gives a picture."""

    host: str
    key: str
    pictures: str

    def rebuild(self, request: Captured, picture: bytes) -> tuple[bytes, bytes]:
        body = self.body(request, picture)
        lines = [self.request_line(request.request_line), *(self.header(line, body) for line in request.head)]
        return "\r\n".join([*lines, "", ""]).encode(), body

    def request_line(self, line: str) -> str:
        method, target, version = line.split(" ")
        target = KEY_IN_FORM.sub(f"key={self.key}", target)
        return f"{method} {URL_IN_FORM.sub(self.elsewhere, target)} {version}"

    def header(self, line: str, body: bytes) -> str:
        name, _, value = line.partition(": ")
        if name.lower() == "host":
            value = self.host
        elif name.lower() == "content-length":
            value = str(len(body))
        elif name.lower() == "x-api-key" and value == THEIR_KEY:
            value = self.key
        return f"{name}: {value}"

    def body(self, request: Captured, picture: bytes) -> bytes:
        if request.boundary:
            return multipart((self.part(part, picture) for part, _ in request.parts), request.boundary)
        form = KEY_IN_FORM.sub(f"key={self.key}", request.form)
        form = URL_IN_FORM.sub(self.elsewhere, form)
        return BASE64_IN_FORM.sub(lambda found: "source=" + spelled_like(found[1], picture), form).encode()

    def part(self, part: Part, picture: bytes) -> Part:
        text = part.data.decode()
        if part.name == "key" and text == THEIR_KEY:
            return Part(part.name, self.key.encode())
        if part.name != "source":
            return part
        if part.filename is not None:
            return Part(part.name, picture, part.filename, part.type)
        if text.startswith("http"):
            return Part(part.name, re.sub("https?://[^/]*", self.pictures, text).encode())
        return Part(part.name, b64encode(picture))

    def elsewhere(self, found: re.Match[str]) -> str:
        """An escaped address, its host made that of our pictures, in the same spelling."""
        escaped = found[1]
        small = "%3a" in escaped
        host = quote(self.pictures, safe="")
        host = host.replace("%3A", "%3a").replace("%2F", "%2f") if small else host
        return "source=" + re.sub("^https?%3[aA]%2[fF]%2[fF].*?(?=%2[fF])", lambda _: host, escaped)


def spelled_like(theirs: str, picture: bytes) -> str:
    """Base64 escaped as the client escaped it: in lines, with nothing but the filling escaped, or not at all."""
    text = b64encode(picture).decode()
    if "%0A" in theirs:
        text = re.sub("(.{76})", r"\1\n", text) + "\n"
    return quote(text, safe="") if "%" in theirs else text
