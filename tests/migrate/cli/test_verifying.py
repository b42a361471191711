"""`migrate verify`: the last word before the old site goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from migrate.journal_files import FileJournals
from tests.conftest import draw

Run = Callable[..., Result]

IMPORT = ("import", "folder", "pics", "--jobs", "1")


def test_what_came_whole_is_safe(run: Run, pictures: Path) -> None:
    run(*IMPORT)
    for words in ((), ("--read-data",)):
        result = run("verify", *words)
        assert result.stdout.splitlines()[-1] == "No difference. The old site is safe to switch off."
        assert "3 items at the source: 3 compared" in result.stdout


def test_each_difference_is_a_line(run: Run, data: Path, pictures: Path) -> None:
    run(*IMPORT)
    lost = next(path for path in (data / "media").rglob("*.png") if path.name.count(".") == 1)
    lost.unlink()
    (pictures / "late.png").write_bytes((pictures / "dog.png").read_bytes())
    result = run("verify", code=3)
    assert "late.png" in result.stdout
    assert "do not switch off the old site yet" in result.stdout
    told = [json.loads(line) for line in run("verify", "--json", code=3).stdout.splitlines()]
    assert {event["event"] for event in told[:-1]} == {"difference"}
    assert told[-1]["event"] == "summary" and told[-1]["safe"] is False
    assert told[-1]["differences"] == len(told) - 1


def test_the_newest_real_run_is_meant(run: Run, pictures: Path) -> None:
    run(*IMPORT)
    run(*IMPORT, "--dry-run", code=4)
    assert "safe to switch off" in run("verify").stdout


def test_what_is_not_finished_proves_nothing(
    run: Run, data: Path, refused: Callable[..., str], pictures: Path, leave: Callable[..., None]
) -> None:
    run(*IMPORT, "--dry-run")
    dry = FileJournals(data / "imports").open().run.id
    assert "dry run" in refused("verify", dry)
    run(*IMPORT)
    leave("stopped", "dog.png")
    assert "migrate resume" in refused("verify")


def test_a_source_that_is_gone_proves_nothing(run: Run, refused: Callable[..., str], pictures: Path) -> None:
    run(*IMPORT)
    pictures.rename(pictures.with_name("elsewhere"))
    assert str(pictures) in refused("verify")


def test_a_part_is_not_safe(run: Run, pictures: Path) -> None:
    run(*IMPORT, "--only", "dog*")
    result = run("verify", code=3)
    [line] = [line for line in result.stdout.splitlines() if "--only" in line]
    assert "2 left out by --only: import them, too" in line
    assert "safe to switch off" not in result.stdout
    run(*IMPORT)
    assert "safe to switch off" in run("verify").stdout


def test_the_newest_run_that_brought_something_is_meant(run: Run, data: Path, pictures: Path) -> None:
    run(*IMPORT)
    brought = FileJournals(data / "imports").open().run.id
    run(*IMPORT, code=4)
    assert json.loads(run("verify", "--json").stdout.splitlines()[-1])["run"] == brought


def test_nothing_proves_nothing(run: Run, refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "pics").mkdir()
    run(*IMPORT, code=4)
    assert "found nothing" in refused("verify")


def test_a_note_names_one_of_those_it_is_about(run: Run, pictures: Path) -> None:
    for seed, name in enumerate(("old.bmp", "older.bmp")):
        (pictures / name).write_bytes(draw(format="BMP", seed=seed))
    run(*IMPORT)
    said = run("verify", "--read-data").stdout
    assert "  Files that are kept in another format, as every upload of theirs is  (2, such as old.bmp)" in said
