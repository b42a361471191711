"""What a catalog promises about taking an import back: as if it had never been, and no more than that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.moving import Leads
from gateway.core.ports import Catalog
from gateway.core.records import Owner, Tombstone
from tests.contract.arrivals import BCRYPT, RUN, a_site, an_address, an_asset, an_origin, arrived, many
from tests.contract.samples import NOW, a_key, a_media, a_token, an_album

# media


def test_withdrawn_media_leave_nothing(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(album := an_album(alice))
    media = a_media(alice, album_id=album.id, tags=("Only here", "shared"))
    catalog.add_arrived(
        [arrived(media, "1", token_hashes=(BCRYPT,)), other := arrived(a_media(alice, tags=("shared",)))]
    )
    [gone] = catalog.withdraw_media([media.id, "nobody"])
    assert gone.blobs() == media.blobs()
    assert catalog.export_media("", 9) == [other]
    assert (catalog.addresses_at(["/1.png"]), catalog.origins("old", "media", ["1"])) == ([], {})
    assert catalog.tombstones("", 9) == []
    assert (catalog.owner(alice.id), catalog.album(album.id)) == (
        replace(alice, media_count=1, storage_used_bytes=1000), album,
    )  # fmt: skip


def test_withdrawn_media_may_come_again(catalog: Catalog, alice: Owner) -> None:
    catalog.add_arrived([one := arrived(a_media(alice, tags=("One",)), "1", token_hashes=(BCRYPT,))])
    catalog.withdraw_media([one.media.id])
    assert catalog.add_arrived([one]) == [None]
    assert catalog.export_media("", 9) == [one]


def test_what_leads_to_media_that_are_gone_goes_as_well(catalog: Catalog, alice: Owner) -> None:
    catalog.add_arrived([one := arrived(a_media(alice), "1")])
    catalog.remove_media(one.media.id, NOW)
    assert catalog.addresses_to([one.media.id])
    assert catalog.withdraw_media([one.media.id]) == []
    assert (catalog.addresses_to([one.media.id]), catalog.origins_to([one.media.id])) == ([], [])
    assert catalog.tombstones_among([one.media.id]) == {one.media.id}


def test_many_media_are_withdrawn_at_once(catalog: Catalog, alice: Owner) -> None:
    catalog.add_arrived(everything := many(alice, 500))
    assert len(catalog.withdraw_media([one.media.id for one in everything])) == 500
    assert catalog.owner(alice.id) == alice
    assert catalog.withdraw_media([]) == []


# what holds media


def test_an_empty_owner_goes_with_all_that_led_there(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.add_origins([an_origin("1", alice.id, kind="owner"), an_origin("2", bob.id, kind="owner")])
    catalog.add_addresses([an_address("/alice", alice.id, "owner")])
    assert catalog.withdraw("owner", [alice.id, "nobody"]) == {alice.id}
    assert catalog.owners() == [bob]
    assert (catalog.addresses_at(["/alice"]), len(catalog.origins_to([alice.id, bob.id]))) == ([], 1)


@pytest.mark.parametrize("holds", ["media", "album", "key", "asset"])
def test_an_owner_who_has_something_stays(catalog: Catalog, alice: Owner, holds: str) -> None:
    match holds:
        case "media":
            catalog.add_media(a_media(alice), a_token(), reuse=False)
        case "album":
            catalog.add_album(an_album(alice))
        case "key":
            catalog.add_key(a_key(alice))
        case "asset":
            catalog.add_asset(an_asset(alice))
    catalog.add_addresses([address := an_address("/alice", alice.id, "owner")])
    assert catalog.withdraw("owner", [alice.id]) == set()
    assert catalog.owner(alice.id)
    assert catalog.addresses_at(["/alice"]) == [address]


def test_an_album_goes_after_those_that_are_in_it(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(outer := an_album(alice))
    catalog.add_album(inner := an_album(alice, parent_id=outer.id))
    assert catalog.withdraw("album", [outer.id]) == set()
    assert catalog.withdraw("album", [inner.id]) == {inner.id}
    assert catalog.withdraw("album", [outer.id]) == {outer.id}
    assert catalog.albums() == []


def test_an_album_with_media_stays(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(album := an_album(alice))
    catalog.add_arrived([arrived(a_media(alice, album_id=album.id))])
    assert catalog.withdraw("album", [album.id]) == set()


def test_a_category_goes_when_nothing_is_in_it(catalog: Catalog, alice: Owner) -> None:
    full, empty = catalog.add_category("Full", "full"), catalog.add_category("Empty", "empty")
    catalog.add_arrived([arrived(a_media(alice, category_id=full.id))])
    catalog.add_addresses([an_address("/category/empty", str(empty.id), "category")])
    assert catalog.withdraw("category", [full.id, empty.id]) == {str(empty.id)}
    assert catalog.categories() == [full]
    assert catalog.addresses_at(["/category/empty"]) == []


def test_keys_and_assets_go_always(catalog: Catalog, alice: Owner) -> None:
    catalog.add_key(key := a_key(alice))
    catalog.add_asset(asset := an_asset(alice))
    assert catalog.withdraw("key", [key.id]) == {key.id}
    assert catalog.withdraw("asset", [asset.id]) == {asset.id}
    assert (catalog.keys(), catalog.assets(), catalog.file_entry(asset.id)) == ([], [], None)


# what leads to something that stays


def test_just_these_leads_go(catalog: Catalog, alice: Owner) -> None:
    token = a_token()
    one = arrived(
        a_media(alice, id="a" * 11),
        origins=(an_origin("1", "a" * 11), an_origin("2", "a" * 11)),
        addresses=(an_address("/1.png", "a" * 11), an_address("/1.png", "a" * 11, site="other")),
        token_hashes=tuple(sorted((BCRYPT, token))),
    )
    catalog.add_arrived([one])
    catalog.add_tombstones([stone := Tombstone("b" * 11, "image", alice.id, NOW), replace(stone, id="c" * 11)])
    catalog.withdraw_leads(
        Leads((an_origin("2", "a" * 11),), (("/1.png", "other"),), (("a" * 11, BCRYPT),), ("c" * 11,))
    )
    assert catalog.export_media("", 9) == [
        replace(one, origins=one.origins[:1], addresses=one.addresses[:1], token_hashes=(token,))
    ]
    assert catalog.tombstones("", 9) == [stone]
    catalog.withdraw_leads(Leads())


# sites


def test_a_site_goes_with_the_run_that_brought_it(catalog: Catalog) -> None:
    catalog.add_site(a_site())
    catalog.add_origins([an_origin("7", None)])
    catalog.withdraw_site("old", RUN)
    assert (catalog.sites(), catalog.gone_origins(("", "", ""), 9)) == ([], [])


def test_a_site_of_another_run_stays_and_what_it_knew_as_gone(catalog: Catalog) -> None:
    catalog.add_site(site := a_site())
    catalog.add_origins([first := an_origin("7", None), an_origin("8", None, run="later")])
    catalog.withdraw_site("old", "later")
    assert (catalog.sites(), catalog.gone_origins(("", "", ""), 9)) == ([site], [first])


@pytest.mark.parametrize("holds", ["origin", "address"])
def test_a_site_to_which_something_leads_stays(catalog: Catalog, holds: str) -> None:
    catalog.add_site(site := a_site())
    if holds == "origin":
        catalog.add_origins([an_origin("1", "x")])
    else:
        catalog.add_addresses([an_address()])
    catalog.withdraw_site("old", RUN)
    assert catalog.sites() == [site]
