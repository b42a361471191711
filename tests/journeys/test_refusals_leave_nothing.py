"""A refused upload leaves no file, no temporary file, no row and no charge."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest

from tests.conftest import LiveServer, draw
from tests.journeys.commands import gateway, gateway_json
from tests.journeys.folder import snapshot
from tests.journeys.uploading import acknowledged, ask, noise, upload

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Refusing:
    server: LiveServer
    full_key: str  # of an owner whose quota has room for nothing more


@pytest.fixture(scope="module")
def refusing(strict_server: LiveServer) -> Refusing:
    made = gateway(strict_server.data, "owner", "add", "full", "--quota", "12 KB")
    assert made.returncode == 0, made.stderr
    key = gateway_json(strict_server.data, "key", "add", "full", "--owner", "full")["api_key"]
    for known, data in ((key, noise(1)), (strict_server.key, draw(seed=1))):
        acknowledged(upload(strict_server.url, known, data), data)
    return Refusing(strict_server, key)


REFUSED: dict[str, tuple[bytes, dict[str, str], int]] = {
    "a text file": (b"Dear diary, this is no picture. " * 50, {}, 610),
    "an empty file": (b"", {}, 0),
    "a truncated png": (noise(2)[:5000], {}, 425),
    "half of a large png": (noise(3, 500, 400)[:300_000], {}, 425),
    "a file over the limit": (noise(4, 640, 640), {}, 400),
    "a body far over the limit": (b"\x89PNG\r\n\x1a\n" + bytes(4 * MB), {}, 400),
    "a width larger than the picture": (noise(5), {"width": "65"}, 610),
    "a negative width": (noise(6), {"width": "-5"}, 1),
    "a bad expiration": (noise(7), {"expiration": "tomorrow"}, 400),
    "an expiration in the past": (noise(8), {"expiration": "PT0S"}, 400),
    "a bad category": (noise(9), {"category_id": "cats"}, 400),
    "an array": (noise(10), {"title[]": "a"}, 0),
    "1200 form fields": (noise(11), {f"field{number}": "x" for number in range(1200)}, 400),
}


@pytest.mark.parametrize("what", REFUSED)
def test_r10_a_refused_file_leaves_nothing(refusing: Refusing, what: str) -> None:
    data, fields, code = REFUSED[what]
    before = snapshot(refusing.server.data)
    answer = upload(refusing.server.url, refusing.server.key, data, **fields)
    assert (answer.status, answer.code) == (400, code), answer
    assert snapshot(refusing.server.data) == before


@pytest.mark.parametrize("key", ["", "sk_live_nobody", "sk_live_" + "x" * 32])
def test_r10_a_bad_key_leaves_nothing(refusing: Refusing, key: str) -> None:
    before = snapshot(refusing.server.data)
    answer = upload(refusing.server.url, key, noise(20, 600, 500))
    assert (answer.status, answer.code) == (400, 100)
    assert snapshot(refusing.server.data) == before


@pytest.mark.parametrize("size", [(64, 48), (600, 500)])
def test_r10_a_quota_that_is_used_up_leaves_nothing(refusing: Refusing, size: tuple[int, int]) -> None:
    before = snapshot(refusing.server.data)
    answer = upload(refusing.server.url, refusing.full_key, noise(30, *size))
    assert (answer.status, answer.code) == (400, 104)
    assert snapshot(refusing.server.data) == before


SOURCES = {
    "no base64": ("this is !!! not base64", 120),
    "base64 of a text": (base64.b64encode(b"still no picture").decode(), 610),
    "base64 of half a picture": (base64.b64encode(noise(40)[:4000]).decode(), 425),
    "base64 over the limit": (base64.b64encode(noise(41, 640, 640)).decode(), 400),
    "a private address": ("http://127.0.0.1:9/cat.png", 400),
    "an address of another kind": ("file:///etc/passwd", 400),
    "nothing": ("", 130),
}


@pytest.mark.parametrize("what", SOURCES)
def test_r10_a_refused_text_source_leaves_nothing(refusing: Refusing, what: str) -> None:
    source, code = SOURCES[what]
    before = snapshot(refusing.server.data)
    body = f'--b\r\nContent-Disposition: form-data; name="source"\r\n\r\n{source}\r\n--b--\r\n'.encode()
    headers = {"X-API-Key": refusing.server.key, "Content-Type": "multipart/form-data; boundary=b"}
    answer = ask(refusing.server.url, "POST", "/api/1/upload", body, headers)
    assert (answer.status, answer.code) == (400, code), answer
    assert snapshot(refusing.server.data) == before
