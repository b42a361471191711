"""Sounds: byte for byte, with a cover, a length and a page of their own."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.core.filming import needs_av, needs_ffmpeg
from tests.media import AUDIO_CODECS, film_without_pictures, sound
from tests.web.conftest import Send

MIMES = {"mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav"}
TAGS = ("-metadata", "title=Slow song", "-metadata", "artist=Alice")

pytestmark = needs_ffmpeg


@pytest.mark.parametrize("name", AUDIO_CODECS)
def test_it_works(send: Send, client: FlaskClient, name: str) -> None:
    image = send(sound(name), f"My tune.{name}")["image"]

    assert (image["type"], image["extension"], image["mime"]) == ("audio", name, MIMES[name])
    assert (image["width"], image["height"], image["ratio"]) == (0, 0, 0)
    assert (image["duration"], image["duration_time"]) == (3, "00:03")
    assert (image["title"], image["source_checksum"]) == ("My tune", None)
    stored = client.get(image["url"])
    assert (stored.data, stored.mimetype) == (sound(name), MIMES[name])
    assert stored.headers["X-Content-Type-Options"] == "nosniff"


def test_it_has_a_cover(send: Send, client: FlaskClient) -> None:
    image = send(sound(), "a.mp3")["image"]

    assert (image["chain"], image["frame_size"], image["url_frame"]) == (5, 0, "")
    assert "frame" not in image
    assert image["display_url"] == image["thumb"]["url"]
    assert image["thumb"]["filename"] == f"{image['name']}.th.jpeg"
    cover = client.get(image["thumb"]["url"])
    assert (cover.mimetype, len(cover.data)) == ("image/jpeg", image["thumb"]["size"])
    assert Image.open(io.BytesIO(cover.data)).size == (320, 320)


@pytest.mark.parametrize("name", ["mp3", "m4a", "ogg", "flac"])
def test_artist_and_title_are_the_title(send: Send, name: str) -> None:
    assert send(sound(name, options=TAGS), f"a.{name}")["image"]["title"] == "Alice - Slow song"


def test_its_addresses_are_those_of_a_sound(send: Send, client: FlaskClient) -> None:
    image = send(sound(), "Tune.mp3")["image"]

    assert image["path_viewer"] == f"/audio/Tune.{image['id_encoded']}"
    assert len(image["id_encoded"]) == 21
    assert client.get(image["url_viewer"]).status_code == 200
    assert client.get(image["url_short"]).headers["Location"] == image["path_viewer"]
    assert client.get(image["delete_url"]).status_code == 301
    gone = client.get(image["path_viewer"] + "?deleted")
    assert gone.status_code == 404 and "This sound was deleted." in gone.text
    assert client.get(image["url"]).status_code == client.get(image["thumb"]["url"]).status_code == 404


@needs_av
def test_a_film_without_pictures_is_a_sound(send: Send, client: FlaskClient) -> None:
    data = film_without_pictures("mp4", "aac")
    image = send(data, "voice.mp4")["image"]

    assert (image["type"], image["extension"], image["mime"]) == ("audio", "m4a", "audio/mp4")
    assert client.get(image["url"]).data == data


@needs_av
@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize(("name", "codec"), [("webm", "libvorbis"), ("mkv", "aac"), ("avi", "libmp3lame")])
def test_one_in_a_film_that_holds_nothing_else_is_refused_in_words(send: Send, name: str, codec: str) -> None:
    error = send(film_without_pictures(name, codec), f"a.{name}")["error"]

    assert error["code"] == 613
    assert error["message"].startswith("There are no pictures in this ")


def test_the_same_one_twice_is_one_record(send: Send) -> None:
    assert send(sound(), "a.mp3")["image"]["name"] == send(sound(), "b.mp3")["image"]["name"]


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("name", ["m4a", "ogg", "wav"])
def test_a_head_alone_is_refused(send: Send, name: str) -> None:
    for data in (sound(name)[:40], sound(name)[:12] + bytes(3_000)):
        answer = send(data, f"a.{name}")
        assert answer["status_code"] == 400
        assert answer["error"]["code"] in (425, 610, 613)


@pytest.mark.usefixtures("nothing_is_left")
def test_a_name_makes_no_sound(send: Send) -> None:
    assert send(b"not music at all", "a.mp3", "audio/mpeg")["error"]["code"] == 610
    assert send(b"", "a.mp3", "audio/mpeg")["error"] == {"message": "The file is empty.", "code": 0}
