"""The way out: what is written, and that reading it back gives every record as it was."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.library import Added
from gateway.core.records import Owner
from gateway.store.opening import Opened
from migrate.export import ExportError, export
from migrate.items import Absent, OnDisk
from migrate.sources.manifest import ManifestSource
from tests.conftest import FrozenClock, draw

BCRYPT = "$2b$10$" + "a" * 53


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def back(out: Path) -> ManifestSource:
    return ManifestSource(out / "manifest.jsonl")


def test_every_file_and_rendition_is_there_byte_for_byte(
    opened: Opened, out: Path, add_image: Callable[..., Added]
) -> None:
    data = draw(900, 600)
    media = add_image(data=data).media
    done = export(opened, out)
    assert (out / f"files/{media.id[:2]}/{media.id}.png").read_bytes() == data
    assert (done.files, done.records["media"], done.missing) == (3, 1, [])
    assert {path.name for path in (out / "files").rglob("*.*")} == set(media.blobs())
    assert sorted(os.listdir(out)) == ["files", "manifest.jsonl"]


def test_many_pages_of_media_are_each_there_once(
    opened: Opened, out: Path, add_image: Callable[..., Added], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrate.export.PAGE", 3)
    ids = {add_image().media.id for _ in range(8)}
    told: list[tuple[int, int]] = []
    done = export(opened, out, progress=lambda *numbers: told.append(numbers))
    assert [item.key for item in back(out).items()] == sorted(ids)
    assert done.records["media"] == back(out).count() == 8
    assert told == [(3, 8), (6, 8), (8, 8)]


def test_only_what_is_wanted_leaves(opened: Opened, out: Path, add_image: Callable[..., Added]) -> None:
    add_image()
    wanted = add_image(title="this").media
    export(opened, out, wanted=lambda media: media.title == "this")
    assert [item.key for item in back(out).items()] == [wanted.id]


def test_a_linked_file_takes_no_room(opened: Opened, out: Path, add_image: Callable[..., Added]) -> None:
    media = add_image().media
    export(opened, out, link=True)
    assert (out / f"files/{media.id[:2]}/{media.blob()}").stat().st_nlink == 2


def test_where_links_are_not_to_be_had_files_are_copied(
    opened: Opened, out: Path, add_image: Callable[..., Added], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: object) -> None:
        raise OSError(errno.EXDEV, "another device")

    media = add_image(data=draw()).media
    monkeypatch.setattr(os, "link", refuse)
    export(opened, out, link=True)
    assert (out / f"files/{media.id[:2]}/{media.blob()}").read_bytes() == draw()


def test_a_second_export_copies_what_is_new_and_removes_what_is_gone(
    opened: Opened, out: Path, alice: Owner, add_image: Callable[..., Added], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, deleted = add_image().media, add_image().media
    export(opened, out)
    stranger = out / "files/zz/letter.txt"
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_text("mine")
    opened.library.remove(deleted)
    new = add_image().media
    copied: list[str] = []
    monkeypatch.setattr("migrate.export_files.copy", lambda blob, target: copied.append(target.name))
    export(opened, out)
    assert set(copied) == set(new.blobs())
    assert {path.name for path in (out / "files").rglob("*.*")} == {*kept.blobs(), "letter.txt"}
    assert {item.key for item in back(out).items()} == {kept.id, new.id}


def test_an_export_that_was_cut_off_is_finished(
    opened: Opened, out: Path, add_image: Callable[..., Added], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_image(), add_image()

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", full)
        with pytest.raises(ExportError, match="is full") as stopped:
            export(opened, out)
    assert len(str(stopped.value).splitlines()) == 2
    assert not (out / "manifest.jsonl").exists()
    export(opened, out)
    assert all(isinstance(item.content, OnDisk) for item in back(out).items())
    assert not list(out.rglob("*.part"))


def test_a_file_that_the_store_lost_is_said_and_still_listed(
    opened: Opened, out: Path, add_image: Callable[..., Added]
) -> None:
    media = add_image().media
    opened.blobs.delete([media.blob()])
    assert export(opened, out).missing == [media.blob()]
    (item,) = back(out).items()
    assert isinstance(item.content, Absent)


def test_what_is_deleted_meanwhile_is_left_out(
    opened: Opened, out: Path, alice: Owner, add_image: Callable[..., Added]
) -> None:
    media = add_image().media
    stays = add_image().media

    def late(one: object) -> bool:
        if one == media:
            opened.library.remove(media)
        return True

    assert export(opened, out, wanted=late).missing == []
    assert [item.key for item in back(out).items()] == [stays.id]
    assert [one.key for one in back(out).gone()] == [media.id]


def test_what_is_made_meanwhile_is_there_when_a_media_names_it(
    opened: Opened, out: Path, add_image: Callable[..., Added]
) -> None:
    add_image()
    made: list[str] = []

    def meanwhile(media: object) -> bool:
        bob = opened.owners.add("bob")
        made.extend((bob.id, opened.library.add_album(bob, "New").id))
        return True

    export(opened, out, wanted=meanwhile)
    source = back(out)
    assert made == [next(one.key for one in source.owners() if one.username == "bob"), next(source.albums()).key]


def test_a_folder_with_something_else_in_it_is_refused(opened: Opened, out: Path) -> None:
    out.mkdir()
    (out / "holiday.txt").write_text("mine")
    with pytest.raises(ExportError, match="is not empty") as refused:
        export(opened, out)
    assert len(str(refused.value).splitlines()) == 2
    assert os.listdir(out) == ["holiday.txt"]


def test_a_manifest_of_another_kind_is_not_written_over(opened: Opened, out: Path) -> None:
    out.mkdir()
    (out / "manifest.jsonl").write_text('{"path": "a.png"}\n')
    with pytest.raises(ExportError):
        export(opened, out)


def test_a_file_in_the_place_of_the_folder_is_refused(opened: Opened, out: Path) -> None:
    out.write_text("mine")
    with pytest.raises(ExportError, match="is no folder"):
        export(opened, out)


def test_nobody_else_may_read_the_manifest(opened: Opened, out: Path) -> None:
    export(opened, out)
    assert (out / "manifest.jsonl").stat().st_mode & 0o777 == 0o600


def test_the_same_library_gives_the_same_manifest(
    opened: Opened, out: Path, clock: FrozenClock, add_image: Callable[..., Added]
) -> None:
    add_image(), add_image(tags=("b", "a"))
    export(opened, out)
    export(opened, out.with_name("again"))
    assert (out / "manifest.jsonl").read_bytes() == (out.with_name("again") / "manifest.jsonl").read_bytes()
