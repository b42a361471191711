"""What a catalog promises when media is added: counters, quota and reuse, however many write at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.errors import QuotaExceeded
from gateway.core.ports import Catalog
from gateway.core.records import Media, Owner
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, a_media, a_token, an_owner, at_once, minutes, sha256

SENT, STORED = sha256("as sent"), sha256("as stored")


def add(catalog: Catalog, media: Media) -> Media:
    assert catalog.add_media(media, a_token(), reuse=False) is None
    return media


@pytest.fixture
def limited(catalog: Catalog) -> Owner:
    """May store 10,000 bytes."""
    catalog.add_owner(owner := an_owner("limited", quota_bytes=10_000))
    return owner


def test_it_works(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    add(catalog, a_media(alice, size_bytes=700))
    add(catalog, a_media(alice, size_bytes=7_000_000_000_000))
    assert catalog.owner(alice.id) == replace(alice, storage_used_bytes=7_000_000_000_700, media_count=2)
    assert catalog.owner(bob.id) == bob


# quota


def test_a_quota_can_be_used_to_the_last_byte(catalog: Catalog, limited: Owner) -> None:
    add(catalog, a_media(limited, size_bytes=9_999))
    add(catalog, a_media(limited, size_bytes=1))
    assert catalog.owner(limited.id) == replace(limited, storage_used_bytes=10_000, media_count=2)


def test_r30_one_byte_over_the_quota_is_refused_and_nothing_is_written(catalog: Catalog, limited: Owner) -> None:
    add(catalog, a_media(limited, size_bytes=9_999))
    media = a_media(limited, size_bytes=2, tags=("never seen",))
    with pytest.raises(QuotaExceeded) as refused:
        catalog.add_media(media, token := a_token(), reuse=True)
    assert refused.value.meta == {"type": "storage", "used": 9_999, "limit": 10_000, "needed": 2}
    assert catalog.media(media.id) is None
    assert catalog.media_with_token(media.id, token) is None
    assert catalog.owner(limited.id) == replace(limited, storage_used_bytes=9_999, media_count=1)
    seen_later = add(catalog, a_media(limited, size_bytes=1, tags=("first", "never seen")))
    assert catalog.media(seen_later.id) == seen_later


def test_a_quota_of_nothing_refuses_the_first_byte(catalog: Catalog) -> None:
    catalog.add_owner(owner := an_owner(quota_bytes=0))
    with pytest.raises(QuotaExceeded):
        catalog.add_media(a_media(owner, size_bytes=1), a_token(), reuse=False)


def test_removing_makes_room(catalog: Catalog, limited: Owner) -> None:
    media = add(catalog, a_media(limited, size_bytes=10_000))
    catalog.remove_media(media.id, NOW)
    add(catalog, a_media(limited, size_bytes=10_000))


def test_r30_fifty_threads_cannot_pass_a_quota(catalog: Catalog, limited: Owner) -> None:
    results = at_once(50, lambda _: catalog.add_media(a_media(limited, size_bytes=1_000), a_token(), reuse=True))
    assert results.count(None) == 10
    assert sum(isinstance(result, QuotaExceeded) for result in results) == 40
    assert catalog.owner(limited.id) == replace(limited, storage_used_bytes=10_000, media_count=10)


def test_r30_two_handles_cannot_pass_a_quota(open_catalog: OpenCatalog, catalog: Catalog, limited: Owner) -> None:
    handles = [catalog, open_catalog()]
    media = [a_media(limited, size_bytes=1_000) for _ in range(50)]
    results = at_once(50, lambda number: handles[number % 2].add_media(media[number], a_token(), reuse=True))
    assert results.count(None) == 10
    assert sum(isinstance(result, QuotaExceeded) for result in results) == 40
    assert len(catalog.media_ids([one.id for one in media])) == 10
    assert catalog.owner(limited.id) == replace(limited, storage_used_bytes=10_000, media_count=10)


def test_adding_and_removing_at_once_leaves_the_right_sum(catalog: Catalog, alice: Owner) -> None:
    old = [add(catalog, a_media(alice, size_bytes=10)) for _ in range(20)]
    new = [a_media(alice, size_bytes=3) for _ in range(20)]

    def work(number: int) -> None:
        if number % 2:
            catalog.remove_media(old[number // 2].id, NOW)
        else:
            catalog.add_media(new[number // 2], a_token(), reuse=False)

    assert at_once(40, work) == [None] * 40
    assert catalog.owner(alice.id) == replace(alice, storage_used_bytes=60, media_count=20)


# reuse


def test_the_same_bytes_are_not_added_again(catalog: Catalog, alice: Owner) -> None:
    first = add(catalog, a_media(alice, sha256=STORED, tags=("cat",)))
    again = a_media(alice, sha256=STORED, title="another title", tags=("dog",))
    assert catalog.add_media(again, token := a_token(), reuse=True) == first
    assert catalog.media(again.id) is None
    assert catalog.media_with_token(first.id, token) == first
    assert catalog.owner(alice.id) == replace(alice, storage_used_bytes=1_000, media_count=1)


def test_without_reuse_the_same_bytes_are_added_again(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice, sha256=STORED))
    add(catalog, a_media(alice, sha256=STORED))
    assert catalog.owner(alice.id) == replace(alice, storage_used_bytes=2_000, media_count=2)


def test_reuse_of_new_bytes_adds_them(catalog: Catalog, alice: Owner) -> None:
    assert catalog.add_media(media := a_media(alice), a_token(), reuse=True) is None
    assert catalog.media(media.id) == media


def test_what_will_be_converted_alike_is_reused(catalog: Catalog, alice: Owner) -> None:
    first = add(catalog, a_media(alice, sha256=STORED, source_sha256=SENT))
    again = a_media(alice, sha256=sha256("converted by another version"), source_sha256=SENT)
    assert catalog.add_media(again, a_token(), reuse=True) == first


def test_reuse_costs_no_quota(catalog: Catalog, limited: Owner) -> None:
    first = add(catalog, a_media(limited, sha256=STORED, size_bytes=10_000))
    again = a_media(limited, sha256=STORED, size_bytes=10_000)
    assert catalog.add_media(again, a_token(), reuse=True) == first


def test_the_same_bytes_added_by_many_at_once_make_one_row(
    open_catalog: OpenCatalog, catalog: Catalog, alice: Owner
) -> None:
    handles = [catalog, open_catalog()]
    media = [a_media(alice, sha256=STORED) for _ in range(20)]
    tokens = [a_token() for _ in media]
    results = at_once(20, lambda number: handles[number % 2].add_media(media[number], tokens[number], reuse=True))
    assert results.count(None) == 1
    first = media[results.index(None)]
    assert [result for result in results if result] == [first] * 19
    assert catalog.media_ids([one.id for one in media]) == {first.id}
    assert all(catalog.media_with_token(first.id, token) for token in tokens)
    assert catalog.owner(alice.id) == replace(alice, storage_used_bytes=1_000, media_count=1)


# what counts as the same


def test_the_same_is_found_by_what_is_stored_and_by_what_was_converted(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice, sha256=STORED, source_sha256=SENT, tags=("cat",)))
    assert catalog.find_same(alice.id, STORED) == media
    assert catalog.find_same(alice.id, SENT) == media


def test_a_resized_picture_is_not_what_was_sent(catalog: Catalog, alice: Owner) -> None:
    media = add(catalog, a_media(alice, sha256=STORED, source_sha256=SENT, is_resized=True))
    assert catalog.find_same(alice.id, SENT) is None
    assert catalog.find_same(alice.id, STORED) == media


def test_the_same_bytes_of_another_owner_are_not_the_same(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    add(catalog, a_media(alice, sha256=STORED))
    assert catalog.find_same(bob.id, STORED) is None
    assert catalog.add_media(a_media(bob, sha256=STORED), a_token(), reuse=True) is None


def test_what_expires_is_never_the_same(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice, sha256=STORED, expires_at=NOW + minutes(60)))
    assert catalog.find_same(alice.id, STORED) is None
    assert catalog.add_media(a_media(alice, sha256=STORED), a_token(), reuse=True) is None


def test_the_oldest_of_the_same_is_found(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice, sha256=STORED, created_at=NOW - minutes(1)))
    oldest = add(catalog, a_media(alice, sha256=sha256("png"), source_sha256=STORED, created_at=NOW - minutes(9)))
    add(catalog, a_media(alice, sha256=STORED, created_at=NOW - minutes(5)))
    assert catalog.find_same(alice.id, STORED) == oldest


def test_unknown_bytes_are_none(catalog: Catalog, alice: Owner) -> None:
    add(catalog, a_media(alice))
    assert catalog.find_same(alice.id, STORED) is None
