"""Every implementation of the ports. A new one adds a fixture here and its name to the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.core.ports import BlobStore, Catalog
from gateway.core.records import Owner
from gateway.store.disk import DiskBlobs
from gateway.store.places import S3Place, read_blob_place
from gateway.store.sqlite import SqliteCatalog
from tests.contract.samples import an_owner
from tests.stores import EmptiedCatalog, S3Server, an_emptied_catalog, rclone_server

CATALOGS = ("sqlite", "postgres")
BLOB_STORES = ("disk", "moto", "rclone")

OpenCatalog = Callable[[], Catalog]


@pytest.fixture
def sqlite(tmp_path: Path) -> OpenCatalog:
    return lambda: SqliteCatalog(tmp_path / "catalog.db")


@pytest.fixture(scope="session")
def emptied_catalog() -> Iterator[EmptiedCatalog]:
    with an_emptied_catalog() as emptied:
        yield emptied


@pytest.fixture
def postgres(emptied_catalog: EmptiedCatalog) -> OpenCatalog:
    from gateway.store.postgres import PostgresCatalog

    url = emptied_catalog()
    return lambda: PostgresCatalog(url)


@pytest.fixture
def disk(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path)


@pytest.fixture(scope="session")
def rclone_s3() -> Iterator[S3Server]:
    with rclone_server() as server:
        yield server


def s3_blobs(server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BlobStore:
    """As one of several gateways opens them: what one node writes is there for the others."""
    from gateway.store.s3 import S3Blobs

    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    place = read_blob_place(server.place(server.bucket(), "a/prefix"), tmp_path)
    assert isinstance(place, S3Place)
    return S3Blobs(place, tmp_path / "incoming", SqliteCatalog(tmp_path / "catalog.db").alone)


@pytest.fixture
def moto(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BlobStore:
    return s3_blobs(s3_server, tmp_path, monkeypatch)


@pytest.fixture
def rclone(rclone_s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BlobStore:
    return s3_blobs(rclone_s3, tmp_path, monkeypatch)


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
