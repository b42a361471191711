"""What a catalog promises about how owners sign in."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.credentials import SignedIn
from gateway.core.ports import Catalog
from gateway.core.records import Owner
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, a_key, a_media, a_token, an_owner, at_once, minutes, sha256

LINK, OTHER = sha256("link"), sha256("other")


def test_it_works(catalog: Catalog, alice: Owner) -> None:
    assert catalog.signed_in(alice.id) == SignedIn(alice, 0)
    catalog.add_password_link(LINK, alice.id, NOW + minutes(5), NOW)
    assert catalog.linked_owner(LINK, NOW) == alice
    changed = replace(alice, password_hash="scrypt:new")
    assert catalog.use_password_link(LINK, "scrypt:new", NOW) == changed
    assert catalog.signed_in(alice.id) == SignedIn(changed, 1)


def test_nobody_is_signed_in_as_somebody_unknown(catalog: Catalog) -> None:
    assert catalog.signed_in("nobody") is None
    assert catalog.linked_owner(LINK, NOW) is None
    assert catalog.use_password_link(LINK, "x", NOW) is None


def test_an_email_address_is_found_whatever_its_case(catalog: Catalog, alice: Owner) -> None:
    catalog.add_owner(carol := an_owner("carol", email="Carol@Example.org"))
    assert catalog.owner_with_email("cAROL@example.ORG") == carol
    assert catalog.owner_with_email("carol") is None
    assert catalog.owner_with_email("") is None


def test_signing_out_raises_the_stamp_of_one_owner(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.sign_out(alice.id)
    catalog.sign_out(alice.id)
    assert catalog.signed_in(alice.id) == SignedIn(alice, 2)
    assert catalog.signed_in(bob.id) == SignedIn(bob, 0)


def test_signing_out_at_once_counts_each(open_catalog: OpenCatalog) -> None:
    handles = [open_catalog(), open_catalog()]
    handles[0].add_owner(alice := an_owner())
    at_once(8, lambda number: handles[number % 2].sign_out(alice.id))
    assert handles[0].signed_in(alice.id) == SignedIn(alice, 8)


def test_a_new_password_raises_the_stamp_and_ends_the_links(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.add_password_link(LINK, alice.id, NOW + minutes(5), NOW)
    catalog.add_password_link(OTHER, bob.id, NOW + minutes(5), NOW)
    catalog.set_password(alice.id, "scrypt:new")
    assert catalog.signed_in(alice.id) == SignedIn(replace(alice, password_hash="scrypt:new"), 1)
    assert catalog.linked_owner(LINK, NOW) is None
    assert catalog.linked_owner(OTHER, NOW) == bob


def test_a_link_ends_at_its_time(catalog: Catalog, alice: Owner) -> None:
    catalog.add_password_link(LINK, alice.id, NOW + minutes(5), NOW)
    assert catalog.linked_owner(LINK, NOW + minutes(4.9)) == alice
    assert catalog.linked_owner(LINK, NOW + minutes(5)) is None
    assert catalog.use_password_link(LINK, "x", NOW + minutes(5)) is None
    assert catalog.owner(alice.id) == alice


def test_of_two_links_each_works_until_one_is_used(catalog: Catalog, alice: Owner) -> None:
    for link in (LINK, OTHER):
        catalog.add_password_link(link, alice.id, NOW + minutes(5), NOW)
    assert catalog.linked_owner(LINK, NOW) == catalog.linked_owner(OTHER, NOW) == alice
    assert catalog.use_password_link(OTHER, "x", NOW)
    assert catalog.linked_owner(LINK, NOW) is None


def test_a_link_used_by_many_at_once_works_for_one(open_catalog: OpenCatalog) -> None:
    handles = [open_catalog(), open_catalog()]
    handles[0].add_owner(alice := an_owner())
    handles[0].add_password_link(LINK, alice.id, NOW + minutes(5), NOW)
    used = at_once(8, lambda number: handles[number % 2].use_password_link(LINK, f"hash {number}", NOW))
    [number] = [number for number, owner in enumerate(used) if owner is not None]
    kept = handles[1].signed_in(alice.id)
    assert kept == SignedIn(replace(alice, password_hash=f"hash {number}"), 1)


def test_a_language_is_chosen_and_left_open_again(catalog: Catalog, alice: Owner) -> None:
    catalog.set_owner_language(alice.id, "de")
    assert catalog.owner(alice.id) == replace(alice, language="de")
    catalog.set_owner_language(alice.id, None)
    assert catalog.owner(alice.id) == alice


# what the pages of an owner ask for


def test_keys_of_one_owner_come_newest_first(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.add_key(old := a_key(alice, created_at=NOW - minutes(2)))
    catalog.add_key(new := a_key(alice, revoked_at=NOW))
    catalog.add_key(a_key(bob))
    assert catalog.keys_of(alice.id) == [new, old]
    assert catalog.keys_of("nobody") == []


def test_the_largest_come_first_and_the_expired_not_at_all(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    sizes = {"small": 5, "large": 500, "gone": 900, "middle": 50}
    for name, size in sizes.items():
        expires_at = NOW - minutes(1) if name == "gone" else None
        catalog.add_media(a_media(alice, title=name, size_bytes=size, expires_at=expires_at), a_token(), reuse=False)
    catalog.add_media(a_media(bob, size_bytes=700), a_token(), reuse=False)
    assert [one.title for one in catalog.largest(alice.id, NOW, 2)] == ["large", "middle"]
    assert [one.size_bytes for one in catalog.largest(alice.id, NOW, 9)] == [500, 50, 5]


def test_uploads_are_told_by_day(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    for owner, days in ((alice, 0), (alice, 0), (alice, 2), (alice, 9), (bob, 1)):
        catalog.add_media(a_media(owner, updated_at=NOW - minutes(days * 24 * 60)), a_token(), reuse=False)
    today = NOW.date()
    earlier = (NOW - minutes(2 * 24 * 60)).date()
    assert catalog.uploads_by_day(alice.id, earlier, today) == {earlier: 1, today: 2}
    assert catalog.uploads_by_day(alice.id, today, earlier) == {}
