"""What is not ours: packages that are not installed, and servers that are named and may not answer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from gateway.core.errors import GatewayError
from gateway.core.formats.registry import FORMATS
from gateway.doctoring.findings import Findings
from gateway.settings import Settings
from gateway.store.opening import missing, open_s3
from gateway.store.places import S3Place, read_blob_place

PACKAGES = {"heic": "pillow_heif", "video": "av"}  # of each extra that reads formats


def look_at_extras(settings: Settings, findings: Findings) -> None:
    """Formats that are taken, and cannot be read."""
    for extra, package in PACKAGES.items():
        formats = [one for one in FORMATS if one.extra == extra and one.name not in settings.uploads.disabled_formats]
        if formats and not find_spec(package):
            names = ", ".join(one.label for one in formats)
            listed = ", ".join(f'"{one.name}"' for one in formats)
            findings.note("uploads.disabled_formats", f"{names} cannot be read here, and uploads of it are refused.",
                          f"Install what reads it: pip install 'picgate[{extra}]'",
                          f"Or say that it is meant: disabled_formats = [{listed}]")  # fmt: skip


def look_at_services(settings: Settings, findings: Findings) -> None:
    storage, limits = settings.storage, settings.limits
    looks: list[tuple[str, Callable[[], None]]] = []
    if storage.catalog:
        looks.append(("storage.catalog", partial(try_catalog, storage.catalog)))
    for name, text in (("storage.blobs", storage.blobs), ("storage.blobs_before", storage.blobs_before)):
        place = read_blob_place(text, settings.data)
        if text and isinstance(place, S3Place):
            looks.append((name, partial(try_bucket, place, settings)))
        elif text and isinstance(place, Path) and not place.is_dir():
            findings.broken(name, f"There is no folder {place}.", "Is its disk mounted? If so, make it.")
    if limits.store != "memory":
        looks.append(("limits.store", partial(try_redis, limits.store)))
    for name, look in looks:
        try:
            look()
        except GatewayError as error:
            what, *mend = error.message.splitlines()
            findings.broken(name, what, *mend)


def try_catalog(url: str) -> None:
    try:
        import psycopg

        from gateway.store.postgres_connections import Connections
        from gateway.store.postgres_failures import NO_ADDRESS, Where, not_opened, refuse_unfit
    except ImportError:
        raise missing("storage.catalog is a PostgreSQL", "psycopg", "postgres") from None
    try:
        where = Where.of(url)
        connections = Connections(url)
    except psycopg.ProgrammingError:
        raise GatewayError(NO_ADDRESS) from None
    try:
        with connections.own() as connection:
            refuse_unfit(connection, where)
    except psycopg.Error as error:
        raise not_opened(error, where) from None


def try_bucket(place: S3Place, settings: Settings) -> None:
    with tempfile.TemporaryDirectory() as spool:
        elsewhere = replace(settings, storage=replace(settings.storage, data=spool))
        open_s3(place, elsewhere, None).try_out()


def try_redis(address: str) -> None:
    from gateway.web.counting import open_redis

    if not open_redis(address).check():
        raise GatewayError("The Redis does not answer; until it does, each process counts for itself.\n"
                           "Start it, or correct the address; or set it to memory for one gateway alone.")  # fmt: skip
