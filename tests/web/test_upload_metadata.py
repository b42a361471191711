"""`uploads.metadata`: what stored files may tell about places, devices and people."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.core.formats.registry import FORMATS
from tests.core.filming import needs_av, needs_ffmpeg, needs_heif
from tests.media import PLACE, film, needs_exiftool, photo_heic, photo_jpeg, sound, told
from tests.web.conftest import Send

LOCATED = ("-metadata", f"location={PLACE}", "-movflags", "+use_metadata_tags")
POLICIES = ("keep", "no-location", "strip")
HIDING = ("no-location", "strip")

ClientWith = Callable[..., tuple[FlaskClient, str]]
Stored = Callable[..., tuple[dict[str, Any], bytes]]


@pytest.fixture
def stored(client_with: ClientWith) -> Stored:
    """stored("strip", data, "a.jpg") -> the answer of a gateway with that policy, and the bytes it serves."""

    def send(policy: str, data: bytes, filename: str, **fields: str) -> tuple[dict[str, Any], bytes]:
        client, key = client_with(uploads={"metadata": policy})
        form = {"key": key, "source": (io.BytesIO(data), filename), **fields}
        image: Any = client.post("/api/1/upload", data=form).json
        image = image["image"]
        return image, client.get(image["url"]).data

    return send


def located(name: str) -> bytes:
    """A file that says where it was made."""
    if name in ("jpg", "heic"):
        return photo_jpeg() if name == "jpg" else photo_heic()
    return sound(name, options=LOCATED[:2]) if name == "m4a" else film(name, options=LOCATED)


KINDS = [
    pytest.param("jpg", id="jpeg"),
    pytest.param("heic", id="heic", marks=needs_heif),
    pytest.param("mp4", id="mp4", marks=[needs_ffmpeg, needs_av]),
    pytest.param("mov", id="mov", marks=[needs_ffmpeg, needs_av]),
    pytest.param("mkv", id="mkv", marks=[needs_ffmpeg, needs_av]),
    pytest.param("m4a", id="m4a", marks=needs_ffmpeg),
]


def names_a_place(data: bytes, name: str) -> bool:
    tags = told(data, "jpg" if name == "heic" else name).lower()
    return "latitude" in tags or "gpsposition" in tags or "55.75" in tags


@needs_exiftool
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("policy", POLICIES)
def test_r11_only_keep_keeps_the_place(stored: Stored, name: str, policy: str) -> None:
    assert names_a_place(located(name), name)
    _, data = stored(policy, located(name), f"a.{name}")
    assert names_a_place(data, name) == (policy == "keep")


@needs_exiftool
def test_the_camera_is_kept_until_everything_goes(stored: Stored) -> None:
    told_by = {policy: told(stored(policy, photo_jpeg(), "a.jpg")[1], "jpg") for policy in POLICIES}

    assert "EOS 5D" in told_by["keep"] and "EOS 5D" in told_by["no-location"]
    assert "EOS 5D" not in told_by["strip"]


@pytest.mark.parametrize("policy", HIDING)
def test_both_hashes_are_told_when_something_was_removed(stored: Stored, policy: str) -> None:
    image, data = stored(policy, photo_jpeg(), "a.jpg")

    assert data != photo_jpeg()
    assert image["size"] == len(data)
    assert image["checksum"] == image["md5"] == hashlib.md5(data).hexdigest()
    assert image["source_checksum"] == image["source_md5"] == hashlib.md5(photo_jpeg()).hexdigest()


def test_under_keep_a_photo_stays_byte_for_byte(stored: Stored) -> None:
    image, data = stored("keep", photo_jpeg(), "a.jpg")

    assert data == photo_jpeg()
    assert image["source_checksum"] is image["source_md5"] is None


@needs_ffmpeg
@needs_av
@pytest.mark.parametrize("name", ["mp4", "webm"])
def test_where_nothing_is_told_nothing_is_changed(stored: Stored, name: str) -> None:
    image, data = stored("no-location", film(name), f"a.{name}")

    assert data == film(name)
    assert image["source_checksum"] is None


@pytest.mark.parametrize("name", [KINDS[0], *KINDS[2:4]])
def test_the_same_one_twice_is_one_record(send: Send, name: str) -> None:
    """Compared is what was sent; what is stored differs from it."""
    first, second = send(located(name), f"a.{name}")["image"], send(located(name), f"b.{name}")["image"]

    assert first["source_checksum"]
    assert first["id_encoded"] == second["id_encoded"]


@pytest.mark.parametrize("policy", HIDING)
def test_neither_does_the_answer_name_a_place(stored: Stored, policy: str) -> None:
    image, _ = stored(policy, photo_jpeg(), "a.jpg")
    assert "GPS" not in (image["original_exifdata"] or "")


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_what_is_switched_off_is_advertised_nowhere(client_with: ClientWith, format: Any) -> None:
    client, key = client_with(uploads={"disabled_formats": (format.name,)})
    for data in (b"just text", b"II*\0" + bytes(60), b"\0\0\0\x18ftypxxxx" + bytes(40)):
        for answer_format in ("json", "txt"):
            form = {"key": key, "source": (io.BytesIO(data), "a.bin"), "format": answer_format}
            answer = client.post("/api/1/upload", data=form)
            assert answer.status_code == 400
            assert format.label not in answer.text


@needs_ffmpeg
@needs_av
@pytest.mark.parametrize("name", ["mp4", "webm", "mp3"])
def test_a_film_that_is_switched_off_is_refused_by_name(client_with: ClientWith, name: str) -> None:
    client, key = client_with(uploads={"disabled_formats": (name,)})
    data = sound(name) if name == "mp3" else film(name)
    answer = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(data), "a.bin")})

    assert answer.json and answer.json["error"] == {"message": f"Disabled image format ({name})", "code": 614}
