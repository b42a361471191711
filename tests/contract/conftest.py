"""Every implementation of the ports. A new one adds a fixture here and its name to the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.core.ports import BlobStore, Catalog
from gateway.core.records import Owner
from gateway.store.disk import DiskBlobs
from gateway.store.sqlite import SqliteCatalog
from tests.contract.samples import an_owner

CATALOGS = ("sqlite",)
BLOB_STORES = ("disk",)

OpenCatalog = Callable[[], Catalog]


@pytest.fixture
def sqlite(tmp_path: Path) -> OpenCatalog:
    return lambda: SqliteCatalog(tmp_path / "catalog.db")


@pytest.fixture
def disk(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path)


@pytest.fixture(params=CATALOGS)
def open_catalog(request: pytest.FixtureRequest) -> Iterator[OpenCatalog]:
    """Each call opens the same catalog once more, as another process would."""
    opened: list[Catalog] = []
    open_one: OpenCatalog = request.getfixturevalue(request.param)

    def open_another() -> Catalog:
        opened.append(catalog := open_one())
        return catalog

    yield open_another
    for catalog in opened:
        catalog.close()


@pytest.fixture
def catalog(open_catalog: OpenCatalog) -> Catalog:
    return open_catalog()


@pytest.fixture
def alice(catalog: Catalog) -> Owner:
    catalog.add_owner(owner := an_owner("alice"))
    return owner


@pytest.fixture
def bob(catalog: Catalog) -> Owner:
    catalog.add_owner(owner := an_owner("bob"))
    return owner


@pytest.fixture(params=BLOB_STORES)
def blobs(request: pytest.FixtureRequest) -> BlobStore:
    store: BlobStore = request.getfixturevalue(request.param)
    return store
