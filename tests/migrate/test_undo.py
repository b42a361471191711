"""Taking a run back: everything it added goes, what was changed since stays, and nothing else is touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.library import Added
from gateway.core.moving import Arrived
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.items import Gone, OldAddress, OldAlbum, OldCategory, OldKey, OldOrigin, OldOwner
from migrate.journal import Journal
from migrate.options import Options
from migrate.undo import Undone, undo
from tests.conftest import FrozenClock, draw
from tests.contract.samples import a_key, an_album
from tests.migrate.engine import Importer
from tests.migrate.fakes import SITE, FakeSource, picture

TOKEN = "$2y$10$" + "a" * 53
CAME_FROM = {kind: (OldOrigin(SITE.id, "1"),) for kind in ("owner", "album", "category", "key")}


@pytest.fixture
def importer(opened: Opened, settings: Settings) -> Importer:
    return Importer(opened, settings)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    return tmp_path / "old"


def everything(old: Path) -> FakeSource:
    """One of each that an import can bring."""
    (old / "face.png").write_bytes(draw(seed=99))
    bob = OldOwner(
        "1", "bob", avatar=old / "face.png", origins=CAME_FROM["owner"],
        addresses=(OldAddress("/bob"),), avatar_addresses=(OldAddress("/users/face.png"),),
    )  # fmt: skip
    return FakeSource(
        [
            picture(old, "one.png", seed=1, owner="1", album="2", category="1", tags=("a", "b"), token_hashes=(TOKEN,)),
            picture(old, "two.png", seed=2, owner="1", album="1", tags=("b",)),
            picture(old, "three.png", seed=3),
        ],
        people=[bob],
        albums_there=[
            OldAlbum("1", "Outer", "1", origins=CAME_FROM["album"], cover="two.png"),
            OldAlbum("2", "Inner", "1", parent="1", origins=(OldOrigin(SITE.id, "2"),)),
        ],
        categories_there=[OldCategory("1", "Nature", "nature", origins=CAME_FROM["category"])],
        keys_there=[OldKey("1", "1", "phone", text="a key that is long enough", origins=CAME_FROM["key"])],
        gone_there=[Gone("media", "77")],
    )


def rows(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with sqlite3.connect(settings.data / "catalog.db") as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}
    db.close()
    return found


def files(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data / "media").rglob("*") if path.is_file())


def begin_merging(importer: Importer) -> Journal:
    journal = importer.begin()
    journal.save(replace(journal.run, options=Options(duplicates="merge").as_json()))
    return journal


def taken_back(opened: Opened, journal: Journal, *, dry_run: bool = False) -> tuple[Undone, list[str]]:
    said: list[str] = []
    return undo(opened, journal, dry_run=dry_run, said=said.append), said


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
    journal.db.execute("DELETE FROM items")
    undone, _ = taken_back(opened, journal)
    assert undone.removed["media"] == 2
    assert rows(settings) == before


def test_what_was_written_before_the_journal_could_tell_goes_as_well(
    importer: Importer, opened: Opened, settings: Settings, old: Path
) -> None:
    before, files_before = rows(settings), files(settings)
    importer.bring(everything(old), journal := importer.begin())
    journal.db.execute("DELETE FROM items WHERE key != 'one.png'")
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


# what was changed since


def test_a_file_that_was_changed_since_stays_with_all_that_holds_it(
    importer: Importer, opened: Opened, settings: Settings, old: Path
) -> None:
    importer.bring(everything(old), journal := importer.begin())
    kept = importer.media_id("one.png")
    with sqlite3.connect(settings.data / "catalog.db") as db:
        db.execute("UPDATE media SET updated_at = '2026-11-21T12:30:00.000Z', title = 'Mine' WHERE id = ?", (kept,))
    db.close()
    links = opened.catalog.arrived([kept])
    dry, would_say = taken_back(opened, journal, dry_run=True)
    undone, said = taken_back(opened, journal)
    assert (undone.exit_code, undone.kept) == (3, 5)
    assert said == [
        "The file 'one.png' stays: it was changed here since.",
        "The album 'Outer' stays: it holds 1 album that will not go.",
        "The album 'Inner' stays: it holds 1 file that will not go.",
        "The owner 'bob' stays: 1 file that will not go belongs to it.",
        "The category 'Nature' stays: something that will not go is in it.",
    ]
    assert would_say == said[:4]
    assert dry.removed["media"] == undone.removed["media"] == 2
    assert opened.catalog.arrived([kept]) == links
    assert [address.path for address in opened.catalog.addresses_of("owner", ("", ""), 9)] == ["/bob"]
    assert [address.path for address in opened.catalog.addresses_of("asset", ("", ""), 9)] == ["/users/face.png"]
    assert [site.id for site in opened.catalog.sites()] == [SITE.id]
    assert opened.library.damaged(links[0].media) == []


def test_a_file_that_somebody_sent_again_since_stays(
    importer: Importer, opened: Opened, old: Path, add_image: Callable[..., Added]
) -> None:
    importer.bring(everything(old), journal := importer.begin())
    again = add_image(owner=opened.owners.named("bob"), data=draw(seed=1))
    assert again.media.id == importer.media_id("one.png")
    _, said = taken_back(opened, journal)
    assert said[0] == "The file 'one.png' stays: it was uploaded here once more since."
    assert opened.library.get(again.media.id) == again.media


def test_owners_and_albums_with_something_new_stay(
    importer: Importer, opened: Opened, old: Path, add_image: Callable[..., Added]
) -> None:
    importer.bring(everything(old), journal := importer.begin())
    bob = opened.owners.named("bob")
    inner = next(album for album in opened.library.albums() if album.name == "Inner")
    add_image(owner=bob, album_id=inner.id, data=draw(seed=50))
    undone, said = taken_back(opened, journal)
    assert said == [
        "The album 'Outer' stays: it holds 1 album that will not go.",
        "The album 'Inner' stays: it holds 1 file that will not go.",
        "The owner 'bob' stays: 1 file that will not go belongs to it.",
    ]
    assert undone.removed == {"media": 3, "key": 1, "owner": 1, "category": 1}
    assert opened.owners.named("bob").avatar_id


def test_an_owner_who_made_an_album_or_a_key_since_stays(importer: Importer, opened: Opened, old: Path) -> None:
    bob, eve = OldOwner("1", "bob"), OldOwner("2", "eve")
    importer.bring(FakeSource([], people=[bob, eve]), journal := importer.begin())
    opened.catalog.add_album(an_album(opened.owners.named("bob")))
    opened.catalog.add_key(a_key(opened.owners.named("eve")))
    _, said = taken_back(opened, journal)
    assert sorted(said) == [
        "The owner 'bob' stays: 1 album that will not go belongs to it.",
        "The owner 'eve' stays: 1 key made since belongs to it.",
    ]


def test_something_that_comes_in_at_the_last_moment_is_not_lost(
    importer: Importer, opened: Opened, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer.bring(FakeSource([], people=[OldOwner("1", "bob")]), journal := importer.begin())
    bob = opened.owners.named("bob")
    real = opened.catalog.withdraw

    def late(kind: object, ids: object) -> set[str]:
        opened.catalog.add_album(an_album(bob))
        return real(kind, ids)  # type: ignore[arg-type]

    monkeypatch.setattr(opened.catalog, "withdraw", late)
    undone, said = taken_back(opened, journal)
    assert said == ["The owner 'bob' stays: something that will not go is in it."]
    assert (undone.removed.get("owner", 0), undone.kept) == (0, 1)


def test_a_key_that_was_used_since_goes_and_is_named(
    importer: Importer, opened: Opened, old: Path, clock: FrozenClock
) -> None:
    importer.bring(everything(old), journal := importer.begin())
    clock.advance(minutes=5)
    opened.keys.check("a key that is long enough")
    undone, said = taken_back(opened, journal)
    assert said == ["The key 'phone' was used since; it goes all the same."]
    assert (undone.kept, opened.catalog.keys()) == (0, [])


def test_what_was_deleted_here_since_leaves_only_its_tombstone(
    importer: Importer, opened: Opened, settings: Settings, old: Path
) -> None:
    before = rows(settings)
    importer.bring(everything(old), journal := importer.begin())
    opened.library.remove(opened.library.get(importer.media_id("one.png")))
    undone, _ = taken_back(opened, journal)
    after = rows(settings)
    [tombstone] = after.pop("tombstones")
    before.pop("tombstones")
    assert tombstone[0] == importer.media_id("one.png")
    assert after == {**before, "tags": after["tags"]}
    assert undone.removed["media"] == 2


def test_a_thousand_files_go_in_batches(importer: Importer, opened: Opened, settings: Settings, old: Path) -> None:
    """The catalog is filled by hand: what is looked at is the undo."""
    journal = importer.begin()
    importer.bring(FakeSource([picture(old)]), journal)
    first = opened.catalog.export_media("", 1)[0]
    many = [
        Arrived(
            replace(first.media, id=f"{number:011}"),
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
