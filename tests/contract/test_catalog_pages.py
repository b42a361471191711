"""What a catalog promises about lists of media: newest first, only what everybody may see, and turned by key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.listing import Listing, Place
from gateway.core.ports import Catalog
from gateway.core.records import Media, Owner
from tests.contract.samples import NOW, a_media, a_token, an_album, minutes


def add(catalog: Catalog, *some: Media) -> None:
    for media in some:
        catalog.add_media(media, a_token(), reuse=False)


def in_pages(catalog: Catalog, listing: Listing, size: int) -> list[Media]:
    found: list[Media] = []
    after = None
    while page := catalog.media_page(listing, after, NOW, size):
        assert len(page) <= size
        found += page
        after = Place(page[-1].created_at, page[-1].id)
    return found


def test_a_list_is_turned_page_by_page_newest_first(catalog: Catalog, alice: Owner) -> None:
    """Three were added in the same moment."""
    media = [a_media(alice, id=f"media-{at:05}", created_at=NOW - minutes(at // 3)) for at in range(9)]
    add(catalog, *media)
    wanted = sorted(media, key=lambda one: (one.created_at, one.id), reverse=True)
    for size in (1, 2, 4, 9, 20):
        assert in_pages(catalog, Listing("owner", alice.id), size) == wanted


def test_what_is_listed_is_counted_up_to_a_number(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(album := an_album(alice))
    shown = [a_media(alice, album_id=album.id) for _ in range(3)]
    some_day, gone = (a_media(alice, album_id=album.id, expires_at=at) for at in (NOW + minutes(1), NOW))
    add(catalog, *shown, some_day, gone, a_media(alice, album_id=album.id, is_public=False), a_media(alice))
    listing = Listing("album", album.id)
    assert [catalog.media_number(listing, NOW, at_most) for at_most in (1, 3, 4, 9)] == [1, 3, 4, 4]
    assert len(in_pages(catalog, listing, 9)) == 4
    assert catalog.media_number(Listing("tag", "nothing of this name"), NOW, 9) == 0


@pytest.mark.parametrize("by", ["owner", "album", "category", "tag"])
def test_each_list_holds_what_belongs_to_it(catalog: Catalog, alice: Owner, bob: Owner, by: str) -> None:
    catalog.add_album(album := an_album(alice))
    category = catalog.add_category("Nature", "nature")
    mine = a_media(alice, album_id=album.id, category_id=category.id, tags=("One", "two"))
    add(catalog, mine, a_media(bob, tags=("one",)))
    values = {"owner": alice.id, "album": album.id, "category": category.id, "tag": "One"}
    assert catalog.media_page(Listing(by, values[by]), None, NOW, 9) == [mine]  # type: ignore[arg-type]
    assert catalog.media_page(Listing(by, "nothing of this name"), None, NOW, 9) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("privacy", ["link", "password", "private"])
def test_what_is_in_an_album_that_is_not_public_is_listed_there_alone(
    catalog: Catalog, alice: Owner, privacy: str
) -> None:
    catalog.add_album(album := replace(an_album(alice), privacy=privacy))
    add(catalog, media := a_media(alice, album_id=album.id, category_id=5, tags=("One",)))
    assert catalog.media_page(Listing("album", album.id), None, NOW, 9) == [media]
    for listing in (Listing("owner", alice.id), Listing("category", 5), Listing("tag", "One")):
        assert catalog.media_page(listing, None, NOW, 9) == []


def test_what_is_private_or_past_its_time_is_in_no_list(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(album := an_album(alice))
    shown = a_media(alice, album_id=album.id, expires_at=NOW + minutes(1))
    add(
        catalog, shown, a_media(alice, album_id=album.id, is_public=False),
        a_media(alice, album_id=album.id, expires_at=NOW),
    )  # fmt: skip
    for listing in (Listing("album", album.id), Listing("owner", alice.id)):
        assert catalog.media_page(listing, None, NOW, 9) == [shown]
