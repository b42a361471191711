"""What a catalog promises to a check: records by id, what differs from what is counted, and what leads nowhere."""

from __future__ import annotations

import pytest

from gateway.core.changes import Changes
from gateway.core.checking.rows import Broken, WrongSum
from gateway.core.moving import Target
from gateway.core.ports import Catalog
from gateway.core.records import Asset, Media, Owner
from gateway.store.sql.base import Sql
from gateway.store.sql.checking import REFERENCES
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, ODD_TEXTS, a_key, a_media, a_token, an_album


@pytest.fixture
def media(catalog: Catalog, alice: Owner) -> list[Media]:
    """Seven, by id; one of them past its time."""
    made = [a_media(alice, expires_at=NOW if number == 3 else None) for number in range(7)]
    for one in made:
        catalog.add_media(one, a_token(), reuse=False)
    return sorted(made, key=lambda one: one.id)


def execute(catalog: Catalog, sql: str, *values: object) -> None:
    assert isinstance(catalog, Sql)
    with catalog.transaction() as db:
        db.execute(sql, values)


def test_media_come_by_id_page_after_page(catalog: Catalog, media: list[Media]) -> None:
    first = catalog.media_after("", 4)
    assert first == media[:4]
    assert catalog.media_after(first[-1].id, 4) == media[4:]
    assert catalog.media_after(media[-1].id, 4) == []


def test_media_among_ids_are_those_that_are_here(catalog: Catalog, media: list[Media]) -> None:
    assert catalog.media_among([media[5].id, "nowhere", media[0].id, media[0].id]) == [media[0], media[5]]
    assert catalog.media_among([]) == []


def test_the_structure_names_the_newest_step(catalog: Catalog) -> None:
    for thorough in (False, True):
        structure = catalog.structure(thorough=thorough)
        assert structure.schema and structure.damage == ()


# sums


def test_right_sums_are_not_mentioned(catalog: Catalog, alice: Owner, bob: Owner, media: list[Media]) -> None:
    catalog.add_album(album := an_album(alice))
    catalog.change_media(media[0].id, Changes(album_id=album.id, is_public=False), NOW)
    catalog.remove_media(media[1].id, NOW)
    assert catalog.wrong_sums() == []


def test_wrong_sums_say_what_is_kept_and_what_is_counted(catalog: Catalog, alice: Owner, media: list[Media]) -> None:
    catalog.add_album(album := an_album(alice))
    execute(catalog, "UPDATE owners SET media_count = 9 WHERE id = ?", alice.id)
    execute(catalog, "UPDATE albums SET media_count = 2")
    execute(catalog, "UPDATE totals SET number = 1, size_bytes = 2")
    execute(catalog, "INSERT INTO totals VALUES (?, 'audio', 0, 3, 4)", alice.id)
    kinds = f"{alice.id} (private audio)", f"{alice.id} (public image)"
    assert catalog.wrong_sums() == [
        WrongSum("owner", alice.id, "alice", (9, 7000), (7, 7000)),
        WrongSum("owner", kinds[0], kinds[0], (3, 4), (0, 0)),
        WrongSum("owner", kinds[1], kinds[1], (1, 2), (7, 7000)),
        WrongSum("album", album.id, "Holiday", (2,), (0,)),
    ]
    assert catalog.recount()
    assert catalog.wrong_sums() == []


def test_looking_changes_nothing(catalog: Catalog, alice: Owner, media: list[Media]) -> None:
    execute(catalog, "UPDATE owners SET media_count = 9 WHERE id = ?", alice.id)
    assert catalog.wrong_sums() == catalog.wrong_sums() != []


# what leads elsewhere


def test_whole_references_are_not_mentioned(catalog: Catalog, alice: Owner, media: list[Media]) -> None:
    catalog.add_album(album := an_album(alice, cover_id=media[0].id))
    catalog.add_album(an_album(alice, parent_id=album.id))
    catalog.add_key(a_key(alice))
    catalog.remove_media(media[0].id, NOW)  # a cover may go
    assert catalog.broken_references() == []


def test_broken_references_are_counted(catalog: Catalog, alice: Owner) -> None:
    for _ in range(2):
        catalog.add_album(an_album(alice, parent_id="p" * 21))
    catalog.add_album(an_album(alice, cover_id="c" * 11))
    execute(catalog, "UPDATE owners SET avatar_id = ?, background_id = ?", "a" * 21, "b" * 21)
    assert catalog.broken_references() == [
        Broken("albums", "parent_id", "albums", "p" * 21, 2),
        Broken("albums", "cover_id", "media", "c" * 11, 1),
        Broken("owners", "avatar_id", "assets", "a" * 21, 1),
        Broken("owners", "background_id", "assets", "b" * 21, 1),
    ]


def test_every_reference_the_database_knows_is_followed(
    open_catalog: OpenCatalog, request: pytest.FixtureRequest
) -> None:
    catalog = open_catalog()
    assert isinstance(catalog, Sql)
    if "sqlite" in request.node.callspec.id:
        tables = [name for (name,) in catalog.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        known = {
            (table, row[3], row[2]) for table in tables for row in catalog.rows(f"PRAGMA foreign_key_list('{table}')")
        }
    else:
        known = set(
            catalog.rows(
                "SELECT conrelid::regclass::text, attname::text, confrelid::regclass::text FROM pg_constraint"
                " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f'"
            )
        )
    assert known and known <= set(REFERENCES)


def test_targets_are_what_is_here_or_was_deleted(catalog: Catalog, alice: Owner, media: list[Media]) -> None:
    catalog.add_album(album := an_album(alice))
    catalog.add_key(key := a_key(alice))
    catalog.add_asset(asset := Asset("a" * 21, alice.id, "image/png", "png", 5, "0" * 64, NOW))
    category = catalog.add_category("Cats", "cats")
    catalog.remove_media(media[0].id, NOW)
    here: dict[Target, str] = {
        "media": media[1].id, "album": album.id, "owner": alice.id, "category": str(category.id), "key": key.id,
        "asset": asset.id,
    }  # fmt: skip
    for kind, target in here.items():
        assert catalog.targets_among(kind, [*here.values(), "nowhere"]) == {target}
    assert catalog.targets_among("media", [media[0].id]) == {media[0].id}
    assert catalog.targets_among("album", [media[0].id]) == set()


# the search by text


@pytest.mark.parametrize("title", [*ODD_TEXTS, None])
def test_what_was_noted_can_be_searched(catalog: Catalog, alice: Owner, title: str | None) -> None:
    catalog.add_media(media := a_media(alice, title=title), a_token(), reuse=False)
    assert catalog.unsearchable([media.id, "nowhere"]) == set()


def test_what_is_said_otherwise_is_noticed_and_noted_again(catalog: Catalog, alice: Owner, media: list[Media]) -> None:
    execute(catalog, "UPDATE media SET title = 'dog' WHERE id = ?", media[0].id)
    execute(catalog, "DELETE FROM texts WHERE media_id = ?", media[1].id)
    ids = [one.id for one in media]
    assert catalog.unsearchable(ids) == {media[0].id, media[1].id}
    catalog.note_again([media[0].id, media[1].id, "nowhere"])
    assert catalog.unsearchable(ids) == set()


def test_what_was_noted_again_is_found_and_forgotten_like_any_other(catalog: Catalog, alice: Owner) -> None:
    from gateway.core.search import Query

    catalog.add_media(media := a_media(alice, title="a cat"), a_token(), reuse=False)
    execute(catalog, "UPDATE media SET title = 'a dog' WHERE id = ?", media.id)
    catalog.note_again([media.id])

    def found(text: str) -> list[str]:
        return [one.id for one in catalog.search(Query(alice.id, text=text), None, NOW, 9)]

    assert (found("a dog"), found("a cat")) == ([media.id], [])
    catalog.change_media(media.id, Changes(title="a cow"), NOW)
    assert (found("a cow"), found("a dog")) == ([media.id], [])
    assert catalog.unsearchable([media.id]) == set()
