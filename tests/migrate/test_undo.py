"""Taking a run back: everything it added goes, what was changed since stays, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.library import Added
from gateway.core.moving import Arrived
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.items import Gone, OldAddress, OldOrigin, OldTombstone
from migrate.undo import undo
from tests.conftest import FrozenClock, draw
from tests.migrate.engine import Importer
from tests.migrate.fakes import SITE, FakeSource, picture
from tests.migrate.undoing import begin_merging, everything, files, forget_items, rows, taken_back

THEN = datetime(2015, 3, 4, tzinfo=UTC)


@pytest.fixture
def importer(opened: Opened, settings: Settings) -> Importer:
    return Importer(opened, settings)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    return tmp_path / "old"


def test_everything_the_run_added_goes_and_no_row_is_left(
    importer: Importer, opened: Opened, settings: Settings, old: Path, add_image: Callable[..., Added]
) -> None:
    add_image(title="Mine", tags=("a",))
    before, files_before = rows(settings), files(settings)
    summary = importer.bring(everything(old), journal := importer.begin())
    assert summary.verdicts == {"imported": 3}
    undone, said = taken_back(opened, journal)
    assert said == []
    assert rows(settings) == before
    assert files(settings) == files_before
    assert undone.removed == {"media": 3, "key": 1, "album": 2, "asset": 1, "owner": 2, "category": 1}
    assert (undone.kept, undone.message, undone.exit_code) == (0, None, 0)
    assert undone.freed_bytes == sum(path.stat().st_size for path in old.iterdir())
    assert journal.run.state == "undone"


def test_after_an_undo_the_same_import_brings_it_all_again(importer: Importer, opened: Opened, old: Path) -> None:
    importer.bring(everything(old), first := importer.begin())
    taken_back(opened, first)
    assert importer.bring(everything(old)).verdicts == {"imported": 3}
    assert [album.media_count for album in opened.library.albums()] == [1, 1]


def test_a_dry_undo_tells_what_would_go_and_touches_nothing(
    importer: Importer, opened: Opened, settings: Settings, old: Path
) -> None:
    importer.bring(everything(old), journal := importer.begin())
    before, files_before = rows(settings), files(settings)
    dry, _ = taken_back(opened, journal, dry_run=True)
    assert (rows(settings), files(settings), journal.run.state) == (before, files_before, "finished")
    done, _ = taken_back(opened, journal)
    assert dry == done


def test_an_undo_is_done_once(importer: Importer, opened: Opened, old: Path) -> None:
    importer.bring(everything(old), journal := importer.begin())
    taken_back(opened, journal)
    undone, _ = taken_back(opened, journal)
    assert undone.exit_code == 4
    assert undone.message == f"The run {journal.run.id} was undone already."


def test_a_dry_run_has_nothing_to_undo(importer: Importer, opened: Opened, settings: Settings, old: Path) -> None:
    before = rows(settings)
    importer.bring(everything(old), journal := importer.begin(is_dry=True))
    undone, _ = taken_back(opened, journal)
    assert (undone.exit_code, undone.removed) == (4, {})
    assert rows(settings) == before


def test_another_run_is_not_touched(importer: Importer, opened: Opened, settings: Settings, old: Path) -> None:
    source = everything(old)
    importer.bring(source)
    before = rows(settings)
    source.files.append(picture(old, "later.png", seed=7, owner="1", album="2", tags=("c",)))
    source.gone_there.append(Gone("media", "78"))
    importer.bring(source, second := importer.begin())
    undone, said = taken_back(opened, second)
    assert (undone.removed, said) == ({"media": 1}, [])
    assert rows(settings) == before


def test_what_was_led_to_something_that_was_here_is_led_there_no_more(
    importer: Importer, opened: Opened, settings: Settings, old: Path
) -> None:
    """Bob and his category were here before the run, which knew more addresses of them."""
    source = everything(old)
    importer.bring(replace(source, files=[], albums_there=[], keys_there=[]))
    before = rows(settings)
    source.people = [replace(source.people[0], addresses=(OldAddress("/bob"), OldAddress("/user/bob")))]
    source.categories_there = [replace(source.categories_there[0], addresses=(OldAddress("/category/nature"),))]
    importer.bring(source, journal := importer.begin())
    assert opened.catalog.addresses_at(["/user/bob", "/category/nature"])
    taken_back(opened, journal)
    assert rows(settings) == before


def test_one_who_was_here_before_has_what_he_had_before(
    importer: Importer, opened: Opened, settings: Settings, old: Path
) -> None:
    opened.owners.add("bob", email="bob@example.org")
    opened.owners.conceal("bob")
    before, files_before = rows(settings), files(settings)
    source = everything(old)
    bob = replace(source.people[0], email="BOB@example.org", name="Bob", password_hash="hash", bio="Me")
    source.people = [bob]
    importer.bring(source, journal := importer.begin())
    here = opened.owners.named("bob")
    assert (here.name, here.password_hash, here.is_private) == ("Bob", "hash", False)
    assert here.avatar_id
    undone, said = taken_back(opened, journal)
    assert said == []
    assert (rows(settings), files(settings)) == (before, files_before)
    assert undone.removed["asset"] == 1


def test_ids_that_an_export_knew_as_deleted_are_free_again(
    importer: Importer, opened: Opened, settings: Settings, old: Path, add_image: Callable[..., Added]
) -> None:
    """But not one that was deleted here before."""
    gone = add_image().media
    opened.library.remove(gone)
    before = rows(settings)
    source = FakeSource(
        gone_there=[
            Gone(
                "media", media_id, tombstone=OldTombstone("image", "1", THEN), addresses=(OldAddress("/old.png"),),
                origins=(OldOrigin(SITE.id, "5"),),
            )
            for media_id in ("deleted there", gone.id)
        ]
    )  # fmt: skip
    importer.bring(source, journal := importer.begin())
    assert opened.catalog.tombstones_among(["deleted there", gone.id]) == {"deleted there", gone.id}
    taken_back(opened, journal)
    assert rows(settings) == before


def test_of_what_was_merged_the_record_stays_and_its_new_links_go(
    importer: Importer, opened: Opened, settings: Settings, old: Path, add_image: Callable[..., Added],
    clock: FrozenClock,
) -> None:  # fmt: skip
    add_image(data=draw(seed=1), title="Mine")
    clock.advance(minutes=1)
    before = rows(settings)
    journal = begin_merging(importer)
    summary = importer.bring(everything(old), journal, duplicates="merge", owner="alice")
    assert summary.verdicts == {"imported": 2, "duplicate": 1}
    undone, _ = taken_back(opened, journal)
    assert undone.removed["media"] == 2
    assert rows(settings) == before


def test_a_merge_that_was_cut_off_before_it_was_told_leaves_the_record(
    importer: Importer, opened: Opened, settings: Settings, old: Path, add_image: Callable[..., Added],
    clock: FrozenClock,
) -> None:  # fmt: skip
    add_image(data=draw(seed=1), title="Mine")
    clock.advance(minutes=1)
    before = rows(settings)
    journal = begin_merging(importer)
    importer.bring(everything(old), journal, duplicates="merge", owner="alice")
    forget_items(journal)
    undone, _ = taken_back(opened, journal)
    assert undone.removed["media"] == 2
    assert rows(settings) == before


def test_what_was_written_before_the_journal_could_tell_goes_as_well(
    importer: Importer, opened: Opened, settings: Settings, old: Path
) -> None:
    before, files_before = rows(settings), files(settings)
    importer.bring(everything(old), journal := importer.begin())
    forget_items(journal, but="one.png")
    undone, _ = taken_back(opened, journal)
    assert undone.removed["media"] == 3
    assert (rows(settings), files(settings)) == (before, files_before)


@pytest.mark.parametrize("step", ["withdraw_media", "withdraw", "withdraw_leads", "withdraw_site"])
def test_an_undo_that_was_killed_is_run_again_and_finishes(
    importer: Importer, opened: Opened, settings: Settings, old: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    opened.library.add_category("Nature", "nature")
    before = rows(settings)
    importer.bring(everything(old), journal := importer.begin())

    class Killed(BaseException):
        pass

    real = getattr(opened.catalog, step)

    def once(*values: object) -> None:
        real(*values)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(opened.catalog, step, once)
        with pytest.raises(Killed):
            taken_back(opened, journal)
    assert journal.run.state == "finished"
    taken_back(opened, journal)
    assert (rows(settings), journal.run.state) == (before, "undone")


def test_a_thousand_files_go_in_batches(importer: Importer, opened: Opened, settings: Settings, old: Path) -> None:
    """The catalog is filled by hand: what is looked at is the undo."""
    journal = importer.begin()
    importer.bring(FakeSource([picture(old)]), journal)
    first = opened.catalog.export_media("", 1)[0]
    many = [
        Arrived(
            replace(first.media, id=f"{number:011}", created_at=THEN + timedelta(milliseconds=number)),
            (replace(first.origins[0], key=f"{number}", target_id=f"{number:011}"),),
        )
        for number in range(1_200)
    ]
    opened.catalog.add_arrived(many)
    progress: list[tuple[int, int]] = []
    undone = undo(opened, journal, progress=lambda done, total: progress.append((done, total)))
    assert undone.removed["media"] == 1_201
    assert progress == [(1, 1)]
    assert rows(settings)["media"] == rows(settings)["origins"] == []
