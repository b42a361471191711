"""Where the journals of this library are: wiring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import click

from gateway.commands.hints import located
from gateway.core.errors import GatewayError
from gateway.settings import Settings
from gateway.store.opening import open_catalog
from gateway.store.sql.base import NewerCatalog
from migrate.journal_files import FileJournals
from migrate.journal_tables import SharedJournals
from migrate.journals import Journals
from migrate.machines import SharedTables


def imports_of(settings: Settings) -> Path:
    """Also where the tables of a dump are kept while they are read."""
    return settings.data / "imports"


@contextmanager
def journals_of(settings: Settings) -> Iterator[Journals]:
    """In the data folder; where the catalog is in a database, there."""
    if not settings.storage.catalog:
        yield FileJournals(imports_of(settings))
        return
    try:
        catalog = open_catalog(settings)
    except (NewerCatalog, GatewayError) as error:
        raise click.ClickException(located(str(error))) from None
    try:
        yield SharedJournals(cast(SharedTables, catalog))
    except GatewayError as error:
        raise click.ClickException(located(error.message)) from None
    finally:
        catalog.close()
