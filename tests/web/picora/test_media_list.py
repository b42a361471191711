"""GET /v1/media: images, videos and sounds in one list, in types that a strict parser takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.library import Added
from tests.conftest import FrozenClock, draw
from tests.core.filming import needs_av, needs_ffmpeg
from tests.media import film, sound
from tests.web.picora.api import Api, data_of, refused

pytestmark = [needs_ffmpeg, needs_av]
Add = Callable[..., Added]

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
# As the Moraya editor reads each element: what has to be there, and what may be null or missing.
REQUIRED = {"id": str, "type": str, "filename": str, "sizeBytes": int, "isPublic": bool, "createdAt": str}
OPTIONAL = {
    "url": str,
    "playbackUrl": str,
    "thumbnailUrl": str,
    "title": str,
    "mimeType": str,
    "status": str,
    "durationSeconds": float,
    "bitrate": int,
    "width": int,
    "height": int,
    "tags": list,
}


@pytest.fixture
def of_each_kind(api: Api, clock: FrozenClock) -> dict[str, str]:
    """Ids, by kind, each a second after the one before."""
    ids = {}
    for kind, path, data, name, status in (
        ("image", "/images", draw(), "a.png", 201),
        ("video", "/videos", film(), "Lake.mp4", 202),
        ("audio", "/audio", sound(), "a.mp3", 201),
    ):
        clock.advance(seconds=1)
        ids[kind] = data_of(api.upload(data, name, to=path), status)["id"]
    return ids


def ids(page: dict[str, Any]) -> list[str]:
    return [item["id"] for item in page["items"]]


def test_it_works(api: Api, of_each_kind: dict[str, str]) -> None:
    page = data_of(api.get("/media"))

    assert ids(page) == list(of_each_kind.values())[::-1]
    assert [item["type"] for item in page["items"]] == ["audio", "video", "image"]
    assert (page["total"], page["hasMore"], page["nextCursor"]) == (3, False, None)


def test_a_strict_parser_takes_every_element(api: Api, of_each_kind: dict[str, str], add_image: Add) -> None:
    add_image(data=DRAWING, filename="a.svg")
    items = data_of(api.get("/media"))["items"]

    assert len(items) == 4
    for item in items:
        for name, kind in REQUIRED.items():
            assert type(item[name]) is kind, (item["type"], name)
        for name, kind in OPTIONAL.items():
            assert type(item.get(name)) in (kind, type(None)), (item["type"], name)
        assert item["status"] == "ready"


def test_every_field_has_both_spellings(api: Api, of_each_kind: dict[str, str]) -> None:
    page = data_of(api.get("/media"))

    for fields in (page, *page["items"]):
        for name, value in fields.items():
            snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
            assert fields[snake] == value


def test_a_film_has_an_address_to_play_and_a_length(api: Api, of_each_kind: dict[str, str]) -> None:
    video = next(item for item in data_of(api.get("/media"))["items"] if item["type"] == "video")

    assert "url" not in video
    assert video["playbackUrl"].endswith(f"/{of_each_kind['video']}.mp4")
    assert video["thumbnailUrl"].endswith(f"/{of_each_kind['video']}.th.jpeg")
    assert (video["durationSeconds"], video["width"], video["height"]) == (3.0, 320, 240)


@pytest.mark.parametrize("kind", ["image", "video", "audio"])
def test_one_kind_alone(api: Api, of_each_kind: dict[str, str], kind: str) -> None:
    page = data_of(api.get("/media", type=kind))

    assert (ids(page), page["total"]) == ([of_each_kind[kind]], 1)


def test_a_text_and_a_visibility_are_looked_for(api: Api, of_each_kind: dict[str, str]) -> None:
    api.patch(f"/audio/{of_each_kind['audio']}", {"is_public": False})

    assert ids(data_of(api.get("/media", q="lake"))) == [of_each_kind["video"]]
    assert ids(data_of(api.get("/media", isPublic="false"))) == [of_each_kind["audio"]]
    assert of_each_kind["audio"] not in ids(data_of(api.get("/media", is_public="true")))


def test_what_other_clients_send_besides_is_ignored(api: Api, of_each_kind: dict[str, str]) -> None:
    assert len(ids(data_of(api.get("/media", kbId="x", status="ready", pageSize="1")))) == 3


def test_a_walk_sees_each_once(api: Api, of_each_kind: dict[str, str]) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = data_of(api.get("/media", limit=1, cursor=cursor))
        seen += ids(page)
        cursor = page["nextCursor"]

    assert seen == list(of_each_kind.values())[::-1]


@pytest.mark.parametrize("query", [{"type": "doc"}, {"type": "Image"}, {"limit": "0"}, {"cursor": "x"}])
def test_what_cannot_be_asked_for(api: Api, query: dict[str, str]) -> None:
    assert refused(api.get("/media", **query), 422)["field"] in query


def test_no_key(anonymous: Api) -> None:
    refused(anonymous.get("/media"), 401, "UNAUTHORIZED")


def test_a_key_that_may_not_read(api_with: Callable[..., Api]) -> None:
    refused(api_with("media.write").get("/media"), 403, "FORBIDDEN")
