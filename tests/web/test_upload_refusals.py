"""Every way to be refused: the envelope with the old host's number, or the message alone; and nothing is kept."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from gateway.core.library import Library
from gateway.store.opening import Opened
from tests.conftest import draw
from tests.web.conftest import Post

Client = Callable[..., tuple[FlaskClient, str]]


pytestmark = pytest.mark.usefixtures("nothing_is_left")


def bmp_cut_short() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (50, 50)).save(out, "BMP")
    return out.getvalue()[:200]


REFUSALS: dict[str, tuple[dict[str, Any], int, str]] = {
    "text": ({"source": b"hello world, this is text"}, 610, "Can't get target upload source info"),
    "html": ({"source": b"<html><svg xmlns='http://www.w3.org/2000/svg'/></html>"}, 610, "Can't get target upload"),
    "tiff": ({"source": b"II*\0" + bytes(60)}, 613, "Unavailable image format"),
    "empty file": ({"source": b""}, 0, "The file is empty."),
    "cut short": ({"source": draw(400, 400)[:-40]}, 425, ""),
    "lying": ({"source": b"\x89PNG\r\n\x1a\n" + bytes(100)}, 425, ""),
    "bmp cut short": ({"source": bmp_cut_short()}, 425, ""),
    "bad base64": ({"source": "@@@not base64@@@"}, 120, "Invalid base64 string"),
    "base64 of text": ({"source": "aGVsbG8gd29ybGQgdGhpcyBpcyB0ZXh0"}, 610, "Can't get target upload source info"),
    "empty source": ({"source": ""}, 130, "Empty source"),
    "no source": ({"source": None, "title": "x"}, 130, "Empty upload source"),
    "width too large": ({"width": "65"}, 610, "Target width is greater than the original image width"),
    "width negative": ({"width": "-5"}, 1, "Invalid image geometry"),
    "category": ({"category_id": "abc"}, 400, "Invalid category_id 'abc'"),
    "expiration": ({"expiration": "tomorrow"}, 400, "Invalid expiration 'tomorrow'"),
    "expiration lower case": ({"expiration": "pt5m"}, 400, "Invalid expiration 'pt5m'"),
    "expiration negative": ({"expiration": "-PT5M"}, 400, "Invalid expiration '-PT5M'"),
    "expiration zero": ({"expiration": "P0D"}, 400, "Invalid expiration 'P0D'"),
    "array": ({"tags[]": "x"}, 0, "Array to string conversion"),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("format", ["json", "txt", "redirect"])
def test_each_refusal_has_its_number(post: Post, name: str, format: str) -> None:
    fields, code, message = REFUSALS[name]
    source = fields.get("source", draw())
    fields = fields | {"source": (io.BytesIO(source), "x.png") if isinstance(source, bytes) else source}
    answer = post(format=format, **fields)

    assert answer.status_code == 400
    if format == "json":
        assert list(answer.json) == ["status_code", "error", "status_txt"]
        assert (answer.json["status_code"], answer.json["status_txt"]) == (400, "Bad Request")
        assert answer.json["error"]["code"] == code
        assert answer.json["error"]["message"].startswith(message)
    else:
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.text.startswith(message) and "{" not in answer.text


def test_base64_by_get_is_refused(client: FlaskClient, alice_key: str) -> None:
    answer = client.get("/api/1/upload", query_string={"key": alice_key, "source": "iVBORw0KGgo="})

    assert answer.json["error"]["code"] == 130
    assert "POST" in answer.json["error"]["message"]


def test_a_format_that_is_switched_off_is_named(client_with: Client) -> None:
    client, key = client_with(uploads={"disabled_formats": ("gif",)})
    answer = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(draw(format="GIF")), "a.gif")})

    assert answer.json["error"] == {"message": "Disabled image format (gif)", "code": 614}


@pytest.mark.parametrize("how", ["file", "text"])
def test_too_big_names_the_limit(client_with: Client, how: str) -> None:
    client, key = client_with(uploads={"max_size": 1_000_000})
    big = bytes(1_000_001)
    source = (io.BytesIO(big), "a.png") if how == "file" else "A" * 4 * (len(big) // 3 + 1)
    answer = client.post("/api/1/upload", data={"key": key, "source": source}, content_type="multipart/form-data")

    assert answer.status_code == 400
    assert answer.json["error"] == {"message": "File too big - max 1 MB", "code": 400}


def test_a_body_far_over_the_limit_is_the_same_refusal(client_with: Client) -> None:
    client, key = client_with(uploads={"max_size": 100_000})
    data = {"key": key, "source": (io.BytesIO(bytes(3_000_000)), "a.png")}

    assert client.post("/api/1/upload", data=data).json["error"] == {
        "message": "File too big - max 100 KB",
        "code": 400,
    }


def test_limits_inside_a_picture_are_named_before_it_is_decoded(client_with: Client) -> None:
    client, key = client_with(images={"max_pixels": 1000})
    answer = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(draw()), "a.png")})

    assert answer.status_code == 400
    assert "images.max_pixels" in answer.json["error"]["message"]


def test_a_full_quota_is_refused_and_nothing_is_charged(client: FlaskClient, opened: Opened) -> None:
    owner = opened.owners.add("small", quota_bytes=len(draw()) - 1)
    key = opened.keys.issue(owner, "k")[1]
    answer = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(draw()), "a.png")})

    assert answer.json["error"] == {"message": "No space left on storage", "code": 104}
    assert opened.owners.named("small").storage_used_bytes == 0


def test_a_rate_limit_says_when_to_come_back(client_with: Client) -> None:
    client, key = client_with(limits={"upload": 1})
    for _ in range(10):  # an admin has ten times as many
        assert client.post("/api/1/upload", data={"key": key, "source": "x"}).status_code == 400
    answer = client.post("/api/1/upload", data={"key": key, "source": "x"})

    assert (answer.status_code, answer.json["status_code"]) == (429, 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_crash_inside_is_the_envelope_with_a_request_id(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("secret /srv/path")

    monkeypatch.setattr(Library, "add", crash)
    answer = post(headers={"X-Request-Id": "find-me"})

    assert (answer.status_code, answer.json["error"]["code"]) == (500, 500)
    assert "find-me" in answer.json["error"]["message"]
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="source"; filename="a"\r\n\r\nabc',
        ),
        ("multipart/form-data; boundary=x", b"garbage"),
        ("application/json", b"{not json"),
        ("application/json", b"[1]"),
        ("application/octet-stream", draw()),
    ],
)
def test_a_broken_body_is_the_envelope(client: FlaskClient, alice_key: str, content_type: str, body: bytes) -> None:
    answer = client.post("/api/1/upload", data=body, content_type=content_type, headers={"X-API-Key": alice_key})

    assert answer.status_code == 400
    assert answer.json["error"]["message"]
