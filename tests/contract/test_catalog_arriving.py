"""What a catalog promises about many media that arrive in one step, and about reading them all again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.errors import InvalidInput, QuotaExceeded, StoreUnavailable
from gateway.core.ports import Catalog
from gateway.core.records import Owner
from tests.contract.arrivals import BCRYPT, an_address, an_origin, arrived, many
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, a_media, a_token, an_album, an_owner, at_once, minutes, sha256


def test_what_arrives_comes_back_as_it_was(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(album := an_album(alice))
    token = a_token()
    one = arrived(
        a_media(alice, id="a" * 11, album_id=album.id, tags=("One", "two"), likes=3, created_local="2015", views=7),
        origins=(an_origin("1", "a" * 11), an_origin("2", "a" * 11, site="older")),
        addresses=(an_address("/a.png", "a" * 11), an_address("/b.png", "a" * 11, variant="th", mime="image/x")),
        token_hashes=tuple(sorted((BCRYPT, token))),
    )
    two = arrived(a_media(alice, id="b" * 11, expires_at=NOW - minutes(1)))
    assert catalog.add_arrived([one, two]) == [None, None]
    assert catalog.export_media("", 10) == [one, two]
    assert catalog.arrived(["b" * 11, "a" * 11, "nobody"]) == [one, two]
    assert catalog.media("a" * 11) == one.media
    owner, filled = catalog.owner(alice.id), catalog.album(album.id)
    assert owner and filled
    assert (owner.media_count, owner.storage_used_bytes, filled.media_count) == (2, 2000, 1)


def test_delete_tokens_are_known_for_what_they_are(catalog: Catalog, alice: Owner) -> None:
    token = a_token()
    catalog.add_arrived([one := arrived(a_media(alice), token_hashes=(BCRYPT, token))])
    assert catalog.legacy_token_hashes(one.media.id) == [BCRYPT]
    assert catalog.media_with_token(one.media.id, token) == one.media


def test_a_token_that_is_added_later_is_known_for_what_it_is(catalog: Catalog, alice: Owner) -> None:
    catalog.add_arrived([one := arrived(a_media(alice))])
    assert catalog.add_delete_token(one.media.id, BCRYPT)
    assert catalog.add_delete_token(one.media.id, BCRYPT)
    assert catalog.legacy_token_hashes(one.media.id) == [BCRYPT]
    assert not catalog.add_delete_token("nobody", BCRYPT)


def test_no_more_arrives_than_the_quota_allows(catalog: Catalog) -> None:
    catalog.add_owner(small := an_owner("small", quota_bytes=2500))
    catalog.add_owner(large := an_owner("large"))
    sizes = [(small, 1000), (small, 1600), (large, 9000), (small, 1500), (small, 1)]
    batch = [arrived(a_media(owner, size_bytes=size), str(at)) for at, (owner, size) in enumerate(sizes)]
    results = catalog.add_arrived(batch)
    assert [type(result) for result in results] == [type(None), QuotaExceeded, type(None), type(None), QuotaExceeded]
    refused = results[1]
    assert refused
    assert (refused.meta["used"], refused.meta["limit"], refused.meta["needed"]) == (1000, 2500, 1600)
    owner = catalog.owner(small.id)
    assert owner
    assert (owner.media_count, owner.storage_used_bytes) == (2, 2500)
    assert catalog.media_ids([one.media.id for one in batch]) == {batch[at].media.id for at in (0, 2, 3)}
    assert catalog.addresses_at(["/1.png"]) == []
    assert catalog.origins("old", "media", ["1", "4"]) == {}


def test_an_id_is_given_once(catalog: Catalog, alice: Owner) -> None:
    catalog.add_arrived([first := arrived(a_media(alice, id="a" * 11))])
    twice = [arrived(a_media(alice, id=id)) for id in ("a" * 11, "b" * 11, "b" * 11)]
    results = catalog.add_arrived(twice)
    assert [type(result) for result in results] == [InvalidInput, type(None), InvalidInput]
    assert catalog.media("a" * 11) == first.media
    assert catalog.media("b" * 11) == twice[1].media
    owner = catalog.owner(alice.id)
    assert owner and owner.media_count == 2


def test_an_address_that_is_taken_stays_where_it_is(catalog: Catalog, alice: Owner) -> None:
    one, two = arrived(a_media(alice), "1"), arrived(a_media(alice))
    catalog.add_arrived([one])
    catalog.add_arrived([replace(two, addresses=(an_address("/1.png", two.media.id),))])
    assert [address.target_id for address in catalog.addresses_at(["/1.png"])] == [one.media.id]


def test_a_batch_that_cannot_be_written_leaves_nothing(catalog: Catalog, alice: Owner) -> None:
    """The last one has an owner who is not here."""
    batch = [arrived(a_media(alice), "1"), arrived(a_media(an_owner("nobody")), "2")]
    with pytest.raises((TypeError, StoreUnavailable)):
        catalog.add_arrived(batch)
    assert catalog.export_media("", 9) == []
    assert catalog.addresses_at(["/1.png"]) == []


def test_many_who_write_at_once_keep_the_counters_right(open_catalog: OpenCatalog) -> None:
    handles = [open_catalog(), open_catalog()]
    handles[0].add_owner(owner := an_owner(quota_bytes=30_000))
    results = at_once(8, lambda number: handles[number % 2].add_arrived([arrived(a_media(owner)) for _ in range(10)]))
    refused = [one for result in results if isinstance(result, list) for one in result if one]
    after = handles[0].owner(owner.id)
    assert after
    assert (after.media_count, after.storage_used_bytes, len(refused)) == (30, 30_000, 50)


# reading them all


def test_everything_is_read_in_pages_by_id(catalog: Catalog, alice: Owner) -> None:
    catalog.add_arrived(everything := many(alice, 7))
    found, after = [], ""
    while page := catalog.export_media(after, 3):
        found += page
        after = page[-1].media.id
    assert found == everything


def test_uploads_are_read_like_what_arrived(catalog: Catalog, alice: Owner) -> None:
    catalog.add_media(media := a_media(alice, tags=("One",)), token := a_token(), reuse=False)
    assert catalog.export_media("", 9) == [arrived(media, token_hashes=(token,))]


def test_nothing_asked_for_is_nothing(catalog: Catalog, alice: Owner) -> None:
    catalog.add_arrived(many(alice, 2))
    assert catalog.arrived([]) == []
    assert catalog.add_arrived([]) == []


def test_what_arrived_is_the_same_as_what_is_uploaded_later(catalog: Catalog, alice: Owner) -> None:
    digest = sha256("the same bytes")
    catalog.add_arrived([one := arrived(a_media(alice, sha256=digest))])
    assert catalog.find_same(alice.id, digest) == one.media
