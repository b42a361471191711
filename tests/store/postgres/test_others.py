"""Others are at the same PostgreSQL catalog: who waits for whom, for how long, and who is alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("psycopg", reason="psycopg is not installed")

from psycopg import errors

from gateway.core.changes import Changes
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import new_id
from gateway.core.moving import Arrived
from gateway.core.pieces import Session
from gateway.core.plans import UNLIMITED
from gateway.core.records import Media, Owner
from gateway.store import postgres_connections
from gateway.store.postgres import PostgresCatalog
from gateway.store.postgres_failures import unavailable
from tests.contract.samples import NOW, a_key, a_media, a_token, an_owner, at_once, minutes
from tests.stores import execute

SOMEBODY_WAITS = (
    "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()"
)


def test_a_name_that_is_held_stops_who_needs_it_and_nobody_else(catalog: PostgresCatalog, alice: Owner) -> None:
    catalog.add_owner(bob := an_owner("bob"))
    with catalog.transaction() as db:
        catalog.hold(db, f"owner {alice.id}")
        [result] = at_once(1, lambda _: catalog.add_media(a_media(alice), a_token(), reuse=False))
        assert isinstance(result, StoreUnavailable)
        assert "busy" in result.message
        assert catalog.add_media(a_media(bob), a_token(), reuse=False) is None
        assert catalog.owner(alice.id) == alice  # reading goes on
    assert catalog.add_media(a_media(alice), a_token(), reuse=False) is None


# What reads before it writes, and the name it goes by: on PostgreSQL all else may happen in between.
RULES: dict[str, tuple[str, Callable[[PostgresCatalog, Media], object]]] = {
    "add_owner": ("owners", lambda catalog, media: catalog.add_owner(an_owner("bob"))),
    "add_category": ("categories", lambda catalog, media: catalog.add_category("Nature", "nature")),
    "add_key": ("owner {}", lambda catalog, media: catalog.add_key(a_key(owner_of(catalog, media)), at_most=5)),
    "add_session": ("owner {}", lambda catalog, media: catalog.add_session(a_session(media.owner_id), UNLIMITED)),
    "add_media": ("owner {}", lambda catalog, media: catalog.add_media(another(catalog, media), a_token(), reuse=True)),
    "add_arrived": ("owner {}", lambda catalog, media: catalog.add_arrived([Arrived(another(catalog, media))])),
    "add_delete_token": ("owner {}", lambda catalog, media: catalog.add_delete_token(media.id, a_token())),
    "change_media": ("owner {}", lambda catalog, media: catalog.change_media(media.id, Changes(title="new"), NOW)),
    "remove_media": ("owner {}", lambda catalog, media: catalog.remove_media(media.id, NOW)),
    "note_again": ("owner {}", lambda catalog, media: catalog.note_again([media.id])),
    "withdraw_media": ("tags", lambda catalog, media: catalog.withdraw_media([media.id])),
    "withdraw": ("owner {}", lambda catalog, media: catalog.withdraw("owner", [media.owner_id])),
    "a tag": ("tags", lambda catalog, media: catalog.change_media(media.id, Changes(tags=("cat",)), NOW)),
    "a new tag": ("new tags", lambda catalog, media: catalog.change_media(media.id, Changes(tags=("dog",)), NOW)),
}


def owner_of(catalog: PostgresCatalog, media: Media) -> Owner:
    owner = catalog.owner(media.owner_id)
    assert owner
    return owner


def another(catalog: PostgresCatalog, media: Media) -> Media:
    return a_media(owner_of(catalog, media))


def a_session(owner_id: str) -> Session:
    return Session(new_id(), owner_id, "image", 10, 0, "", NOW, NOW + minutes(1))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_goes_by_its_name(catalog: PostgresCatalog, alice: Owner, rule: str) -> None:
    name, write = RULES[rule]
    catalog.add_media(media := a_media(alice), a_token(), reuse=False)
    with catalog.transaction() as db:
        catalog.hold(db, name.format(alice.id))
        [result] = at_once(1, lambda _: write(catalog, media))
        assert isinstance(result, StoreUnavailable)
    write(catalog, media)


def test_those_who_share_a_name_are_at_it_together(catalog: PostgresCatalog) -> None:
    def share(_: int) -> None:
        with catalog.transaction() as db:
            catalog.share(db, "tags")

    def hold(_: int) -> None:
        with catalog.transaction() as db:
            catalog.hold(db, "tags")

    with catalog.transaction() as db:
        catalog.share(db, "tags")
        assert at_once(3, share) == [None] * 3
        [result] = at_once(1, hold)
        assert isinstance(result, StoreUnavailable)


def test_a_tag_that_goes_just_now_is_made_again_by_who_needs_it(url: str) -> None:
    catalog = PostgresCatalog(url)
    catalog.add_owner(alice := an_owner("alice"))
    catalog.add_media(last := a_media(alice, tags=("cat",)), a_token(), reuse=False)
    catalog.add_owner(bob := an_owner("bob"))
    with ThreadPoolExecutor(1) as another, catalog.transaction() as db:
        catalog.hold_owners_of(db, [last.id], "tags")
        db.execute("DELETE FROM media_tags")
        catalog.drop_unused_tags(db)
        media = a_media(bob, tags=("cat",))
        adding = another.submit(catalog.add_media, media, a_token(), reuse=False)
        while not execute(url, SOMEBODY_WAITS):
            assert not adding.done()
    assert adding.result() is None
    assert catalog.media(media.id) == media
    catalog.close()


def test_while_a_catalog_is_frozen_nobody_writes(catalog: PostgresCatalog, alice: Owner) -> None:
    with catalog.frozen():
        [result] = at_once(1, lambda _: catalog.set_owner_active(alice.id, False))
        assert isinstance(result, StoreUnavailable)
        assert catalog.owners() == [alice]
    catalog.set_owner_active(alice.id, False)


def test_a_frozen_catalog_may_be_held_for_any_time(catalog: PostgresCatalog) -> None:
    """While a move is undone, all rows of two catalogs are compared, and nothing is asked of the one that is held."""
    with catalog.frozen() as db:
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            assert db.execute(f"SHOW {limit}").fetchone() == ("0",)


def test_a_snapshot_shows_one_moment(catalog: PostgresCatalog, alice: Owner) -> None:
    with catalog.snapshot() as then:
        catalog.add_owner(an_owner("bob"))
        assert catalog.rows("SELECT username FROM owners", db=then) == [("alice",)]
    assert len(catalog.owners()) == 2


def test_of_two_who_wait_for_each_other_one_gives_way(url: str) -> None:
    catalog = PostgresCatalog(url)
    names = ("one", "other")

    def cross(number: int) -> None:
        with catalog.transaction() as db:
            catalog.hold(db, names[number])
            both_have_one.wait()
            catalog.hold(db, names[1 - number])

    both_have_one = threading.Barrier(2)
    results = at_once(2, cross)
    catalog.close()
    assert sorted(map(type, results), key=str) == sorted([type(None), StoreUnavailable], key=str)


def test_a_statement_without_end_is_given_up(catalog: PostgresCatalog) -> None:
    with pytest.raises(StoreUnavailable, match="busy"):
        catalog.rows("SELECT pg_sleep(60)")
    assert catalog.owners() == []


def test_more_callers_than_connections_wait_their_turn(url: str) -> None:
    catalog = PostgresCatalog(url)
    many = 3 * postgres_connections.MOST
    assert at_once(many, lambda _: catalog.rows("SELECT 1 FROM pg_sleep(0.01)")) == [[(1,)]] * many
    catalog.close()


def test_without_a_free_connection_a_caller_is_told_that_it_is_busy(
    catalog: PostgresCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = [catalog.connections.take() for _ in range(postgres_connections.MOST)]
    with pytest.raises(StoreUnavailable):
        catalog.owners()
    for connection in taken:
        catalog.connections.put(connection)
    assert catalog.owners() == []


def test_a_full_disk_is_told_as_one() -> None:
    assert "disk of the catalog is full" in unavailable(errors.DiskFull()).message


# one at a time among all machines


def test_who_is_alone_keeps_others_out_until_he_leaves(catalog: PostgresCatalog) -> None:
    with catalog.alone("sweep") as is_first, catalog.alone("sweep") as is_second, catalog.alone("move") as is_other:
        assert (is_first, is_second, is_other) == (True, False, True)
    with catalog.alone("sweep") as is_again:
        assert is_again


def test_who_dies_is_no_longer_alone(catalog: PostgresCatalog, url: str) -> None:
    with catalog.alone("sweep"):
        execute(
            url,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()",
        )
        with catalog.alone("sweep") as is_mine:
            assert is_mine
