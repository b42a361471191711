"""GET /{id}.{ext}: the bytes, with what browsers, players and caches need."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from gateway.core.library import Added
from gateway.core.records import Media
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw

Add = Callable[..., Added]
PICTURE = draw(600, 400, seed=5)


@pytest.fixture
def media(add_image: Add) -> Media:
    return add_image(data=PICTURE).media


def test_it_works(client: FlaskClient, media: Media) -> None:
    answer = client.get(f"/{media.id}.png")

    assert answer.data == PICTURE
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Length"] == str(len(PICTURE))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{media.sha256[:32]}"'


@pytest.mark.parametrize("variant", ["th", "md"])
def test_renditions_are_there(client: FlaskClient, media: Media, variant: str) -> None:
    from PIL import Image

    answer = client.get(f"/{media.id}.{variant}.png")
    size = Image.open(io.BytesIO(answer.data)).size

    assert answer.headers["Content-Type"] == "image/png"
    assert size == ((320, 320) if variant == "th" else (500, 333))


def test_a_rendition_that_was_not_made_is_not_there(client: FlaskClient, add_image: Add) -> None:
    small = add_image().media

    assert client.get(f"/{small.id}.md.png").status_code == 404
    assert client.get(f"/{small.id}.fr.jpeg").status_code == 404


def test_head_has_the_headers_and_no_body(client: FlaskClient, media: Media) -> None:
    answer = client.head(f"/{media.id}.png")

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(PICTURE))


@pytest.mark.parametrize("extension", ["jpg", "jpeg", "webp", "gif"])
def test_another_known_extension_answers_with_the_real_type(client: FlaskClient, media: Media, extension: str) -> None:
    answer = client.get(f"/{media.id}.{extension}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")


@pytest.mark.parametrize(
    "name",
    ["{}.exe", "{}.php", "{}", "{}.png.html", "x{}.png", "{}.xx.png", "../catalog.db", "%2e%2e/catalog.db"],
)
def test_anything_else_is_no_file(client: FlaskClient, media: Media, name: str) -> None:
    assert client.get("/" + name.format(media.id)).status_code == 404


def test_an_unknown_id_is_404_and_not_cached(client: FlaskClient) -> None:
    answer = client.get("/AAAAAAAAAAA.png")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_posting_to_a_file_is_refused(client: FlaskClient, media: Media) -> None:
    assert client.post(f"/{media.id}.png").status_code in (404, 405)


def test_a_known_etag_is_304(client: FlaskClient, media: Media) -> None:
    etag = client.get(f"/{media.id}.png").headers["ETag"]
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = client.get(f"/{media.id}.png", headers={"If-None-Match": sent})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
    assert client.get(f"/{media.id}.png", headers={"If-None-Match": '"other"'}).status_code == 200


def test_original_and_renditions_have_etags_of_their_own(client: FlaskClient, media: Media) -> None:
    etags = {client.head(f"/{media.id}{part}.png").headers["ETag"] for part in ("", ".th", ".md")}

    assert len(etags) == 3


def test_not_modified_since_is_304(client: FlaskClient, media: Media) -> None:
    modified = client.get(f"/{media.id}.png").headers["Last-Modified"]

    assert client.get(f"/{media.id}.png", headers={"If-Modified-Since": modified}).status_code == 304
    old = {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}
    assert client.get(f"/{media.id}.png", headers=old).status_code == 200
    assert client.get(f"/{media.id}.png", headers={"If-Modified-Since": "nonsense"}).status_code == 200


def test_an_etag_decides_over_a_date(client: FlaskClient, media: Media) -> None:
    modified = client.get(f"/{media.id}.png").headers["Last-Modified"]
    headers = {"If-None-Match": '"other"', "If-Modified-Since": modified}

    assert client.get(f"/{media.id}.png", headers=headers).status_code == 200


SIZE = len(PICTURE)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=5-", 5, SIZE - 1),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        (f"bytes=10-{SIZE * 2}", 10, SIZE - 1),
        (f"bytes=-{SIZE * 3}", 0, SIZE - 1),
    ],
)
def test_a_range_is_206(client: FlaskClient, media: Media, asked: str, first: int, last: int) -> None:
    answer = client.get(f"/{media.id}.png", headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.data == PICTURE[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last - first + 1)


def test_several_ranges_are_one_answer(client: FlaskClient, media: Media) -> None:
    answer = client.get(f"/{media.id}.png", headers={"Range": "bytes=0-3, 100-109, -5"})
    boundary = answer.headers["Content-Type"].partition("boundary=")[2]
    parts = answer.data.split(f"--{boundary}".encode())

    assert answer.status_code == 206
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts[1:-1]] == [
        PICTURE[:4], PICTURE[100:110], PICTURE[-5:]
    ]  # fmt: skip
    assert all(b"Content-Type: image/png\r\n" in part for part in parts[1:-1])


def test_a_range_behind_the_end_is_416(client: FlaskClient, media: Media) -> None:
    answer = client.get(f"/{media.id}.png", headers={"Range": f"bytes={SIZE}-"})

    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize(
    "asked", ["bytes=9-5", "bites=0-5", "bytes=a-b", "bytes=" + "0-,0-," * 60 + "0-", "bytes=0-,0-,0-"]
)
def test_a_range_that_makes_no_sense_is_ignored(client: FlaskClient, media: Media, asked: str) -> None:
    answer = client.get(f"/{media.id}.png", headers={"Range": asked})

    assert (answer.status_code, answer.data) == (200, PICTURE)


def test_a_range_of_an_older_version_is_ignored(client: FlaskClient, media: Media) -> None:
    right = client.get(f"/{media.id}.png").headers["ETag"]

    def status(if_range: str) -> int:
        return client.get(f"/{media.id}.png", headers={"Range": "bytes=0-3", "If-Range": if_range}).status_code

    assert status(right) == 206
    assert status('"other"') == 200


def test_head_with_a_range_has_no_body(client: FlaskClient, media: Media) -> None:
    answer = client.head(f"/{media.id}.png", headers={"Range": "bytes=0-3"})

    assert (answer.status_code, answer.data) == (206, b"")


def test_a_deleted_file_is_gone_with_its_renditions(client: FlaskClient, media: Media, opened: Opened) -> None:
    opened.library.remove(media)

    assert {client.get(f"/{media.id}{part}.png").status_code for part in ("", ".th", ".md")} == {404}


def test_an_expired_file_is_gone_before_it_is_swept(client: FlaskClient, add_image: Add, clock: FrozenClock) -> None:
    media = add_image(data=PICTURE, expiration="60").media
    clock.advance(seconds=60)

    assert {client.get(f"/{media.id}{part}.png").status_code for part in ("", ".th", ".md")} == {404}


def test_a_row_whose_file_is_lost_is_404(client: FlaskClient, media: Media, opened: Opened) -> None:
    opened.blobs.delete([media.blob()])

    assert client.get(f"/{media.id}.png").status_code == 404


def test_an_animated_gif_and_a_photo_have_their_own_types(client: FlaskClient, add_image: Add) -> None:
    for format, mime in (("GIF", "image/gif"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("AVIF", "image/avif")):
        media = add_image(data=draw(format=format), filename="lie.png").media
        assert client.get(f"/{media.id}.png").headers["Content-Type"] == mime


def test_a_file_in_memory_and_one_on_disk_are_kept_alike(client: FlaskClient, add_image: Add) -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((1600, 1400), 200).save(out, "PNG")
    assert len(out.getvalue()) > 1_000_000

    assert client.get(f"/{add_image(data=out.getvalue()).media.id}.png").data == out.getvalue()


@pytest.mark.sqlite_disk_only("nginx reads the folder of files")
def test_behind_nginx_the_front_server_is_told_which_file(client_with: Callable[..., tuple[FlaskClient, str]]) -> None:
    client, key = client_with(files={"sendfile": "x-accel"})
    image = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(PICTURE), "a.png")}).json["image"]
    answer = client.get(f"/{image['thumb']['filename']}")

    name = image["name"]
    assert answer.headers["X-Accel-Redirect"] == f"/_media/{name[:2]}/{name}.th.png"
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.data == b""
    assert client.get(f"/{name}.png", headers={"If-None-Match": "*"}).status_code == 304


def test_behind_nginx_a_drawing_still_comes_with_its_policy(
    client_with: Callable[..., tuple[FlaskClient, str]],
) -> None:
    client, key = client_with(files={"sendfile": "x-accel"})
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    image = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(svg), "a.svg")}).json["image"]
    answer = client.get(f"/{image['filename']}")

    assert b"<svg" in answer.data
    assert "sandbox" in answer.headers["Content-Security-Policy"]
