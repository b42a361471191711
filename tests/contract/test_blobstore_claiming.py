"""Whose files a store holds: a disk that is not mounted must never look like a library whose files are all gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.errors import StoreUnavailable
from gateway.core.ports import BlobStore

OURS, THEIRS = "a" * 32, "b" * 32
NAMES = [f"{number:011d}.png" for number in range(5)]


def test_an_empty_place_is_given_to_the_first(blobs: BlobStore) -> None:
    blobs.claim(OURS, lambda: [])
    blobs.claim(OURS, lambda: pytest.fail("it says whose it is"))
    assert list(blobs.names()) == []


def test_the_files_of_another_library_are_refused(blobs: BlobStore) -> None:
    blobs.claim(THEIRS, lambda: [])
    with pytest.raises(StoreUnavailable, match="holds the files of another library") as refused:
        blobs.claim(OURS, lambda: [])
    assert THEIRS not in str(refused.value)
    blobs.claim(THEIRS, lambda: [])


def test_a_place_without_any_of_our_files_is_refused(blobs: BlobStore) -> None:
    blobs.put({"strangers__0.png": b"bytes"})
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="None of the files of this library is in"):
            blobs.claim(OURS, lambda: NAMES)


def test_a_place_with_one_of_our_files_is_ours(blobs: BlobStore) -> None:
    """It was filled by a version that did not say so."""
    blobs.put({NAMES[3]: b"bytes"})
    blobs.claim(OURS, lambda: NAMES)
    blobs.delete(NAMES)
    blobs.claim(OURS, lambda: NAMES)


def test_files_nobody_knows_of_are_refused(blobs: BlobStore) -> None:
    """The catalog was lost, and the next sweep would set all of them aside."""
    blobs.put({NAMES[0]: b"bytes"})
    with pytest.raises(StoreUnavailable, match="the catalog knows of none"):
        blobs.claim(OURS, lambda: [])


def test_while_files_move_nobody_can_tell(blobs: BlobStore) -> None:
    blobs.put({NAMES[0]: b"bytes"})
    blobs.claim(OURS, lambda: None)
    blobs.claim(OURS, lambda: [])


def test_what_was_broken_off_is_counted_and_stays(blobs: BlobStore) -> None:
    upload = blobs.receive(4_000_000)
    upload.write(bytes(3_000_000))
    assert blobs.half_arrived(datetime.now(UTC) - timedelta(days=1)) == 0
    assert [blobs.half_arrived(datetime.now(UTC) + timedelta(days=1)) for _ in range(2)] == [1, 1]
    assert blobs.sweep_incoming(datetime.now(UTC) + timedelta(days=1)) == 1
    assert blobs.half_arrived(datetime.now(UTC) + timedelta(days=1)) == 0
    upload.discard()
