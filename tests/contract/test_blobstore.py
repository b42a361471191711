"""What a store of files promises: all or none, the limit, the hashes, and that nothing half-done is left."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.errors import FileRefused
from gateway.core.ports import BlobStore, Upload

MAIN, THUMB, MEDIUM = "xK9mR2pQ7vB.jpg", "xK9mR2pQ7vB.th.jpg", "xK9mR2pQ7vB.md.jpg"
SMALL, LARGE = 10_000, 3_500_000  # a store may treat the two differently
LIMIT = 4_000_000
FAR = timedelta(days=1)
BAD_NAMES = [
    "../../etc/passwd",
    "../catalog.db",
    "xK/xK9mR2pQ7vB.jpg",
    "/xK9mR2pQ7vB.jpg",
    "..\\xK9mR2pQ7vB.jpg",
    "xK9mR2pQ7vB",
    "xK9mR2pQ7vB.jpg/..",
    "xK9mR2pQ7vB.jpg\n",
    "xK9mR2pQ7vB.jpg\0.png",
    "xK9mR2pQ7vB.xx.jpg",
    ".jpg",
    "..........x.jpg",
    "",
    "..",
]


def noise(size: int) -> bytes:
    return hashlib.shake_128(str(size).encode()).digest(size)


def received(blobs: BlobStore, data: bytes, block: int = 64 * 1024) -> Upload:
    upload = blobs.receive(LIMIT)
    for at in range(0, len(data), block):
        assert upload.write(data[at : at + block]) == len(data[at : at + block])
    return upload


def kept(blobs: BlobStore, name: str) -> bytes | None:
    blob = blobs.open(name)
    if not blob:
        return None
    with blob.file as file:
        return file.read()


def nothing_is_on_its_way(blobs: BlobStore) -> bool:
    return blobs.sweep_incoming(datetime.now(UTC) + FAR) == 0


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_it_works(blobs: BlobStore, size: int) -> None:
    upload = received(blobs, data := noise(size))
    blobs.put({MAIN: upload, THUMB: b"a thumbnail", MEDIUM: noise(LARGE)})
    upload.discard()
    assert (kept(blobs, MAIN), kept(blobs, THUMB), kept(blobs, MEDIUM)) == (data, b"a thumbnail", noise(LARGE))
    assert nothing_is_on_its_way(blobs)


# uploads


@pytest.mark.parametrize("size", [0, 1, SMALL, LARGE])
def test_an_upload_knows_its_size_and_hashes(blobs: BlobStore, size: int) -> None:
    upload = received(blobs, data := noise(size), block=100_001)
    assert upload.size == size
    assert upload.sha256() == hashlib.sha256(data).hexdigest()
    assert upload.md5() == hashlib.md5(data).hexdigest()
    upload.discard()


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_hashes_may_be_asked_for_on_the_way(blobs: BlobStore, size: int) -> None:
    upload, data = blobs.receive(LIMIT), noise(size)
    upload.write(data[: size // 2])
    assert upload.sha256() == hashlib.sha256(data[: size // 2]).hexdigest()
    upload.write(data[size // 2 :])
    assert upload.sha256() == hashlib.sha256(data).hexdigest()
    upload.discard()


@pytest.mark.parametrize("size", [0, SMALL, LARGE])
def test_an_upload_is_read_from_the_start_each_time(blobs: BlobStore, size: int) -> None:
    upload = received(blobs, data := noise(size))
    assert upload.reader().read(100) == data[:100]
    assert upload.reader().read() == data
    reader = upload.reader()
    reader.seek(size // 2)
    assert reader.read() == data[size // 2 :]
    upload.discard()


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_what_was_read_is_kept_whole(blobs: BlobStore, size: int) -> None:
    upload = received(blobs, data := noise(size))
    upload.reader().read(size // 3)
    blobs.put({MAIN: upload})
    upload.discard()
    assert kept(blobs, MAIN) == data


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_upload_may_be_as_large_as_the_limit(blobs: BlobStore, size: int) -> None:
    upload = blobs.receive(size)
    upload.write(noise(size))
    assert upload.size == size
    upload.discard()


@pytest.mark.parametrize("size", [0, SMALL, LARGE])
def test_one_byte_over_the_limit_is_refused_at_once(blobs: BlobStore, size: int) -> None:
    upload = blobs.receive(size)
    upload.write(noise(size))
    with pytest.raises(FileRefused) as refused:
        upload.write(b"!")
    assert (refused.value.code, refused.value.meta) == ("FILE_TOO_BIG", {"limit_bytes": size})
    with pytest.raises(FileRefused):
        upload.write(b"!")
    upload.discard()
    assert nothing_is_on_its_way(blobs)


@pytest.mark.parametrize("size", [0, SMALL, LARGE])
def test_a_discarded_upload_leaves_nothing(blobs: BlobStore, size: int) -> None:
    upload = received(blobs, noise(size))
    upload.discard()
    upload.discard()
    assert nothing_is_on_its_way(blobs)
    assert list(blobs.names()) == []


@pytest.mark.parametrize("size", [0, SMALL, LARGE])
def test_discarding_what_was_kept_is_harmless(blobs: BlobStore, size: int) -> None:
    upload = received(blobs, data := noise(size))
    blobs.put({MAIN: upload})
    upload.discard()
    upload.discard()
    assert kept(blobs, MAIN) == data


def test_uploads_do_not_mix(blobs: BlobStore) -> None:
    one, two = blobs.receive(LIMIT), blobs.receive(LIMIT)
    for _ in range(40):
        one.write(b"1" * 50_000)
        two.write(b"2" * 50_000)
    blobs.put({MAIN: one})
    two.discard()
    one.discard()
    assert kept(blobs, MAIN) == b"1" * 2_000_000


# keeping


def test_nothing_is_kept_when_a_later_file_fails(blobs: BlobStore) -> None:
    one, two = received(blobs, noise(SMALL)), received(blobs, noise(LARGE))
    two.discard()  # nobody can keep it any more
    with pytest.raises(Exception):  # noqa: B017 - which one is the store's own affair
        blobs.put({MAIN: one, THUMB: b"a thumbnail", MEDIUM: two})
    one.discard()
    assert [blobs.open(name) for name in (MAIN, THUMB, MEDIUM)] == [None, None, None]
    assert list(blobs.names()) == []
    assert nothing_is_on_its_way(blobs)


def test_nothing_is_kept_when_a_later_name_is_bad(blobs: BlobStore) -> None:
    upload = received(blobs, noise(LARGE))
    with pytest.raises(ValueError, match="no name"):
        blobs.put({MAIN: upload, "../catalog.db": b"not a catalog"})
    upload.discard()
    assert list(blobs.names()) == []
    assert nothing_is_on_its_way(blobs)


def test_files_kept_before_survive_a_later_failure(blobs: BlobStore) -> None:
    blobs.put({MAIN: b"first"})
    with pytest.raises(ValueError, match="no name"):
        blobs.put({THUMB: b"a thumbnail", "bad": b""})
    assert kept(blobs, MAIN) == b"first"
    assert kept(blobs, THUMB) is None


def test_a_name_kept_again_holds_the_new_bytes(blobs: BlobStore) -> None:
    blobs.put({MAIN: b"first", THUMB: b"a thumbnail"})
    blobs.put({MAIN: b"second"})
    assert (kept(blobs, MAIN), kept(blobs, THUMB)) == (b"second", b"a thumbnail")


def test_names_that_differ_in_case_are_two_files(blobs: BlobStore) -> None:
    blobs.put({"aaaaaaaaaaa.png": b"small", "AAAAAAAAAAA.png": b"big"})
    assert (kept(blobs, "aaaaaaaaaaa.png"), kept(blobs, "AAAAAAAAAAA.png")) == (b"small", b"big")


@pytest.mark.parametrize(
    "name", ["-----------.png", "___________.th.webp", "A" * 21 + ".fr.jpeg", "0-_aZ9-_aZ9.md.avif"]
)
def test_every_name_a_media_can_have_is_kept(blobs: BlobStore, name: str) -> None:
    blobs.put({name: b"bytes"})
    assert kept(blobs, name) == b"bytes"
    assert [kept_name for kept_name, _, _ in blobs.names()] == [name]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_no_media_can_have_is_refused(blobs: BlobStore, name: str) -> None:
    for attempt in (
        lambda: blobs.put({name: b"bytes"}),
        lambda: blobs.open(name),
        lambda: blobs.size(name),
        lambda: blobs.delete([name]),
        lambda: blobs.set_aside([name]),
    ):
        with pytest.raises(ValueError, match="no name"):
            attempt()
    assert nothing_is_on_its_way(blobs)


# reading and deleting


def test_a_file_knows_its_size_and_age(blobs: BlobStore) -> None:
    before = datetime.now(UTC)
    blobs.put({MAIN: noise(LARGE), THUMB: b""})
    blob = blobs.open(MAIN)
    assert blob
    with blob.file:
        assert blob.size == blobs.size(MAIN) == LARGE
        assert before - timedelta(seconds=2) < blob.modified_at < datetime.now(UTC) + timedelta(seconds=2)
        assert blob.modified_at.tzinfo
    assert blobs.size(THUMB) == 0


def test_a_file_that_is_not_there_is_none(blobs: BlobStore) -> None:
    blobs.put({MAIN: b"bytes"})
    assert blobs.open(THUMB) is None
    assert blobs.size(THUMB) is None


def test_readers_of_one_file_do_not_disturb_each_other(blobs: BlobStore) -> None:
    blobs.put({MAIN: b"0123456789"})
    one, two = blobs.open(MAIN), blobs.open(MAIN)
    assert one and two
    with one.file, two.file:
        assert one.file.read(5) == b"01234"
        assert two.file.read() == b"0123456789"
        assert one.file.read() == b"56789"


def test_deleted_files_are_gone_and_others_stay(blobs: BlobStore) -> None:
    blobs.put({MAIN: b"bytes", THUMB: b"a thumbnail", MEDIUM: b"medium"})
    blobs.delete([MAIN, MEDIUM])
    assert (kept(blobs, MAIN), kept(blobs, THUMB), kept(blobs, MEDIUM)) == (None, b"a thumbnail", None)


def test_deleting_what_is_not_there_is_no_error(blobs: BlobStore) -> None:
    blobs.put({MAIN: b"bytes"})
    blobs.delete([THUMB, MAIN, MAIN, "AAAAAAAAAAA.png"])
    blobs.delete([])
    assert list(blobs.names()) == []


def test_a_reader_finishes_what_is_deleted_meanwhile(blobs: BlobStore) -> None:
    blobs.put({MAIN: noise(LARGE)})
    blob = blobs.open(MAIN)
    assert blob
    with blob.file as file:
        start = file.read(10)
        blobs.delete([MAIN])
        assert start + file.read() == noise(LARGE)


# housekeeping


def test_every_file_is_listed(blobs: BlobStore) -> None:
    before = datetime.now(UTC)
    files = {f"{number:011d}.png": noise(number) for number in range(1, 40)} | {MAIN: b"x", THUMB: b"yy"}
    blobs.put(files)
    upload = received(blobs, noise(LARGE))
    listed = list(blobs.names())
    upload.discard()
    assert {name: size for name, size, _ in listed} == {name: len(data) for name, data in files.items()}
    assert len(listed) == len(files)
    assert all(abs(changed_at - before) < timedelta(seconds=30) for _, _, changed_at in listed)


def test_files_may_vanish_while_they_are_listed(blobs: BlobStore) -> None:
    files = {f"xx{number:09d}.png": b"bytes" for number in range(20)}
    blobs.put(files)
    listing = blobs.names()
    first = next(listing)[0]
    blobs.delete(list(files))
    assert {first, *(name for name, _, _ in listing)} <= set(files)


def test_abandoned_uploads_are_swept_by_age(blobs: BlobStore) -> None:
    upload = received(blobs, noise(LARGE))
    assert blobs.sweep_incoming(datetime.now(UTC) - FAR) == 0
    assert upload.reader().read() == noise(LARGE)
    assert blobs.sweep_incoming(datetime.now(UTC) + FAR) == 1
    assert nothing_is_on_its_way(blobs)
    upload.discard()


def test_a_sweep_leaves_what_is_kept(blobs: BlobStore) -> None:
    blobs.put({MAIN: noise(LARGE)})
    assert nothing_is_on_its_way(blobs)
    assert kept(blobs, MAIN) == noise(LARGE)


def test_what_is_set_aside_is_not_served_or_listed(blobs: BlobStore) -> None:
    blobs.put({MAIN: b"bytes", THUMB: b"a thumbnail"})
    blobs.set_aside([MAIN])
    assert (kept(blobs, MAIN), kept(blobs, THUMB)) == (None, b"a thumbnail")
    assert [name for name, _, _ in blobs.names()] == [THUMB]


def test_setting_aside_what_is_not_there_is_no_error(blobs: BlobStore) -> None:
    blobs.set_aside([MAIN])
    blobs.set_aside([])


def test_what_is_adopted_is_there_under_its_name(blobs: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "old.jpg").write_bytes(data := noise(LARGE))
    blobs.adopt({MAIN: tmp_path / "old.jpg", THUMB: noise(SMALL)}, link=False)
    blobs.settle()
    assert kept(blobs, MAIN) == data
    assert kept(blobs, THUMB) == noise(SMALL)
    assert (tmp_path / "old.jpg").read_bytes() == data


@pytest.mark.parametrize("link", [False, True])
def test_deleting_what_was_adopted_leaves_the_old_file(blobs: BlobStore, tmp_path: Path, link: bool) -> None:
    (tmp_path / "old.jpg").write_bytes(data := noise(SMALL))
    blobs.adopt({MAIN: tmp_path / "old.jpg"}, link=link)
    blobs.delete([MAIN])
    assert blobs.size(MAIN) is None
    assert (tmp_path / "old.jpg").read_bytes() == data


@pytest.mark.parametrize("link", [False, True])
def test_adopting_again_replaces_what_a_killed_run_left(blobs: BlobStore, tmp_path: Path, link: bool) -> None:
    (tmp_path / "half.jpg").write_bytes(noise(100))
    (tmp_path / "whole.jpg").write_bytes(data := noise(SMALL))
    blobs.adopt({MAIN: tmp_path / "half.jpg"}, link=link)
    blobs.adopt({MAIN: tmp_path / "whole.jpg"}, link=link)
    assert kept(blobs, MAIN) == data
    assert (tmp_path / "half.jpg").read_bytes() == noise(100)


def test_a_name_that_is_none_is_not_adopted(blobs: BlobStore, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no name of a stored file"):
        blobs.adopt({"../../etc/passwd": b"x"}, link=False)
