"""Journals, wherever they are kept: what they promise holds in a file and in a database."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.errors import StoreUnavailable
from migrate.journal import PAGE, Journal
from migrate.journal_files import FileJournals
from migrate.journal_tables import SharedJournals
from migrate.journals import Journals, NoSuchRun
from tests.migrate.runs import STARTED, a_run, outcome

FIRST, SECOND = "20261121-120000-abcd", "20261122-080000-0001"


@pytest.fixture
def journal(journals: Journals) -> Journal:
    return journals.begin(a_run())


def test_a_run_is_kept_as_it_is(journals: Journals) -> None:
    run = a_run(options={"only": "*.png"}, is_dry=True)
    journals.begin(run).close()
    with closing(journals.open()) as journal:
        assert journal.run == run
        journal.end("finished", 7, "Well.")
        assert (journal.run.state, journal.run.found, journal.run.message) == ("finished", 7, "Well.")


def test_the_newest_is_meant_when_none_is_named(journals: Journals) -> None:
    for run_id, at in ((FIRST, STARTED), (SECOND, STARTED + timedelta(days=1))):
        journals.begin(a_run(id=run_id, started_at=at)).close()
    assert [run.id for run in journals.runs()] == [SECOND, FIRST]
    assert journals.open().run.id == SECOND
    assert journals.open("20261121").run.id == FIRST


def test_what_is_not_there_is_said(journals: Journals) -> None:
    assert journals.runs() == []
    with pytest.raises(NoSuchRun, match="No import has been run into "):
        journals.open()
    journals.begin(a_run()).close()
    journals.begin(a_run(id=SECOND)).close()
    with pytest.raises(NoSuchRun, match="There is no run '2025' in "):
        journals.open("2025")
    with pytest.raises(NoSuchRun, match=f"Several runs begin with '2026': {FIRST}, {SECOND}."):
        journals.open("2026")


def test_a_journal_that_could_not_be_begun_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a kill, or on a full disk."""
    journals = FileJournals(tmp_path / "imports")
    with monkeypatch.context() as patched, pytest.raises(StoreUnavailable):
        patched.setattr(Journal, "save", refuse)
        journals.begin(a_run())
    assert journals.runs() == []
    assert list(journals.folder.iterdir()) == []
    journals.begin(a_run()).close()
    assert [run.id for run in journals.runs()] == [FIRST]


def refuse(*_: object) -> None:
    raise StoreUnavailable("The disk is full.")


def test_one_run_knows_nothing_of_another(journals: Journals, journal: Journal) -> None:
    other = journals.begin(a_run(id=SECOND))
    journal.write([outcome("a.png")])
    journal.add("owner", "1", "alice")
    journal.lead("address", ["/a"], "x")
    journal.note([("Once.", 1)])
    other.write([outcome("a.png", "missing")])
    assert (journal.summary().verdicts, other.summary().verdicts) == ({"imported": 1}, {"missing": 1})
    assert not other.added("owner") and not other.leads("address") and not other.summary().notes
    assert (beside := other.beside(FIRST)) and beside.told(["a.png"])["a.png"].verdict == "imported"
    assert other.beside("20250101-000000-0000") is None


def test_a_verdict_that_stands_is_never_changed(journal: Journal) -> None:
    journal.write([outcome("a.png", media_id="first"), outcome("b.png", "failed", "unreadable: x")])
    assert journal.settled(["a.png", "b.png", "c.png"]) == {"a.png": "imported"}
    journal.write([outcome("a.png", "failed"), outcome("a.png", media_id="second"), outcome("b.png")])
    assert [(one.key, one.verdict, one.media_id) for one in journal.outcomes()] == [
        ("a.png", "imported", "first"),
        ("b.png", "imported", None),
    ]


def test_what_became_of_an_item_is_told_whole(journal: Journal) -> None:
    one = outcome("a.png", "duplicate", "same-bytes: x", media_id="x", size_bytes=7, notes=("checksum: no", "Two."))
    journal.write([one])
    assert journal.told(["a.png", "b.png"]) == {"a.png": one}
    assert list(journal.outcomes()) == [one]


def test_items_come_in_the_order_in_which_they_were_met_however_many(journal: Journal) -> None:
    keys = [f"{number * 7919 % 2500}.png" for number in range(2 * PAGE + 3)]
    journal.write([outcome(key, "missing" if at % 2 else "imported", "no-file: x") for at, key in enumerate(keys)])
    assert [one.key for one in journal.outcomes()] == keys
    assert [one.key for one in journal.outcomes(verdicts=["imported"])] == keys[::2]
    assert [one.key for one in journal.outcomes(attention=True)] == keys[1::2]
    assert list(journal.outcomes(verdicts=["imported"], attention=True)) == []


def test_names_that_are_no_text_are_found_again(journal: Journal) -> None:
    keys = ["\udcff.png", "a\0b.png", "é😀\n.png"]
    journal.write([outcome(key) for key in keys])
    assert set(journal.settled(keys)) == {"\\udcff.png", "a\\x00b.png", "é😀\n.png"}
    assert journal.summary().verdicts == {"imported": 3}


def test_what_came_along_comes_in_its_order_and_once(journal: Journal) -> None:
    for number in (3, 1, 2, 1):
        journal.add("album", str(number), f"Album {number}")
    assert journal.added("album") == [("3", "Album 3"), ("1", "Album 1"), ("2", "Album 2")]
    assert journal.summary().added == {"album": 3}


def test_what_leads_to_older_records_is_remembered_once(journal: Journal) -> None:
    journal.lead("token", ["a", "b"], "first")
    journal.lead("token", ["b"], "second")
    journal.lead("address", [], "first")
    assert sorted(journal.leads("token")) == [("a", "first"), ("b", "first")]
    assert journal.leads("address") == []


def test_the_newest_count_of_a_note_holds(journal: Journal) -> None:
    journal.note([("B.", 1), ("A.", 2)])
    journal.note([("B.", 5)])
    assert journal.summary().notes == {"B.": 5, "A.": 2}
    assert list(journal.summary().notes) == ["B.", "A."]


def test_skipped_items_are_counted_by_their_rule(journal: Journal) -> None:
    skipped = [("a", "only: no"), ("b", "expired: yes"), ("c", "expired: too"), ("d", "plain")]
    journal.write([outcome(key, "skipped", reason) for key, reason in skipped] + [outcome("e", "missing", "only: x")])
    assert journal.skipped() == {"expired": 2, "only": 1, "plain": 1}
    assert list(journal.skipped()) == ["expired", "only", "plain"]


def test_the_summary_adds_up(journal: Journal) -> None:
    journal.write([outcome("a", size_bytes=2**40), outcome("b", size_bytes=5), outcome("c", "missing", size_bytes=9)])
    summary = journal.summary()
    assert (summary.verdicts, summary.attention, summary.stored_bytes) == ({"imported": 2, "missing": 1}, 1, 2**40 + 5)
    assert replace(summary, found=3).adds_up


def test_journals_of_a_newer_version_are_refused(shared_journals: SharedJournals) -> None:
    shared_journals.begin(a_run())
    with shared_journals.tables.transaction() as db:
        db.execute("INSERT INTO imports.steps VALUES ('tomorrow')")
    for refused in (shared_journals.runs, lambda: shared_journals.begin(a_run(id=SECOND))):
        with pytest.raises(StoreUnavailable, match=r"newer version.*'tomorrow'.*\nInstall that version"):
            refused()
