"""Photos of telephones: kept as JPEGs under the name they came with."""

from __future__ import annotations

import hashlib
import io

import pytest
from flask.testing import FlaskClient
from PIL import Image

from gateway.core.formats import heic
from tests.core.drawing import BLUE, GREEN, RED, is_near
from tests.core.filming import needs_heif
from tests.media import photo_heic
from tests.web.conftest import Send

pytestmark = needs_heif


def test_it_works(send: Send, client: FlaskClient) -> None:
    image = send(photo_heic(), "IMG_0001.HEIC")["image"]

    assert (image["extension"], image["mime"], image["type"]) == ("jpg", "image/jpeg", "image")
    assert (image["width"], image["height"], image["chain"]) == (640, 480, 7)
    assert (image["original_filename"], image["title"]) == ("IMG_0001.HEIC", "IMG 0001")
    stored = client.get(image["url"])
    assert stored.mimetype == "image/jpeg" and len(stored.data) == image["size"]
    picture = Image.open(io.BytesIO(stored.data))
    assert picture.format == "JPEG"
    for place, colour in (((100, 100), RED), ((500, 100), GREEN), ((100, 400), BLUE)):
        assert is_near(picture.getpixel(place), colour)


def test_what_the_camera_wrote_stays(send: Send) -> None:
    image = send(photo_heic(), "a.heic")["image"]

    assert image["description"] == "A described photo"
    assert image["tags_string"] == "Canon EOS 5D"
    assert '"Model":"EOS 5D"' in image["original_exifdata"]


def test_both_hashes_are_told(send: Send, client: FlaskClient) -> None:
    image = send(photo_heic(), "a.heic")["image"]

    assert image["checksum"] == image["md5"] == hashlib.md5(client.get(image["url"]).data).hexdigest()
    assert image["source_checksum"] == image["source_md5"] == hashlib.md5(photo_heic()).hexdigest()


def test_the_same_one_twice_is_one_record(send: Send) -> None:
    assert send(photo_heic(), "a.heic")["image"]["name"] == send(photo_heic(), "b.heic")["image"]["name"]


def test_a_width_makes_it_smaller(send: Send) -> None:
    image = send(photo_heic(), "a.heic", width="100")["image"]

    assert (image["width"], image["height"], image["extension"]) == (100, 75, "jpg")


def test_it_is_known_by_its_content(send: Send) -> None:
    assert send(photo_heic(), "a.jpg", "image/jpeg")["image"]["source_checksum"]


@pytest.mark.usefixtures("nothing_is_left")
def test_without_the_extra_one_sentence_names_it(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heic, "is_available", lambda: False)
    answer = send(photo_heic(), "a.heic")

    assert answer["error"] == {
        "message": "HEIC images cannot be read here. The operator can change that: pip install 'picgate[heic]'.",
        "code": 613,
    }


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("cut", [0.05, 0.5, 0.99])
def test_one_cut_short_is_refused(send: Send, cut: float) -> None:
    answer = send(photo_heic()[: int(len(photo_heic()) * cut)], "a.heic")

    assert (answer["status_code"], answer["error"]["code"]) == (400, 425)


@pytest.mark.usefixtures("nothing_is_left")
def test_one_that_lies_is_refused(send: Send) -> None:
    head = photo_heic()[:64]
    for data in (head + bytes(5_000), head[:32], photo_heic().replace(b"hvcC", b"hvcX")):
        answer = send(data, "a.heic")
        assert (answer["status_code"], answer["error"]["code"]) == (400, 425)
