"""A catalog that an earlier version left behind opens with everything in it, and everything new works on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from gateway.core.changes import Changes
from gateway.core.records import Media, Owner, Tombstone
from gateway.core.search import Query
from gateway.core.totals import Tally, Totals
from gateway.store.rows import MEDIA, OWNER, TOMBSTONE
from gateway.store.schema import steps
from gateway.store.sqlite import SqliteCatalog
from tests.contract.samples import NOW, a_media, a_token, an_owner, minutes

NEW = {"owners": ("plan",), "media": ("allowed_referers",)}


def keep(db: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    old = {name: value for name, value in row.items() if name not in NEW.get(table, ())}
    db.execute(f"INSERT INTO {table} ({', '.join(old)}) VALUES ({', '.join('?' * len(old))})", list(old.values()))


@pytest.fixture
def alice() -> Owner:
    return an_owner("alice", storage_used_bytes=2000, media_count=2)


@pytest.fixture
def media(alice: Owner) -> list[Media]:
    """Newest first."""
    return [
        a_media(alice, title="Straße am See", tags=("cat", "dog")),
        a_media(alice, is_public=False, tags=("cat",), created_at=NOW - minutes(1), updated_at=NOW - minutes(1)),
    ]


@pytest.fixture
def catalog(tmp_path: Path, alice: Owner, media: list[Media]) -> Iterator[SqliteCatalog]:
    """Written before `/v1` was there."""
    file = tmp_path / "catalog.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        steps.apply(Database(db), stop_before="picora")
        values = dict(zip(OWNER.columns, OWNER.values(alice), strict=True))
        keep(db, "owners", values | {"username_key": "alice"})
        for one in media:
            keep(db, "media", dict(zip(MEDIA.columns, MEDIA.values(one), strict=True)))
        for number, (name, tagged) in enumerate([("cat", media), ("dog", media[:1])]):
            db.execute("INSERT INTO tags VALUES (?, ?)", (number, name))
            db.executemany("INSERT INTO media_tags VALUES (?, ?)", [(one.id, number) for one in tagged])
        TOMBSTONE.insert(db, Tombstone("goneImage01", "image", alice.id, NOW - minutes(2)))
    catalog = SqliteCatalog(file)
    yield catalog
    catalog.close()


def search(catalog: SqliteCatalog, query: Query) -> list[Media | None]:
    return [catalog.media(one.id) for one in catalog.search(query, None, NOW, 9)]


def test_it_works(catalog: SqliteCatalog, alice: Owner, media: list[Media]) -> None:
    assert catalog.owners() == [alice]
    assert [catalog.media(one.id) for one in media] == media
    assert not catalog.recount()


def test_everything_in_it_is_found(catalog: SqliteCatalog, alice: Owner, media: list[Media]) -> None:
    for asked, found in (
        (Query(alice.id), media),
        (Query(alice.id, kinds=("image",), is_public=False), media[1:]),
        (Query(alice.id, tag="cat"), media),
        (Query(alice.id, tag="dog"), media[:1]),
        (Query(alice.id, text="STRASSE"), media[:1]),
        (Query(alice.id, text="cat.png"), media),
    ):
        assert search(catalog, asked) == found


def test_its_sums_are_there(catalog: SqliteCatalog, alice: Owner) -> None:
    assert catalog.totals(alice.id) == Totals((Tally("image", False, 1, 1000), Tally("image", True, 1, 1000)))


def test_its_feed_tells_what_was_before(catalog: SqliteCatalog, alice: Owner, media: list[Media]) -> None:
    told = catalog.changes(alice.id, (), None, NOW, 9)
    assert [(change.id, change.media) for change in told] == [
        ("goneImage01", None),
        (media[1].id, media[1]),
        (media[0].id, media[0]),
    ]


def test_what_is_in_it_can_be_changed_and_removed(catalog: SqliteCatalog, alice: Owner, media: list[Media]) -> None:
    catalog.change_media(media[0].id, Changes(title="Lake", tags=("elk",)), NOW)
    catalog.remove_media(media[1].id, NOW)
    changed = replace(media[0], title="Lake", tags=("elk",))
    for asked, found in (
        (Query(alice.id, text="straße"), []),
        (Query(alice.id, text="lake"), [changed]),
        (Query(alice.id, text="cat"), [changed]),
        (Query(alice.id, tag="cat"), []),
        (Query(alice.id, tag="elk"), [changed]),
    ):
        assert search(catalog, asked) == found
    assert not catalog.recount()


def test_new_media_stand_beside_the_old(catalog: SqliteCatalog, alice: Owner, media: list[Media]) -> None:
    catalog.add_media(new := a_media(alice, tags=("cat",), created_at=NOW + minutes(1)), a_token(), reuse=False)
    assert search(catalog, Query(alice.id, tag="cat")) == [new, *media]
    assert search(catalog, Query(alice.id, text="cat")) == [new, *media]
