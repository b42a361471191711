"""Catalogs for commands that look at more than one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from gateway.commands.common import require_library
from gateway.core.ports import Catalog
from gateway.settings import Settings
from gateway.store.opening import open_catalog
from gateway.store.sql.base import NewerCatalog
from gateway.store.sql.standing import StandingRows


@contextmanager
def opened_catalog(settings: Settings, *, must_exist: bool = True) -> Iterator[Catalog]:
    if must_exist:
        require_library(settings)
    try:
        catalog = open_catalog(settings)
    except NewerCatalog as error:
        raise click.ClickException(str(error)) from None
    try:
        yield catalog
    finally:
        catalog.close()


def in_sql(catalog: Catalog) -> StandingRows:
    """All catalogs there are can be copied row by row."""
    assert isinstance(catalog, StandingRows)
    return catalog
