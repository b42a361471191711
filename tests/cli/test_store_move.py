"""`gateway store move`: records and files go to another place, and nothing is lost on the way."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import StoreUnavailable
from gateway.core.records import Media
from gateway.settings import Settings, Storage
from gateway.store.disk import DiskBlobs
from gateway.store.opening import open_catalog
from tests.cli.conftest import Run
from tests.cli.libraries import contents, file_of, fill, is_whole, library, upload

Refused = Callable[..., str]


@pytest.fixture
def here(data: Path) -> Storage:
    return Storage(str(data))


@pytest.fixture
def media(here: Storage) -> list[Media]:
    return fill(here)


@pytest.fixture
def elsewhere(storage_elsewhere: Storage, data: Path) -> Storage:
    """A database and a bucket, both empty."""
    return replace(storage_elsewhere, data=str(data))


def use(monkeypatch: pytest.MonkeyPatch, storage: Storage) -> None:
    """What an operator writes into the settings."""
    monkeypatch.setenv("GATEWAY_STORAGE__CATALOG", storage.catalog)
    monkeypatch.setenv("GATEWAY_STORAGE__BLOBS", storage.blobs)
    monkeypatch.setenv("GATEWAY_STORAGE__BLOBS_BEFORE", storage.blobs_before)


# records


def test_the_records_move_to_a_database(run: Run, here: Storage, media: list[Media], elsewhere: Storage) -> None:
    before = contents(here)
    said = run("store", "move", "--catalog", elsewhere.catalog).stdout
    assert "rows are the same on both sides, compared by SHA-256." in said
    assert f"Next: set storage.catalog = {json.dumps(elsewhere.catalog)}" in said
    assert contents(replace(here, catalog=elsewhere.catalog)) == before


def test_and_back(
    run: Run, here: Storage, media: list[Media], elsewhere: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("store", "move", "--catalog", elsewhere.catalog)
    there = replace(here, catalog=elsewhere.catalog)
    with library(there) as opened:
        new = upload(opened, 50)
    use(monkeypatch, there)
    run("store", "move", "--catalog", "sqlite")
    assert contents(here).keys() == {one.id for one in (*media, new)}
    with library(there) as opened, pytest.raises(StoreUnavailable, match=r"moved to .*catalog\.db"):
        upload(opened, 51)


def test_the_password_is_told_to_nobody(run: Run, here: Storage, media: list[Media], elsewhere: Storage) -> None:
    address = elsewhere.catalog.replace("postgres@", "postgres:hunter2@")
    assert "hunter2" not in run("store", "move", "--catalog", address).output
    with library(here) as opened, pytest.raises(StoreUnavailable, match=r"moved to postgresql://postgres:\*\*\*@"):
        upload(opened, 50)


def test_a_second_time_there_is_nothing_to_do(run: Run, media: list[Media], elsewhere: Storage) -> None:
    run("store", "move", "--catalog", elsewhere.catalog)
    assert "has moved to" in run("store", "move", "--catalog", elsewhere.catalog, code=4).stderr


def test_a_dry_run_counts_and_leaves_everything_as_it_was(
    run: Run, here: Storage, media: list[Media], elsewhere: Storage
) -> None:
    facts = json.loads(run("store", "move", "--catalog", elsewhere.catalog, "--dry-run", "--json").stdout)
    tables = {table["table"]: table for table in facts["tables"]}
    assert facts["is_dry_run"] and tables["media"]["written"] == len(media)
    with library(here) as opened:
        upload(opened, 50)
    with closing(open_catalog(Settings(storage=elsewhere))) as there:
        assert there.owners() == []


def test_a_dry_run_makes_no_file(run: Run, elsewhere: Storage, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(elsewhere)
    use(monkeypatch, elsewhere)
    run("store", "move", "--catalog", "sqlite", "--dry-run")
    assert not (data / "catalog.db").exists()


def test_a_database_with_a_library_is_left_alone(
    run: Run, refused: Refused, media: list[Media], elsewhere: Storage
) -> None:
    other = fill(elsewhere, 1)
    assert "holds a library already" in refused("store", "move", "--catalog", elsewhere.catalog)
    assert contents(elsewhere).keys() == {one.id for one in other}


def test_a_move_is_undone(run: Run, here: Storage, media: list[Media], elsewhere: Storage) -> None:
    run("store", "move", "--catalog", elsewhere.catalog)
    run("store", "move", "--catalog", elsewhere.catalog, "--undo")
    with library(here) as opened:
        upload(opened, 50)


def test_what_was_written_since_is_given_up_only_when_asked(
    run: Run, refused: Refused, here: Storage, media: list[Media], elsewhere: Storage
) -> None:
    run("store", "move", "--catalog", elsewhere.catalog)
    with library(replace(here, catalog=elsewhere.catalog)) as opened:
        upload(opened, 50)
    assert "were written since" in refused("store", "move", "--catalog", elsewhere.catalog, "--undo")
    run("store", "move", "--catalog", elsewhere.catalog, "--undo", "--give-up")
    assert contents(here).keys() == {one.id for one in media}


def test_an_unfinished_copy_is_not_served(run: Run, refused: Refused, here: Storage, media: list[Media]) -> None:
    with library(here) as opened, opened.catalog.transaction() as db:  # type: ignore[attr-defined]
        db.execute("INSERT INTO standing VALUES ('x', 'copying', 'elsewhere')")
    assert "This catalog is an unfinished copy of elsewhere" in refused("stats")


# files


@pytest.fixture
def bucket(elsewhere: Storage) -> str:
    return elsewhere.blobs


def test_the_files_move_to_a_bucket_while_uploads_go_on(
    run: Run, here: Storage, media: list[Media], bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(here)
    said = run("store", "move", "--blobs", bucket).stdout
    assert f"Next: set storage.blobs = {json.dumps(bucket)} and storage.blobs_before = {json.dumps(here.data)}" in said
    with library(here) as opened:
        late = upload(opened, 50)  # before the settings were changed
    moving = replace(here, blobs=bucket, blobs_before=here.data)
    use(monkeypatch, moving)
    assert contents(moving).keys() == {*before, late.id}
    assert all(map(is_whole, contents(moving).values()))
    assert "remove storage.blobs_before" in run("store", "move", "--blobs", bucket).stdout
    moved = replace(here, blobs=bucket)
    use(monkeypatch, moved)
    assert contents(moved).keys() == {*before, late.id}
    assert all(map(is_whole, contents(moved).values()))
    assert all(file_of(Path(here.data), name).exists() for one in media for name in one.blobs())


def test_files_come_back_to_the_disk(run: Run, here: Storage, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = replace(here, blobs=bucket)
    fill(moved)
    before = contents(moved)
    use(monkeypatch, moved)
    run("store", "move", "--blobs", "disk")
    assert contents(here) == before


def test_what_is_there_is_not_copied_again(run: Run, media: list[Media], tmp_path: Path) -> None:
    run("store", "move", "--blobs", str(tmp_path / "other"))
    facts = json.loads(run("store", "move", "--blobs", str(tmp_path / "other"), "--json", code=4).stdout)
    assert facts["files"] == dict.fromkeys(facts["files"], 0) | {"there": sum(len(one.blobs()) for one in media)}


def test_half_a_file_is_copied_again(run: Run, media: list[Media], tmp_path: Path) -> None:
    other = tmp_path / "other"
    run("store", "move", "--blobs", str(other))
    path = file_of(other, media[0].blob())
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    run("store", "move", "--blobs", str(other))
    assert path.read_bytes() == whole


def test_verifying_finds_wrong_bytes_of_the_right_length(run: Run, media: list[Media], tmp_path: Path) -> None:
    other = tmp_path / "other"
    run("store", "move", "--blobs", str(other))
    path = file_of(other, media[0].blob())
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"?")
    run("store", "move", "--blobs", str(other), code=4)
    run("store", "move", "--blobs", str(other), "--verify")
    assert path.read_bytes() == whole


def test_everything_odd_is_named(run: Run, here: Storage, media: list[Media], tmp_path: Path) -> None:
    missing, damaged, _ = media
    data = Path(here.data)
    file_of(data, missing.blob()).unlink()
    path = file_of(data, damaged.blob())
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    DiskBlobs(data).put({"strangeFile.png": b"bytes"})

    os.utime(file_of(data, "strangeFile.png"), (1_000_000_000, 1_000_000_000))
    facts = json.loads(run("store", "move", "--blobs", str(tmp_path / "other"), "--json", code=3).stdout)
    assert {(one["name"], one["verdict"]) for one in facts["to_look_at"]} == {
        (missing.blob(), "missing"),
        (damaged.blob(), "damaged"),
    }
    assert facts["without_record"] == ["strangeFile.png"]
    assert sum(facts["files"].values()) == sum(len(one.blobs()) for one in media)


def test_a_dry_run_copies_nothing(run: Run, media: list[Media], tmp_path: Path) -> None:
    facts = json.loads(run("store", "move", "--blobs", str(tmp_path / "other"), "--dry-run", "--json").stdout)
    assert facts["files"]["copied"] == sum(len(one.blobs()) for one in media)
    assert not (tmp_path / "other").exists()


def test_a_second_move_waits_for_the_first(
    run: Run, refused: Refused, here: Storage, media: list[Media], tmp_path: Path
) -> None:
    with library(here) as opened, opened.catalog.alone("store move") as is_alone:
        assert is_alone
        assert "Another move is under way" in refused("store", "move", "--blobs", str(tmp_path / "other"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give one of them"),
        (["--catalog", "sqlite", "--blobs", "disk"], "give one of them"),
        (["--catalog", "sqlite"], "The records are there already"),
        (["--blobs", "disk"], "The files are there already"),
        (["--blobs", "s3://x", "--undo"], "--undo goes with --catalog"),
        (["--catalog", "postgresql://x/y", "--give-up"], "--give-up with --undo"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, key: str, words: list[str], said: str) -> None:
    assert said in run("store", "move", *words, code=2).stderr


@pytest.mark.parametrize("words", [["--catalog", "mysql://x/y"], ["--blobs", "s3://"]])
def test_no_address_is_told_with_the_name_of_the_setting(refused: Refused, key: str, words: list[str]) -> None:
    assert f"storage.{words[0].removeprefix('--')}" in refused("store", "move", *words)


def test_files_that_are_on_their_way_go_there_first(
    run: Run, refused: Refused, here: Storage, media: list[Media], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, replace(here, blobs=str(tmp_path / "new"), blobs_before=here.data))
    assert "on their way from" in refused("store", "move", "--blobs", str(tmp_path / "third"))
