"""Files in buckets of their own, on real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.store.places import S3Place, read_blob_place
from gateway.store.sqlite import SqliteCatalog
from tests.store.standing_between import Between, standing_between
from tests.stores import S3Server, rclone_server

if TYPE_CHECKING:
    from gateway.store.s3 import S3Blobs

OpenS3 = Callable[..., "S3Blobs"]


@pytest.fixture(scope="session")
def rclone_s3() -> Iterator[S3Server]:
    with rclone_server() as server:
        yield server


@pytest.fixture
def place(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> S3Place:
    """A fresh bucket of a server that takes any key."""
    return place_at(s3_server, tmp_path, monkeypatch)


@pytest.fixture
def signed_place(rclone_s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> S3Place:
    """A fresh bucket of a server that checks signatures."""
    return place_at(rclone_s3, tmp_path, monkeypatch)


def place_at(server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> S3Place:
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    place = read_blob_place(server.place(server.bucket(), "library"), tmp_path)
    assert isinstance(place, S3Place)
    return place


@pytest.fixture
def open_s3(tmp_path: Path) -> OpenS3:
    """open_s3(place, "b") opens it as another gateway does, that has a disk of its own."""
    pytest.importorskip("boto3", reason="boto3 is not installed")
    from gateway.store.s3 import S3Blobs

    alone = SqliteCatalog(tmp_path / "catalog.db").alone
    return lambda place, node="a": S3Blobs(place, tmp_path / node, alone)


@pytest.fixture
def between(place: S3Place) -> Iterator[Between]:
    with standing_between(place.endpoint or "") as between:
        yield between


@pytest.fixture
def far(open_s3: OpenS3, place: S3Place, between: Between) -> S3Blobs:
    """What is asked of it goes through `between`."""
    return open_s3(replace(place, endpoint=between.endpoint))
