"""`gateway backup` and `gateway restore`."""

from __future__ import annotations

import json
import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.pieces import Session
from gateway.core.plans import UNLIMITED
from gateway.core.records import Media
from gateway.settings import Storage
from gateway.store.copying.backup import Backup
from gateway.store.copying.files import FileCopy
from gateway.store.disk import DiskBlobs
from tests.cli.conftest import Run
from tests.cli.libraries import contents, file_of, fill, is_whole, library, upload
from tests.contract.samples import NOW, minutes

Refused = Callable[..., str]

PAIRS = ("sqlite-disk", "postgres-s3")


@pytest.fixture(params=PAIRS)
def storage(request: pytest.FixtureRequest, data: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """Where the library is; the commands are told by the environment."""
    if request.param == "sqlite-disk":
        return Storage(str(data))
    elsewhere: Storage = replace(request.getfixturevalue("storage_elsewhere"), data=str(data))
    set_storage(monkeypatch, elsewhere)
    return elsewhere


def set_storage(monkeypatch: pytest.MonkeyPatch, storage: Storage) -> None:
    monkeypatch.setenv("GATEWAY_STORAGE__CATALOG", storage.catalog)
    monkeypatch.setenv("GATEWAY_STORAGE__BLOBS", storage.blobs)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Storage:
    """An empty library in a folder, for what a test restores or serves."""
    return Storage(str(tmp_path / "embedded"))


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def restored(run: Run, monkeypatch: pytest.MonkeyPatch, dest: Path, into: Storage, code: int = 0) -> str:
    with monkeypatch.context() as patched:
        set_storage(patched, into)
        return run("restore", str(dest), data=Path(into.data), code=code).output


def test_a_backup_can_be_served_as_it_is(run: Run, storage: Storage, dest: Path) -> None:
    fill(storage)
    before = contents(storage)
    run("backup", str(dest))
    assert contents(Storage(str(dest))) == before
    assert all(map(is_whole, before.values()))


def test_a_backup_is_restored(
    run: Run, storage: Storage, embedded: Storage, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(storage)
    run("backup", str(dest))
    restored(run, monkeypatch, dest, embedded)
    assert contents(embedded) == contents(storage)


def test_a_backup_of_a_folder_is_restored_into_a_database_and_a_bucket(
    run: Run, data: Path, dest: Path, storage_elsewhere: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(Storage(str(data)))
    run("backup", str(dest))
    restored(run, monkeypatch, dest, storage_elsewhere)
    assert contents(storage_elsewhere) == contents(Storage(str(data)))


def test_what_a_second_backup_finds_is_left_alone(run: Run, storage: Storage, dest: Path) -> None:
    first = fill(storage)
    run("backup", str(dest))
    before = file_of(dest, first[0].blob()).stat()
    with library(storage) as opened:
        new = upload(opened, 77)
    facts = json.loads(run("backup", str(dest), "--json").stdout)
    assert facts["files"]["copied"] == len(new.blobs())
    assert facts["files"]["there"] == sum(len(one.blobs()) for one in first)
    assert file_of(dest, first[0].blob()).stat() == before
    assert contents(Storage(str(dest))).keys() == {one.id for one in (*first, new)}


def test_what_was_deleted_since_is_kept_aside(run: Run, storage: Storage, dest: Path) -> None:
    gone, *_ = fill(storage)
    run("backup", str(dest))
    remove(storage, gone)
    assert f"{len(gone.blobs())} files that the library has no more" in run("backup", str(dest)).stdout
    assert gone.id not in contents(Storage(str(dest)))
    assert {path.name for path in (dest / "lost+found").iterdir()} == set(gone.blobs())


def test_what_was_deleted_since_is_deleted_when_asked(run: Run, storage: Storage, dest: Path) -> None:
    gone, *_ = fill(storage)
    run("backup", str(dest))
    remove(storage, gone)
    run("backup", str(dest), "--prune")
    assert [path for path in dest.rglob("*") if path.name in gone.blobs()] == []


def remove(storage: Storage, media: Media) -> None:
    with library(storage) as opened:
        opened.library.remove(media)


def test_what_is_deleted_meanwhile_is_in_no_backup(
    run: Run, storage: Storage, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, *kept = fill(storage)
    copy_files = Backup.copy_files

    def delete_first(self: Backup, copy: object, blobs: object) -> object:
        remove(storage, gone)
        return copy_files(self, copy, blobs)  # type: ignore[arg-type]

    monkeypatch.setattr(Backup, "copy_files", delete_first)
    facts = json.loads(run("backup", str(dest), "--json").stdout)
    assert facts["files"]["gone"] == len(gone.blobs())
    copied = contents(Storage(str(dest)))
    assert copied.keys() == {one.id for one in kept}
    with library(Storage(str(dest))) as opened:
        assert opened.library.usage().media_count == len(kept)
        assert opened.catalog.tombstones_among([gone.id]) == {gone.id}


@contextmanager
def load(storage: Storage) -> Iterator[None]:
    """People upload and delete, until it is left."""
    is_over = threading.Event()

    def work(number: int) -> None:
        with library(storage) as opened:
            seed = 1000 * (number + 1)
            while not is_over.is_set():
                media = upload(opened, seed := seed + 1, f"user{number}")
                if seed % 2:
                    opened.library.remove(media)

    with ThreadPoolExecutor(3) as people:
        working = [people.submit(work, number) for number in range(3)]
        yield
        is_over.set()
    for one in working:
        one.result()


def test_a_backup_under_load_holds_everything_that_was_there_when_it_began(
    run: Run, storage: Storage, embedded: Storage, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(storage, 12)
    before = contents(storage)
    with load(storage):
        run("backup", str(dest))
        run("backup", str(dest))
    restored(run, monkeypatch, dest, embedded)
    after = contents(embedded)
    assert {id: one for id, one in after.items() if id in before} == before
    assert all(map(is_whole, after.values()))


def test_only_its_owner_may_read_it(run: Run, data: Path, dest: Path) -> None:
    fill(Storage(str(data)))
    run("backup", str(dest))
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (dest, *dest.rglob("*"))}
    assert {path: mode for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}


def test_a_damaged_file_is_named_and_comes_as_it_is(run: Run, data: Path, dest: Path) -> None:
    damaged, *_ = fill(Storage(str(data)))
    path = file_of(data, damaged.blob())
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    said = run("backup", str(dest), code=3).stdout
    assert f"{damaged.blob()}: damaged. Its bytes are not those that were uploaded." in said
    assert file_of(dest, damaged.blob()).read_bytes() == path.read_bytes()


def test_a_good_copy_is_not_replaced_by_a_damaged_file(run: Run, data: Path, dest: Path) -> None:
    damaged, *_ = fill(Storage(str(data)))
    run("backup", str(dest))
    path = file_of(data, damaged.blob())
    good = path.read_bytes()
    path.write_bytes(good[:-1] + b"?")
    run("backup", str(dest))
    assert file_of(dest, damaged.blob()).read_bytes() == good


def test_verifying_finds_what_rotted_in_the_backup_and_mends_it(run: Run, data: Path, dest: Path) -> None:
    one, *_ = fill(Storage(str(data)))
    run("backup", str(dest))
    path = file_of(dest, one.blob("th"))
    good = path.read_bytes()
    path.write_bytes(good[:-1] + b"?")
    assert json.loads(run("backup", str(dest), "--json").stdout)["files"]["copied"] == 0
    assert json.loads(run("backup", str(dest), "--json", "--verify").stdout)["files"]["copied"] == 1
    assert path.read_bytes() == good


def test_a_missing_file_is_named(run: Run, data: Path, dest: Path) -> None:
    one, *_ = fill(Storage(str(data)))
    file_of(data, one.blob()).unlink()
    facts = json.loads(run("backup", str(dest), "--json", code=3).stdout)
    assert facts["to_look_at"] == [
        {"id": one.id, "name": one.blob(), "verdict": "missing", "reason": "There is no such file."}
    ]


@pytest.mark.parametrize("step", ["copy_catalog", "copy_files", "drop_gone", "finish"])
def test_a_killed_backup_is_none(
    run: Run, refused: Refused, data: Path, dest: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(Storage(str(data)))
    with monkeypatch.context() as patched:
        patched.setattr(Backup, step, die)
        with pytest.raises(Killed):
            run("backup", str(dest))
    assert "There is no finished backup" in refused("restore", str(dest), data=data.with_name("new"))
    run("backup", str(dest))
    run("restore", str(dest), data=data.with_name("new2"))


@pytest.mark.parametrize("step", ["copy_catalog", "copy_files", "drop_gone", "finish"])
def test_the_backup_before_stays_whole_when_the_next_one_is_killed(
    run: Run, data: Path, dest: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(Storage(str(data)))
    before = contents(Storage(str(data)))
    run("backup", str(dest))
    fill(Storage(str(data)), 5)
    with monkeypatch.context() as patched:
        patched.setattr(Backup, step, die)
        with pytest.raises(Killed):
            run("backup", str(dest))
    run("restore", str(dest), data=data.with_name("new"))
    assert contents(Storage(str(data.with_name("new")))) == before


class Killed(BaseException):
    pass


def die(*_: object) -> None:
    raise Killed


def test_ctrl_c_is_no_disaster(run: Run, data: Path, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(Storage(str(data)))
    with monkeypatch.context() as patched:
        patched.setattr(FileCopy, "without_gone", lambda *_: os.kill(os.getpid(), signal.SIGINT) or [])
        assert "Stopped." in run("backup", str(dest), code=3).stdout
    run("backup", str(dest))
    assert contents(Storage(str(dest))) == contents(Storage(str(data)))


# what is refused


def test_a_folder_with_something_else_in_it_is_left_alone(run: Run, refused: Refused, key: str, dest: Path) -> None:
    dest.mkdir()
    (dest / "diary.txt").write_text("Dear diary")
    assert "is not empty, and holds no backup" in refused("backup", str(dest))
    assert [path.name for path in dest.iterdir()] == ["diary.txt"]


def test_the_backup_of_another_library_is_left_alone(run: Run, refused: Refused, data: Path, dest: Path) -> None:
    fill(Storage(str(data)))
    fill(Storage(str(data.with_name("other"))))
    run("backup", str(dest))
    assert "holds the backup of another library" in refused("backup", str(dest), data=data.with_name("other"))


def test_a_backup_that_was_used_as_a_library_is_one(run: Run, refused: Refused, data: Path, dest: Path) -> None:
    fill(Storage(str(data)))
    run("backup", str(dest))
    fill(Storage(str(dest)), 5)
    assert "it was used or damaged since" in refused("backup", str(dest))
    assert "a library of its own" in refused("restore", str(dest), data=data.with_name("new"))


@pytest.mark.parametrize("inside", ["data/backup", "data", "."])
def test_a_backup_in_the_library_itself_is_refused(run: Run, key: str, inside: str, data: Path) -> None:
    assert "Choose another one" in run("backup", str(data.parent / inside), code=2).stderr


def test_a_backup_is_not_restored_into_itself(
    run: Run, data: Path, dest: Path, embedded: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next backup would take what was uploaded since for files that nobody needs any more."""
    fill(Storage(str(data)))
    run("backup", str(dest))
    assert "Choose another one" in restored(run, monkeypatch, dest, replace(embedded, blobs=str(dest)), code=2)


def test_nothing_is_restored_to_where_a_disk_is_to_be_mounted(
    run: Run, refused: Refused, data: Path, dest: Path
) -> None:
    fill(Storage(str(data)))
    run("backup", str(dest))
    (there := data.with_name("new")).mkdir()
    (there / "not-mounted").touch()
    assert "is where a disk is to be mounted" in refused("restore", str(dest), data=there)
    assert [path.name for path in there.iterdir()] == ["not-mounted"]


def test_a_library_is_never_restored_over(run: Run, refused: Refused, data: Path, dest: Path) -> None:
    fill(Storage(str(data)))
    run("backup", str(dest))
    before = contents(Storage(str(data)))
    assert "There is a library here already" in refused("restore", str(dest))
    assert contents(Storage(str(data))) == before


def test_files_of_somebody_else_are_not_mixed_with_restored_ones(
    run: Run, refused: Refused, data: Path, dest: Path
) -> None:
    fill(Storage(str(data)))
    run("backup", str(dest))
    DiskBlobs(data.with_name("new")).put({"strangeFile.png": b"bytes"})
    assert "strangeFile.png" in refused("restore", str(dest), data=data.with_name("new"))


def test_a_restoration_that_was_killed_goes_on_and_nobody_serves_it_before(
    run: Run, refused: Refused, data: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(Storage(str(data)))
    run("backup", str(dest))
    new = data.with_name("new")
    with monkeypatch.context() as patched:
        patched.setattr("gateway.store.copying.rows.CatalogCopy.bring", die)
        with pytest.raises(Killed):
            run("restore", str(dest), data=new)
    assert "an unfinished copy of the backup in" in refused("stats", data=new)
    run("restore", str(dest), data=new)
    assert contents(Storage(str(new))) == contents(Storage(str(data)))


def test_keys_work_again_and_uploads_that_were_under_way_do_not(run: Run, key: str, data: Path, dest: Path) -> None:
    with library(Storage(str(data))) as opened:
        begun = Session("s" * 21, opened.owners.named("admin").id, None, 10, 0, "", NOW, NOW + minutes(60))
        opened.catalog.add_session(begun, UNLIMITED)
    run("backup", str(dest))
    run("restore", str(dest), data=data.with_name("new"))
    with library(Storage(str(data.with_name("new")))) as opened:
        assert opened.keys.find(key).key.name == "first key"
        assert opened.catalog.session(begun.id) is None
