"""POST /v1/images: a picture comes in, as PicGo, the Moraya editor, the SDK and curl send it."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.records import Album, Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from tests.conftest import PUBLIC_URL, Client, draw
from tests.core.filming import needs_av, needs_ffmpeg
from tests.media import film
from tests.web.conftest import AddAlbum
from tests.web.picora.api import Api, data_of, refused

pytestmark = pytest.mark.usefixtures("alice")
PICTURE = draw(64, 48)


def test_it_works(api: Api, client: FlaskClient, alice: Owner) -> None:
    image = data_of(api.upload(PICTURE, "cat.png", tags='["travel", "2026"]', isPublic="true", title="A cat"), 201)

    assert image["url"] == f"{PUBLIC_URL}/{image['id']}.png"
    assert client.get(f"/{image['id']}.png").data == PICTURE
    assert image == {
        "id": image["id"],
        "type": "image",
        "userId": alice.id,
        "user_id": alice.id,
        "url": image["url"],
        "thumbnailUrl": image["thumbnailUrl"],
        "thumbnail_url": image["thumbnailUrl"],
        "filename": "cat.png",
        "title": "A cat",
        "description": None,
        "mimeType": "image/png",
        "mime_type": "image/png",
        "sizeBytes": len(PICTURE),
        "size_bytes": len(PICTURE),
        "size": len(PICTURE),
        "width": 64,
        "height": 48,
        "durationSeconds": None,
        "duration_seconds": None,
        "bitrate": None,
        "status": "ready",
        "tags": ["travel", "2026"],
        "isPublic": True,
        "is_public": True,
        "isNsfw": False,
        "is_nsfw": False,
        "allowedReferers": None,
        "allowed_referers": None,
        "albumId": None,
        "album_id": None,
        "contentHash": hashlib.sha256(PICTURE).hexdigest(),
        "content_hash": hashlib.sha256(PICTURE).hexdigest(),
        "createdAt": "2026-11-21T12:00:00.123Z",
        "created_at": "2026-11-21T12:00:00.123Z",
        "updatedAt": "2026-11-21T12:00:00.123Z",
        "updated_at": "2026-11-21T12:00:00.123Z",
        "expiresAt": None,
        "expires_at": None,
    }


def test_a_file_is_enough(api: Api) -> None:
    image = data_of(api.upload(filename="My_photo.png"), 201)

    assert (image["title"], image["tags"], image["isPublic"]) == ("My photo", [], True)


def test_the_content_tells_the_type_and_not_the_part(api: Api) -> None:
    part = (io.BytesIO(draw(format="JPEG")), "../../etc/fake.gif", "text/html")
    image = data_of(api.upload(file=part), 201)

    assert (image["mimeType"], image["filename"]) == ("image/jpeg", "fake.gif")
    assert image["url"].endswith(".jpg")


def test_a_file_without_a_name_gets_one(api: Api) -> None:
    assert data_of(api.upload(filename=""), 201)["filename"].endswith(".png")


def test_unknown_parts_are_ignored(api: Api) -> None:
    data_of(api.upload(kbId="x", other=(io.BytesIO(b"..."), "other.bin"), albumId=""), 201)


@pytest.mark.parametrize("name", ["isPublic", "is_public"])
def test_a_private_one_is_private_from_the_first_byte(api: Api, client: FlaskClient, name: str) -> None:
    image = data_of(api.upload(**{name: "false"}), 201)

    assert (image["isPublic"], image["is_public"]) == (False, False)
    assert client.get(f"/{image['id']}.png").status_code == 401
    assert client.get(f"/{image['id']}.th.png").status_code == 401


def test_the_camel_spelling_wins(api: Api) -> None:
    assert data_of(api.upload(isPublic="false", is_public="true"), 201)["isPublic"] is False


@pytest.mark.parametrize("name", ["albumId", "album_id"])
def test_it_goes_into_an_album(api: Api, add_album: AddAlbum, name: str) -> None:
    album = add_album()

    assert data_of(api.upload(**{name: album.id}), 201)["albumId"] == album.id


def test_the_same_again_is_the_record_there_is(api: Api) -> None:
    first = api.upload(PICTURE, "first.png")
    again = api.upload(PICTURE, "again.png", tags='["new"]')

    assert data_of(again, 201) == data_of(first, 201)
    assert (first.headers.get("X-Picora-Duplicate"), again.headers["X-Picora-Duplicate"]) == (None, "true")


def test_the_same_of_another_owner_is_another(api: Api, bob_api: Api) -> None:
    assert data_of(api.upload(PICTURE), 201)["id"] != data_of(bob_api.upload(PICTURE), 201)["id"]


def test_what_was_taken_out_of_a_drawing_is_told(api: Api) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>'

    assert "script" in data_of(api.upload(drawing, "a.svg"), 201)["warnings"][0]


# refusals


def test_no_key(anonymous: Api) -> None:
    refused(anonymous.upload(), 401, "UNAUTHORIZED")


def test_a_key_that_only_reads(api_with: Callable[..., Api]) -> None:
    assert refused(api_with("read").upload(), 403, "FORBIDDEN")["required"] == "media.write"


@pytest.mark.parametrize("file", [lambda: None, lambda: "just text", lambda: (io.BytesIO(b""), "")])
def test_no_file(api: Api, file: Callable[[], object]) -> None:
    assert refused(api.upload(file=file(), title="x"), 422)["field"] == "file"


def test_a_file_in_another_part(api: Api) -> None:
    refused(api.upload(file=None, image=(io.BytesIO(PICTURE), "a.png")), 422)


def test_json_instead_of_a_form(api: Api) -> None:
    refused(api.post("/images", {"file": "x"}), 422)


def test_two_files(api: Api, opened: Opened) -> None:
    files = [(io.BytesIO(draw(seed=seed)), f"{seed}.png") for seed in (1, 2)]

    assert refused(api.upload(file=files), 422)["field"] == "file"
    assert opened.library.usage().media_count == 0


def test_an_empty_file(api: Api) -> None:
    refused(api.upload(b"", "empty.png"), 422)


@pytest.mark.parametrize("data", [b"plain text", b"%PDF-1.7 no picture", b"\x89PNG\r\n\x1a\n cut off"])
def test_no_image(api: Api, data: bytes) -> None:
    refused(api.upload(data, "a.png"), 422)


@needs_ffmpeg
@needs_av
def test_a_film_is_no_image(api: Api, opened: Opened) -> None:
    refused(api.upload(film(), "a.mp4"), 422)
    assert opened.library.usage().media_count == 0


@needs_ffmpeg
@needs_av
def test_a_film_that_is_there_already_is_no_image_either(api: Api) -> None:
    data_of(api.upload(film(), "a.mp4", to="/videos"), 202)

    refused(api.upload(film(), "a.mp4"), 422)


@pytest.fixture
def small_api(settings: Settings, opened: Opened, alice_key: str) -> Api:
    """A gateway that takes a thousand bytes."""
    small = replace(settings, uploads=replace(settings.uploads, max_size=1000))
    return Api(Client(create_app(small, opened)), alice_key)


@pytest.mark.parametrize("size", [1001, 2_000_000])
def test_a_file_that_is_too_big(small_api: Api, size: int) -> None:
    refused(small_api.upload(bytes(size), "big.png"), 413)


@pytest.mark.parametrize("text", ["travel,2026", '"travel"', '{"a": 1}', "[", "null", "[" * 100_000])
def test_tags_that_are_no_list(api: Api, text: str) -> None:
    assert refused(api.upload(tags=text), 422)["field"] == "tags"


@pytest.mark.parametrize(
    "tags",
    [[f"t{number}" for number in range(11)], ["x" * 33], [1], [None], [["a"]], ["a\0b"], ["\ud800"], ["a,b"]],
    ids=["eleven", "33 characters", "number", "null", "list", "NUL", "half an emoji", "comma"],
)
def test_tags_that_cannot_be_kept(api: Api, opened: Opened, tags: list[object]) -> None:
    assert refused(api.upload(tags=json.dumps(tags)), 422)["field"] == "tags"
    assert opened.library.usage().media_count == 0


def test_ten_tags_of_32_characters(api: Api) -> None:
    tags = [f"{number}" * 32 for number in range(10)]

    assert data_of(api.upload(tags=json.dumps(tags)), 201)["tags"] == tags


@pytest.mark.parametrize("text", ["maybe", "2", "null"])
def test_a_visibility_that_is_none(api: Api, text: str) -> None:
    refused(api.upload(isPublic=text), 422)


def test_a_nul_in_the_title(api: Api) -> None:
    assert refused(api.upload(title="a\0b"), 422)["field"] == "title"


def test_a_title_that_is_too_long(api: Api) -> None:
    assert refused(api.upload(title="x" * 256), 422)["field"] == "title"


@pytest.fixture
def album_of_bob(add_album: AddAlbum, bob: Owner) -> Album:
    return add_album(owner=bob)


def test_an_album_of_somebody_else(api: Api, album_of_bob: Album, opened: Opened) -> None:
    refused(api.upload(albumId=album_of_bob.id), 422)
    assert opened.library.usage().media_count == 0


def test_a_full_quota(settings: Settings, opened: Opened, client: FlaskClient) -> None:
    carol = opened.owners.add("carol", quota_bytes=10)
    answer = Api(client, opened.keys.issue(carol, "test")[1]).upload()

    assert refused(answer, 403, "QUOTA_EXCEEDED")["limit"] == 10
    assert answer.json and "quota" in answer.json["error"].lower()


def test_a_drawing_that_is_too_big(api: Api) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' + b" " * 2_000_000 + b"</svg>"
    refused(api.upload(drawing, "big.svg"), 413)
