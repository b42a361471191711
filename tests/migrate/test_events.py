"""What a program is told of a run, while it runs and later."""

from __future__ import annotations

import json
from pathlib import Path

from migrate.events import EventLines, events, line_of
from tests.migrate.runs import a_run, journal_with, outcome


def test_the_same_is_told_live_and_later(tmp_path: Path) -> None:
    outcomes = [
        outcome("a.png", media_id="x", size_bytes=5, notes=("A tag was left out.",)),
        outcome("Grüße \udce4.png", "missing", "no-file: nothing at /\udce4"),
    ]
    journal = journal_with(tmp_path, *outcomes)
    journal.note([("Who follows whom is not kept.", 3)])
    lines: list[str] = []
    watcher = EventLines(lines.append)
    watcher.reading(1, 2)
    watcher.begun(journal.run, 2)
    watcher.working_on("a.png")
    for one in outcomes:
        watcher.settled(one)
    watcher.ended(journal.summary())
    assert lines == [line_of(event) for event in events(journal)]
    told = [json.loads(line) for line in lines]
    assert [one["event"] for one in told] == ["run", "item", "item", "note", "summary"]
    assert told[3] == {"event": "note", "sentence": "Who follows whom is not kept.", "count": 3}
    assert told[4]["verdicts"] == {"imported": 1, "missing": 1}


def test_an_event_is_one_line_of_text_whatever_is_in_it() -> None:
    line = line_of({"event": "note", "sentence": "a\nb\u2028 é"})
    assert "\n" not in line
    assert json.loads(line)["sentence"] == "a\nb\u2028 é"


def test_a_dry_run_is_marked_and_another_is_not(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("a.png"), run=a_run(is_dry=True))
    told = list(events(journal))
    assert told[0]["dry_run"] is told[-1]["dry_run"] is True
    assert "dry_run" not in list(events(journal_with(tmp_path / "b", outcome("a.png"))))[-1]
