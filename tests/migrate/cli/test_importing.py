"""`migrate import`: what is wired, what is said, and with which exit code it ends."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from migrate.alone import alone
from migrate.cli import cli
from migrate.journal import Journal
from migrate.journal_files import FileJournals
from tests.conftest import draw
from tests.shared import SHARED, needs_shared

Run = Callable[..., Result]
Events = Callable[..., list[dict[str, Any]]]

IMPORT = ("import", "folder", "pics", "--jobs", "1")


def last_journal(data: Path) -> Journal:
    return FileJournals(data / "imports").open()


# what it does


def test_a_library_is_made_for_what_comes_without_any_key(run: Run, data: Path, pictures: Path) -> None:
    run(*IMPORT)
    opened = open_data(Settings(storage=Storage(data=str(data))))
    assert opened.library.usage().media_count == 3
    assert [album.name for album in opened.library.albums()] == ["Cats"]
    assert opened.keys.all() == []
    opened.close()


def test_a_dry_run_says_the_same_and_leaves_no_library(run: Run, data: Path, pictures: Path) -> None:
    dry = run(*IMPORT, "--dry-run").stdout
    assert not (data / "catalog.db").exists()
    assert [path.name for path in data.iterdir()] == ["imports"]
    real = run(*IMPORT).stdout
    assert table(dry) == table(real)
    assert "Nothing was written" in dry


def table(report: str) -> list[str]:
    return [line for line in report.splitlines() if line.startswith("  ")]


def test_a_dry_run_leaves_a_library_that_is_there_as_it_is(run: Run, data: Path, pictures: Path) -> None:
    run(*IMPORT, "--limit", "1")
    before = sorted(data.rglob("*.png"))
    assert "imported                    2" in run(*IMPORT, "--dry-run").stdout
    assert sorted(data.rglob("*.png")) == before


def test_after_a_dry_run_the_real_command_is_named(run: Run, data: Path, tmp_path: Path, pictures: Path) -> None:
    pictures.rename(tmp_path / "my pics")
    said = run("import", "folder", "my pics", "--dry-run", "--owner", "alice", "--since", "2020-01-01").stdout
    command = said.splitlines()[-1].removeprefix("To do it: ")
    assert shlex.split(command) == [
        "migrate", "import", "folder", "my pics", "--owner", "alice", "--since", "2020-01-01T00:00:00+00:00",
        "--data", str(data),
    ]  # fmt: skip
    assert CliRunner().invoke(cli, shlex.split(command)[1:]).exit_code == 0


def test_after_an_import_the_proof_is_named(run: Run, data: Path, pictures: Path) -> None:
    last = run(*IMPORT).stdout.splitlines()[-1]
    assert last == f"Next, the proof: migrate verify {last_journal(data).run.id} --data {data}"


def test_the_same_again_does_nothing_and_says_so(run: Run, pictures: Path) -> None:
    run(*IMPORT)
    again = run(*IMPORT, code=4).stdout
    assert "found nothing new" in again
    assert "already-imported            3" in again


def test_the_table_adds_up(run: Run, pictures: Path) -> None:
    (pictures / "broken.png").write_bytes(b"nonsense")
    lines = run(*IMPORT, code=3).stdout.splitlines()
    rule = next(at for at, line in enumerate(lines) if line.startswith("  ---"))
    counts = [int(line.split()[1]) for line in lines[rule - 7 : rule]]
    assert lines[rule + 1].split() == ["found", str(sum(counts))] == ["found", "4"]


def test_what_wants_attention_is_named_and_the_rest_is_counted(run: Run, data: Path, pictures: Path) -> None:
    for number in range(12):
        (pictures / f"broken{number:02}.png").write_bytes(b"nonsense %d" % number)
    result = run(*IMPORT, code=3)
    assert result.stdout.count("rejected  broken") == 10
    assert f"…and 2 more: migrate report {last_journal(data).run.id} --data {data}" in result.stdout
    assert result.stderr.count("rejected  broken") == 12  # as they come


def test_owners_can_be_named_one_by_one(run: Run, data: Path, tmp_path: Path) -> None:
    for name, seed in (("ann/a.png", 1), ("bert/b.png", 2)):
        (path := tmp_path / "people" / name).parent.mkdir(parents=True)
        path.write_bytes(draw(seed=seed))
    (tmp_path / "who.txt").write_text('# who is who\n\nann = alice\n"nobody" -> carol\n', "utf-8")
    run("import", "folder", "people", "--layout", "users", "--owners", "who.txt", "--jobs", "1")
    opened = open_data(Settings(storage=Storage(data=str(data))))
    assert {one.username: one.media_count for one in opened.owners.all()} == {"alice": 1, "bert": 1}
    opened.close()


# for programs


def test_events_end_with_a_summary(events: Events, data: Path, pictures: Path) -> None:
    lines = events(*IMPORT)
    assert [line["event"] for line in lines] == ["run", "item", "item", "item", "summary"]
    assert {line["verdict"] for line in lines[1:4]} == {"imported"}
    assert {line["key"] for line in lines[1:4]} == {"Cats/a.png", "Cats/b.png", "dog.png"}
    summary = lines[-1]
    assert (summary["run"], summary["found"], summary["verdicts"]) == (lines[0]["run"], 3, {"imported": 3})
    assert "dry_run" not in summary


def test_events_of_a_dry_run_say_so(events: Events, pictures: Path) -> None:
    assert events(*IMPORT, "--dry-run")[-1]["dry_run"] is True


# what goes wrong


@pytest.mark.parametrize(
    "words",
    [
        ("folder", "nowhere"),
        ("manifest", "nowhere.csv"),
        ("manifest", "pics/dog.png", "--files", "nowhere"),
        ("urls", "nowhere.txt"),
        ("chevereto", "--dump", "nowhere.sql", "--files", "pics"),
        ("chevereto", "--dump", "pics/dog.png", "--files", "nowhere"),
        ("chevereto", "--dump", "pics/dog.png", "--files", "pics", "--old-url", "notaurl"),
    ],
    ids=" ".join,
)
def test_what_is_named_and_is_not_there_is_wrong_usage_and_begins_nothing(
    run: Run, data: Path, pictures: Path, words: tuple[str, ...]
) -> None:
    result = run("import", *words, code=2)
    assert "nowhere" in result.stderr or "'notaurl' is no address" in result.stderr
    assert result.stdout == ""
    assert not data.exists()


def test_addresses_are_fetched_and_cannot_be_linked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").touch()
    assert "No such option '--link'" in run("import", "urls", "list.txt", "--link", code=2).stderr


def test_two_imports_into_one_folder_wait_for_each_other(refused: Callable[..., str], data: Path, run: Run,
                                                         pictures: Path) -> None:  # fmt: skip
    with alone(data / "imports"):
        assert refused(*IMPORT).startswith(f"Another import is at work in {data}.")
        run(*IMPORT, "--dry-run")
    run(*IMPORT)


def test_options_that_contradict_each_other_are_wrong_usage(run: Run, tmp_path: Path, pictures: Path) -> None:
    (tmp_path / "who.txt").touch()
    chevereto = ("import", "chevereto", "--files", "pics")
    assert "one of them" in run(*chevereto, code=2).stderr
    assert "one of them" in run(*chevereto, "--dump", "a.sql", "--db", "mysql://u@h/n", code=2).stderr
    assert "one of them" in run(*IMPORT, "--owner", "a", "--owners", "who.txt", code=2).stderr
    assert "no date" in run(*IMPORT, "--since", "yesterday", code=2).stderr


def test_a_list_of_owners_that_is_none_is_refused(refused: Callable[..., str], tmp_path: Path, pictures: Path) -> None:
    (tmp_path / "who.txt").write_text("ann = alice\nbert\n", "utf-8")
    assert refused(*IMPORT, "--owners", "who.txt").startswith("Line 2 of who.txt")


def test_a_folder_that_cannot_be_used_is_said(refused: Callable[..., str], data: Path, pictures: Path) -> None:
    data.write_text("a file")
    assert str(data) in refused(*IMPORT)


# secrets


@needs_shared("golden/v4")
def test_an_encryption_key_is_neither_kept_nor_shown(run: Run, data: Path, tmp_path: Path) -> None:
    """Files are looked for before anything is read, so some of them are enough."""
    (tmp_path / "site/images/2026/11/21").mkdir(parents=True)
    (tmp_path / "site/images/2026/11/21/small.png").write_bytes(draw())
    dump = SHARED / "golden/v4/chevereto-v4.2.0.sql"
    key = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U="
    words = ("import", "chevereto", "--dump", str(dump), "--files", "site", "--dry-run", "--encryption-key", key)
    result = run(*words, code=3)
    assert "--encryption-key '***'" in result.stdout
    assert key not in result.output
    assert not [path for path in data.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]


def test_the_password_of_a_database_is_not_shown(run: Run) -> None:
    url = "mysql://root:s3cret@127.0.0.1:1/old"
    result = run("import", "chevereto", "--db", url, "--files", ".", code=1)
    assert "s3cret" not in result.output


def test_a_report_can_be_read_by_programs_later(run: Run, events: Events, pictures: Path) -> None:
    (pictures / "broken.png").write_bytes(b"nonsense")
    live = events(*IMPORT, code=3)
    later = [json.loads(line) for line in run("report", "--json").stdout.splitlines()]
    items = [line for line in later if line["event"] == "item"]
    assert sorted(items, key=str) == sorted((line for line in live if line["event"] == "item"), key=str)
    assert later[-1] == live[-1]


@pytest.mark.parametrize("words", [(), ("--dry-run",), ("--owner", "alice")])
def test_an_empty_folder_is_said_to_be_empty(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "pics" / "Cats").mkdir(parents=True)
    report = run("import", "folder", "pics", *words, code=4).stdout
    assert report.startswith(f"There are no files in {tmp_path / 'pics'}: ")
    assert "verify" not in report


def test_whoever_came_without_a_key_is_told_of_once(run: Run, tmp_path: Path, data: Path) -> None:
    (path := tmp_path / "people/ann/a.png").parent.mkdir(parents=True)
    path.write_bytes(draw())
    words = ("import", "folder", "people", "--layout", "users", "--jobs", "1")
    hint = f"ann has no API key yet: gateway key add NAME --owner ann --data {data}"
    assert hint not in run(*words, "--dry-run").stdout
    assert run(*words).stdout.splitlines()[-2] == hint
    assert hint not in run(*words, code=4).stdout


def test_a_list_of_owners_that_is_no_text_is_refused(refused: Callable[..., str], pictures: Path) -> None:
    assert "is no text in UTF-8" in refused(*IMPORT, "--owners", "pics/dog.png")


def test_hints_name_the_settings_file_too(run: Run, tmp_path: Path, data: Path, pictures: Path) -> None:
    (tmp_path / "my own.toml").touch()
    last = run(*IMPORT, "--config", "my own.toml").stdout.splitlines()[-1]
    assert last.endswith(f" --config 'my own.toml' --data {data}")


def test_a_busy_folder_is_told_with_the_command_to_look_at_it(refused: Callable[..., str], data: Path,
                                                            pictures: Path) -> None:  # fmt: skip
    with alone(data / "imports"):
        assert refused(*IMPORT).endswith(f"`migrate status --data {data}` says how far it is.")
