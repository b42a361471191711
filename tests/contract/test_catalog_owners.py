"""What a catalog promises about owners and their keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.core.errors import InvalidInput
from gateway.core.ports import Catalog
from gateway.core.records import Owner
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, ODD_TEXTS, a_key, an_owner, at_once, minutes, sha256

SAME_NAMES = [("alice", "ALICE"), ("Zoë", "ZOË"), ("straße", "STRASSE"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("Жанна", "жанна")]
NO_TEXT = "\ud83d"  # half of an emoji


def test_it_works(catalog: Catalog) -> None:
    owner = an_owner(
        "alice", email="alice@example.org", role="admin", quota_bytes=5_000_000_000_000, password_hash="scrypt:x$y$z"
    )
    catalog.add_owner(owner)
    assert catalog.owner(owner.id) == owner
    assert catalog.owner_named("alice") == owner
    assert catalog.owners() == [owner]


def test_an_unknown_owner_is_none(catalog: Catalog, alice: Owner) -> None:
    assert catalog.owner("nobody") is None
    assert catalog.owner_named("bob") is None
    assert catalog.owner_named("") is None


@pytest.mark.parametrize(("name", "other"), SAME_NAMES)
def test_a_name_is_found_whatever_its_case(catalog: Catalog, name: str, other: str) -> None:
    catalog.add_owner(owner := an_owner(name))
    assert catalog.owner_named(other) == owner


@pytest.mark.parametrize(("name", "other"), SAME_NAMES)
def test_a_name_that_is_taken_in_another_case_is_refused(catalog: Catalog, name: str, other: str) -> None:
    catalog.add_owner(owner := an_owner(name))
    with pytest.raises(InvalidInput, match=other):
        catalog.add_owner(an_owner(other))
    assert catalog.owners() == [owner]


def test_an_email_that_is_taken_in_another_case_is_refused(catalog: Catalog) -> None:
    catalog.add_owner(owner := an_owner("alice", email="Alice@Example.org"))
    with pytest.raises(InvalidInput, match=r"aLICE@example\.ORG"):
        catalog.add_owner(an_owner("bob", email="aLICE@example.ORG"))
    assert catalog.owners() == [owner]


def test_any_number_of_owners_may_have_no_email(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    assert [owner.email for owner in catalog.owners()] == [None, None]


def test_a_name_is_kept_as_it_was_written(catalog: Catalog) -> None:
    catalog.add_owner(an_owner("ÀlicE👩‍🚀", email="A@B.example"))
    kept = catalog.owner_named("àLICE👩‍🚀")
    assert kept and (kept.username, kept.email) == ("ÀlicE👩‍🚀", "A@B.example")


def test_one_name_asked_for_by_many_at_once_is_given_once(open_catalog: OpenCatalog) -> None:
    handles = [open_catalog(), open_catalog()]
    names = ["alice", "ALICE", "Alice", "aLICE"] * 4
    results = at_once(16, lambda number: handles[number % 2].add_owner(an_owner(names[number])))
    assert results.count(None) == 1
    assert sum(isinstance(result, InvalidInput) for result in results) == 15
    assert len(handles[0].owners()) == 1


def test_owners_are_listed_by_age(catalog: Catalog) -> None:
    for name, age in (("carol", 1), ("alice", 3), ("bob", 2)):
        catalog.add_owner(an_owner(name, created_at=NOW - minutes(age)))
    assert [owner.username for owner in catalog.owners()] == ["alice", "bob", "carol"]


def test_an_owner_is_switched_off_and_on(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.set_owner_active(alice.id, False)
    assert catalog.owner(alice.id) == replace(alice, is_active=False)
    assert catalog.owner(bob.id) == bob
    catalog.set_owner_active(alice.id, True)
    assert catalog.owner(alice.id) == alice


@pytest.mark.parametrize(
    "time",
    [
        datetime(1, 1, 1, 0, 0, 0, 1000, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
        datetime(2028, 2, 29, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
    ],
)
def test_a_time_comes_back_to_the_millisecond(catalog: Catalog, time: datetime) -> None:
    catalog.add_owner(owner := an_owner(created_at=time))
    kept = catalog.owner(owner.id)
    assert kept and kept.created_at == time
    assert kept.created_at.utcoffset() == timedelta(0)


def test_a_time_of_another_zone_comes_back_as_utc(catalog: Catalog) -> None:
    there = timezone(timedelta(hours=-3, minutes=-30))
    catalog.add_owner(owner := an_owner(created_at=NOW.astimezone(there)))
    kept = catalog.owner(owner.id)
    assert kept and kept.created_at == NOW
    assert kept.created_at.utcoffset() == timedelta(0)


# keys


def test_a_key_comes_back_as_it_was(catalog: Catalog, alice: Owner) -> None:
    key = a_key(alice, name=ODD_TEXTS[1], legacy_hash="$2y$10$abc", last_used_at=NOW + minutes(1))
    catalog.add_key(key)
    assert catalog.keys_with_prefix(key.prefix) == [(key, alice)]
    assert catalog.keys() == [key]


def test_keys_are_found_by_their_exact_prefix(catalog: Catalog, alice: Owner) -> None:
    catalog.add_key(key := a_key(alice, prefix="sk_live_abcd"))
    catalog.add_key(a_key(alice, prefix="sk_live_ABCD"))
    catalog.add_key(twin := a_key(alice, prefix="sk_live_abcd"))
    assert {found.id for found, _ in catalog.keys_with_prefix("sk_live_abcd")} == {key.id, twin.id}
    for prefix in ("sk_live_abc", "sk_live_abcde", "sk_live_%", "", "sk-live-abcd"):
        assert catalog.keys_with_prefix(prefix) == []


def test_revoked_keys_are_found_too(catalog: Catalog, alice: Owner) -> None:
    catalog.add_key(key := a_key(alice))
    assert catalog.revoke_key(key.id, NOW + minutes(1))
    assert catalog.keys_with_prefix(key.prefix) == [(replace(key, revoked_at=NOW + minutes(1)), alice)]


def test_revoking_twice_keeps_the_first_time(catalog: Catalog, alice: Owner) -> None:
    catalog.add_key(key := a_key(alice))
    assert catalog.revoke_key(key.id, NOW + minutes(1))
    assert catalog.revoke_key(key.id, NOW + minutes(2))
    assert catalog.keys()[0].revoked_at == NOW + minutes(1)


def test_revoking_a_key_that_does_not_exist_says_so(catalog: Catalog, alice: Owner) -> None:
    catalog.add_key(key := a_key(alice))
    assert not catalog.revoke_key("no such key", NOW)
    assert catalog.keys() == [key]


def test_the_last_use_of_a_key_is_remembered(catalog: Catalog, alice: Owner) -> None:
    catalog.add_key(key := a_key(alice))
    catalog.add_key(other := a_key(alice, created_at=NOW + minutes(1)))
    catalog.mark_key_used(key.id, NOW + minutes(5))
    assert catalog.keys() == [replace(key, last_used_at=NOW + minutes(5)), other]


def test_the_digest_of_an_imported_key_is_remembered_once(catalog: Catalog, alice: Owner) -> None:
    catalog.add_key(key := a_key(alice, sha256=None, legacy_hash="$2y$10$abc"))
    catalog.mark_key_used(key.id, NOW)
    assert catalog.keys()[0].sha256 is None
    catalog.mark_key_used(key.id, NOW, sha256("first"))
    catalog.mark_key_used(key.id, NOW, sha256("second"))
    assert catalog.keys() == [replace(key, last_used_at=NOW, sha256=sha256("first"))]


def test_keys_are_listed_by_age(catalog: Catalog, alice: Owner) -> None:
    for name, age in (("c", 1), ("a", 3), ("b", 2)):
        catalog.add_key(a_key(alice, name=name, created_at=NOW - minutes(age)))
    assert [key.name for key in catalog.keys()] == ["a", "b", "c"]  # noqa: SIM118


def test_what_no_catalog_can_hold_is_simply_not_found(catalog: Catalog, alice: Owner) -> None:
    assert catalog.owner(NO_TEXT) is None
    assert catalog.owner_named(NO_TEXT) is None
    assert catalog.keys_with_prefix(NO_TEXT) == []
    assert catalog.album(NO_TEXT) is None
    assert catalog.media(NO_TEXT) is None
    assert catalog.file_entry("a\0b") is None
    assert catalog.category(10**100) is None
