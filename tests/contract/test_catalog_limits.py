"""What a catalog promises about the limits of owners: their plan, their quota, the number of their keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.errors import QuotaExceeded
from gateway.core.ports import Catalog
from gateway.core.records import Owner
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, a_key, an_owner, at_once


def test_it_works(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.set_owner_limits(alice.id, "pro", 5)
    assert catalog.owner(alice.id) == replace(alice, plan="pro", quota_bytes=5)
    assert catalog.owner(bob.id) == bob
    catalog.set_owner_limits(alice.id, None, None)
    assert catalog.owner(alice.id) == replace(alice, plan=None, quota_bytes=None)


def test_a_plan_comes_with_an_owner(catalog: Catalog) -> None:
    catalog.add_owner(owner := an_owner("carol", plan="pro"))
    assert catalog.owner(owner.id) == owner


def test_one_key_too_many_is_refused(catalog: Catalog, alice: Owner) -> None:
    catalog.add_key(first := a_key(alice), at_most=1)
    with pytest.raises(QuotaExceeded) as refusal:
        catalog.add_key(a_key(alice), at_most=1)
    assert refusal.value.meta == {"type": "api_key_count", "used": 1, "limit": 1}
    assert catalog.keys() == [first]


def test_revoked_keys_and_those_of_others_do_not_count(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.add_key(first := a_key(alice))
    catalog.add_key(a_key(bob))
    catalog.revoke_key(first.id, NOW)
    catalog.add_key(a_key(alice), at_most=1)
    assert len(catalog.keys()) == 3


def test_many_at_once_are_no_more_than_allowed(open_catalog: OpenCatalog, alice: Owner) -> None:
    handles = [open_catalog(), open_catalog()]
    results = at_once(12, lambda number: handles[number % 2].add_key(a_key(alice), at_most=5))
    assert results.count(None) == 5
    assert sum(isinstance(result, QuotaExceeded) for result in results) == 7
