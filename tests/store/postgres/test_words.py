"""However many have a text, and wherever in time they lie, PostgreSQL finds what a look at each would find."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

pytest.importorskip("psycopg", reason="psycopg is not installed")

from gateway.core.listing import Place
from gateway.core.moving import Arrived
from gateway.core.records import Kind, Media, Owner
from gateway.core.search import Query, fold
from gateway.store import postgres_words
from gateway.store.postgres import PostgresCatalog
from gateway.store.sql import search
from gateway.store.sql.search import folded
from tests.contract.samples import NOW, a_media, an_owner
from tests.stores import a_database

KINDS: tuple[Kind, ...] = ("image", "video")
LETTERS = "abÄ照 "
SPANS = [timedelta(0), timedelta(seconds=1), timedelta(hours=3), timedelta(days=40), timedelta(days=9000)]


@dataclass(frozen=True, slots=True)
class Shelf:
    catalog: PostgresCatalog
    owners: list[Owner]
    media: list[Media]


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    """Pictures and films of two, of names that are much alike, some within a second and some a life apart."""
    chance = random.Random(7)
    with a_database() as url:
        catalog = PostgresCatalog(url)
        owners = [an_owner("alice"), an_owner("bob")]
        for owner in owners:
            catalog.add_owner(owner)
        media = [picture(chance, owners[number % 3 == 0]) for number in range(300)]
        catalog.add_arrived([Arrived(one) for one in media])
        yield Shelf(catalog, owners, media)
        catalog.close()


def picture(chance: random.Random, owner: Owner) -> Media:
    at = NOW - chance.choice(SPANS) * chance.random()
    return a_media(
        owner,
        kind=chance.choice(KINDS),
        title="".join(chance.choices(LETTERS, k=6)),
        filename=chance.choice(["IMG_1.jpg", "DSC_2.jpg"]) if at > NOW - timedelta(days=20) else "DSC_3.jpg",
        is_public=chance.random() < 0.5,
        tags=("cat",) if chance.random() < 0.5 else (),
        created_at=at.replace(microsecond=at.microsecond // 1000 * 1000),
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small numbers, so that each way of looking is taken."""
    monkeypatch.setattr(postgres_words, "NEWEST", 4)
    monkeypatch.setattr(postgres_words, "HITS", 6)
    monkeypatch.setattr(search, "FEW", 2)


def walk(catalog: PostgresCatalog, query: Query, size: int) -> list[str]:
    seen: list[str] = []
    after: Place | None = None
    while page := catalog.search(query, after, NOW, size):
        seen += [one.id for one in page]
        after = Place(page[-1].created_at, page[-1].id)
    return seen


def looked_at(shelf: Shelf, query: Query) -> list[str]:
    """Each by itself."""
    found = [
        one
        for one in shelf.media
        if one.owner_id == query.owner_id
        and fold(query.text or "") in folded(one.title, one.filename)
        and one.kind in (query.kinds or KINDS)
        and query.is_public in (None, one.is_public)
        and query.tag in (None, *one.tags)
        and (query.since or one.created_at) <= one.created_at
        and (not query.until or one.created_at < query.until)
    ]
    return [one.id for one in sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("text", ["a", "ä", "照", "ab", "a照", "aba", "ä照b", "img_", "dsc_3", "_2.j", "nothing", "zz"])
@pytest.mark.parametrize(
    "asked",
    [{}, {"tag": "cat"}, {"kinds": ("video",)}, {"is_public": False}, {"until": NOW - timedelta(days=3)},
     {"since": NOW - timedelta(days=50), "kinds": ("image",)}],
    ids=str,
)  # fmt: skip
def test_what_is_found_is_what_is_there(shelf: Shelf, text: str, asked: dict[str, object]) -> None:
    for owner in shelf.owners:
        query = replace(Query(owner.id, text=text), **asked)
        there = looked_at(shelf, query)
        for size in (1, 3, 50):
            assert walk(shelf.catalog, query, size) == there


@pytest.mark.usefixtures("few")
def test_every_way_of_looking_is_taken(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    for way in ("among_newest", "among_hits", "by_stretches"):
        real = getattr(PostgresCatalog, way)
        monkeypatch.setattr(PostgresCatalog, way, lambda *what, way=way, real=real: taken.append(way) or real(*what))
    alice = shelf.owners[0]
    for text, ways in (("_", {"among_newest"}), ("nothing", {"among_newest", "among_hits"})):
        taken.clear()
        shelf.catalog.search(Query(alice.id, text=text), None, NOW, 2)
        assert set(taken) == ways
    taken.clear()
    shelf.catalog.search(Query(alice.id, text="dsc_3"), None, NOW, 2)
    assert set(taken) == {"among_newest", "among_hits", "by_stretches"}


def test_the_index_answers_what_is_rare(shelf: Shelf) -> None:
    """Its expression has to be spelled as the question is, or every text would be read."""
    sql = f"EXPLAIN SELECT media_id FROM texts WHERE {postgres_words.WORDS} @> ?"
    with shelf.catalog.transaction() as db:
        db.execute("SET LOCAL enable_seqscan = off")
        plan = " ".join(line for (line,) in db.execute(sql, [["abc"]]).fetchall())
    assert "texts_words" in plan


@pytest.mark.parametrize("year", [1, 1969, 1970, 9999])
def test_any_year_has_its_hour(year: int) -> None:
    at = datetime(year, 1, 1, tzinfo=NOW.tzinfo)
    assert postgres_words.hour_of(at) < postgres_words.hour_of(at + timedelta(hours=2))
