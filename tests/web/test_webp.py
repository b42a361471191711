"""GET /{id}.jpg by a browser that takes WebP: a smaller file that looks the same, made once."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from gateway.core.errors import FileRefused
from gateway.core.library import Added
from gateway.core.records import Media
from gateway.store.opening import Opened
from tests.conftest import Client, FrozenClock, draw
from tests.core.drawing import animation, saved
from tests.web.conftest import Hide

Add = Callable[..., Added]
# As browsers say it: Chrome for a picture, and Firefox.
TAKES_WEBP = {"Accept": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"}
PHOTO = draw(800, 600, "JPEG", quality=95)
PICTURE = draw(600, 400, "PNG", compress_level=0)


@pytest.fixture
def media(add_image: Add) -> Media:
    return add_image(data=PHOTO, filename="a.jpg").media


@pytest.mark.parametrize("data", [PHOTO, PICTURE, draw(300, 200, "BMP")])
def test_it_works(client: FlaskClient, add_image: Add, data: bytes) -> None:
    media = add_image(data=data).media
    plain = client.get(f"/{media.id}.{media.extension}")
    answer = client.get(f"/{media.id}.{media.extension}", headers=TAKES_WEBP)
    webp = Image.open(io.BytesIO(answer.data))

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert (webp.format, webp.size) == ("WEBP", (media.width, media.height))
    assert len(answer.data) < len(plain.data)
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_answer_says_that_it_depends(client: FlaskClient, media: Media) -> None:
    for headers in ({}, TAKES_WEBP):
        answer = client.get(f"/{media.id}.jpg", headers=headers)
        again = client.get(f"/{media.id}.jpg", headers={**headers, "If-None-Match": answer.headers["ETag"]})
        part = client.get(f"/{media.id}.jpg", headers={**headers, "Range": "bytes=0-3"})
        assert [one.status_code for one in (answer, again, part)] == [200, 304, 206]
        assert {one.headers["Vary"] for one in (answer, again, part)} == {"Accept"}


def test_both_have_etags_of_their_own(client: FlaskClient, media: Media) -> None:
    plain, webp = (client.get(f"/{media.id}.jpg", headers=headers).headers["ETag"] for headers in ({}, TAKES_WEBP))

    assert plain != webp
    assert client.get(f"/{media.id}.jpg", headers={**TAKES_WEBP, "If-None-Match": plain}).status_code == 200
    assert client.get(f"/{media.id}.jpg", headers={"If-None-Match": webp}).status_code == 200


def test_ranges_and_head_are_of_the_webp(client: FlaskClient, media: Media) -> None:
    whole = client.get(f"/{media.id}.jpg", headers=TAKES_WEBP).data
    part = client.get(f"/{media.id}.jpg", headers={**TAKES_WEBP, "Range": "bytes=8-11"})
    head = client.head(f"/{media.id}.jpg", headers=TAKES_WEBP)

    assert (part.status_code, part.data) == (206, b"WEBP")
    assert part.headers["Content-Range"] == f"bytes 8-11/{len(whole)}"
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(whole)))


@pytest.mark.parametrize(
    "accept", ["image/webp", "image/WebP;q=0.1", "text/html , image/webp ; q=1.0, x", "image/webp;a=b;q=.5"]
)
def test_whoever_names_it_gets_it(client: FlaskClient, media: Media, accept: str) -> None:
    assert client.get(f"/{media.id}.jpg", headers={"Accept": accept}).headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "image/*", "image/png,image/*;q=0.8", "image/webp;q=0", "image/webp;q=0.000", "image/webp;q=x",
     "image/webpx", "application/image/webp"],
)  # fmt: skip
def test_nobody_else_does(client: FlaskClient, media: Media, accept: str) -> None:
    answer = client.get(f"/{media.id}.jpg", headers={"Accept": accept})

    assert (answer.data, answer.headers["Vary"]) == (PHOTO, "Accept")


def test_it_is_made_once(client: FlaskClient, media: Media, opened: Opened, counted: list[str]) -> None:
    answers = {client.get(f"/{media.id}.jpg", headers=TAKES_WEBP).data for _ in range(3)}

    assert len(answers) == 1
    assert counted == [media.id]
    assert len(list((opened.library.cache.folder / media.id[:2]).iterdir())) == 1  # type: ignore[attr-defined]


@pytest.fixture
def counted(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of what was encoded."""
    ids: list[str] = []
    measure = opened.derived.intake.measure
    monkeypatch.setattr(opened.derived.intake, "measure", lambda f, e, r: ids.append(e.id) or measure(f, e, r))  # type: ignore[func-returns-value]
    return ids


def test_however_many_ask_at_once_it_is_made_once(
    app: Flask, media: Media, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, runs = 8, []
    all_are_waiting = threading.Event()
    measure, run = opened.derived.intake.measure, opened.derived.flights.run
    arrived = threading.Semaphore(0)

    def slowly(*how: object) -> bytes:
        runs.append(how)
        assert all_are_waiting.wait(30)
        return measure(*how)  # type: ignore[arg-type]

    def arriving(*how: object) -> bytes:
        arrived.release()
        return run(*how)  # type: ignore[arg-type]

    monkeypatch.setattr(opened.derived.intake, "measure", slowly)
    monkeypatch.setattr(opened.derived.flights, "run", arriving)
    with ThreadPoolExecutor(count) as threads:
        answers = [
            threads.submit(lambda: Client(app).get(f"/{media.id}.jpg", headers=TAKES_WEBP)) for _ in range(count)
        ]
        assert all(arrived.acquire(timeout=30) for _ in range(count))
        all_are_waiting.set()
        found = {(answer.result().headers["Content-Type"], answer.result().data) for answer in answers}

    assert len(runs) == 1
    assert len(found) == 1 and next(iter(found))[0] == "image/webp"


def test_one_that_would_be_larger_is_not_sent_and_not_tried_again(
    client: FlaskClient, add_image: Add, counted: list[str]
) -> None:
    # Noise that was crushed as a JPEG: a WebP of the visible quality is larger.
    data = saved(Image.effect_noise((200, 150), 200), "JPEG", quality=1)
    media = add_image(data=data).media

    for _ in range(3):
        answer = client.get(f"/{media.id}.jpg", headers=TAKES_WEBP)
        assert (answer.data, answer.headers["Vary"]) == (data, "Accept")
    assert counted == [media.id]


def test_one_that_cannot_be_made_is_not_tried_again(
    client: FlaskClient, media: Media, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def fail(*how: object) -> bytes:
        tried.append(how)
        raise FileRefused("It cannot be read.")

    monkeypatch.setattr(opened.derived.intake, "measure", fail)
    answers = [client.get(f"/{media.id}.jpg", headers=TAKES_WEBP) for _ in range(3)]

    assert {answer.data for answer in answers} == {PHOTO}
    assert len(tried) == 1


@pytest.mark.parametrize("format", ["PNG", "GIF", "WEBP", "AVIF"])
def test_animations_are_left_as_they_are(client: FlaskClient, add_image: Add, format: str) -> None:
    data = animation(format)
    media = add_image(data=data).media
    answer = client.get(f"/{media.id}.{media.extension}", headers=TAKES_WEBP)

    assert answer.data == data
    assert "Vary" not in answer.headers


def test_what_is_never_negotiated_does_not_vary(client: FlaskClient, add_image: Add) -> None:
    for format in ("GIF", "WEBP", "AVIF"):
        media = add_image(data=draw(format=format)).media
        assert "Vary" not in client.get(f"/{media.id}.{media.extension}", headers=TAKES_WEBP).headers


def test_renditions_stay_what_they_are(client: FlaskClient, media: Media) -> None:
    answer = client.get(f"/{media.id}.th.jpg", headers=TAKES_WEBP)

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "Vary" not in answer.headers


def test_it_can_be_switched_off(client_with: Callable[..., tuple[FlaskClient, str]]) -> None:
    client, key = client_with(files={"webp": "off"})
    image = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(PHOTO), "a.jpg")}).json["image"]
    answer = client.get(f"/{image['filename']}", headers=TAKES_WEBP)

    assert answer.data == PHOTO
    assert "Vary" not in answer.headers


def test_a_cache_without_room_still_answers(client_with: Callable[..., tuple[FlaskClient, str]]) -> None:
    client, key = client_with(files={"cache_size": 0})
    image = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(PHOTO), "a.jpg")}).json["image"]
    answer = client.get(f"/{image['filename']}", headers=TAKES_WEBP)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")


def test_behind_nginx_the_gateway_sends_it(client_with: Callable[..., tuple[FlaskClient, str]]) -> None:
    client, key = client_with(files={"sendfile": "x-accel"})
    image = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(PHOTO), "a.jpg")}).json["image"]
    answer = client.get(f"/{image['filename']}", headers=TAKES_WEBP)

    assert answer.data[8:12] == b"WEBP"
    assert "X-Accel-Redirect" not in answer.headers
    assert client.get(f"/{image['filename']}").headers["Vary"] == "Accept"


def test_a_private_one_is_for_its_owner_and_for_no_cache(
    client: FlaskClient, media: Media, hide: Hide, alice_key: str, bob_key: str
) -> None:
    hide(media)

    def get(key: str | None) -> tuple[int, str]:
        headers = TAKES_WEBP | ({"X-API-Key": key} if key else {})
        answer = client.get(f"/{media.id}.jpg", headers=headers)
        return answer.status_code, answer.headers["Cache-Control"]

    assert get(alice_key) == (200, "private, no-store")
    assert (get(None)[0], get(bob_key)[0]) == (401, 403)


def test_a_deleted_one_is_gone(client: FlaskClient, media: Media, opened: Opened) -> None:
    client.get(f"/{media.id}.jpg", headers=TAKES_WEBP)
    opened.library.remove(media)

    assert client.get(f"/{media.id}.jpg", headers=TAKES_WEBP).status_code == 404
    assert opened.library.cache.names(media.id) == []


def test_an_expired_one_is_gone_and_swept(
    client: FlaskClient, add_image: Add, opened: Opened, clock: FrozenClock
) -> None:
    media = add_image(data=PHOTO, expiration="60").media
    client.get(f"/{media.id}.jpg", headers=TAKES_WEBP)
    clock.advance(seconds=60)

    assert client.get(f"/{media.id}.jpg", headers=TAKES_WEBP).status_code == 404
    assert opened.library.sweep_expired() == 1
    assert opened.library.cache.names(media.id) == []


def test_a_lost_original_is_404(client: FlaskClient, media: Media, opened: Opened) -> None:
    opened.blobs.delete([media.blob()])

    assert client.get(f"/{media.id}.jpg", headers=TAKES_WEBP).status_code == 404
