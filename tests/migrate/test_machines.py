"""Several machines at one import: each part of the source is one's, and nobody's end stops the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import Settings
from gateway.store.opening import Opened, open_data
from migrate import machines
from migrate.items import Item, SourceError
from migrate.journal import Journal
from migrate.journal_tables import SharedJournals
from migrate.journals import Busy, Journals
from migrate.machines import Together
from migrate.options import Options
from migrate.outcome import Summary
from migrate.pace import Pace
from migrate.run import Engine
from migrate.sharing import Sharing
from migrate.stopping import Stop
from migrate.working import Done, Job, Worker
from tests.conftest import FrozenClock, draw
from tests.migrate.engine import Listener
from tests.migrate.fakes import SITE, FakeSource, lost, picture
from tests.migrate.runs import a_run

RUN = a_run().id


@pytest.fixture
def journal(shared_journals: SharedJournals) -> Journal:
    return shared_journals.begin(a_run())


def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sign of life comes but those that a test gives."""
    monkeypatch.setattr(machines, "BEAT", 3600.0)


def silence(journals: SharedJournals, sharing: Sharing) -> None:
    """As if that machine had not been heard of for a minute."""
    assert isinstance(sharing, Together)
    with journals.tables.transaction() as db:
        sql = "UPDATE imports.machines SET alive_at = alive_at - interval '1 minute' WHERE id = ?"
        db.execute(sql, (sharing.machine,))


def taken(sharing: Sharing, items: list[Item]) -> list[list[str]]:
    return [[item.key for item in part] for _, part in sharing.parts(iter(items))]


def source_of(count: int) -> FakeSource:
    return FakeSource([lost(f"{number}.png") for number in range(count)])


# who may work


def test_a_second_import_is_told_where_the_first_is_at_work(
    shared_journals: SharedJournals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machines, "BEAT", 0.05)
    with shared_journals.at_work(RUN):
        with pytest.raises(Busy, match=r"Another import is at work, on .*\n.*migrate status"):
            shared_journals.at_work("another").__enter__()
        with pytest.raises(Busy, match=rf"under way on .*\nTo help there: `migrate join {RUN}`"):
            shared_journals.at_work(RUN).__enter__()
        assert shared_journals.is_busy()
    assert not shared_journals.is_busy()


def test_one_that_went_silent_stands_in_nobodys_way(
    shared_journals: SharedJournals, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet(monkeypatch)
    with shared_journals.at_work(RUN) as gone:
        silence(shared_journals, gone)
        with shared_journals.at_work("another"):
            assert [one.run_id for one in shared_journals.machines()] == ["another"]


def test_nobody_joins_an_import_that_nobody_works_at(shared_journals: SharedJournals) -> None:
    with pytest.raises(Busy, match=rf"Nobody is at work.*\n.*`migrate resume {RUN}`"):
        shared_journals.at_work(RUN, joins=True).__enter__()


def test_journals_in_a_folder_are_for_one_machine(tmp_path: Path) -> None:
    from migrate.journal_files import FileJournals

    with pytest.raises(Busy, match=r"Several machines.*\nSet storage.catalog"):
        FileJournals(tmp_path).at_work(RUN, joins=True).__enter__()


def test_who_reads_another_source_is_refused(shared_journals: SharedJournals, journal: Journal) -> None:
    with shared_journals.at_work(RUN) as first, shared_journals.at_work(RUN, joins=True) as second:
        first.begin(source_of(5))
        for other in (source_of(6), FakeSource([lost(f"x{number}.png") for number in range(5)])):
            with pytest.raises(SourceError, match=r"not the one that the others read.*\n.*mounted"):
                second.begin(other)
        second.begin(source_of(5))


# whose is what


def test_each_part_is_one_machines(shared_journals: SharedJournals, journal: Journal) -> None:
    source = source_of(2000)
    with shared_journals.at_work(RUN) as first, shared_journals.at_work(RUN, joins=True) as second:
        first.begin(source)
        second.begin(source)
        walks = [sharing.parts(source.items()) for sharing in (first, second)]
        seen = [[item.key for _, part in [next(walk)] for item in part] for _ in range(50) for walk in walks]
        rest = taken(first, source.files)
    keys = [key for part in (*seen, *rest) for key in part]
    assert {len(part) for part in seen} == {10}
    assert sorted(keys) == sorted(item.key for item in source.files)


def test_what_a_machine_had_in_hand_is_taken_over_when_it_is_gone(
    shared_journals: SharedJournals, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet(monkeypatch)
    monkeypatch.setattr(machines, "LEAST_ITEMS", 1)
    source, stop = source_of(3), Stop()
    with shared_journals.at_work(RUN) as first, shared_journals.at_work(RUN, joins=True) as second:
        first.begin(source)
        second.begin(source)
        next(first.parts(source.items()))
        [part, _] = [number for number, _ in second.parts(source.items())]
        assert part == 1
        for number in (1, 2):
            second.finished(number)
        silence(shared_journals, first)
        assert second.has_more(stop)
        assert taken(second, source.files) == [["0.png"]]
        second.finished(0)
        assert not second.has_more(stop)


def test_what_a_machine_leaves_behind_is_taken_over_at_once(shared_journals: SharedJournals, journal: Journal) -> None:
    source = source_of(1)
    with shared_journals.at_work(RUN) as first:
        first.begin(source)
        with shared_journals.at_work(RUN, joins=True) as second:
            second.begin(source)
            assert taken(second, source.files)
        assert first.has_more(Stop())


def test_a_run_that_was_ended_gives_no_more_parts(shared_journals: SharedJournals, journal: Journal) -> None:
    source = source_of(3)
    with shared_journals.at_work(RUN) as sharing:
        sharing.begin(source)
        journal.end("stopped", 0)
        assert taken(sharing, source.files) == []
        assert not sharing.has_more(Stop())


def test_the_last_to_leave_ends_the_run(shared_journals: SharedJournals, journal: Journal) -> None:
    with shared_journals.at_work(RUN) as first, shared_journals.at_work(RUN, joins=True) as second:
        with first.ending(for_all=False) as ends:
            assert not ends
        with second.ending(for_all=False) as ends:
            assert ends


def test_one_at_a_time_has_the_turn(shared_journals: SharedJournals, journal: Journal) -> None:
    told: list[str] = []
    with shared_journals.at_work(RUN) as first, shared_journals.at_work(RUN, joins=True) as second:

        def take_turn() -> None:
            with second.turn():
                told.append("second")

        with first.turn(), first.turn():
            waiting = threading.Thread(target=take_turn)
            waiting.start()
            waiting.join(0.3)
            told.append("first")
        waiting.join()
    assert told == ["first", "second"]


def test_who_is_at_work_on_what_is_known(shared_journals: SharedJournals, journal: Journal) -> None:
    source = source_of(2000)
    with shared_journals.at_work(RUN) as sharing:
        sharing.begin(source)
        walk = sharing.parts(source.items())
        next(walk)
        next(walk)
        sharing.finished(0)
        [machine] = shared_journals.machines()
        assert (machine.run_id, machine.done, machine.items) == (RUN, 1, (11, 20))
    assert shared_journals.machines() == []


# whole imports


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    return tmp_path / "old"


@pytest.fixture
def another(settings: Settings, opened: Opened, clock: FrozenClock) -> Iterator[Opened]:
    """The same library, opened on another machine."""
    another = open_data(settings, clock)
    yield another
    another.close()


Work = Callable[..., Summary]


@pytest.fixture
def work(settings: Settings, shared_journals: SharedJournals, journal: Journal) -> Work:
    """work(opened, source) is one machine's share of the import, from its coming to its end."""

    def do(
        opened: Opened, source: FakeSource, *, joins: bool = False, stop: Stop | None = None, **options: Any
    ) -> Summary:
        chosen = Options(**({"jobs": 1} | options))
        own = shared_journals.open(RUN)
        with shared_journals.at_work(RUN, joins=joins) as sharing:
            sharing.begin(source)
            return Engine(source, opened, settings, own, chosen, Listener(), stop or Stop(), sharing).go()

    return do


def is_whole(opened: Opened, journals: Journals, count: int) -> None:
    """Each item has one verdict and one record, and each record its files."""
    [run] = journals.runs()
    summary = journals.open(run.id).summary()
    assert (run.state, run.found, summary.verdicts) == ("finished", count, {"imported": count})
    media = opened.catalog.export_media("", count + 10)
    assert sorted(one.media.filename for one in media) == sorted(f"{number}.png" for number in range(count))
    told = {one.key: one.media_id for one in journals.open(run.id).outcomes()}
    origins = opened.catalog.origins(SITE.id, "media", list(told))
    assert {key: origin.target_id for key, origin in origins.items()} == told
    names = {name for name, _, _ in opened.blobs.names()}
    assert names == {name for one in media for name in one.media.blobs()}


def test_two_machines_bring_everything_once(
    opened: Opened, another: Opened, shared_journals: SharedJournals, work: Work, old: Path
) -> None:
    files = [picture(old, f"{number}.png", seed=number) for number in range(60)]
    summaries: list[Summary] = []
    second = threading.Thread(target=lambda: summaries.append(work(another, FakeSource(files), joins=True)))
    listening = opened.catalog.add_site

    def add_site(site: Any) -> None:
        if not second.ident:
            second.start()
        listening(site)

    opened.catalog.add_site = add_site  # type: ignore[method-assign]
    summaries.append(work(opened, FakeSource(files)))
    second.join()
    assert [summary.verdicts for summary in summaries] == [{"imported": 60}] * 2
    assert [summary.exit_code for summary in summaries] == [0, 0]
    is_whole(opened, shared_journals, 60)


def test_a_machine_taken_for_gone_that_goes_on_doubles_nothing(
    opened: Opened, another: Opened, shared_journals: SharedJournals, work: Work, old: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """It stands still between its files and their rows, for as long as the others need to do all of its work."""
    quiet(monkeypatch)
    files = [picture(old, f"{number}.png", seed=number) for number in range(20)]
    keep, has_stood_still = opened.arrivals.keep, False

    def stand_still(batch: Any) -> Any:
        nonlocal has_stood_still
        if not has_stood_still:
            has_stood_still = True
            sleeper = shared_journals.machines()[0]
            with shared_journals.tables.transaction() as db:
                db.execute("UPDATE imports.machines SET run_id = 'asleep'")
                db.execute("INSERT INTO imports.machines SELECT 'host', ?, name, 1, began_at, alive_at, NULL"
                           " FROM imports.machines LIMIT 1", (RUN,))  # fmt: skip
                db.execute("UPDATE imports.machines SET alive_at = alive_at - interval '1 minute' WHERE id != 'host'")
            assert sleeper.run_id == RUN
            assert work(another, FakeSource(files), joins=True).verdicts == {"imported": 20}
        return keep(batch)

    monkeypatch.setattr(opened.arrivals, "keep", stand_still)
    summary = work(opened, FakeSource(files))
    assert has_stood_still
    assert (summary.run.state, summary.verdicts) == ("finished", {"imported": 20})
    is_whole(opened, shared_journals, 20)


def test_asked_to_stop_one_leaves_and_the_others_go_on(
    opened: Opened, another: Opened, shared_journals: SharedJournals, work: Work, old: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    files = [picture(old, f"{number}.png", seed=number) for number in range(20)]
    stop, keep = Stop(), opened.arrivals.keep

    def ask_to_stop(batch: Any) -> Any:
        stop.is_asked = True
        return keep(batch)

    monkeypatch.setattr(opened.arrivals, "keep", ask_to_stop)
    with shared_journals.at_work(RUN) as waiting:  # somebody else, who does nothing yet
        waiting.begin(FakeSource(files))
        left = work(opened, FakeSource(files), joins=True, stop=stop)
        assert (left.run.state, left.exit_code) == ("stopped", 3)
        assert (left.run.message or "").endswith("The others go on with it; `migrate join` comes back to them.")
        assert shared_journals.open(RUN).run.state == "running"
        assert work(another, FakeSource(files), joins=True).exit_code == 0
    is_whole(opened, shared_journals, 20)


@pytest.mark.parametrize("last", [3, 8, 9, 10, 13])
def test_wherever_one_is_asked_to_stop_the_others_find_what_it_did_not_do(
    opened: Opened, another: Opened, shared_journals: SharedJournals, work: Work, old: Path,
    monkeypatch: pytest.MonkeyPatch, last: int,
) -> None:  # fmt: skip
    """Parts of ten in two batches each, and every batch is written as soon as it is back: also one cut short."""
    files = [picture(old, f"{number}.png", seed=number) for number in range(20)]
    stop, do_one, done = Stop(), Worker.do_one, 0

    def stop_after_the_last(worker: Worker, job: Job) -> Done:
        nonlocal done
        done += 1
        stop.is_asked = stop.is_asked or done == last
        return do_one(worker, job)

    def fives() -> Pace:
        pace = Pace()
        pace.items = 5
        return pace

    monkeypatch.setattr(Worker, "do_one", stop_after_the_last)
    monkeypatch.setattr(Pace, "took", lambda pace, items, seconds: None)
    monkeypatch.setattr("migrate.run.Pace", fives)
    monkeypatch.setattr("migrate.run.MOMENT", -1.0)
    with shared_journals.at_work(RUN) as waiting:
        waiting.begin(FakeSource(files))
        left = work(opened, FakeSource(files), joins=True, stop=stop)
        assert (left.run.state, left.verdicts) == ("stopped", {"imported": last})
        assert work(another, FakeSource(files), joins=True).exit_code == 0
    is_whole(opened, shared_journals, 20)


def test_an_error_that_is_to_stop_the_import_stops_it_on_every_machine(
    opened: Opened, shared_journals: SharedJournals, work: Work, old: Path
) -> None:
    source = FakeSource([replace(picture(old, "0.png"), key="0"), replace(picture(old, "1.png", seed=1), key="1")])
    (old / "0.png").unlink()
    with shared_journals.at_work(RUN) as waiting:
        waiting.begin(source)
        assert work(opened, source, joins=True, on_error="stop").run.state == "stopped"
        assert shared_journals.open(RUN).run.state == "stopped"
        assert not waiting.has_more(Stop())


def test_merging_the_same_bytes_on_two_machines_makes_one_record(
    opened: Opened, another: Opened, shared_journals: SharedJournals, work: Work, old: Path
) -> None:
    files = [picture(old, f"{number}.png") for number in range(30)]
    assert {path.read_bytes() for path in old.iterdir()} == {draw()}
    source = FakeSource(files)
    done: list[Summary] = []
    with shared_journals.at_work(RUN) as waiting:
        both = [
            threading.Thread(
                target=lambda one=one: done.append(work(one, source, joins=True, duplicates="merge"))  # type: ignore[misc]
            )
            for one in (opened, another)
        ]
        waiting.begin(source)
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    assert len(done) == 2
    assert shared_journals.open(RUN).summary().verdicts == {"imported": 1, "duplicate": 29}
    assert len(opened.catalog.export_media("", 100)) == 1
