"""What a log file gets of a run."""

from __future__ import annotations

from gateway.commands.progress import now_and_then
from migrate.lines import Lines, attention_line
from migrate.tally import Tally
from tests.migrate.runs import a_run, outcome


class Log:
    def __init__(self) -> None:
        self.at = 0.0
        self.lines: list[str] = []
        self.watcher = Lines(self.lines.append, {}, Tally(lambda: self.at))


def test_there_is_a_line_for_every_thousand_items() -> None:
    log = Log()
    log.watcher.begun(a_run(), 2500)
    for number in range(2500):
        log.at += 0.002
        log.watcher.settled(outcome(str(number)))
    assert log.lines == [
        "run 20261121-120000-abcd begins: 2,500 items",
        "1,000 of 2,500 items, 500.0/s, 3 s left",
        "2,000 of 2,500 items, 500.0/s, 1 s left",
    ]


def test_there_is_a_line_every_ten_seconds() -> None:
    log = Log()
    log.watcher.begun(a_run(), None)
    for number in range(25):
        log.at += 1
        log.watcher.settled(outcome(str(number)))
    assert log.lines[1:] == ["10 items, 1.0/s", "20 items, 1.0/s"]


def test_what_wants_attention_is_told_at_once() -> None:
    log = Log()
    log.watcher.begun(a_run(), 2)
    log.watcher.settled(outcome("a.png", "missing", "no-file: It is not there."))
    log.watcher.settled(outcome("b.png", "skipped", "expired: its time ran out"))
    assert log.lines[1:] == ["missing  /a.png  no-file: It is not there."]


def test_what_was_imported_is_told_for_its_checksum() -> None:
    line = attention_line(outcome("a.png", notes=("A tag was left out.", "checksum: the file has the MD5 x")))
    assert line == "imported  /a.png  checksum: the file has the MD5 x"


def test_a_name_cannot_write_lines_of_its_own() -> None:
    assert attention_line(outcome("a\nimported  b", "missing")) == "missing  /a�imported  b"


def test_reading_a_dump_is_told_now_and_then() -> None:
    log = Log()
    for percent in range(0, 101, 10):
        log.at += 4
        log.watcher.reading(percent, 100)
    assert log.lines == ["reading the dump: 20%", "reading the dump: 50%", "reading the dump: 80%"]


def test_counting_alone_is_told_now_and_then() -> None:
    at, lines = [0.0], list[str]()
    counted = now_and_then("Verifying", lines.append, lambda: at[0])
    for number in range(25):
        at[0] += 1
        counted(number * 1000, 25_000 if number < 15 else None)
    assert lines == ["Verifying: 9,000 of 25,000", "Verifying: 19,000"]


def test_one_item_is_not_said_to_be_several() -> None:
    log = Log()
    log.watcher.begun(a_run(), 1)
    assert log.lines == ["run 20261121-120000-abcd begins: 1 item"]
