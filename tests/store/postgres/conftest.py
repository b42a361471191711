"""One database for all tests of a module, emptied after each; its catalog waits for nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("psycopg", reason="psycopg is not installed")


from gateway.core.records import Owner
from gateway.store import postgres_connections
from gateway.store.postgres import PostgresCatalog
from tests.contract.samples import an_owner
from tests.stores import a_database, execute
from tests.wire import Wire, a_wire


@pytest.fixture(scope="module")
def made() -> Iterator[str]:
    with a_database() as url:
        PostgresCatalog(url).close()
        yield url


@pytest.fixture
def url(made: str) -> Iterator[str]:
    yield made
    execute(made, "TRUNCATE owners, categories, tags, changes, texts, upload_sessions, standing CASCADE")


@pytest.fixture
def catalog(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresCatalog]:
    """Waits for nobody, so that a test about waiting takes no time."""
    monkeypatch.setattr(postgres_connections, "BUSY_SECONDS", 0.3)
    monkeypatch.setattr(postgres_connections, "LOOK_SECONDS", 0.2)
    catalog = PostgresCatalog(url)
    yield catalog
    catalog.close()


@pytest.fixture
def alice(catalog: PostgresCatalog) -> Owner:
    catalog.add_owner(owner := an_owner("alice"))
    return owner


@pytest.fixture
def wire(url: str) -> Iterator[Wire]:
    with a_wire(url) as wire:
        yield wire


@pytest.fixture
def far(wire: Wire, catalog: PostgresCatalog) -> Iterator[PostgresCatalog]:
    """The same catalog at the end of a wire."""
    far = PostgresCatalog(wire.url)
    yield far
    far.close()
