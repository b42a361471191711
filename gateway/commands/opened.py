"""Catalogs for commands that look at more than one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from gateway.commands.hints import place
from gateway.core.ports import Catalog
from gateway.settings import Settings
from gateway.store.opening import is_initialised, open_catalog
from gateway.store.sql.base import NewerCatalog
from gateway.store.sql.standing import StandingRows


@contextmanager
def opened_catalog(settings: Settings, *, must_exist: bool = True) -> Iterator[Catalog]:
    if must_exist and not is_initialised(settings):
        raise click.ClickException(
            f"There is no library in {settings.data}.\nMake one with: gateway init{place(settings.data)}"
        )
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
