"""Fifty who write into one PostgreSQL catalog at once, in four processes: every rule holds as if they came in turn."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest

pytest.importorskip("psycopg", reason="psycopg is not installed")

from gateway.core.errors import QuotaExceeded
from gateway.core.feed import Change
from gateway.core.moving import Arrived, Origin
from gateway.core.plans import UNLIMITED, Plan
from gateway.core.records import Media, Owner
from gateway.store.postgres import PostgresCatalog
from tests.contract.samples import NOW, a_key, a_media, a_token, an_owner, sha256
from tests.stores import a_database

PROCESSES, WRITERS = 4, 13
EACH = 2  # times everything is done by each of them
ALL = PROCESSES * WRITERS * EACH
ROOM, SIZE = 20, 1000
KEYS, PER_DAY = 5, 7
TAGS = tuple(f"tag {number}" for number in range(8))


@dataclass(frozen=True, slots=True)
class People:
    """Each of them is what one rule is tried on."""

    limited: Owner
    repeating: Owner
    keyed: Owner
    planned: Owner
    followed: Owner
    tagging: Owner

    def all(self) -> list[Owner]:
        return [self.limited, self.repeating, self.keyed, self.planned, self.followed, self.tagging]


@dataclass(frozen=True, slots=True)
class Done:
    """How often each thing was done; what went wrong is told as text."""

    within_quota: int = 0
    repeated: int = 0
    keys: int = 0
    planned: int = 0
    wrong: tuple[str, ...] = ()

    def __add__(self, other: Done) -> Done:
        return Done(
            self.within_quota + other.within_quota,
            self.repeated + other.repeated,
            self.keys + other.keys,
            self.planned + other.planned,
            self.wrong + other.wrong,
        )


def write(url: str, people: People, process: int) -> Done:
    """What one of the processes does."""
    catalog = PostgresCatalog(url)
    with ThreadPoolExecutor(WRITERS) as pool:
        done = list(pool.map(lambda writer: sum_of(catalog, people, process * WRITERS + writer), range(WRITERS)))
    catalog.close()
    return total(done)


def sum_of(catalog: PostgresCatalog, people: People, writer: int) -> Done:
    try:
        return total([try_everything(catalog, people, writer * EACH + time) for time in range(EACH)])
    except Exception as error:
        return Done(wrong=(f"{type(error).__name__}: {error}",))


def total(done: list[Done]) -> Done:
    return sum(done, Done())


def try_everything(catalog: PostgresCatalog, people: People, number: int) -> Done:
    try:  # first, while all of them are at the same
        catalog.add_key(a_key(people.keyed), at_most=KEYS)
        keys = 1
    except QuotaExceeded:
        keys = 0
    within_quota = added(catalog, a_media(people.limited, size_bytes=SIZE))
    same = a_media(people.repeating, sha256=sha256("the same"))
    repeated = catalog.add_media(same, a_token(), reuse=True) is not None
    planned = added(catalog, a_media(people.planned), Plan("a few", uploads_per_day=PER_DAY))
    # clocks differ, and this one goes back
    catalog.add_media(a_media(people.followed, updated_at=NOW - timedelta(milliseconds=number)), a_token(), reuse=False)
    tags = TAGS[number % 8 :] + TAGS[: number % 8]
    batch = [a_media(owner, tags=tags) for owner in (people.tagging, people.followed, people.repeating)]
    if number % 2:
        batch.reverse()
    catalog.add_arrived([Arrived(one, (Origin("site", "media", one.id, one.id, "run"),)) for one in batch])
    catalog.withdraw_media([batch[0].id])
    return Done(int(within_quota), int(repeated), keys, int(planned))


def added(catalog: PostgresCatalog, media: Media, plan: Plan = UNLIMITED) -> bool:
    try:
        catalog.add_media(media, a_token(), reuse=False, plan=plan)
        return True
    except QuotaExceeded:
        return False


def follow(catalog: PostgresCatalog, owner: Owner, seen: list[Change]) -> None:
    """Whatever is new since the last time."""
    while news := catalog.changes(owner.id, (), seen[-1].place if seen else None, NOW, 50):
        seen += news


@dataclass(frozen=True, slots=True)
class Crowd:
    catalog: PostgresCatalog
    people: People
    done: Done
    seen: list[Change]


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    """Everything they do is done once; each test looks at one rule."""
    with a_database() as url:
        catalog = PostgresCatalog(url)
        names = ("limited", "repeating", "keyed", "planned", "followed", "tagging")
        people = People(*(an_owner(name, quota_bytes=ROOM * SIZE if name == "limited" else None) for name in names))
        for owner in people.all():
            catalog.add_owner(owner)
        seen: list[Change] = []
        with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
            running = [pool.submit(write, url, people, process) for process in range(PROCESSES)]
            while not all(one.done() for one in running):
                follow(catalog, people.followed, seen)
        follow(catalog, people.followed, seen)
        yield Crowd(catalog, people, total([one.result() for one in running]), seen)
        catalog.close()


def test_nothing_goes_wrong(crowd: Crowd) -> None:
    assert crowd.done.wrong == ()


def test_a_quota_is_never_passed(crowd: Crowd) -> None:
    assert crowd.done.within_quota == ROOM
    owner = crowd.catalog.owner(crowd.people.limited.id)
    assert owner and (owner.storage_used_bytes, owner.media_count) == (ROOM * SIZE, ROOM)


def test_a_plan_is_never_passed(crowd: Crowd) -> None:
    assert crowd.done.planned == PER_DAY
    assert crowd.catalog.uploads(crowd.people.planned.id, NOW.date()).day == PER_DAY


def test_the_same_bytes_are_one_record(crowd: Crowd) -> None:
    assert crowd.done.repeated == ALL - 1
    same = crowd.catalog.rows(
        "SELECT id FROM media WHERE owner_id = ? AND sha256 = ?", crowd.people.repeating.id, sha256("the same")
    )
    assert len(same) == 1


def test_there_are_no_more_keys_than_allowed(crowd: Crowd) -> None:
    assert (crowd.done.keys, len(crowd.catalog.keys())) == (KEYS, KEYS)


def test_the_moments_of_the_feed_rise_and_nobody_who_follows_misses_one(crowd: Crowd) -> None:
    assert [change.place for change in crowd.seen] == sorted({change.place for change in crowd.seen})
    told: list[Change] = []
    follow(crowd.catalog, crowd.people.followed, told)
    last = {change.id: change for change in crowd.seen}
    assert {change.id for change in told} == last.keys()
    assert all(last[change.id].at == change.at for change in told)
    assert len({change.at for change in told}) == len(told)


def test_each_tag_is_made_once_and_none_is_lost(crowd: Crowd) -> None:
    assert crowd.catalog.rows("SELECT name FROM tags ORDER BY name") == [(name,) for name in TAGS]
    tagged = crowd.catalog.rows("SELECT count(*), count(DISTINCT media_id) FROM media_tags")
    assert tagged == [(2 * ALL * len(TAGS), 2 * ALL)]


def test_all_sums_are_right(crowd: Crowd) -> None:
    assert not crowd.catalog.recount()
