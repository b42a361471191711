"""POST /v1/images/exists: which files need not be sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from tests.conftest import PUBLIC_URL, draw
from tests.core.filming import needs_ffmpeg
from tests.media import sound
from tests.web.picora.api import Api, data_of, refused

PICTURE = draw()
HASH = hashlib.sha256(PICTURE).hexdigest()
OTHER = "0" * 64


def test_it_works(api: Api) -> None:
    image = data_of(api.upload(PICTURE), 201)
    answer = data_of(api.post("/images/exists", {"hashes": [HASH, OTHER, HASH]}))

    assert answer == {
        "existing": {HASH: {"id": image["id"], "url": f"{PUBLIC_URL}/{image['id']}.png"}},
        "missing": [OTHER],
    }


def test_what_was_sent_counts_where_something_else_is_kept(api: Api) -> None:
    sent = draw(format="BMP")
    image = data_of(api.upload(sent, "a.bmp"), 201)
    asked = [hashlib.sha256(sent).hexdigest(), image["contentHash"]]

    assert list(data_of(api.post("/images/exists", {"hashes": asked}))["existing"]) == asked


def test_others_have_nothing_of_mine(api: Api, bob_api: Api) -> None:
    data_of(api.upload(PICTURE), 201)

    assert data_of(bob_api.post("/images/exists", {"hashes": [HASH]})) == {"existing": {}, "missing": [HASH]}


@needs_ffmpeg
def test_a_sound_is_no_image(api: Api) -> None:
    data_of(api.upload(sound(), "a.mp3", to="/audio"), 201)
    asked = [hashlib.sha256(sound()).hexdigest()]

    assert data_of(api.post("/images/exists", {"hashes": asked})) == {"existing": {}, "missing": asked}


def test_two_hundred(api: Api) -> None:
    hashes = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(200)]

    assert data_of(api.post("/images/exists", {"hashes": hashes}))["missing"] == hashes


@pytest.mark.parametrize(
    "hashes",
    [None, [], [OTHER] * 201, OTHER, [HASH.upper()], [HASH[:63]], [HASH + "0"], [HASH[:63] + "g"], [5], [HASH + "\n"]],
    ids=["none", "empty", "201", "text", "capitals", "short", "long", "letter", "number", "line end"],
)
def test_hashes_that_are_none(api: Api, hashes: object) -> None:
    assert refused(api.post("/images/exists", {"hashes": hashes}), 400, "BAD_REQUEST")["field"] == "hashes"


@pytest.mark.parametrize("body", ["", "[]", "{", "{}"])
def test_a_body_that_has_none(api: Api, body: str) -> None:
    refused(api.post("/images/exists", data=body), 400, "BAD_REQUEST")


def test_no_key(anonymous: Api) -> None:
    refused(anonymous.post("/images/exists", {"hashes": [HASH]}), 401, "UNAUTHORIZED")


def test_a_key_that_only_reads(api_with: Callable[..., Api]) -> None:
    refused(api_with("read").post("/images/exists", {"hashes": [HASH]}), 403, "FORBIDDEN")
