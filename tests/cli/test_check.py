"""`gateway check`."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.core.library import NewMedia
from gateway.core.records import Media
from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from tests.cli.conftest import Run
from tests.conftest import draw

Report = Callable[..., dict[str, Any]]


@pytest.fixture
def photos(data: Path, key: str) -> list[Media]:
    """Three pictures of admin's, each with a thumbnail."""
    opened = open_data(Settings(storage=Storage(data=str(data))))
    admin, made = opened.owners.named("admin"), []
    for number in range(3):
        upload = opened.blobs.receive(50_000_000)
        upload.write(draw(seed=number))
        made.append(opened.library.add(admin, upload, NewMedia(f"photo {number}.png")).media)
        upload.discard()
    opened.close()
    return made


@pytest.fixture
def report(run: Run) -> Report:
    """report("--repair", code=3) is what --json says."""
    return lambda *words, code=0: json.loads(run("check", "--json", *words, code=code).stdout)


def path(data: Path, name: str) -> Path:
    return data / "media" / name[:2] / name


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)


def orphan(data: Path) -> Path:
    file = path(data, "orphanorpha.png")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"bytes")
    os.utime(file, (1_000_000_000, 1_000_000_000))
    return file


def test_it_works(run: Run, photos: list[Media]) -> None:
    assert run("check").stdout.splitlines() == [
        "Looked at 3 records and 6 files. The schema is at 'browsing'.",
        "",
        "Nothing is wrong.",
    ]


def test_what_is_left_is_said_with_what_to_do(run: Run, data: Path, photos: list[Media]) -> None:
    path(data, photos[0].blob()).unlink()
    path(data, photos[1].blob("th")).unlink()
    lines = run("check", code=3).stdout.splitlines()
    assert "Records whose file is missing: 1" in lines
    assert f"    The file of {photos[0].id} (photo 0), " in "\n".join(lines)
    assert "  What to do: Upload the same file once more as its owner: that puts it back." in "\n".join(lines)
    assert "  --repair has them made anew from the original." in lines
    assert lines[-1] == "2 found. Nothing was changed."


def test_repairing_mends_what_it_can(run: Run, data: Path, photos: list[Media]) -> None:
    path(data, photos[0].blob()).unlink()
    path(data, photos[1].blob("th")).unlink()
    file = orphan(data)
    lines = run("check", "--repair", code=3).stdout.splitlines()
    assert lines[-1] == "3 found, 2 mended, 1 left."
    assert "  All were made anew from the original." in lines
    assert "  All were set aside into lost+found." in lines
    assert not file.exists() and (data / "lost+found" / file.name).read_bytes() == b"bytes"
    assert run("check", code=3).stdout.splitlines()[-1] == "1 found. Nothing was changed."


def test_all_mended_is_a_success(report: Report, data: Path, photos: list[Media]) -> None:
    path(data, photos[1].blob("th")).unlink()
    assert report("--repair")["left"] == 0
    assert report()["clean"]


def test_json_has_one_shape(report: Report, data: Path, photos: list[Media]) -> None:
    clean = report()
    orphan(data)
    found = report(code=3)
    assert list(clean) == list(found)
    assert clean["checked"] == {
        "media": 3, "files": 6, "young_files": 0, "sample_percent": 0.0, "read_files": 0, "read_bytes": 0,
    }  # fmt: skip
    assert (found["clean"], found["found"], found["mended"], found["left"], found["not_listed"]) == (False, 1, 0, 1, 0)
    [kind] = found["kinds"]
    assert (kind["kind"], kind["found"], kind["repair"], kind["no_repair"]) == (
        "orphan", 1, "set aside into lost+found", None,
    )  # fmt: skip
    [finding] = found["findings"]
    assert finding == {
        "kind": "orphan",
        "name": "orphanorpha.png",
        "sentence": "orphanorpha.png (5 bytes, of 2001-09-09) has no record.",
        "mended": False,
        "obstacle": None,
    }


def test_a_flipped_bit_is_found_by_reading_alone(report: Report, data: Path, photos: list[Media]) -> None:
    flip_a_bit(path(data, photos[2].blob()))
    assert report()["clean"]
    found = report("--read-data", code=3)
    assert [(one["kind"], one["name"]) for one in found["findings"]] == [("file_damaged", photos[2].blob())]
    assert found["checked"]["read_files"] == 3


def test_a_sample_is_reported(run: Run, report: Report, photos: list[Media]) -> None:
    assert report("--sample", "100%")["checked"]["read_files"] == 3
    assert report("--sample", "0.5")["checked"]["sample_percent"] == 0.5
    assert "5% of them, chosen by chance" in run("check", "--sample", "5%").stdout


@pytest.mark.parametrize("part", ["0", "101%", "-3", "half", "nan", ""])
def test_a_part_that_is_none_is_wrong_usage(run: Run, key: str, part: str) -> None:
    assert "is no part of all files, such as 5%." in run("check", "--sample", part, code=2).stderr


def test_only_the_first_of_many_are_shown(run: Run, report: Report, data: Path, photos: list[Media]) -> None:
    for number in range(25):
        orphan(data).rename(path(data, f"or{number:09d}.png"))
    assert "    … and 5 more; --json lists them." in run("check", code=3).stdout.splitlines()
    assert len(report(code=3)["findings"]) == 25


def test_titles_cannot_move_the_cursor(run: Run, data: Path, photos: list[Media]) -> None:
    with closing(sqlite3.connect(data / "catalog.db")) as db, db:
        db.execute("UPDATE media SET title = ?", ("\x1b[2Jgone",))
    assert "\x1b" not in run("check", code=3).stdout


# when it cannot be checked


def test_files_that_are_all_gone_are_refused_and_not_listed(
    run: Run, refused: Callable[..., str], data: Path, photos: list[Media]
) -> None:
    (data / "media").rename(data / "elsewhere")
    (data / "media").mkdir()
    for command in ("check", "stats", "sweep"):
        assert refused(command).startswith(f"None of the files of this library is in {data / 'media'}.\n")
    assert list((data / "media").iterdir()) == []
    (data / "media").rmdir()
    (data / "elsewhere").rename(data / "media")
    run("check")


def test_files_that_are_lost_can_be_done_without(
    run: Run, report: Report, refused: Callable[..., str], data: Path, photos: list[Media]
) -> None:
    """As the refusal says."""
    for file in (data / "media").rglob("*"):
        if file.is_file():
            file.unlink()
    words = refused("check").split()
    library = words[words.index("write") + 1]
    (data / "media" / "library").write_text(library)
    assert report(code=3)["found"] == 6


def test_an_emptied_catalog_is_refused_with_its_files(
    refused: Callable[..., str], data: Path, photos: list[Media]
) -> None:
    for name in ("catalog.db", "catalog.db-wal", "catalog.db-shm"):
        (data / name).unlink(missing_ok=True)
    (data / "catalog.db").touch()
    for command in ("check", "sweep", "serve"):
        assert "holds the files of another library" in refused(command)
    assert len(list((data / "media").rglob("*.png"))) == 6


def damage(file: Path, how: str) -> None:
    content = bytearray(file.read_bytes())
    if how == "truncated":
        content = content[: len(content) // 2]
    elif how == "zeroed at the start":
        content[:4096] = bytes(4096)
    elif how == "zeroed":
        content[4096:] = bytes(len(content) - 4096)
    file.write_bytes(content)


@pytest.mark.parametrize("how", ["truncated", "zeroed at the start", "zeroed"])
def test_a_damaged_catalog_is_said_with_what_can_be_saved(
    refused: Callable[..., str], data: Path, photos: list[Media], how: str
) -> None:
    damage(data / "catalog.db", how)
    first, advice = refused("check").splitlines()
    assert first.startswith(f"{data / 'catalog.db'} cannot be opened as a catalog: ") or "is damaged" in first
    assert "restore the catalog from a backup" in advice
    assert "every file is still in the store under its id" in advice


def test_a_damaged_page_is_a_finding(report: Report, data: Path, photos: list[Media]) -> None:
    with closing(sqlite3.connect(data / "catalog.db")) as db:
        page_size = db.execute("PRAGMA page_size").fetchone()[0]
        [page] = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'media_tags_tag'").fetchone()
    content = bytearray((data / "catalog.db").read_bytes())
    content[(page - 1) * page_size : page * page_size] = bytes(page_size)
    (data / "catalog.db").write_bytes(content)
    found = report("--repair", code=3)
    assert {one["kind"] for one in found["findings"]} == {"catalog_damaged"}
    assert "restore the catalog from a backup" in found["kinds"][0]["advice"]
    assert found["checked"]["media"] == 0


def test_a_catalog_without_its_last_pages_of_log_shows_files_without_a_record(
    report: Report, data: Path, photos: list[Media]
) -> None:
    """What stood in the log alone is gone; the files tell that there was more."""
    before = (data / "catalog.db").read_bytes()
    opened = open_data(Settings(storage=Storage(data=str(data))))
    upload = opened.blobs.receive(1_000_000)
    upload.write(draw(seed=9))
    late = opened.library.add(opened.owners.named("admin"), upload, NewMedia("late.png")).media
    upload.discard()
    opened.close()
    for name in ("catalog.db-wal", "catalog.db-shm"):
        (data / name).unlink(missing_ok=True)
    (data / "catalog.db").write_bytes(before)
    assert report()["checked"]["young_files"] == 2
    for name in late.blobs():
        os.utime(path(data, name), (1_000_000_000, 1_000_000_000))
    found = report(code=3)
    assert [one["kind"] for one in found["findings"]] == ["orphan", "orphan"]
    assert "the catalog is older than the files" in found["kinds"][0]["advice"]


def test_a_folder_that_may_only_be_read_is_checked(
    report: Report, data: Path, photos: list[Media], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.opening.may_write", lambda file: False)
    assert report()["clean"]
