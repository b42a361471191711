"""What an undo leaves alone, and says so: whatever was changed here since, and what holds that."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.healing import damaged
from gateway.core.library import Added
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.items import OldOwner
from tests.conftest import FrozenClock, draw
from tests.contract.samples import a_key, an_album
from tests.migrate.engine import Importer
from tests.migrate.fakes import SITE, FakeSource
from tests.migrate.undoing import everything, rows, taken_back


@pytest.fixture
def importer(opened: Opened, settings: Settings) -> Importer:
    return Importer(opened, settings)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    return tmp_path / "old"


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
    assert damaged(opened.blobs, links[0].media) == []


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
