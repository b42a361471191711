"""What a catalog promises about media: rows, tags, delete tokens, expiry and removal."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

import pytest

from gateway.core.ports import Catalog
from gateway.core.records import FileEntry, Media, Owner
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, ODD_TEXTS, a_media, a_token, an_album, at_once, minutes, sha256


def add(catalog: Catalog, media: Media, token: str | None = None) -> Media:
    assert catalog.add_media(media, token or a_token(), reuse=False) is None
    return media


def test_it_works(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(album := an_album(alice))
    media = a_media(
        alice,
        kind="video",
        description="a description",
        size_bytes=5_000_000_000,
        width=1920,
        height=1080,
        md5="1" * 32,
        source_sha256="2" * 64,
        source_md5="3" * 32,
        is_resized=True,
        exif_json='{"Model":"EOS"}',
        is_animated=True,
        is_360=True,
        is_public=False,
        is_nsfw=True,
        album_id=album.id,
        category_id=99,
        views=7,
        thumb_bytes=11,
        medium_bytes=12,
        medium_width=500,
        medium_height=281,
        created_at=NOW - minutes(60),
        updated_at=NOW - minutes(30),
        expires_at=NOW + minutes(60),
        tags=("One", "two"),
    )
    add(catalog, media)
    assert catalog.media(media.id) == media


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_texts_come_back_as_they_were(catalog: Catalog, alice: Owner, text: str) -> None:
    media = add(catalog, a_media(alice, filename=text, title=text, description=text * 500, tags=(text,)))
    assert catalog.media(media.id) == media


def test_an_empty_text_is_not_a_missing_one(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice, title="", description=None))
    assert catalog.media(media.id) == media


def test_ids_that_differ_in_case_are_two_media(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice, id="aaaaaaaaaaa", title="small"))
    add(catalog, a_media(alice, id="AAAAAAAAAAA", title="big"))
    small, big = catalog.media("aaaaaaaaaaa"), catalog.media("AAAAAAAAAAA")
    assert small and big and (small.title, big.title) == ("small", "big")


def test_unknown_media_is_none(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice))
    assert catalog.media("no such id") is None
    assert catalog.file_entry("no such id") is None


def test_a_file_entry_says_the_same_as_the_media(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice, is_public=False, expires_at=NOW + minutes(1)))
    facts = asdict(media)
    assert catalog.file_entry(media.id) == FileEntry(**{name: facts[name] for name in FileEntry.__slots__})


def test_expired_media_is_still_found(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice, expires_at=NOW - minutes(1)))
    assert catalog.media(media.id) == media
    assert catalog.file_entry(media.id)


def test_views_are_counted_however_many_look_at_once(open_catalog: OpenCatalog, catalog: Catalog, alice: Owner) -> None:
    handles = [catalog, open_catalog()]
    media, other = add(catalog, a_media(alice)), add(catalog, a_media(alice))
    at_once(12, lambda number: handles[number % 2].count_view(media.id))
    assert catalog.media(media.id) == replace(media, views=12)
    assert catalog.media(other.id) == other


def test_a_view_of_what_is_gone_is_no_error(catalog: Catalog) -> None:
    catalog.count_view("no such id")


def test_those_ids_that_exist_are_told(catalog: Catalog, alice: Owner) -> None:
    known = {add(catalog, a_media(alice)).id for _ in range(3)}
    unknown = [f"unknown{number}" for number in range(597)]
    assert catalog.media_ids([*unknown, *known]) == known
    assert catalog.media_ids(unknown) == set()
    assert catalog.media_ids([]) == set()


# tags


def test_tags_are_told_apart_by_case_and_accent(catalog: Catalog, alice: Owner) -> None:
    tags = ("One", "one", "ONE", "Ä", "ä", "a", "ss", "ß", "e\u0301", "\u00e9", "👍", "👍🏽", "100%", "_")
    media = add(catalog, a_media(alice, tags=tags))
    assert catalog.media(media.id) == media


def test_tags_stand_in_the_order_the_catalog_met_them(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice, tags=("zoo", "ape")))
    media = add(catalog, a_media(alice, tags=("ape", "lion", "zoo", "bear")))
    found = catalog.media(media.id)
    assert found and found.tags == ("zoo", "ape", "lion", "bear")


def test_a_tag_outlives_one_of_its_media(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    one, two = add(catalog, a_media(alice, tags=("cat",))), add(catalog, a_media(bob, tags=("cat",)))
    catalog.remove_media(one.id, NOW)
    assert catalog.media(two.id) == two


# delete tokens


def test_a_token_leads_to_its_media(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice, tags=("cat",)), token := a_token())
    assert catalog.media_with_token(media.id, token) == media


def test_a_wrong_token_leads_nowhere(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice), token := a_token())
    other = add(catalog, a_media(alice), other_token := a_token())
    assert catalog.media_with_token(media.id, sha256("guess")) is None
    assert catalog.media_with_token(media.id, other_token) is None
    assert catalog.media_with_token(other.id, token) is None
    assert catalog.media_with_token(media.id, token.upper()) is None


def test_several_tokens_may_lead_to_one_media(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice), first := a_token())
    assert catalog.add_delete_token(media.id, second := a_token())
    assert catalog.media_with_token(media.id, first) == catalog.media_with_token(media.id, second) == media


def test_what_is_gone_gets_no_token(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice), token := a_token())
    catalog.remove_media(media.id, NOW)
    assert not catalog.add_delete_token(media.id, a_token())
    assert not catalog.add_delete_token("no such id", a_token())
    assert catalog.media_with_token(media.id, token) is None


# expiry


def test_expired_media_are_listed_oldest_expiry_first(catalog: Catalog, alice: Owner) -> None:
    def expiring(at: datetime | None) -> Media:
        return add(catalog, a_media(alice, expires_at=at, tags=("soon", "gone")))

    last, first, middle = expiring(NOW), expiring(NOW - minutes(9)), expiring(NOW - minutes(5))
    expiring(NOW + minutes(0.0001))
    expiring(None)
    assert catalog.expired(NOW, 10) == [first, middle, last]
    assert catalog.expired(NOW, 2) == [first, middle]
    assert catalog.expired(NOW - minutes(10), 10) == []


# removing


def test_removed_media_is_gone(catalog: Catalog, alice: Owner) -> None:
    media, other = add(catalog, a_media(alice, tags=("cat",))), add(catalog, a_media(alice))
    assert catalog.remove_media(media.id, NOW)
    assert catalog.media(media.id) is None
    assert catalog.file_entry(media.id) is None
    assert catalog.media_ids([media.id, other.id]) == {other.id}
    assert catalog.find_same(alice.id, media.sha256) is None


def test_removing_twice_says_so_and_is_counted_once(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice, size_bytes=700))
    add(catalog, a_media(alice, size_bytes=50))
    assert catalog.remove_media(media.id, NOW)
    assert not catalog.remove_media(media.id, NOW)
    assert not catalog.remove_media("no such id", NOW)
    assert catalog.owner(alice.id) == replace(alice, storage_used_bytes=50, media_count=1)


def test_media_removed_by_many_at_once_is_removed_once(
    open_catalog: OpenCatalog, catalog: Catalog, alice: Owner
) -> None:
    handles = [catalog, open_catalog()]
    media = add(catalog, a_media(alice))
    results = at_once(12, lambda number: handles[number % 2].remove_media(media.id, NOW))
    assert sorted(map(str, results)) == ["False"] * 11 + ["True"]
    assert catalog.owner(alice.id) == alice
