"""A run in words and figures."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from migrate.items import VERDICTS
from migrate.outcome import State
from migrate.report import report_lines, write_csv
from tests.migrate.runs import a_run, journal_with, outcome


def test_every_verdict_is_in_the_table_and_they_add_up(tmp_path: Path) -> None:
    journal = journal_with(
        tmp_path,
        *(outcome(f"{verdict}{number}", verdict) for at, verdict in enumerate(VERDICTS) for number in range(at)),
    )
    lines = list(report_lines(journal, ""))
    for at, verdict in enumerate(VERDICTS):
        assert [verdict, str(at)] in [line.split() for line in lines]
    assert ["found", "21"] in [line.split() for line in lines]
    assert "add up" not in "\n".join(lines)


def test_what_does_not_add_up_is_never_hidden(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("a.png"), finished=False)
    journal.end("failed", 2, "2 items were read, and 1 have a verdict.")
    text = "\n".join(report_lines(journal, ""))
    assert "failed" in text and "2 items were read, and 1 have a verdict." in text
    assert "do not add up" in text


def test_what_came_along_is_counted(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("a.png"))
    journal.add("owner", "1", "alice")
    for number in range(2):
        journal.add("asset", str(number), "avatar.png")
    journal.add("address", "/a 1", "x")  # how an undo finds its way is nobody's business
    assert "Came along: 1 owner, 2 profile pictures." in list(report_lines(journal, ""))


def test_notes_are_told_with_how_often_they_hold(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("a.png"))
    journal.note([("Once.", 1), ("Often.", 1200)])
    lines = list(report_lines(journal, ""))
    assert "  Once." in lines
    assert "  Often.  (1,200)" in lines


def test_ten_are_named_or_all(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, *(outcome(f"{number}.png", "missing", "no-file: x") for number in range(25)))
    short = list(report_lines(journal, " --data here"))
    assert sum(line.startswith("  missing  /") for line in short) == 10
    assert "  …and 15 more: migrate report 20261121-120000-abcd --data here" in short
    whole = list(report_lines(journal, "", everything=True))
    assert sum(line.startswith("  missing  /") for line in whole) == 25
    assert not any("more" in line for line in whole)


@pytest.mark.parametrize(
    ("state", "is_dry", "last"),
    [
        ("finished", False, "Next, the proof: migrate verify 20261121-120000-abcd --data here"),
        ("finished", True, "To do it: migrate import folder pics"),
        ("stopped", False, "Go on with: migrate resume 20261121-120000-abcd --data here"),
        ("failed", False, "Go on with: migrate resume 20261121-120000-abcd --data here"),
        ("undone", False, "Nothing is left to be done."),
    ],
)
def test_the_next_command_is_told(tmp_path: Path, state: State, is_dry: bool, last: str) -> None:
    journal = journal_with(tmp_path, outcome("a.png"), run=a_run(is_dry=is_dry), finished=False)
    journal.end(state, 1, "Because.")
    assert list(report_lines(journal, " --data here"))[-1] == last


def test_what_failed_may_be_tried_again(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("a.png", "failed", "unreadable: x"))
    assert "To try the 1 that failed again: migrate resume" in "\n".join(report_lines(journal, ""))


def test_a_run_that_goes_on_is_counted_so_far(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("a.png"), outcome("b.png"), finished=False)
    lines = list(report_lines(journal, ""))
    assert lines[0] == "Run 20261121-120000-abcd is not finished."
    assert ["found", "2"] in [line.split() for line in lines]


def test_nothing_in_a_report_acts_on_the_terminal(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("\x1b[2J.png", "missing", "no-file: \x1b]0;x\x07"), finished=False)
    journal.end("stopped", 1, "Because of \x1b[31m.\nDo this.")
    assert "\x1b" not in "\n".join(report_lines(journal, ""))


def test_the_table_for_programs_reads_back(tmp_path: Path) -> None:
    notes = ("One; two.", 'A "quoted" one.')
    journal = journal_with(
        tmp_path, outcome('a,"b\nc', notes=notes, media_id="x", size_bytes=7), outcome("d", "skipped", "only: no")
    )
    out = io.StringIO()
    write_csv(journal, out)
    first, second = csv.DictReader(io.StringIO(out.getvalue()))
    assert (first["key"], first["verdict"], first["media_id"], first["size_bytes"]) == ('a,"b\nc', "imported", "x", "7")
    assert first["notes"] == 'One; two.; A "quoted" one.'
    assert (second["reason"], second["media_id"]) == ("only: no", "")


def test_how_long_it_took_is_told(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("a.png"))
    run = journal.run
    journal.save(replace(run, finished_at=run.started_at.replace(hour=13, minute=5)))
    assert next(report_lines(journal, "")) == "Run 20261121-120000-abcd is finished after 1 h 05 min."


def test_what_was_skipped_is_told_with_the_reason_and_how_many(tmp_path: Path) -> None:
    expired = [outcome(str(number), "skipped", "expired: its time ran out.") for number in range(12)]
    journal = journal_with(tmp_path, *expired, outcome("a", "skipped", "only: no"), outcome("b"))
    lines = list(report_lines(journal, ""))
    rule = next(at for at, line in enumerate(lines) if "found" in line)
    assert lines[rule + 1 : rule + 3] == [
        "  skipped 12: expired; --keep-expired takes them",
        "  skipped 1: only; --only left them out",
    ]


def test_a_command_in_a_message_finds_the_same_folder(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("a"), finished=False)
    journal.end("stopped", 1, "Stopped as asked.\n`migrate resume` goes on from here.")
    assert "`migrate resume --data here` goes on" in "\n".join(report_lines(journal, " --data here"))


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        (["ann"], "ann has no API key yet: gateway key add NAME --owner ann --data here"),
        (["o'hara", "b"], "2 owners have no API key yet, o'hara among them: "
                          "gateway key add NAME --owner 'o'\"'\"'hara' --data here"),
    ],
)  # fmt: skip
def test_owners_without_a_key_are_given_one_next(tmp_path: Path, owners: list[str], said: str) -> None:
    lines = list(report_lines(journal_with(tmp_path, outcome("a")), " --data here", keyless=owners))
    assert lines[-2] == said
