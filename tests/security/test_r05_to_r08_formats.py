"""R5 to R8: what a file is, its bytes say; what is not on the list, or too large by its header, meets no decoder."""

from __future__ import annotations

import base64
import io
import struct
import subprocess
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.core.formats.child import Pool
from gateway.store.opening import Opened
from tests.conftest import draw
from tests.core.drawing import drawn, gif, png, png_chunk

pytestmark = pytest.mark.sqlite_disk_only("about what comes before the stores")

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>'
KEPT = {
    "image/jpeg": drawn("JPEG"),
    "image/png": drawn("PNG"),
    "image/gif": drawn("GIF"),
    "image/webp": drawn("WEBP"),
    "image/avif": drawn("AVIF"),
    "image/svg+xml": DRAWING,
}
NAMES = ["a.html", "a.php", "a.jpg", "a.svg", "a.png", "a", ".htaccess", "a.jpg.js"]
TYPES = ["text/html", "image/svg+xml", "image/jpeg", "application/x-php", "", "x"]


def send(client: FlaskClient, door: str, key: str, data: bytes, name: str, type: str) -> str:
    """The address at which it is now."""
    file = (io.BytesIO(data), name, type)
    if door == "picora":
        answer = client.post("/v1/images", data={"file": file}, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json["data"]["url"])
    source: Any = base64.b64encode(data).decode() if door == "base64" else file
    answer = client.post("/api/1/upload", data={"source": source}, headers={"X-API-Key": key})
    assert answer.status_code == 200, answer.text
    return str(answer.json["image"]["url"])


@pytest.mark.parametrize("mime", KEPT)
@pytest.mark.parametrize("door", ["chevereto", "picora", "base64"])
def test_r05_r06_a_file_is_what_its_bytes_are(client: FlaskClient, alice_key: str, door: str, mime: str) -> None:
    for name, type in zip(NAMES, TYPES * 2, strict=False):
        answer = client.get(send(client, door, alice_key, KEPT[mime], name, type))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, mime)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers.get("Content-Security-Policy", "")
        if mime == "image/svg+xml":
            assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def test_r06_an_extension_in_the_address_changes_no_type(client: FlaskClient, alice_key: str) -> None:
    url = send(client, "chevereto", alice_key, KEPT["image/png"], "a.png", "image/png")
    for extension in ("jpg", "svg", "gif", "mp4"):
        assert client.get(url.replace(".png", f".{extension}")).mimetype == "image/png"


STRANGE: dict[str, bytes] = {
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch owned) (w) file\nshowpage\n",
    "eps with a preview": b"\xc5\xd0\xd3\xc6" + struct.pack("<6I", 32, 99, 0, 0, 0, 0) + b"%!PS-Adobe-3.0\n",
    "ps": b"%!PS\n(%pipe%id) (r) file quit\n",
    "pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n",
    "ai": b"%PDF-1.5\n%AI12\n",
    "tiff": b"II*\0\x08\0\0\0\0\0\0\0",
    "tiff, the other way": b"MM\0*\0\0\0\x08\0\0\0\0",
    "psd": b"8BPS\0\x01" + bytes(20),
    "mvg": b"push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/x.png'\npop graphic-context\n",
    "msl": b'<?xml version="1.0"?><image><read filename="/etc/passwd"/></image>',
    "xcf": b"gimp xcf v011\0" + bytes(40),
    "ico": b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0" + bytes(40),
    "tga": bytes(2) + b"\x02" + bytes(9) + b"\x09\0\x09\0\x18\0" + bytes(243) + b"TRUEVISION-XFILE.\0",
    "pcx": b"\x0a\x05\x01\x08" + bytes(124),
    "xpm": b'/* XPM */\nstatic char *a[] = {"1 1 1 1", "a c red", "a"};\n',
    "xbm": b"#define a_width 8\n#define a_height 8\nstatic char a_bits[] = {0};\n",
    "ppm": b"P6 9 9 255\n" + bytes(243),
    "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ",
    "jpeg xl": b"\xff\x0a" + bytes(40),
    "sgi": b"\x01\xda\x01\x01" + bytes(508),
    "fits": b"SIMPLE  =                    T".ljust(2880),
    "wmf": b"\xd7\xcd\xc6\x9a" + bytes(40),
    "emf": b"\x01\0\0\0" + bytes(36) + b" EMF" + bytes(40),
    "dds": b"DDS |\0\0\0" + bytes(120),
    "flif": b"FLIF\x44\x31" + bytes(40),
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a script": b"#!/bin/sh\ntouch owned\n",
    "an archive": b"PK\x03\x04" + bytes(40),
    "a program": b"\x7fELF\x02\x01\x01" + bytes(60),
}  # fmt: skip


@pytest.fixture
def no_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a child of ours is given work, nor any other program started."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("this must not reach a decoder")

    monkeypatch.setattr(Pool, "run", fail)
    monkeypatch.setattr(subprocess, "Popen", fail)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.eps", "a.pdf"])
@pytest.mark.parametrize("what", STRANGE)
def test_r07_formats_outside_the_list_never_reach_a_decoder(
    client: FlaskClient, opened: Opened, alice_key: str, no_decoder: None, what: str, name: str
) -> None:
    data = STRANGE[what]
    file = {"file": (io.BytesIO(data), name, "image/png")}
    picora = client.post("/v1/images", data=file, headers={"Authorization": f"Bearer {alice_key}"})
    assert picora.status_code in (400, 415, 422), picora.text
    for source in ((io.BytesIO(data), name, "image/png"), base64.b64encode(data).decode()):
        answer = client.post("/api/1/upload", data={"source": source}, headers={"X-API-Key": alice_key})
        assert answer.status_code == 400, answer.text
    assert opened.library.usage().media_count == 0
    assert list(opened.blobs.names()) == []


def webp(width: int, height: int, frames: int) -> bytes:
    """Of frames that are as large as the canvas, and empty."""
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    frame = bytes(6) + canvas + bytes(4) + b"VP8L" + struct.pack("<I", 6) + b"\x2f" + bytes(5)
    chunks = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + canvas + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    chunks += (b"ANMF" + struct.pack("<I", len(frame)) + frame) * frames
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def apng(width: int, height: int, frames: int) -> bytes:
    return png(width, height, png_chunk(b"acTL", struct.pack(">II", frames, 0)))


def bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def jpeg(width: int, height: int) -> bytes:
    """A true one that says it is larger."""
    data = drawn("JPEG")
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


BOMBS: dict[str, bytes] = {
    "pixels of a PNG": png(20_000, 20_000),
    "pixels of a JPEG": jpeg(20_000, 20_000),
    "pixels of a GIF": gif(20_000, 20_000, 1),
    "pixels of a WebP": webp(12_000, 12_000, 1),
    "pixels of a BMP": bmp(20_000, 20_000),
    "a side of a PNG": png(40_000, 1),
    "a side of a JPEG": jpeg(40_000, 9),
    "a side of a GIF": gif(9, 40_000, 1),
    "a side of a BMP": bmp(1, 40_000),
    "frames of a GIF": gif(2, 2, 5_001),
    "frames of an APNG": apng(2, 2, 5_001),
    "frames of a WebP": webp(2, 2, 5_001),
    "frames on the canvas of a GIF": gif(5_000, 5_000, 2_000),
    "frames on the canvas of an APNG": apng(5_000, 5_000, 2_000),
    "frames on the canvas of a WebP": webp(5_000, 5_000, 2_000),
    "metadata of a PNG": png(2, 2, png_chunk(b"iCCP", b"a\0\0" + bytes(17_000_000))),
}


@pytest.mark.parametrize("what", BOMBS)
def test_r08_limits_are_checked_before_the_first_decode(
    client: FlaskClient, opened: Opened, alice_key: str, no_decoder: None, what: str
) -> None:
    file = (io.BytesIO(BOMBS[what]), "a.png")
    answer = client.post("/api/1/upload", data={"source": file}, headers={"X-API-Key": alice_key})
    assert answer.status_code == 400, answer.text
    assert opened.library.usage().media_count == 0


def test_r08_the_guard_of_these_tests_guards(client: FlaskClient, alice_key: str, no_decoder: None) -> None:
    answer = client.post(
        "/api/1/upload", data={"source": (io.BytesIO(draw()), "a.png")}, headers={"X-API-Key": alice_key}
    )
    assert answer.status_code == 500
