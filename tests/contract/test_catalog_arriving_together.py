"""What a catalog promises when several machines bring the same: one record of it."""

from __future__ import annotations

from gateway.core.errors import Conflict
from gateway.core.ports import Catalog
from gateway.core.records import Owner
from tests.contract.arrivals import an_origin, arrived
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import a_media, at_once, sha256


def test_what_came_from_the_same_place_comes_once(catalog: Catalog, alice: Owner) -> None:
    first, second = arrived(a_media(alice), "1"), arrived(a_media(alice), "1")
    third = arrived(a_media(alice), "2")
    assert catalog.add_arrived([first]) == [None]
    refused, kept = catalog.add_arrived([second, third])
    assert isinstance(refused, Conflict) and refused.code == "ALREADY_HERE"
    assert kept is None
    assert [one.media.id for one in catalog.export_media("", 9)] == sorted([first.media.id, third.media.id])


def test_what_was_deleted_since_does_not_come_back(catalog: Catalog, alice: Owner) -> None:
    catalog.add_arrived([first := arrived(a_media(alice), "1")])
    catalog.remove_media(first.media.id, first.media.updated_at)
    [refused] = catalog.add_arrived([arrived(a_media(alice), "1")])
    assert isinstance(refused, Conflict)


def test_the_same_id_with_the_same_bytes_is_the_same(catalog: Catalog, alice: Owner) -> None:
    one = a_media(alice, id="a" * 11, sha256=sha256("one"))
    assert catalog.add_arrived([arrived(one)]) == [None]
    [same] = catalog.add_arrived([arrived(one)])
    [other] = catalog.add_arrived([arrived(a_media(alice, id="a" * 11, sha256=sha256("two")))])
    assert isinstance(same, Conflict) and same.code == "ALREADY_HERE"
    assert other and not isinstance(other, Conflict)


def test_an_origin_of_another_site_or_kind_is_another(catalog: Catalog, alice: Owner) -> None:
    catalog.add_origins([an_origin("1", alice.id, kind="owner"), an_origin("1", "x", site="older")])
    assert catalog.add_arrived([arrived(a_media(alice), "1")]) == [None]


def test_of_many_at_once_each_comes_once(open_catalog: OpenCatalog, catalog: Catalog, alice: Owner) -> None:
    catalogs = [open_catalog() for _ in range(4)]

    def bring(machine: int) -> int:
        batch = [arrived(a_media(alice), str(number)) for number in range(20)]
        return sum(refusal is None for refusal in catalogs[machine].add_arrived(batch))

    assert sum(count for count in at_once(4, bring) if isinstance(count, int)) == 20
    assert len(catalog.export_media("", 99)) == 20
