"""What a bucket holds, and how little is asked for it."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("boto3", reason="boto3 is not installed")

from gateway.core.claiming import unforeseen
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import new_id
from gateway.core.ports import Upload
from gateway.store import s3_bucket
from gateway.store.places import S3Place
from gateway.store.s3 import S3Blobs
from gateway.store.s3_arriving import PIECE_BYTES
from gateway.store.s3_bucket import PART_BYTES, Bucket
from gateway.store.s3_errors import Unreachable
from tests.store.conftest import OpenS3, place_at
from tests.store.standing_between import Between
from tests.stores import rclone_server

MAIN, THUMB, DRAWING = "xK9mR2pQ7vB.jpg", "xK9mR2pQ7vB.th.jpg", "xK9mR2pQ7vB.svg"
LARGE = 2 * PART_BYTES + 12_345
LATER = datetime.now(UTC) + timedelta(days=1)


def noise(size: int) -> bytes:
    return hashlib.shake_128(str(size).encode()).digest(size)


@contextmanager
def received(blobs: S3Blobs, data: bytes) -> Iterator[Upload]:
    upload = blobs.receive(len(data))
    for at in range(0, len(data), 1_000_000):
        upload.write(data[at : at + 1_000_000])
    yield upload
    upload.discard()


def read(blobs: S3Blobs, name: str) -> bytes:
    blob = blobs.open(name)
    assert blob
    with blob.file as file:
        return file.read()


def keys(blobs: S3Blobs) -> set[str]:
    return {one.key for one in blobs.bucket.listed("")}


@pytest.fixture
def blobs(open_s3: OpenS3, place: S3Place) -> S3Blobs:
    return open_s3(place)


@pytest.fixture
def signed(open_s3: OpenS3, signed_place: S3Place) -> S3Blobs:
    return open_s3(signed_place)


# what is where


def test_objects_are_named_as_files_in_a_folder_are(blobs: S3Blobs) -> None:
    blobs.put({MAIN: b"bytes", THUMB: b"thumbnail"})
    assert keys(blobs) == {f"media/xK/{MAIN}", f"media/xK/{THUMB}"}


def test_prefixes_do_not_see_each_other(open_s3: OpenS3, place: S3Place) -> None:
    here = open_s3(place)
    there = open_s3(S3Place(place.bucket, "library2/", place.endpoint, place.region, place.addressing))
    here.put({MAIN: b"here"})
    there.put({THUMB: b"there"})
    assert [name for name, _, _ in here.names()] == [MAIN]
    assert [name for name, _, _ in there.names()] == [THUMB]


def test_an_object_tells_whoever_fetches_it_what_it_is(blobs: S3Blobs) -> None:
    blobs.put({MAIN: b"bytes", DRAWING: b"<svg/>"})
    picture = blobs.bucket.client.head_object(**blobs.bucket.named(f"media/xK/{MAIN}"))
    drawing = blobs.bucket.client.head_object(**blobs.bucket.named(f"media/xK/{DRAWING}"))
    assert (picture["ContentType"], picture["CacheControl"]) == ("image/jpeg", "public, max-age=31536000, immutable")
    assert (drawing["ContentType"], drawing["ContentDisposition"]) == ("image/svg+xml", "attachment")


def test_what_is_set_aside_is_found_by_the_operator(blobs: S3Blobs) -> None:
    blobs.put({MAIN: b"bytes"})
    blobs.set_aside([MAIN])
    assert keys(blobs) == {f"lost+found/{MAIN}"}


@pytest.mark.parametrize("server", ["blobs", "signed"])
def test_a_large_file_goes_in_parts_and_comes_back_whole(request: pytest.FixtureRequest, server: str) -> None:
    blobs: S3Blobs = request.getfixturevalue(server)
    with received(blobs, data := noise(LARGE)) as upload:
        blobs.put({MAIN: upload})
    assert read(blobs, MAIN) == data
    assert blobs.half_arrived(LATER) == 0


def test_a_large_file_is_adopted_in_parts(blobs: S3Blobs, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(data := noise(LARGE))
    blobs.adopt({"xK9mR2pQ7vB.mp4": tmp_path / "film.mp4"}, link=False)
    assert read(blobs, "xK9mR2pQ7vB.mp4") == data


def test_a_large_file_is_not_in_memory_as_a_whole(blobs: S3Blobs) -> None:
    with received(blobs, noise(6 * PART_BYTES)) as upload:
        blobs.put({MAIN: upload})
    blob = blobs.open(MAIN)
    assert blob
    tracemalloc.start()
    with blob.file as file:
        while file.read(256 * 1024):
            pass
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < PART_BYTES / 2


# what is asked


def test_a_whole_read_is_one_request(far: S3Blobs, between: Between) -> None:
    far.put({MAIN: noise(3_000_000)})
    between.asked.clear()
    assert read(far, MAIN) == noise(3_000_000)
    assert [one.split()[0] for one in between.asked] == ["GET"]


def test_keeping_a_file_is_one_request(far: S3Blobs, between: Between) -> None:
    far.put({MAIN: noise(10_000), THUMB: noise(1_000)})
    assert [one.split()[0] for one in between.asked] == ["PUT", "PUT"]


def test_whoever_jumps_is_given_stretches(far: S3Blobs, between: Between) -> None:
    with received(far, data := noise(LARGE)) as upload:
        far.put({MAIN: upload})
    between.asked.clear()
    blob = far.open(MAIN, whole=False)
    assert blob
    with blob.file as file:
        file.seek(LARGE - 100)
        assert file.read() == data[-100:]
        file.seek(5)
        assert file.read(10) == data[5:15]
    assert [one.split(" ", 2)[2:] for one in between.asked] == [
        [],
        [f"bytes={LARGE - 100}-{LARGE - 1}"],
        [f"bytes=5-{5 + PART_BYTES - 1}"],
    ]


# networks and stores have their moments


def test_an_answer_that_breaks_off_is_taken_up_where_it_broke(far: S3Blobs, between: Between) -> None:
    far.put({MAIN: noise(3_000_000)})
    between.asked.clear()
    between.breaks = [1_000_000, 500]
    assert read(far, MAIN) == noise(3_000_000)
    ranges = [one.split("bytes=")[1].split("-")[0] for one in between.asked[1:]]
    assert len(ranges) == 2 and int(ranges[0]) <= 1_000_000 and int(ranges[1]) == int(ranges[0]) + 500


def test_answers_that_break_off_for_ever_are_given_up(far: S3Blobs, between: Between) -> None:
    far.put({MAIN: noise(3_000_000)})
    between.breaks = [10] * 100
    with pytest.raises(StoreUnavailable):
        read(far, MAIN)
    assert len(between.breaks) > 80


def test_what_is_refused_for_a_moment_is_asked_again(far: S3Blobs, between: Between) -> None:
    answers: list[tuple[int, str] | None] = [(503, "SlowDown"), (500, "InternalError"), None]
    between.refuse = lambda method, path: answers.pop(0) if answers else None
    far.put({MAIN: b"bytes"})
    assert read(far, MAIN) == b"bytes"
    assert not answers


def test_what_is_refused_for_good_is_not_asked_again_and_again(far: S3Blobs, between: Between) -> None:
    between.refuse = lambda method, path: (403, "AccessDenied") if method == "PUT" else None
    with pytest.raises(Unreachable) as refused:
        far.put({MAIN: b"bytes"})
    assert [one.split()[0] for one in between.asked] == ["PUT", "PUT", "DELETE"]
    assert far.bucket.place.bucket not in refused.value.message
    assert refused.value.reason.startswith("The key may not write to bucket ")


def test_all_files_are_kept_or_none(far: S3Blobs, between: Between) -> None:
    between.refuse = lambda method, path: (403, "AccessDenied") if method == "PUT" and ".th." in path else None
    with pytest.raises(StoreUnavailable):
        far.put({MAIN: b"bytes", THUMB: b"thumbnail"})
    assert keys(far) == set()


def test_a_part_that_fails_leaves_nothing(far: S3Blobs, between: Between) -> None:
    between.refuse = lambda method, path: (403, "AccessDenied") if "partNumber=2" in path else None
    with received(far, noise(LARGE)) as upload, pytest.raises(StoreUnavailable):
        far.put({MAIN: upload})
    assert keys(far) == set()
    assert far.half_arrived(LATER) == 0


def test_parts_of_a_process_that_was_killed_are_swept(signed: S3Blobs) -> None:
    signed.bucket.client.create_multipart_upload(**signed.bucket.named(f"media/xK/{MAIN}"))
    assert signed.sweep_incoming(datetime.now(UTC) - timedelta(days=1)) == 0
    assert (signed.half_arrived(LATER), signed.sweep_incoming(LATER), signed.half_arrived(LATER)) == (1, 1, 0)


def test_uploads_of_other_programs_are_let_be(open_s3: OpenS3, signed_place: S3Place) -> None:
    """A library without a prefix may share its bucket, also with a library that has one."""
    blobs = open_s3(replace(signed_place, prefix=""))
    for key in ("film.mp4", f"library/media/xK/{MAIN}"):
        blobs.bucket.client.create_multipart_upload(**blobs.bucket.named(key))
    assert (blobs.half_arrived(LATER), blobs.sweep_incoming(LATER)) == (0, 0)


@pytest.mark.parametrize("code", [None, "NoSuchUpload"])
def test_an_answer_to_the_last_part_that_is_lost_is_no_failure(
    far: S3Blobs, between: Between, place: S3Place, open_s3: OpenS3, code: str | None
) -> None:
    """The store has the file, and knows nothing of the upload when asked again."""
    client, near = far.bucket.client, open_s3(place)
    complete = client.complete_multipart_upload

    def lost(**said: Any) -> Any:
        near.bucket.client.complete_multipart_upload(**said)
        between.refuse = lambda method, path: (404, code) if code and method == "POST" else None
        return complete(**said)

    client.complete_multipart_upload = lost
    with received(far, data := noise(LARGE)) as upload:
        far.put({MAIN: upload})
    assert read(far, MAIN) == data


@pytest.mark.parametrize("size", [1, 10_000, LARGE])
def test_bytes_that_changed_on_the_way_are_not_kept(
    far: S3Blobs, between: Between, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(s3_bucket, "PAUSES", (0.01,))
    between.spoils = True
    with received(far, noise(size)) as upload, pytest.raises(StoreUnavailable):
        far.put({MAIN: upload})
    assert keys(far) == set()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_where_there_is_a_proxy_it_is_asked(
    between: Between, place: S3Place, open_s3: OpenS3, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, between.endpoint)
    monkeypatch.setenv("no_proxy", "")
    blobs = open_s3(replace(place, endpoint="http://127.0.0.1:9"))
    blobs.put({MAIN: b"bytes"})
    assert [one.split()[1] for one in between.asked] == [f"http://127.0.0.1:9/{place.bucket}/library/media/xK/{MAIN}"]


def test_a_store_that_is_gone_is_told_soon_and_comes_back(
    blobs: S3Blobs, between: Between, far: S3Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_bucket, "PAUSES", (0.01, 0.01))
    blobs.put({MAIN: b"bytes"})
    between.refuse = lambda method, path: (503, "ServiceUnavailable")
    for attempt in (lambda: far.open(MAIN), lambda: far.size(MAIN), lambda: far.put({THUMB: b"x"}),
                    lambda: far.delete([MAIN]), lambda: list(far.names()), far.probe):  # fmt: skip
        with pytest.raises(StoreUnavailable):
            attempt()
    between.refuse = lambda method, path: None
    assert read(far, MAIN) == b"bytes"


def test_a_store_that_is_stopped_and_started_is_found_again(
    open_s3: OpenS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "buckets"
    folder.mkdir()
    with rclone_server(str(folder)) as server:
        blobs = open_s3(place_at(server, tmp_path, monkeypatch))
        blobs.put({MAIN: b"bytes"})
    with pytest.raises(StoreUnavailable):
        blobs.open(MAIN)
    with rclone_server(str(folder), server):
        assert read(blobs, MAIN) == b"bytes"
        blobs.put({THUMB: b"thumbnail"})


# links


def test_a_link_leads_to_the_bytes_for_a_while(signed: S3Blobs) -> None:
    import requests

    signed.put({MAIN: b"bytes"})
    link = signed.link(MAIN, 300, {"Content-Type": "image/png", "Cache-Control": "private, no-store"})
    answer = requests.get(link or "", timeout=10)
    assert (answer.status_code, answer.content) == (200, b"bytes")
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("image/png", "private, no-store")


def test_a_link_leads_nowhere_else(signed: S3Blobs) -> None:
    import requests

    signed.put({MAIN: b"bytes", THUMB: b"thumbnail"})
    link = signed.link(MAIN, 300, {"Content-Type": "image/jpeg"}) or ""
    assert requests.get(link.replace(MAIN, THUMB), timeout=10).status_code == 403


# whose files these are


def test_a_fresh_prefix_is_claimed_once(blobs: S3Blobs) -> None:
    blobs.claim("0" * 32, lambda: [])
    blobs.claim("0" * 32, lambda: [])
    assert keys(blobs) == {"library"}
    blobs.probe()


def test_the_files_of_another_library_are_left_alone(blobs: S3Blobs) -> None:
    blobs.claim("0" * 32, unforeseen)
    with pytest.raises(
        StoreUnavailable, match=r"s3://\S+/library/ \(storage.blobs\) holds the files of another library"
    ):
        blobs.claim("1" * 32, unforeseen)


def test_of_two_libraries_that_claim_a_place_at_once_one_is_told(
    far: S3Blobs, between: Between, place: S3Place
) -> None:
    def other_was_later(method: str, path: str) -> None:
        if method == "GET" and "library/library" in path and sum(one.startswith("PUT") for one in between.asked) == 2:
            near.put("library", b"1" * 32)

    near = Bucket(place)
    between.refuse = other_was_later
    with pytest.raises(StoreUnavailable, match="another library"):
        far.claim("0" * 32, unforeseen)


def test_files_that_nobody_expects_are_left_alone(blobs: S3Blobs) -> None:
    blobs.put({MAIN: b"bytes"})
    with pytest.raises(StoreUnavailable, match="There are files in"):
        blobs.claim("0" * 32, lambda: [])


# uploads in pieces


def test_an_upload_goes_on_at_another_gateway(open_s3: OpenS3, place: S3Place) -> None:
    id = new_id()
    for number, node in enumerate("abcab"):
        with open_s3(place, node).arriving(id) as arriving:
            assert arriving.resume(number * 1000)
            arriving.write(bytes([number]) * 1000)
            arriving.settle()
    with open_s3(place, "d").arriving(id) as arriving:
        assert b"".join(arriving.blocks()) == b"".join(bytes([number]) * 1000 for number in range(5))


def test_tiny_pieces_are_few_objects(blobs: S3Blobs) -> None:
    id, data = new_id(), noise(70)
    for at in range(70):
        with blobs.arriving(id) as arriving:
            assert arriving.resume(at)
            arriving.write(data[at : at + 1])
            arriving.settle()
        assert len(keys(blobs)) < 8
    with blobs.arriving(id) as arriving:
        assert b"".join(arriving.blocks()) == data


def test_a_large_piece_is_kept_as_it_comes(blobs: S3Blobs) -> None:
    id, data = new_id(), noise(3 * PIECE_BYTES + 1)
    with blobs.arriving(id) as arriving:
        assert arriving.resume(0)
        for at in range(0, len(data), 1_000_000):
            arriving.write(data[at : at + 1_000_000])
            assert len(arriving.waiting) < PIECE_BYTES
        arriving.settle()
        assert b"".join(arriving.blocks()) == data


@pytest.mark.parametrize("size", [0, 3, 4, 7, 8, 9, 12])
def test_what_a_killed_process_left_twice_counts_once(blobs: S3Blobs, size: int) -> None:
    """[0, 4) and [4, 8) were being written together, and [8, 12) was never promised."""
    id, data = new_id(), b"0123456789ab"
    for start, end in ((0, 4), (4, 8), (0, 8), (8, 12)):
        blobs.bucket.put(f"incoming/{id}/{start:015d}-{end:015d}", data[start:end])
    with blobs.arriving(id) as arriving:
        assert arriving.resume(size)
        arriving.write(b"!")
        arriving.settle()
    with blobs.arriving(id) as arriving:
        assert not arriving.resume(size + 2)
        assert b"".join(arriving.blocks()) == data[:size] + b"!"


def test_a_piece_that_is_not_kept_was_not_promised(far: S3Blobs, between: Between) -> None:
    id = new_id()
    with far.arriving(id) as arriving:
        arriving.resume(0)
        arriving.write(b"bytes")
        between.refuse = lambda method, path: (403, "AccessDenied") if method == "PUT" else None
        with pytest.raises(StoreUnavailable):
            arriving.settle()
    between.refuse = lambda method, path: None
    with far.arriving(id) as arriving:
        assert not arriving.resume(5)
        assert arriving.resume(0)


def test_reading_is_seekable_as_a_file_is(blobs: S3Blobs) -> None:
    blobs.put({MAIN: (data := noise(700_000))})
    blob = blobs.open(MAIN)
    assert blob
    with blob.file as file, io.BytesIO(data) as like:
        for offset, whence, size in (
            (10, 0, 20),
            (300_000, 1, 5),
            (-8, 2, 100),
            (0, 0, 1),
            (690_000, 0, -1),
            (5, 2, 9),
        ):
            assert file.seek(offset, whence) == like.seek(offset, whence)
            assert file.read(size) == like.read(size)
            assert file.tell() == like.tell()
