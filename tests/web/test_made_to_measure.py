"""GET /{id}.jpg?w=…: the picture in another size or format, made once and kept."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from gateway.core.library import Added
from gateway.core.records import Media
from gateway.store.opening import Opened
from tests.conftest import Client, FrozenClock, draw
from tests.web.conftest import Hide

Add = Callable[..., Added]
PHOTO = draw(800, 600, "JPEG")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


@pytest.fixture
def media(add_image: Add) -> Media:
    return add_image(data=PHOTO, filename="a.jpg").media


def picture(answer: TestResponse) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.data))


def test_it_works(client: FlaskClient, media: Media) -> None:
    answer = client.get(f"/{media.id}.jpg?w=200&h=200&fit=cover&fmt=webp&q=70")

    assert (picture(answer).format, picture(answer).size) == ("WEBP", (200, 200))
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("w=100", (100, 75)),
        ("h=150", (200, 150)),
        ("w=100&h=100", (100, 75)),
        ("w=100&h=100&fit=inside", (100, 75)),
        ("w=100&h=100&fit=outside", (133, 100)),
        ("w=100&h=100&fit=cover", (100, 100)),
        ("w=100&h=100&fit=contain", (100, 100)),
        ("w=100&h=50&fit=fill", (100, 50)),
        ("w=1600", (1600, 1200)),
        ("w=4096&h=4096&fit=outside", (4096, 3072)),
        ("fmt=png", (800, 600)),
        ("q=30", (800, 600)),
    ],
)
def test_every_fit_has_its_size(client: FlaskClient, media: Media, query: str, size: tuple[int, int]) -> None:
    assert picture(client.get(f"/{media.id}.jpg?{query}")).size == size


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"])
def test_every_raster_format_keeps_its_own(client: FlaskClient, add_image: Add, format: str) -> None:
    media = add_image(data=draw(400, 300, format)).media
    answer = client.get(f"/{media.id}.{media.extension}?w=40")

    assert picture(answer).size == (40, 30)
    assert answer.headers["Content-Type"] == media.mime


def test_it_is_not_negotiated(client: FlaskClient, media: Media) -> None:
    answer = client.get(f"/{media.id}.jpg?w=100", headers={"Accept": "image/webp"})

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "Vary" not in answer.headers


def test_conditions_ranges_and_head_work(client: FlaskClient, media: Media) -> None:
    address = f"/{media.id}.jpg?w=100"
    whole = client.get(address)
    known = {"If-None-Match": whole.headers["ETag"]}
    since = {"If-Modified-Since": whole.headers["Last-Modified"]}
    part, head = client.get(address, headers={"Range": "bytes=0-9"}), client.head(address)

    assert [client.get(address, headers=headers).status_code for headers in (known, since)] == [304, 304]
    assert (part.status_code, part.data) == (206, whole.data[:10])
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(whole.data)))


def test_every_variant_has_an_etag_of_its_own(client: FlaskClient, media: Media) -> None:
    queries = ["", "?w=100", "?w=101", "?w=100&q=84", "?w=100&fmt=webp", "?w=100&fmt=png", "?w=100&h=100&fit=fill"]

    assert len({client.get(f"/{media.id}.jpg{query}").headers["ETag"] for query in queries}) == len(queries)


def test_it_is_made_once_however_it_is_spelled(
    client: FlaskClient, media: Media, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    measure = opened.derived.intake.measure
    monkeypatch.setattr(opened.derived.intake, "measure", lambda *how: made.append(how) or measure(*how))  # type: ignore[func-returns-value]
    for query in ("w=100", "w=0100", "w=100&fit=cover", "q=85&w=100&v=7", "w=100&fmt=jpeg"):
        client.get(f"/{media.id}.jpg?{query}")

    assert len(made) == 1


def test_however_many_ask_at_once_it_is_made_once(
    app: Flask, media: Media, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, count = [], 8
    together = threading.Barrier(count)
    measure = opened.derived.intake.measure
    monkeypatch.setattr(opened.derived.intake, "measure", lambda *how: made.append(how) or measure(*how))  # type: ignore[func-returns-value]

    def ask(_: int) -> bytes:
        together.wait(30)
        return Client(app).get(f"/{media.id}.jpg?w=300").data

    with ThreadPoolExecutor(count) as threads:
        answers = set(threads.map(ask, range(count)))

    assert (len(made), len(answers)) == (1, 1)


def test_a_cache_buster_alone_is_the_original(client: FlaskClient, media: Media) -> None:
    for query in ("v=2", "sig=a&exp=9", "v=", ""):
        assert client.get(f"/{media.id}.jpg?{query}").data == PHOTO


@pytest.mark.parametrize(
    "query",
    ["w=0", "w=4097", "w=-1", "w=x", "w=", "h=0", "q=0", "q=101", "fit=crop", "fmt=gif", "fmt=jpg", "w=1&w=2", "wm=1",
     "preview=1", "size=9", "w", "%00=1", "w=%FF"],
)  # fmt: skip
def test_anything_else_is_400(client: FlaskClient, media: Media, query: str) -> None:
    answer = client.get(f"/{media.id}.jpg?{query}")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {"success": False, "error": answer.json["error"], "code": "INVALID_IMAGE_PARAMS"}


def test_a_refused_head_has_no_body(client: FlaskClient, media: Media) -> None:
    for address, status in ((f"/{media.id}.jpg?w=0", 400), ("/AAAAAAAAAAA.jpg", 404)):
        answer = client.head(address)
        assert (answer.status_code, answer.data) == (status, b"")
        assert int(answer.headers["Content-Length"]) > 0


def test_a_drawing_is_not_made_to_measure(client: FlaskClient, add_image: Add) -> None:
    drawing = add_image(data=SVG, filename="a.svg").media

    assert client.get(f"/{drawing.id}.svg?w=10").status_code == 400
    assert client.get(f"/{drawing.id}.svg?v=2").status_code == 200


def test_renditions_are_not_made_to_measure(client: FlaskClient, media: Media) -> None:
    assert client.get(f"/{media.id}.th.jpg?w=10").status_code == 400
    assert client.get(f"/{media.id}.th.jpg?v=10").status_code == 200


def test_there_is_an_end_to_variants(client_with: Callable[..., tuple[FlaskClient, str]]) -> None:
    client, key = client_with(files={"max_variants": 3})
    image = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(PHOTO), "a.jpg")}).json["image"]
    client.get(f"/{image['filename']}", headers={"Accept": "image/webp"})  # is none of them
    answers = [client.get(f"/{image['filename']}?w={width}") for width in (10, 20, 30, 40, 10)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 400, 200]
    assert answers[3].json["code"] == "INVALID_IMAGE_PARAMS"


def test_there_is_an_end_to_variants_that_are_asked_for_at_once(
    client_with: Callable[..., tuple[FlaskClient, str]],
) -> None:
    client, key = client_with(files={"max_variants": 3})
    image = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(PHOTO), "a.jpg")}).json["image"]
    together = threading.Barrier(8)

    def ask(width: int) -> int:
        together.wait(30)
        return Client(client.application).get(f"/{image['filename']}?w={width}").status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(ask, range(10, 18))) == [200] * 3 + [400] * 5


def test_a_picture_that_cannot_be_read_is_422_and_not_tried_again(
    client: FlaskClient, media: Media, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.blobs.delete([media.blob()])
    opened.blobs.put({media.blob(): PHOTO[:2_000]})
    tried = []
    measure = opened.derived.intake.measure
    monkeypatch.setattr(opened.derived.intake, "measure", lambda *how: tried.append(how) or measure(*how))  # type: ignore[func-returns-value]
    answers = [client.get(f"/{media.id}.jpg?w=9") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert answers[0].json["code"] == "FILE_BROKEN"
    assert len(tried) == 1


def test_a_private_one_is_for_its_owner_and_for_no_cache(
    client: FlaskClient, media: Media, hide: Hide, alice_key: str, bob_key: str
) -> None:
    hide(media)
    address = f"/{media.id}.jpg?w=9"
    answer = client.get(address, headers={"Authorization": f"Bearer {alice_key}"})

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert client.get(address).status_code == 401
    assert client.get(address, headers={"X-API-Key": bob_key}).status_code == 403
    assert client.get(f"/{media.id}.jpg?w=0").status_code == 401


def test_a_deleted_one_is_gone_with_all_that_was_made_of_it(client: FlaskClient, media: Media, opened: Opened) -> None:
    client.get(f"/{media.id}.jpg?w=9")
    opened.library.remove(media)

    assert client.get(f"/{media.id}.jpg?w=9").status_code == 404
    assert client.get(f"/{media.id}.jpg?w=0").status_code == 404
    assert opened.library.cache.names(media.id) == []


def test_an_expired_one_is_gone(client: FlaskClient, add_image: Add, clock: FrozenClock) -> None:
    media = add_image(data=PHOTO, expiration="60").media
    client.get(f"/{media.id}.jpg?w=9")
    clock.advance(seconds=60)

    assert client.get(f"/{media.id}.jpg?w=9").status_code == 404


def test_the_sweep_removes_what_belongs_to_nothing(client: FlaskClient, media: Media, opened: Opened) -> None:
    client.get(f"/{media.id}.jpg?w=9")
    opened.library.cache.put("AAAAAAAAAAA.w9.jpg", b"of a media deleted while this was made")
    opened.library.sweep(timedelta(days=1))

    assert opened.library.cache.names("AAAAAAAAAAA") == []
    assert len(opened.library.cache.names(media.id)) == 1
