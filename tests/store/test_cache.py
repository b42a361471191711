"""Derived files in a folder: whole or not there, and never more of them than there is room for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.core.ports import Blob
from gateway.store.cache import DiskCache

CAT, DOG = "catcatcatca", "dogdogdogdo"


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path, 1_000)


def read(blob: Blob | None) -> bytes | None:
    if not blob:
        return None
    with blob.file as file:
        return file.read()


def age(cache: DiskCache, name: str, seconds: int) -> None:
    about = os.stat(cache.path(name))
    os.utime(cache.path(name), (about.st_atime - seconds, about.st_mtime - seconds))


def test_it_works(cache: DiskCache, tmp_path: Path) -> None:
    cache.put(f"{CAT}.w9.jpg", b"bytes")

    blob = cache.open(f"{CAT}.w9.jpg")
    assert blob and blob.size == 5
    assert read(blob) == b"bytes"
    assert (tmp_path / f"cache/{CAT[:2]}/{CAT}.w9.jpg").read_bytes() == b"bytes"


def test_what_is_not_there_is_none(cache: DiskCache) -> None:
    assert cache.open(f"{CAT}.w9.jpg") is None
    assert cache.names(CAT) == []
    cache.forget(CAT)


def test_the_names_of_one_media_are_its_own(cache: DiskCache) -> None:
    for name in (f"{CAT}.w1.jpg", f"{CAT}.w2.webp", f"{CAT}x.w1.jpg", f"{DOG}.w1.jpg"):
        cache.put(name, b"x")

    assert sorted(cache.names(CAT)) == [f"{CAT}.w1.jpg", f"{CAT}.w2.webp"]
    assert set(cache.media_ids()) == {CAT, f"{CAT}x", DOG}


def test_forgetting_one_media_leaves_the_others(cache: DiskCache) -> None:
    for name in (f"{CAT}.w1.jpg", f"{CAT}.auto.webp", f"{DOG}.w1.jpg"):
        cache.put(name, b"x")
    cache.forget(CAT)

    assert (cache.names(CAT), cache.names(DOG)) == ([], [f"{DOG}.w1.jpg"])


def test_those_nobody_asked_for_the_longest_make_way(cache: DiskCache) -> None:
    for number in range(10):
        cache.put(f"{CAT}.w{number}.jpg", b"x" * 100)
        age(cache, f"{CAT}.w{number}.jpg", 10_000 - number)
    read(cache.open(f"{CAT}.w0.jpg"))  # asked for just now
    cache.put(f"{DOG}.w1.jpg", b"x" * 100)

    assert sorted(cache.names(CAT)) == [f"{CAT}.w{n}.jpg" for n in (0, 3, 4, 5, 6, 7, 8, 9)]
    assert cache.names(DOG)


def test_there_is_never_more_than_there_is_room_for(cache: DiskCache) -> None:
    for number in range(100):
        cache.put(f"{CAT}.w{number}.jpg", b"x" * 99)

        assert sum(about.st_size for _, about in cache.files()) <= 1_000


def test_what_was_there_before_the_start_counts(cache: DiskCache, tmp_path: Path) -> None:
    for number in range(10):
        cache.put(f"{CAT}.w{number}.jpg", b"x" * 100)
    again = DiskCache(tmp_path, 1_000)
    again.put(f"{DOG}.w1.jpg", b"x" * 100)

    assert sum(about.st_size for _, about in again.files()) <= 1_000


def test_without_any_room_nothing_is_kept(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 0)
    cache.put(f"{CAT}.w1.jpg", b"x")

    assert cache.open(f"{CAT}.w1.jpg") is None


def test_being_asked_for_does_not_change_the_date_that_browsers_see(cache: DiskCache) -> None:
    cache.put(f"{CAT}.w1.jpg", b"x")
    age(cache, f"{CAT}.w1.jpg", 10_000)
    first, second = cache.open(f"{CAT}.w1.jpg"), cache.open(f"{CAT}.w1.jpg")

    assert first and second and first.modified_at == second.modified_at
    read(first), read(second)


def test_a_cache_that_cannot_be_written_is_no_error(cache: DiskCache, caplog: pytest.LogCaptureFixture) -> None:
    (cache.folder / CAT[:2]).write_text("in the way")
    cache.put(f"{CAT}.w1.jpg", b"x")

    assert "could not be kept" in caplog.text


def test_an_empty_file_is_what_a_power_cut_left_and_is_none(cache: DiskCache) -> None:
    cache.put(f"{CAT}.w1.jpg", b"bytes")
    os.truncate(cache.path(f"{CAT}.w1.jpg"), 0)

    assert cache.open(f"{CAT}.w1.jpg") is None


def test_what_a_crash_left_behind_goes_in_time(cache: DiskCache) -> None:
    cache.put(f"{CAT}.w1.jpg", b"x")
    old, new = (cache.folder / CAT[:2] / f"{CAT}.w2.jpg.{end}.part" for end in ("0a", "0b"))
    for part in (old, new):
        part.write_bytes(b"ha")
    os.utime(old, (0, 0))
    list(cache.files())

    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("name", ["../x", f"{CAT}.jpg", f"{CAT}.a/b.jpg", "short.w1.jpg", f"{CAT}.w1.", ""])
def test_a_name_of_another_shape_is_refused(cache: DiskCache, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a derived file"):
        cache.open(name)
