"""`/v1/uploads/{id}`: sending an upload in pieces, and what becomes of it."""

from __future__ import annotations

import hashlib
import io
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator

import pytest

from gateway.core.errors import Conflict
from gateway.core.library import Added, NewMedia
from gateway.core.records import Owner
from gateway.core.sessions import Piece
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw
from tests.web.conftest import LATER
from tests.web.picora.api import Api, data_of, refused
from tests.web.picora.conftest import ApiOf
from tests.web.picora.tus import begun, look, offset, send

PICTURE = draw(seed=7)


def halves(data: bytes = PICTURE) -> tuple[bytes, bytes]:
    return data[: len(data) // 2], data[len(data) // 2 :]


def test_it_works(api: Api, opened: Opened) -> None:
    path = begun(api, len(PICTURE), filename="cat.png")
    first, second = halves()
    answer = send(api, path, first, 0)
    assert answer.status_code == 204 and not answer.data
    assert answer.headers["Upload-Offset"] == str(len(first)) == str(offset(api, path))
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert "Upload-Expires" in answer.headers and "X-Picora-Id" not in answer.headers

    answer = send(api, path, second, len(first))
    assert answer.status_code == 204
    assert answer.headers["Upload-Offset"] == str(len(PICTURE))
    media = data_of(api.get(f"/images/{answer.headers['X-Picora-Id']}"))
    assert (media["filename"], media["url"]) == ("cat.png", answer.headers["X-Picora-Url"])
    assert media["contentHash"] == hashlib.sha256(PICTURE).hexdigest()
    assert (opened.blobs.sweep_incoming(LATER), opened.blobs.arriving_names(LATER)) == (0, [])


def test_a_byte_at_a_time(api: Api) -> None:
    data = draw(8, 8)
    path = begun(api, len(data))
    for at in range(len(data)):
        answer = send(api, path, data[at : at + 1], at)
        assert answer.status_code == 204
    assert data_of(api.get(f"/images/{answer.headers['X-Picora-Id']}"))["sizeBytes"] == len(data)


def test_what_was_said_at_the_beginning_holds(api: Api) -> None:
    said = {"filename": "gâteau.png", "title": "Gâteau", "tags": '["food","sweet"]', "isPublic": "false"}
    path = begun(api, len(PICTURE), resourceType="image", contentType="image/png", **said)
    media = data_of(api.get(f"/images/{send(api, path, PICTURE, 0).headers['X-Picora-Id']}"))
    assert (media["filename"], media["title"], media["tags"]) == ("gâteau.png", "Gâteau", ["food", "sweet"])
    assert media["isPublic"] is False


def test_the_same_file_again_is_a_duplicate(api: Api, add_image: Callable[..., Added]) -> None:
    first = add_image(data=PICTURE).media
    answer = send(api, begun(api, len(PICTURE)), PICTURE, 0)
    assert answer.headers["X-Picora-Duplicate"] == "true"
    assert answer.headers["X-Picora-Id"] == first.id


def test_the_length_may_come_last(api: Api) -> None:
    path = begun(api, None)
    first, second = halves()
    send(api, path, first, 0)
    assert look(api, path).headers["Upload-Defer-Length"] == "1"
    answer = send(api, path, second, len(first), upload_length=str(len(PICTURE)))
    assert answer.headers["X-Picora-Id"]


def test_the_length_alone_finishes_what_is_whole(api: Api) -> None:
    path = begun(api, None)
    send(api, path, PICTURE, 0)
    assert send(api, path, b"", len(PICTURE), upload_length=str(len(PICTURE))).headers["X-Picora-Id"]


def test_a_finished_one_still_tells_what_it_became(api: Api) -> None:
    """Its client may never have read the last answer."""
    path = begun(api, len(PICTURE))
    told = send(api, path, PICTURE, 0).headers
    again = look(api, path).headers
    assert again["Upload-Offset"] == again["Upload-Length"] == str(len(PICTURE))
    assert (again["X-Picora-Id"], again["X-Picora-Url"]) == (told["X-Picora-Id"], told["X-Picora-Url"])
    nothing_more = send(api, path, b"", len(PICTURE))
    assert nothing_more.status_code == 204 and nothing_more.headers["X-Picora-Id"] == told["X-Picora-Id"]


def test_no_more_is_taken_once_it_is_finished(api: Api) -> None:
    path = begun(api, len(PICTURE))
    send(api, path, PICTURE, 0)
    refused(send(api, path, b"more", len(PICTURE)), 413)
    assert refused(send(api, path, PICTURE, 0), 409, "CONFLICT") == {"offset": len(PICTURE)}


def test_a_piece_that_breaks_off_counts_as_far_as_it_came(api: Api) -> None:
    path = begun(api, len(PICTURE))
    first, second = halves()
    body = io.BytesIO(first)  # and then the line is dead
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    api.call("PATCH", path, headers=headers, input_stream=body, content_length=len(PICTURE))
    assert offset(api, path) == len(first)
    assert send(api, path, second, len(first)).headers["X-Picora-Id"]


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_right_checksum(api: Api, algorithm: str) -> None:
    sum = f"{algorithm} {b64encode(hashlib.new(algorithm, PICTURE).digest()).decode()}"
    assert send(api, begun(api, len(PICTURE)), PICTURE, 0, upload_checksum=sum).headers["X-Picora-Id"]


def test_a_wrong_checksum_keeps_nothing_of_the_piece(api: Api) -> None:
    path = begun(api, len(PICTURE))
    first, second = halves()
    send(api, path, first, 0)
    wrong = f"sha1 {b64encode(hashlib.sha1(b'?').digest()).decode()}"
    refused(send(api, path, second, len(first), upload_checksum=wrong), 460, "CHECKSUM_MISMATCH")
    assert offset(api, path) == len(first)
    assert send(api, path, second, len(first)).headers["X-Picora-Id"]


@pytest.mark.parametrize("sum", ["crc32 AAAA", "sha1 %%%", "sha1"])
def test_a_checksum_that_cannot_be_read(api: Api, sum: str) -> None:
    path = begun(api, len(PICTURE))
    assert send(api, path, PICTURE, 0, upload_checksum=sum).status_code in (400, 460)
    assert offset(api, path) == 0


def test_another_offset(api: Api) -> None:
    path = begun(api, len(PICTURE))
    first, second = halves()
    send(api, path, first, 0)
    for wrong in (0, len(first) - 1, len(first) + 1, len(PICTURE)):
        assert refused(send(api, path, second, wrong), 409, "CONFLICT") == {"offset": len(first)}
    assert offset(api, path) == len(first)


@pytest.mark.parametrize("wrong", ["", "-1", "1.5", "x", "9" * 30, "١"])
def test_an_offset_that_is_no_number(api: Api, wrong: str) -> None:
    path = begun(api, len(PICTURE))
    headers = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    headers |= {"Upload-Offset": wrong.encode().decode("latin-1")} if wrong else {}
    refused(api.call("PATCH", path, data=PICTURE, headers=headers), 422)


def test_another_content_type(api: Api) -> None:
    path = begun(api, len(PICTURE))
    refused(send(api, path, PICTURE, 0, content_type="image/png"), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0"])
def test_another_version(api: Api, version: str) -> None:
    path = begun(api, len(PICTURE))
    answer = send(api, path, PICTURE, 0, tus_resumable=version)
    refused(answer, 412, "PRECONDITION_FAILED")
    assert answer.headers["Tus-Version"] == "1.0.0"


def test_more_bytes_than_were_announced(api: Api) -> None:
    path = begun(api, len(PICTURE))
    refused(send(api, path, PICTURE + b"!", 0), 413)
    assert offset(api, path) == 0
    assert send(api, path, PICTURE, 0).headers["X-Picora-Id"]


def test_the_length_cannot_change(api: Api) -> None:
    path = begun(api, len(PICTURE))
    refused(send(api, path, PICTURE, 0, upload_length=str(len(PICTURE) + 1)), 422)


def test_a_length_that_has_been_passed(api: Api) -> None:
    path = begun(api, None)
    send(api, path, PICTURE, 0)
    refused(send(api, path, b"", len(PICTURE), upload_length="10"), 422)


def test_a_length_told_late_is_checked_all_the_same(api_of: ApiOf) -> None:
    api = api_of(uploads={"max_size": 100_000})
    path = begun(api, None)
    refused(send(api, path, b"x", 0, upload_length="100001"), 413)


def test_an_unknown_length_has_the_largest_size_as_its_limit(api_of: ApiOf) -> None:
    api = api_of(uploads={"max_size": 1_000})
    path = begun(api, None)
    refused(send(api, path, bytes(1_001), 0), 413)


@pytest.mark.usefixtures("nothing_is_left")
def test_what_is_no_media_ends_it(api: Api) -> None:
    path = begun(api, 1_000, filename="cat.png")
    refused(send(api, path, bytes(1_000), 0), 422)
    assert look(api, path).status_code == 404


@pytest.mark.usefixtures("nothing_is_left")
def test_another_kind_than_announced_ends_it(api: Api) -> None:
    path = begun(api, len(PICTURE), resourceType="video")
    refused(send(api, path, PICTURE, 0), 422)
    assert look(api, path).status_code == 404


@pytest.mark.usefixtures("nothing_is_left")
def test_a_quota_used_up_in_the_meantime_ends_it(api: Api, opened: Opened, alice: Owner) -> None:
    path = begun(api, len(PICTURE))
    opened.catalog.set_owner_limits(alice.id, None, 10)
    assert refused(send(api, path, PICTURE, 0), 403, "QUOTA_EXCEEDED")["type"] == "storage"
    assert look(api, path).status_code == 404


def test_into_an_album(api: Api, opened: Opened, alice: Owner) -> None:
    album = opened.library.add_album(alice, "Lake")
    path = begun(api, len(PICTURE), albumId=album.id)
    assert data_of(api.get(f"/images/{send(api, path, PICTURE, 0).headers['X-Picora-Id']}"))["albumId"] == album.id


def test_somebody_elses(api: Api, bob_api: Api) -> None:
    path = begun(api, len(PICTURE))
    refused(send(bob_api, path, PICTURE, 0), 404, "NOT_FOUND")
    assert offset(api, path) == 0


def test_an_unknown_one(api: Api) -> None:
    for id in ("x" * 21, "x", "..", "%00"):
        refused(send(api, f"/uploads/{id}", PICTURE, 0), 404, "NOT_FOUND")


def test_an_expired_one(api: Api, clock: FrozenClock) -> None:
    path = begun(api, len(PICTURE))
    clock.advance(hours=24)
    refused(send(api, path, PICTURE, 0), 404, "NOT_FOUND")


def test_without_a_key(api: Api, anonymous: Api) -> None:
    refused(send(anonymous, begun(api, 10), b"x", 0), 401, "UNAUTHORIZED")


def test_a_key_that_may_only_read(api: Api, api_with: Callable[..., Api]) -> None:
    assert refused(send(api_with("media.read"), begun(api, 10), b"x", 0), 403, "FORBIDDEN") == {
        "required": "media.write"
    }


def test_a_method_in_a_header(api: Api) -> None:
    path = begun(api, len(PICTURE))
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = api.post(path, data=PICTURE, headers=headers | {"X-HTTP-Method-Override": "PATCH"})
    assert answer.headers["X-Picora-Id"]
    assert api.post(path, headers=headers).status_code == 405


def test_pieces_cost_nothing_more(api_of: ApiOf) -> None:
    api = api_of(limits={"upload": 1})
    path = begun(api, len(PICTURE))
    for at in range(0, len(PICTURE), 64):
        answer = send(api, path, PICTURE[at : at + 64], at)
    assert answer.headers["X-Picora-Id"]
    assert answer.headers["RateLimit-Limit"] == "1"


def test_two_pieces_at_once(opened: Opened, alice: Owner) -> None:
    """One wins, the other is told to ask again."""
    session = opened.sessions.begin(alice, len(PICTURE), "", None)
    is_writing, may_go_on = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        is_writing.set()
        assert may_go_on.wait(30)
        yield PICTURE

    def append(blocks: Iterator[bytes]) -> None:
        done.append(opened.sessions.append(alice, session.id, Piece(0, blocks), NewMedia(filename="")))

    done: list[object] = []
    first = threading.Thread(target=append, args=(slowly(),))
    first.start()
    assert is_writing.wait(30)
    with pytest.raises(Conflict):
        append(iter([PICTURE]))
    may_go_on.set()
    first.join()
    assert len(done) == 1
