"""`probe`, by which /health learns whether a store is well."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.core.ports import BlobStore, Catalog
from gateway.core.records import Owner

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_catalog_that_is_well_says_nothing(catalog: Catalog, alice: Owner) -> None:
    before = catalog.owners(), catalog.usage(NOW)
    catalog.probe()
    assert (catalog.owners(), catalog.usage(NOW)) == before


def test_a_store_of_files_that_is_well_says_nothing(blobs: BlobStore) -> None:
    blobs.claim("0" * 32, lambda: None)
    before = sorted(blobs.names())
    blobs.probe()
    assert sorted(blobs.names()) == before
