"""Films: byte for byte, with a frame, a length and a page of their own; and the answer the documentation shows."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from gateway.core.formats import video
from tests.core.filming import needs_av, needs_ffmpeg
from tests.media import VIDEO_CODECS, film
from tests.shared import SHARED, needs_shared
from tests.web.conftest import Send

MIMES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
}

pytestmark = [needs_ffmpeg, needs_av]


@pytest.mark.parametrize("name", VIDEO_CODECS)
def test_it_works(send: Send, client: FlaskClient, name: str) -> None:
    image = send(film(name), f"My clip.{name}")["image"]

    assert (image["type"], image["extension"], image["mime"]) == ("video", name, MIMES[name])
    assert (image["width"], image["height"], image["chain"]) == (320, 240, 21)
    assert (image["duration"], image["duration_time"], image["is_animated"]) == (3, "00:03", 0)
    assert (image["title"], image["source_checksum"]) == ("My clip", None)
    stored = client.get(image["url"])
    assert (stored.data, stored.mimetype) == (film(name), MIMES[name])
    assert stored.headers["X-Content-Type-Options"] == "nosniff"
    assert image["checksum"] == hashlib.md5(stored.data).hexdigest()


@pytest.mark.parametrize("type", ["application/octet-stream", "image/png", "video/mp4", "text/html"])
def test_no_tool_has_to_say_that_it_is_one(send: Send, type: str) -> None:
    assert send(film(), "clip.png", type)["image"]["mime"] == "video/mp4"


def test_its_stills_are_pictures(send: Send, client: FlaskClient) -> None:
    image = send(film(size="640x360"), "a.mp4")["image"]

    assert image["chain"] == 23
    for name, variant, size in (
        ("frame", "fr", (640, 360)),
        ("medium", "md", (500, 281)),
        ("thumb", "th", (320, 320)),
    ):
        shown = image[name]
        assert shown["filename"] == f"{image['name']}.{variant}.jpeg"
        assert (shown["extension"], shown["mime"]) == ("jpeg", "image/jpeg")
        got = client.get(shown["url"])
        assert (got.mimetype, len(got.data)) == ("image/jpeg", shown["size"])
        assert Image.open(io.BytesIO(got.data)).size == size
    assert image["url_frame"] == image["frame"]["url"]
    assert (image["display_url"], image["display_width"], image["display_height"]) == (
        image["medium"]["url"],
        "500",
        281,
    )


def test_parts_of_it_can_be_asked_for(send: Send, client: FlaskClient) -> None:
    url = send(film(), "a.mp4")["image"]["url"]
    first = client.get(url, headers={"Range": "bytes=0-99"})
    last = client.get(url, headers={"Range": "bytes=-100"})

    assert (first.status_code, first.data) == (206, film()[:100])
    assert (last.status_code, last.data) == (206, film()[-100:])
    assert first.headers["Content-Range"] == f"bytes 0-99/{len(film())}"
    assert client.get(url).headers["Accept-Ranges"] == "bytes"


def test_its_addresses_are_those_of_a_film(send: Send, client: FlaskClient) -> None:
    image = send(film(), "Clip.mp4")["image"]

    assert image["path_viewer"] == f"/video/Clip.{image['id_encoded']}"
    assert len(image["id_encoded"]) == 21
    assert client.get(image["url_viewer"]).status_code == 200
    for path in (image["url_short"], f"/image/{image['id_encoded']}", f"/video/x.{image['id_encoded']}"):
        assert client.get(path).headers["Location"] == image["path_viewer"]
    assert image["delete_url"].startswith(image["url_short"] + "/delete/")
    assert client.get(image["delete_url"]).headers["Location"] == image["path_viewer"] + "?deleted"
    gone = client.get(image["path_viewer"] + "?deleted")
    assert gone.status_code == 404 and "This video was deleted." in gone.text
    for name in ("image", "thumb", "frame"):
        assert client.get(image[name]["url"]).status_code == 404


def test_the_same_one_twice_is_one_record(send: Send) -> None:
    assert send(film(), "a.mp4")["image"]["name"] == send(film(), "b.mp4")["image"]["name"]


@needs_shared("seeds")
def test_it_answers_as_the_documentation_shows(send: Send, client: FlaskClient) -> None:
    """Key by key, in order and by type; md5 and source_md5 stand beside the newer spelling of the same."""
    theirs = example()
    ours = send(film(size="496x360"), theirs["image"]["original_filename"], expiration="1800")
    left = shape(ours["image"])
    added = [line for line in left if line.startswith(("md5 ", "source_md5 "))]
    same = {
        "extension", "width", "height", "title", "tags", "description", "nsfw", "source_checksum", "original_filename",
        "original_exifdata", "views", "category_id", "chain", "medium_size", "likes", "is_animated", "is_approved",
        "is_360", "type", "tags_string", "mime", "ratio", "display_width", "display_height", "views_label",
        "likes_label", "how_long_ago", "title_truncated", "title_truncated_html", "is_use_loader", "display_title",
    }  # fmt: skip

    assert list(ours) == list(theirs)
    assert [line for line in left if line not in added] == shape(theirs["image"])
    assert added == ["md5 str", "source_md5 NoneType"]
    for name in sorted(same):
        assert ours["image"][name] == theirs["image"][name], name
    for name in ("image", "thumb", "frame"):
        one, other = ours["image"][name], theirs["image"][name]
        assert (one["mime"], one["extension"]) == (other["mime"], other["extension"])
        assert one["filename"].removeprefix(ours["image"]["name"]) == other["filename"].removeprefix(
            theirs["image"]["name"]
        )
    assert ours["image"]["display_url"] == ours["image"]["frame"]["url"] == ours["image"]["url_frame"]


def example() -> Any:
    """The first JSON of the page of documentation."""
    page = next((SHARED / "seeds").glob("004*")).read_text("utf-8")
    return json.JSONDecoder().raw_decode(page, page.index('{\n  "status_code": 200'))[0]


def shape(value: dict[str, Any], place: str = "") -> list[str]:
    lines = []
    for name, one in value.items():
        lines.append(f"{place}{name} {type(one).__name__}")
        if isinstance(one, dict):
            lines += shape(one, f"{place}{name}.")
    return lines


@pytest.mark.usefixtures("nothing_is_left")
def test_without_the_extra_one_sentence_names_it(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "is_available", lambda: False)

    assert send(film(), "a.mp4")["error"] == {
        "message": "Videos cannot be read here. The operator can change that: pip install 'picgate[video]'.",
        "code": 613,
    }


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("name", VIDEO_CODECS)
@pytest.mark.parametrize("part", [0.1, 0.7])
def test_one_cut_short_is_refused(send: Send, name: str, part: float) -> None:
    answer = send(film(name)[: int(len(film(name)) * part)], f"a.{name}")

    assert (answer["status_code"], answer["error"]["code"]) == (400, 425)


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("name", VIDEO_CODECS)
def test_a_head_alone_is_refused(send: Send, name: str) -> None:
    for data in (film(name)[:64], film(name)[:48] + bytes(5_000), film(name)[:64] + b"<script>alert(1)</script>" * 9):
        answer = send(data, f"a.{name}")
        assert answer["status_code"] == 400
        assert answer["error"]["code"] in (425, 610, 613)


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", 0),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", 610),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", 610),
        (b"<html><video src=x></html>", 610),
        (b"FLV\1\5\0\0\0\x09" + bytes(100), 613),
    ],
    ids=["empty", "playlist", "list of files", "page", "Flash"],
)
def test_a_name_makes_no_film(send: Send, data: bytes, code: int) -> None:
    assert send(data, "clip.mp4", "video/mp4")["error"]["code"] == code
