"""What the operator is told about a store of files that cannot be used: what is wrong, then what to do."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("boto3", reason="boto3 is not installed")

from botocore import auth

from gateway.core.claiming import unforeseen
from gateway.core.errors import StoreUnavailable
from gateway.store import s3_bucket
from gateway.store.places import S3Place, read_blob_place
from gateway.store.s3 import S3Blobs
from tests.store.conftest import OpenS3
from tests.store.standing_between import Between

LIBRARY = "0" * 32
ELSEWHERE = "Set region=… in storage.blobs to where the bucket is, and see that the endpoint is right."


def refusal(blobs: S3Blobs) -> str:
    with pytest.raises(StoreUnavailable) as refused:
        blobs.claim(LIBRARY, unforeseen)
    what, remedy = refused.value.message.splitlines()
    assert what.endswith(".") and remedy.endswith(".")
    return refused.value.message


def test_it_works(open_s3: OpenS3, place: S3Place, signed_place: S3Place) -> None:
    open_s3(place).claim(LIBRARY, unforeseen)


def test_a_good_signature_works(open_s3: OpenS3, signed_place: S3Place) -> None:
    open_s3(signed_place).claim(LIBRARY, unforeseen)


@pytest.mark.parametrize("server", ["place", "signed_place"])
def test_a_bucket_that_does_not_exist(request: pytest.FixtureRequest, open_s3: OpenS3, server: str) -> None:
    place: S3Place = replace(request.getfixturevalue(server), bucket="not-there")
    assert refusal(open_s3(place)) == (
        f"There is no bucket not-there at {place.endpoint} (storage.blobs).\nMake it, or correct storage.blobs."
    )


def test_a_wrong_secret(open_s3: OpenS3, signed_place: S3Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    assert refusal(open_s3(signed_place)).endswith("\nCorrect AWS_SECRET_ACCESS_KEY.")


def test_an_unknown_key(open_s3: OpenS3, signed_place: S3Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    assert "does not know the key.\nCorrect AWS_ACCESS_KEY_ID" in refusal(open_s3(signed_place))


def test_no_key_at_all(open_s3: OpenS3, place: S3Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert "\nSet AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in refusal(open_s3(place))


def test_a_clock_that_is_wrong(open_s3: OpenS3, signed_place: S3Place, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_at, now = auth.get_current_datetime, time.time
    monkeypatch.setattr(auth, "get_current_datetime", lambda: signed_at() - timedelta(hours=1))
    monkeypatch.setattr(time, "time", lambda: now() - 3600)
    assert refusal(open_s3(signed_place)).endswith("\nSet the clock, and keep it right with NTP.")


@pytest.mark.parametrize(
    ("method", "part", "action"),
    [
        ("GET", "list-type", "list"),
        ("PUT", ".probe", "write to"),
        ("GET", ".probe", "read from"),
        ("DELETE", ".probe", "delete from"),
        ("PUT", "/library/library", "write to"),
    ],
)
def test_a_right_that_is_missing(far: S3Blobs, between: Between, method: str, part: str, action: str) -> None:
    between.refuse = lambda asked, path: (403, "AccessDenied") if asked == method and part in path else None
    assert refusal(far) == (
        f"The key may not {action} bucket {far.bucket.place.bucket} at {between.endpoint} (storage.blobs).\n"
        "Allow it to list, get, put and delete there, and to abort multipart uploads."
    )


def test_what_answers_may_be_no_s3_store_at_all(far: S3Blobs, between: Between) -> None:
    between.refuse = lambda method, path: (404, "404")
    assert refusal(far) == (
        f"Bucket {far.bucket.place.bucket} at {between.endpoint} (storage.blobs) is not there: what answers is no S3"
        " store.\nCorrect the endpoint in storage.blobs."
    )


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (403, "RequestTimeTooSkewed", "Set the clock, and keep it right with NTP."),
        (400, "ExpiredToken", "Renew AWS_SESSION_TOKEN and the key that belongs to it."),
        (400, "IllegalLocationConstraintException", ELSEWHERE),
        (301, "PermanentRedirect", "Correct the endpoint in storage.blobs: it may be https://."),
        (503, "ServiceUnavailable", "See to the store; nothing has to be done here."),
        (400, "SomethingNew", "Correct storage.blobs."),
    ],
)
def test_what_a_store_may_say(
    far: S3Blobs, between: Between, status: int, code: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_bucket, "PAUSES", (0.01,))
    between.refuse = lambda method, path: (status, code)
    assert refusal(far).splitlines()[1] == remedy


def test_a_place_where_nobody_answers(open_s3: OpenS3, place: S3Place) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
        told = refusal(open_s3(replace(place, endpoint=endpoint)))
    assert "cannot be reached" in told
    assert told.endswith("\nSee that it runs, and that the endpoint in storage.blobs is right.")


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a place where somebody listens, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_place_that_keeps_silent(
    open_s3: OpenS3, place: S3Place, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_bucket, "READ_SECONDS", 0.1)
    monkeypatch.setattr(s3_bucket, "PAUSES", (0.01,))
    assert "is too slow" in refusal(open_s3(replace(place, endpoint=f"http://{silent}")))


def test_a_place_that_has_no_certificate(open_s3: OpenS3, place: S3Place) -> None:
    told = refusal(open_s3(replace(place, endpoint=(place.endpoint or "").replace("http:", "https:"))))
    assert told.endswith(
        "\nCorrect the endpoint in storage.blobs, or name the authority that signed it in AWS_CA_BUNDLE."
    )


@pytest.mark.parametrize("endpoint", ["https://s3..example.org", "https://[::1", "https://-"])
def test_an_endpoint_that_is_no_address(open_s3: OpenS3, place: S3Place, endpoint: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"cannot be used: .*\nCorrect storage.blobs"):
        open_s3(replace(place, endpoint=endpoint))


def test_a_profile_that_is_not_there(open_s3: OpenS3, place: S3Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StoreUnavailable, match="nobody"):
        open_s3(place)


def test_a_place_in_words(tmp_path: Path) -> None:
    text = "s3://pictures/a/b/?endpoint=https://s3.example.org/&region=eu-1&addressing=virtual"
    assert read_blob_place(text, tmp_path) == S3Place("pictures", "a/b/", "https://s3.example.org", "eu-1", "virtual")
    assert read_blob_place("s3://pictures", tmp_path) == S3Place("pictures")
    assert read_blob_place("", tmp_path) == tmp_path
    assert read_blob_place("/mnt/pictures", tmp_path) == Path("/mnt/pictures")
