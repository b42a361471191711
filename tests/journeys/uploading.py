"""Uploads over `http.client`, the pictures they send, and what a gateway promises once it said yes."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import random
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from tests.conftest import draw

PATIENCE = 60  # seconds after which silence counts as a hang


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    kind: str
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> int:
        number: int = self.json["error"]["code"]
        return number


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An upload the gateway answered with 200: from then on all of this has to be there."""

    id: str
    path: str
    renditions: tuple[tuple[str, int], ...]
    sha256: str


def picture(number: int) -> bytes:
    """Another number gives other bytes. Formats take turns, and some are wide enough for a medium rendition."""
    width, format = (640 if number % 7 == 0 else 64 + number // 6000, "JPEG" if number % 3 == 0 else "PNG")
    return draw(width, 48, format, seed=number % 6000, **({"comment": str(number)} if format == "JPEG" else {}))


def noise(seed: int, width: int = 64, height: int = 48) -> bytes:
    """A picture that does not compress: about three bytes for each pixel."""
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(3 * width * height)).save(out, "PNG")
    return out.getvalue()


def form(data: bytes, **fields: str) -> tuple[bytes, str]:
    """A multipart body, and its content type."""
    boundary = secrets.token_hex(12)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="source"; filename="pic.png"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)


def ask(
    url: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None,
    connection: http.client.HTTPConnection | None = None,
) -> Answer:  # fmt: skip
    here = connection or connect(url)
    try:
        here.request(method, path, body, headers or {})
        response = here.getresponse()
        return Answer(response.status, response.getheader("Content-Type", ""), response.read())
    finally:
        if not connection:
            here.close()


def get(url: str, path: str, connection: http.client.HTTPConnection | None = None) -> Answer:
    return ask(url, "GET", path, connection=connection)


def upload(url: str, key: str, data: bytes, **fields: str) -> Answer:
    body, kind = form(data, **fields)
    return ask(url, "POST", "/api/1/upload", body, {"X-API-Key": key, "Content-Type": kind})


def upload_all(url: str, key: str, pictures: Iterable[bytes], **fields: str) -> list[Answer]:
    """All of them at the same time."""
    pictures = list(pictures)
    with ThreadPoolExecutor(len(pictures)) as threads:
        return list(threads.map(lambda data: upload(url, key, data, **fields), pictures))


def acknowledged(answer: Answer, sent: bytes) -> Acknowledged:
    assert answer.status == 200, answer
    image = answer.json["image"]
    assert image["size"] == len(sent)
    found = [(image["thumb"]["url"], image["thumb_size"])]
    if image["medium"]["url"]:
        found.append((image["medium"]["url"], image["medium_size"]))
    return Acknowledged(
        image["id_encoded"],
        urlsplit(image["url"]).path,
        tuple((urlsplit(url).path, int(size)) for url, size in found),
        hashlib.sha256(sent).hexdigest(),
    )


def lost(url: str, promised: Iterable[Acknowledged]) -> Iterator[str]:
    """What was promised and is not served as it was sent."""
    connection = connect(url)
    for one in promised:
        answer = get(url, one.path, connection)
        if answer.status != 200 or hashlib.sha256(answer.body).hexdigest() != one.sha256:
            yield f"{one.path}: {answer.status}, {len(answer.body)} bytes"
        for path, size in one.renditions:
            answer = get(url, path, connection)
            if answer.status != 200 or len(answer.body) != size or not answer.kind.startswith("image/"):
                yield f"{path}: {answer.status}, {len(answer.body)} bytes instead of {size}"
    connection.close()
