"""POST `/v1/uploads`: beginning an upload that can be resumed, and what OPTIONS tells about it."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime

import pytest

from gateway.core.plans import Plan
from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw
from tests.web.picora.api import Api, data_of, refused
from tests.web.picora.conftest import ApiOf
from tests.web.picora.tus import PIECE, abandon, begin, begun, look, metadata, offset, send

PICTURE = draw(seed=7)


def test_it_works(api: Api, clock: FrozenClock) -> None:
    answer = begin(api, 100, filename="cat.png", contentType="image/png", resourceType="image")
    id = data_of(answer, 201)["id"]
    assert answer.headers["Location"] == f"/v1/uploads/{id}"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    expires = parsedate_to_datetime(answer.headers["Upload-Expires"])
    assert (expires - clock.now()).total_seconds() == pytest.approx(86_400, abs=1)
    assert offset(api, f"/uploads/{id}") == 0


def test_with_a_slash_at_the_end(api: Api) -> None:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "100"}
    assert api.post("/uploads/", headers=headers).status_code == 201


def test_with_the_first_piece(api: Api) -> None:
    """The extension creation-with-upload."""
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(PICTURE)), "Content-Type": PIECE}
    answer = api.post("/uploads", data=PICTURE[:50], headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "50")
    path = answer.headers["Location"].removeprefix("/v1")
    assert send(api, path, PICTURE[50:], 50).headers["X-Picora-Id"]


def test_with_all_of_it(api: Api) -> None:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(PICTURE)), "Content-Type": PIECE}
    answer = api.post("/uploads", data=PICTURE, headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(PICTURE)))
    assert answer.headers["X-Picora-Url"].endswith(".png")


def test_the_address_keeps_the_path_of_the_public_url(api_of: ApiOf) -> None:
    api = api_of(server={"public_url": "https://example.org/img"})
    assert begin(api, 10).headers["Location"].startswith("/img/v1/uploads/")


@pytest.mark.parametrize("at", ["/v1/uploads", "/v1/uploads/anything"])
def test_options_need_no_key(anonymous: Api, at: str) -> None:
    answer = anonymous.client.options(at)
    assert answer.status_code == 204 and not answer.data
    assert answer.headers["Tus-Resumable"] == answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == "50000000"
    assert {"creation", "termination", "expiration", "checksum"} <= set(answer.headers["Tus-Extension"].split(","))
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256,md5"


def test_pages_of_other_sites_may_use_it(anonymous: Api) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    answer = anonymous.client.options("/v1/uploads/x", headers=asked)
    assert answer.status_code == 204
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "Upload-Offset" in answer.headers["Access-Control-Allow-Headers"]
    assert "X-Picora-Url" in answer.headers["Access-Control-Expose-Headers"]


def test_without_a_key(anonymous: Api) -> None:
    answer = begin(anonymous, 10)
    refused(answer, 401, "UNAUTHORIZED")
    assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_a_key_that_may_only_read(api_with: Callable[..., Api]) -> None:
    assert refused(begin(api_with("media.read"), 10), 403, "FORBIDDEN") == {"required": "media.write"}


@pytest.mark.parametrize("version", ["", "0.2.2"])
def test_another_version(api: Api, version: str) -> None:
    answer = begin(api, 10, {"Tus-Resumable": version})
    refused(answer, 412, "PRECONDITION_FAILED")
    assert answer.headers["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize("length", ["", "-1", "ten", "1e3", "9" * 40])
def test_a_length_that_is_no_number(api: Api, length: str) -> None:
    refused(begin(api, 0, {"Upload-Length": length}), 422)


def test_a_length_and_none(api: Api) -> None:
    refused(begin(api, 10, {"Upload-Defer-Length": "1"}), 422)


def test_an_empty_file(api: Api) -> None:
    refused(begin(api, 0), 422)


def test_a_file_too_big(api_of: ApiOf) -> None:
    api = api_of(uploads={"max_size": 1_000})
    refused(begin(api, 1_001), 413)
    assert begin(api, 1_000).status_code == 201


def test_a_file_too_big_for_the_plan(api_of: ApiOf) -> None:
    api = api_of([Plan("small", max_file_bytes=500)], plan="small")
    refused(begin(api, 501), 413)


def test_a_quota_that_has_no_room(api_of: ApiOf) -> None:
    api = api_of(quota_bytes=1_000)
    meta = refused(begin(api, 1_001), 403, "QUOTA_EXCEEDED")
    assert (meta["type"], meta["limit"]) == ("storage", 1_000)


def test_uploads_that_are_under_way_count(api_of: ApiOf) -> None:
    api = api_of(quota_bytes=1_000)
    path = begun(api, 600)
    refused(begin(api, 600), 403, "QUOTA_EXCEEDED")
    abandon(api, path)
    assert begin(api, 600).status_code == 201


def test_uploads_that_are_over_count_no_more(api_of: ApiOf, clock: FrozenClock) -> None:
    api = api_of(quota_bytes=len(PICTURE) * 2)
    send(api, begun(api, len(PICTURE)), PICTURE, 0)
    begun(api, len(PICTURE))
    refused(begin(api, 1), 403, "QUOTA_EXCEEDED")
    clock.advance(hours=24)
    assert begin(api, len(PICTURE)).status_code == 201


def test_a_plan_that_has_no_room_for_its_kind(api_of: ApiOf) -> None:
    api = api_of([Plan("small", video_bytes=100)], plan="small")
    meta = refused(begin(api, 101, resourceType="video"), 403, "QUOTA_EXCEEDED")
    assert meta["type"] == "video_storage"
    assert begin(api, 101, resourceType="image").status_code == 201


def test_too_many_in_a_minute(api_of: ApiOf) -> None:
    api = api_of(limits={"upload": 1})
    begin(api, 10)
    assert refused(begin(api, 10), 429, "RATE_LIMITED")["retryAfterSec"] > 0


@pytest.mark.parametrize("text", ["filename x%", "filename =", "filename /w==", "title AA==", "tags W10", "a b c"])
def test_metadata_that_cannot_be_read(api: Api, text: str) -> None:
    refused(begin(api, 10, {"Upload-Metadata": text}), 422)


@pytest.mark.parametrize(
    "said",
    [
        {"resourceType": "document"},
        {"isPublic": "perhaps"},
        {"tags": "a,b"},
        {"tags": str(list(range(3)))},
        {"title": "x" * 5_000},
        {"albumId": "x" * 21},
    ],
)
def test_metadata_that_means_nothing(api: Api, said: dict[str, str]) -> None:
    refused(begin(api, 10, **said), 422)


def test_somebody_elses_album(api: Api, opened: Opened, bob: Owner) -> None:
    refused(begin(api, 10, albumId=opened.library.add_album(bob, "Lake").id), 422)


def test_metadata_without_end(api: Api) -> None:
    refused(begin(api, 10, filename="x" * 20_000), 422)


def test_metadata_comes_back_as_it_was_sent(api: Api) -> None:
    """Keys we know nothing of, too, and those without a value."""
    text = f"{metadata(filename='cat.png', colour='red')},flag"
    path = begin(api, 10, {"Upload-Metadata": text}).headers["Location"].removeprefix("/v1")
    assert look(api, path).headers["Upload-Metadata"] == text
