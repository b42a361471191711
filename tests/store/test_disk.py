"""Files in a folder: where they lie, what reaches the disk before what, and what a failing disk leaves behind."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.errors import StoreUnavailable
from gateway.store.disk import IN_MEMORY_BYTES, DiskBlobs, DiskUpload

MAIN, THUMB, MEDIUM = "xK9mR2pQ7vB.jpg", "xK9mR2pQ7vB.th.jpg", "xK9mR2pQ7vB.md.jpg"
SMALL, LARGE = IN_MEMORY_BYTES, IN_MEMORY_BYTES + 1


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path)


def received(blobs: DiskBlobs, size: int) -> DiskUpload:
    upload = blobs.receive(10_000_000)
    upload.write(b"x" * size)
    return upload


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_it_works(blobs: DiskBlobs, tmp_path: Path) -> None:
    upload = received(blobs, LARGE)
    blobs.put({MAIN: upload, THUMB: b"a thumbnail"})
    upload.discard()
    assert files_in(tmp_path) == {f"media/xK/{MAIN}", f"media/xK/{THUMB}"}


def test_a_small_upload_is_no_file_before_it_is_kept(blobs: DiskBlobs) -> None:
    upload = received(blobs, SMALL)
    assert files_in(blobs.incoming) == set()
    upload.write(b"x")
    assert len(files_in(blobs.incoming)) == 1
    upload.discard()


def test_what_is_set_aside_lies_where_an_operator_finds_it(blobs: DiskBlobs, tmp_path: Path) -> None:
    blobs.put({MAIN: b"bytes"})
    blobs.set_aside([MAIN])
    assert files_in(tmp_path) == {f"lost+found/{MAIN}"}


def test_other_files_in_the_folder_are_nobodys_business(blobs: DiskBlobs) -> None:
    blobs.put({MAIN: b"bytes"})
    (blobs.media / "README").write_text("ours")
    (blobs.media / "xK" / "Thumbs.db").write_text("theirs")
    (blobs.media / "xK" / f"{MAIN}.bak").write_text("a backup")
    assert [name for name, _, _ in blobs.names()] == [MAIN]


def test_the_age_of_a_file_is_that_of_the_disk(blobs: DiskBlobs) -> None:
    blobs.put({MAIN: b"bytes"})
    os.utime(blobs.path(MAIN), (1_000_000_000, 1_000_000_000.75))
    blob = blobs.open(MAIN)
    assert blob
    blob.file.close()
    assert blob.modified_at == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)
    assert [changed_at for _, _, changed_at in blobs.names()] == [datetime(2001, 9, 9, 1, 46, 40, 750_000, tzinfo=UTC)]


def test_uploads_are_swept_when_untouched_for_long(blobs: DiskBlobs) -> None:
    old, young = received(blobs, LARGE), received(blobs, LARGE)
    os.utime(old.path, (1_000_000_000, 1_000_000_000))
    os.utime(young.path, (1_000_000_100, 1_000_000_100))
    assert blobs.sweep_incoming(datetime.fromtimestamp(1_000_000_050, UTC)) == 1
    assert [path.name for path in blobs.incoming.iterdir()] == [os.path.basename(young.path)]
    old.discard()
    young.discard()


# what reaches the disk before what


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files and folders as they are synced and renamed."""
    done: list[str] = []
    fsync, rename = os.fsync, os.rename

    def record_fsync(handle: int) -> None:
        fsync(handle)
        done.append(f"fsync {os.path.basename(os.readlink(f'/proc/self/fd/{handle}'))}")

    def record_rename(part: str, target: str) -> None:
        rename(part, target)
        done.append(f"rename {os.path.basename(part)} {os.path.basename(target)}")

    monkeypatch.setattr(os, "fsync", record_fsync)
    monkeypatch.setattr(os, "rename", record_rename)
    return done


@pytest.mark.parametrize("size", [0, SMALL, LARGE])
def test_bytes_reach_the_disk_before_their_name_and_the_folder_last(
    blobs: DiskBlobs, steps: list[str], size: int
) -> None:
    upload = received(blobs, size)
    blobs.put({MAIN: upload, THUMB: b"a thumbnail"})
    upload.discard()
    synced_main, synced_thumb, made_folder, renamed_main, renamed_thumb, synced_folder = steps
    main_part, thumb_part = synced_main.split()[1], synced_thumb.split()[1]
    assert main_part.endswith(".part") and thumb_part.endswith(".part")
    assert [renamed_main, renamed_thumb] == [f"rename {main_part} {MAIN}", f"rename {thumb_part} {THUMB}"]
    assert [made_folder, synced_folder] == ["fsync media", "fsync xK"]


def test_every_folder_that_got_a_file_is_synced(blobs: DiskBlobs, steps: list[str]) -> None:
    blobs.put({MAIN: b"1", "AAAAAAAAAAA.png": b"2"})
    assert set(steps[-2:]) == {"fsync xK", "fsync AA"}


# a disk that fails


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """fail("fsync", 2) lets the second os.fsync from now on fail, and those after it."""

    def set_up(name: str, time: int) -> None:
        real, calls = getattr(os, name), 0

        def call(*arguments: object) -> object:
            nonlocal calls
            calls += 1
            if calls >= time:
                raise OSError(28, "No space left on device")
            return real(*arguments)

        monkeypatch.setattr(os, name, call)

    return set_up


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("call", "time"),
    [("fsync", 1), ("fsync", 2), ("fsync", 3), ("fsync", 4), ("fsync", 5), ("rename", 1), ("rename", 2), ("mkdir", 1)],
)
def test_a_failure_on_the_way_keeps_none_of_the_files(
    blobs: DiskBlobs, tmp_path: Path, fail: Callable[[str, int], None], call: str, time: int, size: int
) -> None:
    upload = received(blobs, size)
    fail(call, time)
    with pytest.raises(StoreUnavailable, match="Nothing was kept"):
        blobs.put({MAIN: upload, THUMB: b"a thumbnail", MEDIUM: b"medium"})
    upload.discard()
    assert files_in(tmp_path) == set()


def test_an_interruption_keeps_none_of_the_files(
    blobs: DiskBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, rename = received(blobs, LARGE), os.rename

    def interrupted(part: str, target: str) -> None:
        if target.endswith(THUMB):
            raise KeyboardInterrupt
        rename(part, target)

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        blobs.put({MAIN: upload, THUMB: b"a thumbnail"})
    upload.discard()
    assert files_in(tmp_path) == set()


def test_a_file_in_the_way_of_a_folder_keeps_nothing(blobs: DiskBlobs, tmp_path: Path) -> None:
    (blobs.media / "xK").write_text("not a folder")
    with pytest.raises(StoreUnavailable):
        blobs.put({MAIN: b"bytes", "AAAAAAAAAAA.png": b"bytes"})
    assert files_in(tmp_path) == {"media/xK"}


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """A write past this size is cut short by the kernel, and the next one fails: what a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("blocks", [[5_000_000], [LARGE, 5_000_000], [SMALL, 5_000_000]])
def test_a_disk_that_fills_up_in_the_middle_of_a_block_is_noticed(
    blobs: DiskBlobs, tmp_path: Path, blocks: list[int]
) -> None:
    upload = blobs.receive(50_000_000)
    with files_up_to(3_000_000), pytest.raises(StoreUnavailable, match="full"):
        for block in blocks:
            upload.write(b"x" * block)
        blobs.put({MAIN: upload})
    upload.discard()
    assert files_in(tmp_path) == set()


def test_a_small_upload_that_no_longer_fits_keeps_nothing(blobs: DiskBlobs, tmp_path: Path) -> None:
    upload = received(blobs, SMALL)
    with files_up_to(SMALL - 1), pytest.raises(StoreUnavailable, match="full"):
        blobs.put({THUMB: b"a thumbnail", MAIN: upload})
    upload.discard()
    assert files_in(tmp_path) == set()


def test_a_rendition_that_no_longer_fits_keeps_nothing(blobs: DiskBlobs, tmp_path: Path) -> None:
    upload = received(blobs, 1_000)
    with files_up_to(2_000), pytest.raises(StoreUnavailable, match="full"):
        blobs.put({MAIN: upload, THUMB: b"x" * 3_000})
    upload.discard()
    assert files_in(tmp_path) == set()


def test_many_may_keep_files_in_one_new_folder_at_once(blobs: DiskBlobs) -> None:
    names = [f"xx{number:09d}.png" for number in range(16)]
    threads = [threading.Thread(target=blobs.put, args=({name: b"bytes"},)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for name, _, _ in blobs.names()) == names


def test_a_file_that_is_shared_is_as_young_as_its_link(blobs: DiskBlobs, tmp_path: Path) -> None:
    """An import takes in old files, and they wait for their records: no sweep may take them for left-overs."""
    old = tmp_path / "old.jpg"
    old.write_bytes(b"bytes")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    blobs.adopt({MAIN: old}, link=True)
    [(_, _, changed_at)] = blobs.names()
    assert changed_at.year > 2001


def test_files_that_go_with_their_disk_are_not_called_missing(blobs: DiskBlobs, tmp_path: Path) -> None:
    blobs.claim("a" * 32, lambda: [])
    assert (blobs.open(MAIN), blobs.size(MAIN)) == (None, None)
    blobs.media.rename(tmp_path / "elsewhere")
    blobs.media.mkdir()
    for ask in (blobs.open, blobs.size):
        with pytest.raises(StoreUnavailable, match="See that its disk is mounted"):
            ask(MAIN)
