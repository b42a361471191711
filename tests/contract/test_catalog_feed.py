"""What a catalog promises to those who keep a copy: every change, in order, and nothing missed."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.core.changes import Changes
from gateway.core.feed import DELETED_FOR, Change
from gateway.core.moving import Arrived
from gateway.core.ports import Catalog
from gateway.core.records import Media, Owner
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, a_media, a_token, at_once, minutes

Place = tuple[datetime, str]


def add(catalog: Catalog, media: Media) -> Media:
    catalog.add_media(media, a_token(), reuse=False)
    return media


def feed(catalog: Catalog, owner: Owner, after: Place | None = None, limit: int = 100) -> list[Change]:
    return catalog.changes(owner.id, (), after, NOW, limit)


def test_it_works(catalog: Catalog, alice: Owner) -> None:
    one = add(catalog, a_media(alice, tags=("cat",), updated_at=NOW))
    two = add(catalog, a_media(alice, kind="video", updated_at=NOW + minutes(1)))
    changed = catalog.change_media(one.id, Changes(title="new"), NOW + minutes(2))
    catalog.remove_media(two.id, NOW + minutes(3))
    assert feed(catalog, alice) == [
        Change(NOW + minutes(2), one.id, "image", changed),
        Change(NOW + minutes(3), two.id, "video", None),
    ]


def test_it_goes_on_after_the_last_one(catalog: Catalog, alice: Owner) -> None:
    media = [add(catalog, a_media(alice, updated_at=NOW + minutes(at))) for at in range(5)]
    seen: list[Change] = []
    while page := feed(catalog, alice, seen[-1].place if seen else None, limit=2):
        seen += page
    assert [one.media for one in seen] == media


def test_others_changes_are_not_told(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.remove_media(add(catalog, a_media(bob)).id, NOW)
    add(catalog, a_media(bob))
    assert feed(catalog, alice) == []


def test_kinds_can_be_asked_for(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice))
    film = add(catalog, a_media(alice, kind="video"))
    catalog.remove_media(add(catalog, a_media(alice)).id, NOW)
    assert [one.media for one in catalog.changes(alice.id, ("video", "audio"), None, NOW, 9)] == [film]


def test_while_the_clock_stands_still_nothing_is_missed(catalog: Catalog, alice: Owner) -> None:
    seen: list[str] = []
    after = None
    for _ in range(20):
        media = add(catalog, a_media(alice, updated_at=NOW))
        [change] = feed(catalog, alice, after)
        assert change.id == media.id
        seen.append(change.id)
        after = change.place
    assert [change.id for change in feed(catalog, alice)] == seen


def test_when_the_clock_goes_back_nothing_is_missed(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice, updated_at=NOW))
    [first] = feed(catalog, alice)
    media = add(catalog, a_media(alice, updated_at=NOW - minutes(60)))
    assert [change.media for change in feed(catalog, alice, first.place)] == [media]


def test_old_files_that_move_in_are_news(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice))
    [first] = feed(catalog, alice)
    old = [a_media(alice, updated_at=NOW - timedelta(days=days)) for days in (900, 800)]
    catalog.add_arrived([Arrived(media) for media in old])
    news = feed(catalog, alice, first.place)
    assert [change.id for change in news] == sorted(media.id for media in old)
    catalog.withdraw_media([media.id for media in old])
    assert [change.media for change in feed(catalog, alice, news[-1].place)] == [None, None]


def test_whoever_follows_while_many_write_sees_everything(open_catalog: OpenCatalog, alice: Owner) -> None:
    handles = [open_catalog(), open_catalog()]
    media = [a_media(alice, updated_at=NOW + timedelta(milliseconds=at % 7)) for at in range(40)]
    seen: list[Change] = []

    def work(number: int) -> None:
        if number < 40:
            handles[number % 2].add_media(media[number], a_token(), reuse=False)
        else:
            seen.extend(feed(handles[0], alice, seen[-1].place if seen else None))

    assert at_once(41, work) == [None] * 41
    seen += feed(handles[0], alice, seen[-1].place if seen else None)
    assert {change.id for change in seen} == {one.id for one in media}
    assert len(seen) == 40


def test_a_deletion_is_told_for_a_month(catalog: Catalog, alice: Owner) -> None:
    catalog.remove_media(add(catalog, a_media(alice)).id, NOW)
    [told] = feed(catalog, alice)
    assert catalog.changes(alice.id, (), None, told.at + DELETED_FOR - minutes(1), 9) == [told]
    assert catalog.changes(alice.id, (), None, told.at + DELETED_FOR, 9) == []


def test_what_is_past_its_time_is_told_when_it_is_deleted(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice, expires_at=NOW))
    assert feed(catalog, alice) == []
    catalog.remove_media(media.id, NOW)
    assert [(change.id, change.media) for change in feed(catalog, alice)] == [(media.id, None)]


def test_looking_at_it_is_no_change(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice))
    [first] = feed(catalog, alice)
    catalog.count_view(media.id)
    assert feed(catalog, alice, first.place) == []
