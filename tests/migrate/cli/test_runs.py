"""`migrate status`, `report`, `resume` and `undo`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from gateway.core.library import NewMedia
from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from migrate.alone import alone
from migrate.journal_files import FileJournals
from tests.conftest import draw

Run = Callable[..., Result]
Events = Callable[..., list[dict[str, Any]]]

IMPORT = ("import", "folder", "pics", "--jobs", "1")


def newest(data: Path) -> str:
    return FileJournals(data / "imports").open().run.id


def count_media(data: Path) -> int:
    opened = open_data(Settings(storage=Storage(data=str(data))))
    count = opened.library.usage().media_count
    opened.close()
    return count


# status


def test_without_any_run_the_next_step_is_told(run: Run, data: Path) -> None:
    result = run("status")
    assert result.stdout == ""
    assert str(data) in result.stderr and "migrate import" in result.stderr
    assert not data.exists()


def test_runs_are_listed_the_newest_first(run: Run, pictures: Path) -> None:
    run(*IMPORT, "--dry-run")
    run(*IMPORT)
    head, *rows = run("status").stdout.splitlines()
    assert head.split()[:4] == ["RUN", "FROM", "STARTED", "STATE"]
    assert ["folder" in row for row in rows] == [True, True]
    assert ["dry run" in row for row in rows] == [False, True]


def test_a_run_nobody_works_on_any_more_was_cut_off(
    run: Run, data: Path, pictures: Path, leave: Callable[..., None]
) -> None:
    run(*IMPORT)
    leave("running", "dog.png")
    assert json.loads(run("status", newest(data), "--json").stdout)[0]["state"] == "cut off"
    with alone(data / "imports"):
        status = json.loads(run("status", newest(data), "--json").stdout)[0]
    assert (status["state"], status["found"]) == ("running", 2)


def test_a_run_may_be_named_by_its_beginning(run: Run, data: Path, pictures: Path) -> None:
    run(*IMPORT)
    run_id = newest(data)
    assert run_id in run("report", run_id[:-2]).stdout


@pytest.mark.parametrize("command", ["report", "resume", "undo"])
def test_a_run_that_does_not_exist_is_said(refused: Callable[..., str], command: str) -> None:
    assert refused(command, "1999").splitlines()[1].startswith("See which there are with: migrate status")
    assert "migrate status" in refused(command)


# report


def test_the_report_names_everything_to_look_at(run: Run, pictures: Path) -> None:
    for number in range(12):
        (pictures / f"broken{number:02}.png").write_bytes(b"nonsense %d" % number)
    run(*IMPORT, code=3)
    assert run("report").stdout.count("rejected  broken") == 12


def test_the_table_for_programs_has_a_line_for_every_item(run: Run, pictures: Path) -> None:
    (pictures / "a, b; c.png").write_bytes(b"nonsense")
    run(*IMPORT, code=3)
    rows = list(csv.DictReader(io.StringIO(run("report", "--csv").stdout)))
    assert {row["key"]: row["verdict"] for row in rows} == {
        "Cats/a.png": "imported",
        "Cats/b.png": "imported",
        "a, b; c.png": "rejected",
        "dog.png": "imported",
    }


def test_a_report_has_one_form(run: Run, pictures: Path) -> None:
    run(*IMPORT)
    assert "one of them" in run("report", "--json", "--csv", code=2).stderr


def test_the_page_is_written(run: Run, tmp_path: Path, pictures: Path) -> None:
    run(*IMPORT)
    result = run("report", "--html", "page.html")
    assert result.stdout == ""
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!doctype html>")


def test_a_page_whose_links_lead_to_this_machine_alone_is_said(run: Run, pictures: Path) -> None:
    run(*IMPORT)
    assert "http://127.0.0.1:8080: set server.public_url" in run("report", "--html", "page.html").stderr
    told = run("report", "--html", "page.html", GATEWAY_SERVER__PUBLIC_URL="https://img.example.org").stderr
    assert "public_url" not in told


def test_there_is_no_page_of_what_was_undone(run: Run, refused: Callable[..., str], data: Path, pictures: Path) -> None:
    run(*IMPORT)
    [journal] = (data / "imports").glob("*.db")
    run("undo", "--yes")
    assert f"The run {journal.stem} was undone" in refused("report", journal.stem, "--html", "page.html")
    assert not Path("page.html").exists()


def test_the_page_of_a_dry_run_into_nothing_is_written(run: Run, data: Path, tmp_path: Path, pictures: Path) -> None:
    run(*IMPORT, "--dry-run")
    run("report", "--html", "page.html")
    assert "nothing has moved yet" in (tmp_path / "page.html").read_text("utf-8")
    assert not (data / "catalog.db").exists()


def test_a_page_that_cannot_be_written_is_said(run: Run, refused: Callable[..., str], pictures: Path) -> None:
    run(*IMPORT)
    assert "no/page.html" in refused("report", "--html", "no/page.html")


# resume


def test_a_stopped_run_is_finished(run: Run, data: Path, pictures: Path, leave: Callable[..., None]) -> None:
    run(*IMPORT)
    leave("stopped", "dog.png", "Cats/b.png")
    assert count_media(data) == 1
    assert f"Go on with: migrate resume {newest(data)}" in run("report").stdout
    assert "imported                    3" in run("resume").stdout
    assert count_media(data) == 3


def test_it_is_finished_from_any_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pictures: Path, leave: Callable[..., None]
) -> None:
    run(*IMPORT)
    leave("running", "dog.png")
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    assert "is finished" in run("resume").stdout


def test_a_dry_run_is_not_what_is_resumed(run: Run, pictures: Path, leave: Callable[..., None]) -> None:
    run(*IMPORT)
    leave("stopped", "dog.png")
    run(*IMPORT, "--dry-run")
    assert "imported                    3" in run("resume").stdout


def test_there_is_nothing_to_resume_in_a_finished_run(run: Run, pictures: Path) -> None:
    run(*IMPORT)
    result = run("resume", code=4)
    assert result.stdout == ""
    assert "is finished" in result.stderr


def test_only_as_many_processes_may_change(run: Run, data: Path, pictures: Path, leave: Callable[..., None]) -> None:
    run(*IMPORT, "--limit", "3")
    leave("stopped", "dog.png")
    run("resume", "--jobs", "2")
    options = FileJournals(data / "imports").open().run.options
    assert (options["jobs"], options["limit"]) == (2, 3)


def test_a_password_that_was_needed_is_asked_for(
    run: Run, data: Path, refused: Callable[..., str], pictures: Path, leave: Callable[..., None]
) -> None:
    run(*IMPORT)
    leave("stopped", "dog.png")
    journal = FileJournals(data / "imports").open()
    source = {"db": "mysql://root@127.0.0.1:1/old", "files": str(pictures), "needs_password": True}
    journal.save(replace(journal.run, kind="chevereto", source=source))
    journal.close()
    assert "PICGATE_DB_PASSWORD" in refused("resume")
    assert "127.0.0.1:1" in refused("resume", PICGATE_DB_PASSWORD="s3cret")  # it is tried now
    said = refused("resume", "--db", "mysql://root:s3cret@127.0.0.1:2/old")
    assert "127.0.0.1:2" in said and "s3cret" not in said


def test_how_long_one_took_that_was_resumed_is_not_said(run: Run, pictures: Path, leave: Callable[..., None]) -> None:
    assert "is finished after " in run(*IMPORT).stdout
    leave("stopped", "dog.png")
    assert "is finished.\n" in run("resume").stdout


# undo


def test_an_import_is_taken_back(run: Run, data: Path, refused: Callable[..., str], pictures: Path) -> None:
    run(*IMPORT)
    run_id = newest(data)
    would = run("undo", "--dry-run").stdout
    assert would.startswith("Would remove 3 files, 1 owner, 1 album: ")
    assert f"migrate undo {run_id}" in would
    assert count_media(data) == 3
    assert run("undo", "--yes").stdout.startswith("Removed 3 files, 1 owner, 1 album: ")
    assert count_media(data) == 0
    assert "undone already" in run("undo", "--yes", code=4).stderr
    assert "was undone" in refused("resume")


def test_the_newest_run_that_brought_something_is_taken_back(run: Run, data: Path, pictures: Path) -> None:
    """Not the one that found nothing new, not the one that was tried, not the one that was taken back."""
    run(*IMPORT)
    first = newest(data)
    (pictures / "late.png").write_bytes(draw(seed=50))
    run(*IMPORT)
    second = newest(data)
    run(*IMPORT, code=4)
    run(*IMPORT, "--dry-run", code=4)
    assert json.loads(run("undo", "--yes", "--json").stdout)["run"] == second
    assert json.loads(run("undo", "--yes", "--json").stdout)["run"] == first
    assert count_media(data) == 0


def test_the_page_is_about_the_run_that_brought_something(run: Run, tmp_path: Path, pictures: Path) -> None:
    run(*IMPORT)
    run(*IMPORT, code=4)
    run("report", "--html", "page.html")
    assert "/dog.png" in (tmp_path / "page.html").read_text("utf-8")
    assert "found nothing new" in run("report").stdout


def test_one_that_was_to_bring_more_is_meant(run: Run, data: Path, pictures: Path, leave: Callable[..., None]) -> None:
    run(*IMPORT)
    run(*IMPORT, code=4)
    leave("stopped")
    assert json.loads(run("undo", "--dry-run", "--json").stdout)["run"] == newest(data)


def test_nothing_is_removed_unasked(run: Run, data: Path, pictures: Path) -> None:
    run(*IMPORT)
    assert "--yes" in run("undo", code=2).stderr
    assert count_media(data) == 3


def test_what_stays_is_named(run: Run, data: Path, pictures: Path) -> None:
    run(*IMPORT)
    opened = open_data(Settings(storage=Storage(data=str(data))))
    album = opened.library.albums()[0]
    upload = opened.blobs.receive(10**6)
    upload.write(draw(seed=99))
    opened.library.add(opened.owners.all()[0], upload, NewMedia(filename="new.png", album_id=album.id))
    upload.discard()
    opened.close()
    result = run("undo", "--yes", code=3)
    assert "The album 'Cats' stays" in result.stdout
    assert count_media(data) == 1


def test_what_undo_did_can_be_read_by_programs(run: Run, pictures: Path) -> None:
    run(*IMPORT)
    facts = json.loads(run("undo", "--yes", "--json").stdout)
    assert (facts["removed"]["media"], facts["kept"], facts["dry_run"]) == (3, 0, False)


# export


def test_a_library_is_written_out(run: Run, tmp_path: Path, pictures: Path) -> None:
    run(*IMPORT)
    said = run("export", "out").stdout
    assert said.startswith("3 files, 1 owner, 1 album in out: 6 stored files with the renditions, ")
    assert "migrate import manifest out/manifest.jsonl" in said
    facts = json.loads(run("export", "out", "--json", "--only", "dog*").stdout)
    assert facts["records"]["media"] == 1


def test_there_must_be_a_library_to_write_out(refused: Callable[..., str], data: Path) -> None:
    assert str(data) in refused("export", "out")


def test_a_folder_with_something_else_is_left_alone(
    run: Run, refused: Callable[..., str], tmp_path: Path, pictures: Path
) -> None:
    run(*IMPORT)
    assert "pics" in refused("export", "pics")
    assert sorted(path.name for path in pictures.iterdir()) == ["Cats", "dog.png"]
