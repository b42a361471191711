"""What a catalog promises about other sites: where records came from, and under which addresses they were found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.moving import Origin
from gateway.core.ports import Catalog
from gateway.core.records import Owner, Tombstone
from tests.contract.arrivals import RUN, a_site, an_address, an_asset, an_origin
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, ODD_TEXTS, a_media, a_token, an_album, at_once, minutes

# sites


def test_a_site_comes_back_as_it_was(catalog: Catalog) -> None:
    bare = a_site("bare", url=None, salt=None, time_zone=None, routes={}, padding=0)
    catalog.add_site(bare)
    catalog.add_site(full := a_site("full", created_at=NOW + minutes(1)))
    assert catalog.sites() == [bare, full]


def test_a_site_that_is_known_stays_as_it_is(catalog: Catalog) -> None:
    catalog.add_site(first := a_site())
    catalog.add_site(a_site(name="Other", run_id="another run"))
    assert catalog.sites() == [first]


def test_sites_are_listed_by_age(catalog: Catalog) -> None:
    for id, age in (("c", 1), ("a", 3), ("b", 2)):
        catalog.add_site(a_site(id, created_at=NOW - minutes(age)))
    assert [site.id for site in catalog.sites()] == ["a", "b", "c"]


# origins


def test_origins_are_found_by_site_kind_and_key(catalog: Catalog) -> None:
    mine = an_origin("1", "x")
    catalog.add_origins([mine, an_origin("1", "y", kind="album"), an_origin("1", "z", site="other")])
    assert catalog.origins("old", "media", ["1", "2"]) == {"1": mine}
    assert catalog.origins("old", "media", []) == {}
    assert catalog.origins("nowhere", "media", ["1"]) == {}


def test_an_origin_that_is_known_stays_as_it_is(catalog: Catalog) -> None:
    catalog.add_origins([first := an_origin("1", "x")])
    catalog.add_origins([an_origin("1", "y", run="later"), new := an_origin("2", "y", run="later")])
    assert catalog.origins("old", "media", ["1", "2"]) == {"1": first, "2": new}


def test_an_origin_of_what_was_deleted_there_has_no_target(catalog: Catalog) -> None:
    catalog.add_origins([gone := an_origin("7", None)])
    assert catalog.origins("old", "media", ["7"]) == {"7": gone}
    assert catalog.origins_of("media", ("", ""), 10) == []
    assert catalog.origins_by_run(RUN, "media", ("", ""), 10) == []
    assert catalog.gone_origins(("", "", ""), 10) == [gone]


@pytest.mark.parametrize("key", ODD_TEXTS)
def test_a_key_may_be_any_text(catalog: Catalog, key: str) -> None:
    catalog.add_origins([origin := an_origin(key)])
    assert catalog.origins("old", "media", [key]) == {key: origin}


def test_origins_lead_back_from_their_targets(catalog: Catalog) -> None:
    one, two, other = an_origin("1", "x"), an_origin("2", "x", site="b"), an_origin("3", "y", kind="album")
    catalog.add_origins([two, other, one, an_origin("4", "z"), an_origin("5", None)])
    assert catalog.origins_to(["x", "y", "nobody"]) == [two, other, one]
    assert catalog.origins_to([]) == []


def test_origins_are_paged_by_site_and_key(catalog: Catalog) -> None:
    wanted = [an_origin(key, f"target {key}", site=site) for site in ("a", "b") for key in ("1", "2", "3")]
    catalog.add_origins([*reversed(wanted), an_origin("1", kind="album"), an_origin("9", None, site="a")])
    assert in_pages(catalog, 4) == wanted
    assert in_pages(catalog, 1) == wanted
    assert catalog.origins_of("media", ("b", "3"), 4) == []


def in_pages(catalog: Catalog, size: int) -> list[Origin]:
    found: list[Origin] = []
    after = ("", "")
    while page := catalog.origins_of("media", after, size):
        assert len(page) <= size
        found += page
        after = page[-1].site_id, page[-1].key
    return found


def test_origins_of_a_run_are_those_that_it_added(catalog: Catalog) -> None:
    mine = [an_origin(key, "x", site=site) for site in ("a", "b") for key in ("1", "2")]
    catalog.add_origins([*mine, an_origin("3", "x", run="later"), an_origin("4", "x", kind="album")])
    catalog.add_origins([an_origin("1", "x", site="a", run="later")])
    assert catalog.origins_by_run(RUN, "media", ("", ""), 3) == mine[:3]
    assert catalog.origins_by_run(RUN, "media", ("b", "1"), 3) == mine[3:]
    assert [origin.key for origin in catalog.origins_by_run("later", "media", ("", ""), 3)] == ["3"]


def test_what_is_gone_is_paged_by_site_kind_and_key(catalog: Catalog) -> None:
    wanted = [
        an_origin(key, None, kind=kind, site=site)
        for site in ("a", "b") for kind in ("album", "media") for key in ("1", "2")
    ]  # fmt: skip
    catalog.add_origins([*reversed(wanted), an_origin("3", "x", site="a")])
    assert catalog.gone_origins(("", "", ""), 5) == wanted[:5]
    assert catalog.gone_origins(("b", "album", "1"), 5) == wanted[5:]


# addresses


def test_an_address_comes_back_as_it_was(catalog: Catalog) -> None:
    plain, full = an_address("/a.png"), an_address("/b.png", "y", "asset", variant="md", mime="image/x-odd")
    catalog.add_addresses([plain, full])
    assert sorted(catalog.addresses_at(["/a.png", "/b.png", "/c.png"]), key=lambda one: one.path) == [plain, full]
    assert catalog.addresses_at([]) == []


@pytest.mark.parametrize("path", [f"/{text}" for text in ODD_TEXTS])
def test_a_path_may_be_any_text(catalog: Catalog, path: str) -> None:
    catalog.add_addresses([address := an_address(path)])
    assert catalog.addresses_at([path]) == [address]


def test_the_case_of_a_path_matters(catalog: Catalog) -> None:
    catalog.add_addresses([an_address("/A.png", "x"), an_address("/a.png", "y")])
    assert [address.target_id for address in catalog.addresses_at(["/a.png"])] == ["y"]


def test_half_a_letter_leads_nowhere(catalog: Catalog) -> None:
    assert catalog.addresses_at(["/\ud83d"]) == []


def test_a_path_belongs_to_whom_it_was_given_first_on_each_site(catalog: Catalog) -> None:
    catalog.add_addresses([first := an_address(target="x"), an_address(target="y")])
    catalog.add_addresses([an_address(target="z"), other := an_address(target="y", site="other")])
    assert sorted(catalog.addresses_at(["/a.png"]), key=lambda one: one.site_id) == [first, other]


def test_addresses_lead_back_from_their_targets(catalog: Catalog) -> None:
    catalog.add_addresses(
        [b := an_address("/b"), a := an_address("/a"), an_address("/c", "y"), d := an_address("/d", "z", "album")]
    )
    assert catalog.addresses_to(["x", "z"]) == [a, b, d]


def test_addresses_of_a_kind_are_paged_by_path_and_site(catalog: Catalog) -> None:
    wanted = [an_address(f"/{path}", kind="owner", site=site) for path in "abc" for site in ("one", "two")]
    catalog.add_addresses([*reversed(wanted), an_address("/b", site="three")])
    assert catalog.addresses_of("owner", ("", ""), 4) == wanted[:4]
    assert catalog.addresses_of("owner", ("/b", "two"), 4) == wanted[4:]


# tombstones


def test_tombstones_are_paged_by_id(catalog: Catalog, alice: Owner) -> None:
    stones = [Tombstone(f"id {number}", "video", alice.id, NOW) for number in range(5)]
    catalog.add_tombstones(list(reversed(stones)))
    assert catalog.tombstones("", 3) == stones[:3]
    assert catalog.tombstones("id 2", 3) == stones[3:]
    assert catalog.tombstones("id 4", 3) == []


def test_r32_what_is_deleted_here_leaves_a_tombstone_that_no_import_changes(catalog: Catalog, alice: Owner) -> None:
    catalog.add_media(media := a_media(alice), a_token(), reuse=False)
    catalog.remove_media(media.id, NOW)
    stone = Tombstone(media.id, "image", alice.id, NOW)
    catalog.add_tombstones([replace(stone, deleted_at=NOW - minutes(9))])
    assert catalog.tombstones("", 9) == [stone]
    assert catalog.tombstones_among([media.id, "somebody"]) == {media.id}


# assets


def test_assets_are_listed_and_are_files_like_others(catalog: Catalog, alice: Owner) -> None:
    catalog.add_asset(second := an_asset(alice, "b" * 21))
    catalog.add_asset(first := an_asset(alice, "a" * 21))
    assert catalog.assets() == [first, second]
    entry = catalog.file_entry(first.id)
    assert entry
    assert (entry.owner_id, entry.mime, entry.is_public, entry.blob()) == (
        alice.id, "image/png", True, "aaaaaaaaaaaaaaaaaaaaa.png",
    )  # fmt: skip
    assert catalog.media_ids([first.id, "nobody"]) == {first.id}
    assert catalog.media(first.id) is None


def test_the_profile_of_an_owner_is_changed_and_nothing_else(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.add_media(a_media(alice), a_token(), reuse=False)
    new = replace(
        alice, email="A@example.org", password_hash="x", name="Alice", bio="Me", website="https://a.example",
        time_zone="UTC", language="en", is_private=True, avatar_id="a" * 21, background_id="b" * 21,
        username="other", role="admin", media_count=99,
    )  # fmt: skip
    catalog.set_owner_profile(new)
    assert catalog.owner(alice.id) == replace(
        new, username="alice", role="user", media_count=1, storage_used_bytes=1000
    )
    assert catalog.owner(bob.id) == bob


def test_a_cover_and_views_are_kept_with_an_album(catalog: Catalog, alice: Owner) -> None:
    catalog.add_album(outer := an_album(alice))
    catalog.add_album(inner := an_album(alice, "Inner", parent_id=outer.id, created_at=NOW + minutes(1)))
    catalog.set_album_cover(outer.id, "some media")
    catalog.count_album_view(outer.id)
    catalog.count_album_view(outer.id)
    assert catalog.album(outer.id) == replace(outer, cover_id="some media", views=2)
    assert catalog.albums_in(outer.id) == [inner]
    assert catalog.albums_of(alice.id) == [replace(outer, cover_id="some media", views=2), inner]


def test_many_who_add_the_same_at_once_add_it_once(open_catalog: OpenCatalog) -> None:
    handles = [open_catalog(), open_catalog()]

    def add(number: int) -> None:
        handles[number % 2].add_site(a_site())
        handles[number % 2].add_origins([an_origin("1", f"target {number}")])
        handles[number % 2].add_addresses([an_address(target=f"target {number}")])

    assert at_once(8, add) == [None] * 8
    assert [len(handles[0].sites()), len(handles[0].addresses_at(["/a.png"]))] == [1, 1]
