"""While files move, each is found wherever it is, and nothing new is put where things move away from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.store.disk import DiskBlobs
from gateway.store.moving_blobs import MovingBlobs

NAME, OTHER = "abcdefghijk.png", "lmnopqrstuv.png"
SESSION = "s" * 21


@pytest.fixture
def new(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "new")


@pytest.fixture
def old(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "old")


@pytest.fixture
def blobs(new: DiskBlobs, old: DiskBlobs) -> MovingBlobs:
    return MovingBlobs(new, old)


def read(blobs: MovingBlobs | DiskBlobs, name: str) -> bytes | None:
    if not (blob := blobs.open(name)):
        return None
    with blob.file:
        return blob.file.read()


def arrive(blobs: MovingBlobs | DiskBlobs, *pieces: bytes) -> None:
    with blobs.arriving(SESSION) as arriving:
        arriving.resume(0)
        for piece in pieces:
            arriving.write(piece)
        arriving.settle()


def test_what_has_not_moved_yet_is_found(blobs: MovingBlobs, old: DiskBlobs) -> None:
    old.put({NAME: b"old"})
    assert (read(blobs, NAME), blobs.size(NAME)) == (b"old", 3)


def test_what_has_moved_is_read_where_it_is_now(blobs: MovingBlobs, new: DiskBlobs, old: DiskBlobs) -> None:
    old.put({NAME: b"old"})
    new.put({NAME: b"newer"})
    assert (read(blobs, NAME), blobs.size(NAME)) == (b"newer", 5)


def test_what_is_nowhere_is_not_found(blobs: MovingBlobs) -> None:
    assert (read(blobs, NAME), blobs.size(NAME)) == (None, None)


def test_what_comes_goes_to_the_new_place(blobs: MovingBlobs, new: DiskBlobs, old: DiskBlobs) -> None:
    blobs.put({NAME: b"bytes"})
    assert (read(new, NAME), read(old, NAME)) == (b"bytes", None)


def test_what_is_deleted_is_deleted_in_both(blobs: MovingBlobs, new: DiskBlobs, old: DiskBlobs) -> None:
    old.put({NAME: b"old", OTHER: b"old"})
    new.put({NAME: b"new"})
    blobs.delete([NAME, OTHER])
    assert [*new.names(), *old.names()] == []


def test_each_name_comes_once(blobs: MovingBlobs, new: DiskBlobs, old: DiskBlobs) -> None:
    old.put({NAME: b"old", OTHER: b"old"})
    new.put({NAME: b"newer"})
    assert sorted((name, size) for name, size, _ in blobs.names()) == [(NAME, 5), (OTHER, 3)]


def test_an_upload_in_pieces_goes_on_in_the_new_place(blobs: MovingBlobs, new: DiskBlobs, old: DiskBlobs) -> None:
    arrive(old, b"first, ", b"never promised")
    with blobs.arriving(SESSION) as arriving:
        assert arriving.resume(7)
        arriving.write(b"second")
        arriving.settle()
        assert b"".join(arriving.blocks()) == b"first, second"
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert (new.arriving_names(later), old.arriving_names(later)) == ([SESSION], [])


def test_an_upload_that_was_begun_in_the_new_place_goes_on_there(blobs: MovingBlobs, new: DiskBlobs) -> None:
    arrive(blobs, b"first")
    with blobs.arriving(SESSION) as arriving:
        assert arriving.resume(5)
        assert b"".join(arriving.blocks()) == b"first"


def test_fewer_bytes_than_were_promised_are_told(blobs: MovingBlobs, old: DiskBlobs) -> None:
    arrive(old, b"first")
    with blobs.arriving(SESSION) as arriving:
        assert not arriving.resume(6)


def test_an_upload_that_is_given_up_leaves_nothing_in_either_place(
    blobs: MovingBlobs, new: DiskBlobs, old: DiskBlobs
) -> None:
    arrive(old, b"first")
    with blobs.arriving(SESSION) as arriving:
        arriving.drop()
    assert blobs.arriving_names(datetime.now(UTC) + timedelta(minutes=1)) == []
