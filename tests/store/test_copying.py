"""Rows from catalog to catalog: everything comes, what is equal is left alone, and only one of them counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.core.changes import Changes
from gateway.core.errors import Conflict, InvalidInput, StoreUnavailable
from gateway.core.moving import Address, Origin, Site
from gateway.core.records import Asset, Owner, Tombstone
from gateway.core.search import Query
from gateway.core.standing import Standing
from gateway.store.copying import rows as copying_rows
from gateway.store.copying.catalogs import Sides, compare_catalogs, move_catalog, undo_move
from gateway.store.copying.rows import CatalogCopy
from gateway.store.copying.tables import NOT_COPIED, TABLES
from gateway.store.sql.standing import StandingRows, set_standing
from gateway.store.sqlite import SqliteCatalog
from tests.contract.samples import NOW, ODD_TEXTS, a_key, a_media, a_token, an_album, an_owner, minutes

if TYPE_CHECKING:
    from gateway.store.postgres import PostgresCatalog

ROUTES = {"image": "image"}


def make(kind: str, request: pytest.FixtureRequest, file: Path) -> SqliteCatalog | PostgresCatalog:
    if kind == "sqlite":
        return SqliteCatalog(file)
    from gateway.store.postgres import PostgresCatalog

    return PostgresCatalog(request.getfixturevalue("emptied_catalog")())


def opened_sides(old: str, new: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Sides]:
    with closing(make(old, request, folder / "old.db")) as one, closing(make(new, request, folder / "new.db")) as other:
        yield Sides("library", one, "here", other, "there")


@pytest.fixture(params=["sqlite-sqlite", "sqlite-postgres", "postgres-sqlite"])
def sides(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sides]:
    yield from opened_sides(*request.param.split("-"), request, tmp_path)


@pytest.fixture
def sides_from_sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sides]:
    yield from opened_sides("sqlite", "postgres", request, tmp_path)


@pytest.fixture
def alice(sides: Sides) -> Owner:
    return fill(sides.old)


def fill(catalog: SqliteCatalog | PostgresCatalog) -> Owner:
    """At least a row in every table, and texts that are hard to keep."""
    alice = an_owner("alice", email="Alice@example.org", bio=ODD_TEXTS[0])
    catalog.add_owner(alice)
    catalog.add_owner(an_owner("bob", email="bob@example.org", password_hash="$2y$10$abc"))
    catalog.add_key(a_key(alice))
    catalog.add_category("Cats", "cats")
    catalog.add_album(album := an_album(alice, "Grüße", description=ODD_TEXTS[1], password_hash="$2y$10$def"))
    catalog.add_asset(Asset("a" * 21, alice.id, "image/png", "png", 12, "0" * 64, NOW))
    for number, text in enumerate(ODD_TEXTS):
        at = NOW - minutes(number)
        media = a_media(alice, title=text, filename=f"{number}.png", album_id=album.id, duration=number / 3,
                        category_id=1, tags=(f"tag {number}", "cat"), created_at=at, updated_at=at)  # fmt: skip
        catalog.add_media(media, a_token(), reuse=False)
    catalog.add_site(
        site := Site("s", "chevereto", "Old", "https://old.example.org", "salt", 3, "UTC", ROUTES, NOW, "r")
    )
    catalog.add_origins([Origin(site.id, "media", "1", media.id, "r"), Origin(site.id, "media", "2", None, "r")])
    catalog.add_addresses([Address("/images/ä b.png", site.id, "media", media.id, "th", "image/png")])
    catalog.add_tombstones([Tombstone("goneImage01", "image", alice.id, NOW)])
    catalog.secret("library")
    catalog.claim("sweep", "me", NOW, NOW)
    catalog.sign_out(alice.id)
    catalog.add_password_link("f" * 64, alice.id, NOW + minutes(9), NOW)
    return alice


def everything(catalog: StandingRows) -> dict[str, list[tuple[object, ...]]]:
    return {table.name: catalog.rows(f"{table.select} {table.order}") for table in TABLES}


def move(sides: Sides) -> None:
    move_catalog(sides, lambda done, total: None, lambda sentence: None)


def copied(sides: Sides) -> CatalogCopy:
    copy = CatalogCopy(sides.old, sides.new)
    with sides.old.snapshot() as read:
        copy.bring(read)
    return copy


def found(catalog: StandingRows, owner: Owner, text: str) -> list[str | None]:
    return [one.title for one in catalog.search(Query(owner.id, text=text), None, NOW, 50)]


def test_every_table_is_known(tmp_path: Path) -> None:
    SqliteCatalog(tmp_path / "catalog.db").close()
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ours = {name for name in names if not name.startswith(("_sqlite", "sqlite_", "pieces_"))}
        columns = {table.name: {row[1] for row in db.execute(f"PRAGMA table_info({table.name})")} for table in TABLES}
    assert ours == {*columns, *NOT_COPIED}
    assert {table.name: set(table.columns) for table in TABLES} == columns


def test_the_samples_reach_every_table(sides: Sides, alice: Owner) -> None:
    assert [name for name, rows in everything(sides.old).items() if not rows] == ["upload_sessions"]


def test_everything_comes(sides: Sides, alice: Owner) -> None:
    move(sides)
    assert everything(sides.new) == everything(sides.old)


def test_what_came_is_found_by_its_text(sides: Sides, alice: Owner) -> None:
    move(sides)
    assert found(sides.new, alice, "世") == [ODD_TEXTS[0]]


def test_the_report_adds_up(sides: Sides, alice: Owner) -> None:
    reports = copied(sides)
    media = next(report for report in map(reports.report, TABLES) if report.table == "media")
    assert (media.rows, media.written, media.there, media.removed) == (len(ODD_TEXTS), len(ODD_TEXTS), 0, 0)


def test_what_is_there_already_is_not_written_again(sides: Sides, alice: Owner) -> None:
    copied(sides)
    again = copied(sides)
    assert again.written.total() == again.removed.total() == 0
    assert again.there["media"] == len(ODD_TEXTS)


def test_the_range_that_changed_alone_is_written(sides: Sides, alice: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying_rows, "RANGE_ROWS", 2)
    copied(sides)
    media = sides.old.export_media("", 50)[1].media
    sides.old.change_media(media.id, Changes(title="Renamed", tags=("other",)), NOW)
    again = copied(sides)
    assert (again.written["media"], again.removed["media_tags"]) == (1, 2)
    assert everything(sides.new) == everything(sides.old)
    assert found(sides.new, alice, "Renamed") == ["Renamed"]
    assert media.title and found(sides.new, alice, media.title) == []


def test_what_was_deleted_meanwhile_goes(sides: Sides, alice: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying_rows, "RANGE_ROWS", 2)
    copied(sides)
    media = sides.old.export_media("", 50)[0].media
    sides.old.remove_media(media.id, NOW)
    assert copied(sides).removed["media"] == 1
    assert everything(sides.new) == everything(sides.old)
    assert media.title and found(sides.new, alice, media.title) == []


def test_names_that_changed_hands_do_not_stand_in_each_others_way(sides: Sides, alice: Owner) -> None:
    copied(sides)
    with sides.old.transaction() as db:
        db.execute("UPDATE owners SET username_key = 'x' WHERE username = 'alice'")
        db.execute("UPDATE owners SET username = 'alice', username_key = 'alice' WHERE username = 'bob'")
        db.execute("UPDATE owners SET username = 'bob', username_key = 'bob' WHERE username_key = 'x'")
    copied(sides)
    assert everything(sides.new) == everything(sides.old)


def test_an_album_that_is_gone_lets_go_of_what_was_in_it(sides: Sides, alice: Owner) -> None:
    copied(sides)
    for one in sides.old.export_media("", 50):
        sides.old.change_media(one.media.id, Changes(album_id=None), NOW)
    (album,) = sides.old.albums()
    assert sides.old.withdraw("album", [album.id]) == {album.id}
    copied(sides)
    assert sides.new.albums() == []


def test_what_is_written_meanwhile_comes_with_the_next_pass(sides: Sides, alice: Owner) -> None:
    copy = CatalogCopy(sides.old, sides.new)
    with sides.old.snapshot() as read:
        sides.old.add_media(media := a_media(alice, title="late"), a_token(), reuse=False)
        copy.bring(read)
        assert not sides.new.media(media.id)
    with sides.old.frozen() as read:
        copy.bring(read)
    assert everything(sides.new) == everything(sides.old)


def test_who_was_killed_goes_on(sides: Sides, alice: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(self: CatalogCopy, table: object, span: object, read: object) -> None:
        if getattr(table, "name", "") == "media_tags":
            raise KeyboardInterrupt
        written(self, table, span, read)  # type: ignore[arg-type]

    written = CatalogCopy.write
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(CatalogCopy, "write", write)
        move(sides)
    assert sides.new.standing() == Standing("library", "copying", "here")
    move(sides)
    assert everything(sides.new) == everything(sides.old)


def test_a_null_character_is_left_out_and_told(sides_from_sqlite: Sides) -> None:
    sides = sides_from_sqlite
    alice = fill(sides.old)
    with sides.old.transaction() as db:
        db.execute("UPDATE owners SET bio = ? WHERE id = ?", ("a\0b", alice.id))
    copy = copied(sides)
    owner = sides.new.owner(alice.id)
    assert owner and owner.bio == "ab"
    assert [report.changed for report in map(copy.report, TABLES) if report.table == "owners"] == [1]


def test_afterwards_the_old_one_is_read_and_not_written(sides: Sides, alice: Owner) -> None:
    move(sides)
    assert sides.old.owner(alice.id)
    with pytest.raises(StoreUnavailable, match="has moved to there: set storage"):
        sides.old.add_media(a_media(alice), a_token(), reuse=False)


def test_afterwards_the_new_one_is_written(sides: Sides, alice: Owner) -> None:
    move(sides)
    assert sides.new.standing() is None
    sides.new.add_media(media := a_media(alice, tags=("new",)), a_token(), reuse=False)
    assert sides.new.add_category("Dogs", "dogs").id == 2
    assert sides.new.media(media.id) == media


def test_an_unfinished_copy_is_not_written(sides: Sides, alice: Owner) -> None:
    with sides.new.transaction() as db:
        set_standing(db, Standing("library", "copying", "here"))
    with pytest.raises(StoreUnavailable, match="an unfinished copy of here"):
        sides.new.add_owner(an_owner("carol"))


def test_a_library_moves_back(sides: Sides, alice: Owner) -> None:
    move(sides)
    sides.new.add_media(media := a_media(alice), a_token(), reuse=False)
    move(Sides("library", sides.new, "there", sides.old, "here"))
    assert everything(sides.new) == everything(sides.old)
    assert sides.old.media(media.id) and not sides.old.standing()
    assert sides.new.standing() == Standing("library", "moved", "here")


def test_a_library_is_never_written_over(sides: Sides, alice: Owner) -> None:
    sides.new.add_owner(an_owner("carol"))
    with pytest.raises(InvalidInput, match="there holds a library already"):
        move(sides)
    assert [owner.username for owner in sides.new.owners()] == ["carol"]


def test_the_unfinished_copy_of_another_library_is_left_alone(sides: Sides, alice: Owner) -> None:
    with sides.new.transaction() as db:
        set_standing(db, Standing("another", "copying", "elsewhere"))
    with pytest.raises(InvalidInput, match="another library"):
        move(sides)


def test_comparing_writes_nothing(sides: Sides, alice: Owner) -> None:
    reports = compare_catalogs(sides, lambda done, total: None)
    assert sum(report.written for report in reports) == sum(len(rows) for rows in everything(sides.old).values())
    assert sides.new.owners() == [] and sides.new.standing() is None


def test_a_move_is_undone_while_nothing_was_written_since(sides: Sides, alice: Owner) -> None:
    move(sides)
    undo_move(sides, lambda done, total: None, gives_up=False)
    sides.old.add_owner(an_owner("carol"))
    with pytest.raises(StoreUnavailable, match="moved to here"):
        sides.new.add_owner(an_owner("carol"))


def test_what_was_written_since_is_not_given_up_unasked(sides: Sides, alice: Owner) -> None:
    move(sides)
    sides.new.add_owner(an_owner("carol"))
    with pytest.raises(Conflict, match="1 rows in there were written"):
        undo_move(sides, lambda done, total: None, gives_up=False)
    assert sides.old.standing()
    undo_move(sides, lambda done, total: None, gives_up=True)
    assert sides.old.standing() is None


def test_who_writes_while_it_holds_still_waits_and_is_refused(sides: Sides, alice: Owner) -> None:
    with ThreadPoolExecutor(1) as other:
        with sides.old.frozen() as held:
            writing = other.submit(sides.old.add_owner, an_owner("carol"))
            assert sides.old.owner(alice.id)
            set_standing(held, Standing("library", "moved", "there"))
        assert isinstance(writing.exception(), StoreUnavailable)
    assert not sides.old.owner_named("carol")
