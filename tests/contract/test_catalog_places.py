"""What a catalog promises about albums, categories, claims, and about being opened more than once."""

from __future__ import annotations

import pytest

from gateway.core.errors import InvalidInput
from gateway.core.jumps import Believed
from gateway.core.ports import Catalog
from gateway.core.records import Category, Owner, Usage
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, ODD_TEXTS, a_key, a_media, a_token, an_album, an_owner, at_once, minutes


def test_it_works(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(album := an_album(alice))
    assert catalog.album(album.id) == album
    assert catalog.albums() == [album]


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_an_album_keeps_any_name(catalog: Catalog, alice: Owner, name: str) -> None:
    catalog.add_album(album := an_album(alice, name))
    assert catalog.album(album.id) == album


def test_an_unknown_album_is_none(catalog: Catalog, alice: Owner) -> None:
    assert catalog.album("no such album") is None


def test_two_albums_may_have_the_same_name(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(an_album(alice))
    catalog.add_album(an_album(alice))
    assert [album.name for album in catalog.albums()] == ["Holiday", "Holiday"]


def test_albums_are_listed_by_age(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    for owner, name, age in ((alice, "c", 1), (bob, "a", 3), (alice, "b", 2)):
        catalog.add_album(an_album(owner, name, created_at=NOW - minutes(age)))
    assert [album.name for album in catalog.albums()] == ["a", "b", "c"]


# categories


def test_categories_are_numbered_from_one(catalog: Catalog) -> None:
    added = [catalog.add_category("Nature", "nature"), catalog.add_category("Städte 🏙", "cities")]
    assert added == [Category(1, "Nature", "nature"), Category(2, "Städte 🏙", "cities")]
    assert catalog.categories() == added
    assert catalog.category(2) == added[1]


def test_an_unknown_category_is_none(catalog: Catalog) -> None:
    catalog.add_category("Nature", "nature")
    assert catalog.category(0) is None
    assert catalog.category(2) is None


def test_a_category_key_that_is_taken_is_refused(catalog: Catalog) -> None:
    catalog.add_category("Nature", "nature")
    with pytest.raises(InvalidInput, match="nature"):
        catalog.add_category("Wild life", "nature")
    assert [category.name for category in catalog.categories()] == ["Nature"]


def test_a_category_key_asked_for_by_many_at_once_is_given_once(open_catalog: OpenCatalog) -> None:
    handles = [open_catalog(), open_catalog()]
    results = at_once(10, lambda number: handles[number % 2].add_category(f"Name {number}", "nature"))
    assert sum(isinstance(result, Category) for result in results) == 1
    assert sum(isinstance(result, InvalidInput) for result in results) == 9
    assert len(handles[0].categories()) == 1


# claims


def test_a_claim_holds_until_its_time(catalog: Catalog) -> None:
    assert catalog.claim("sweep", "one", NOW + minutes(3), NOW)
    assert not catalog.claim("sweep", "two", NOW + minutes(5), NOW + minutes(2))
    assert catalog.claim("sweep", "two", NOW + minutes(6), NOW + minutes(3))
    assert not catalog.claim("sweep", "one", NOW + minutes(9), NOW + minutes(4))


def test_a_refused_claim_changes_nothing(catalog: Catalog) -> None:
    assert catalog.claim("sweep", "one", NOW + minutes(3), NOW)
    assert not catalog.claim("sweep", "two", NOW + minutes(60), NOW + minutes(1))
    assert catalog.claim("sweep", "three", NOW + minutes(9), NOW + minutes(3))


def test_a_holder_extends_its_own_claim(catalog: Catalog) -> None:
    assert catalog.claim("sweep", "one", NOW + minutes(3), NOW)
    assert catalog.claim("sweep", "one", NOW + minutes(9), NOW + minutes(2))
    assert not catalog.claim("sweep", "two", NOW + minutes(9), NOW + minutes(4))


def test_tasks_are_claimed_one_by_one(catalog: Catalog) -> None:
    assert catalog.claim("sweep", "one", NOW + minutes(3), NOW)
    assert catalog.claim("sweep all", "two", NOW + minutes(3), NOW)


def test_a_claim_made_while_the_clock_was_wrong_holds_nobody_up(catalog: Catalog) -> None:
    year = minutes(400 * 24 * 60)
    assert catalog.claim("sweep", "one", NOW + year + minutes(3), NOW + year)
    assert catalog.claim("sweep", "two", NOW + minutes(3), NOW)
    assert not catalog.claim("sweep", "one", NOW + minutes(4), NOW + minutes(1))


def test_a_clock_that_jumps_forward_is_believed_after_a_day(catalog: Catalog) -> None:
    year, day = minutes(400 * 24 * 60), minutes(24 * 60)
    assert catalog.believe(NOW) == Believed(NOW)
    assert catalog.believe(NOW + minutes(1)) == Believed(NOW + minutes(1))
    jumped = Believed(NOW + minutes(1), NOW + year)
    assert [catalog.believe(NOW + year), catalog.believe(NOW + year + minutes(5))] == [jumped, jumped]
    assert catalog.believe(NOW + year + day) == Believed(NOW + year + day)


def test_a_clock_that_is_put_right_is_believed_at_once(catalog: Catalog) -> None:
    catalog.believe(NOW)
    catalog.believe(NOW + minutes(400 * 24 * 60))
    assert catalog.believe(NOW + minutes(2)) == Believed(NOW + minutes(2))
    assert catalog.believe(NOW - minutes(60)) == Believed(NOW - minutes(60))


def test_a_task_claimed_by_many_at_once_goes_to_one(open_catalog: OpenCatalog) -> None:
    handles = [open_catalog(), open_catalog()]
    results = at_once(16, lambda number: handles[number % 2].claim("sweep", f"{number}", NOW + minutes(1), NOW))
    assert sorted(map(str, results)) == ["False"] * 15 + ["True"]


# counting, and being opened again


def test_usage_of_an_empty_catalog_is_nothing(catalog: Catalog) -> None:
    assert catalog.usage(NOW) == Usage(0, 0, 0, 0, 0, 0)


def test_usage_counts_everything(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.add_key(a_key(alice))
    catalog.add_key(revoked := a_key(alice))
    catalog.revoke_key(revoked.id, NOW)
    catalog.add_album(an_album(alice))
    catalog.add_media(a_media(alice, size_bytes=700), a_token(), reuse=False)
    catalog.add_media(a_media(bob, size_bytes=40, expires_at=NOW), a_token(), reuse=False)
    catalog.add_media(a_media(bob, size_bytes=2, expires_at=NOW + minutes(1)), a_token(), reuse=False)
    catalog.add_media(gone := a_media(bob, size_bytes=9), a_token(), reuse=False)
    catalog.remove_media(gone.id, NOW)
    assert catalog.usage(NOW) == Usage(media_count=3, media_bytes=742, owners=2, keys=1, albums=1, expired_waiting=1)


def test_what_one_handle_writes_the_others_read(open_catalog: OpenCatalog) -> None:
    one, two = open_catalog(), open_catalog()
    one.add_owner(alice := an_owner())
    assert two.owner(alice.id) == alice
    two.set_owner_active(alice.id, False)
    seen = at_once(3, lambda _: one.owner(alice.id))
    assert [isinstance(owner, Owner) and owner.is_active for owner in seen] == [False] * 3


def test_everything_is_there_after_closing_and_opening(open_catalog: OpenCatalog) -> None:
    first = open_catalog()
    first.add_owner(alice := an_owner())
    first.add_media(media := a_media(alice, tags=("One", "two")), a_token(), reuse=False)
    before = first.media(media.id), first.owners(), first.usage(NOW)
    first.close()
    again = open_catalog()
    assert (again.media(media.id), again.owners(), again.usage(NOW)) == before
