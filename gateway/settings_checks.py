"""What settings of the right type may still get wrong: told by its name, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from gateway.core.formats.registry import FORMATS
from gateway.declaring import SettingsError
from gateway.store.places import read_blob_place
from gateway.store.target import read_place
from gateway.urls import is_public_url

if TYPE_CHECKING:
    from gateway.settings import Settings

WEEK = 604_800  # what S3 allows
NODE = re.compile(r"[A-Za-z0-9._-]{1,32}", re.ASCII)
# An @ more, or a / before it, would make a part of the password the host, which errors name.
PLAIN_ADDRESS = re.compile(r"[a-z+]+://[^@/]*@[^@]*")


def check(settings: Settings) -> None:
    """Values that have the right type and still cannot work."""
    if not 1 <= settings.server.port <= 65_535:
        raise SettingsError(f"server.port is {settings.server.port}, but ports go from 1 to 65535.")
    if settings.server.node and not NODE.fullmatch(settings.server.node):
        raise SettingsError(
            f"server.node is {settings.server.node!r}, but must be 1 to 32 characters of A-Z, a-z, 0-9, ., _ and -."
        )
    if not is_public_url(settings.public_url):
        raise SettingsError(
            f"server.public_url is {settings.server.public_url!r}, but must be an address such as https://img.example.org."
        )
    if settings.server.media_url and (not is_public_url(settings.server.media_url) or "@" in settings.server.media_url):
        raise SettingsError(
            f"server.media_url is {settings.server.media_url!r}, but must be an address such as "
            "https://media.img.example.org."
        )
    if not settings.storage.data:
        raise SettingsError("storage.data is empty, but must name a folder.")
    try:
        ZoneInfo(settings.chevereto.time_zone)
    except (KeyError, ValueError, OSError):
        raise SettingsError(
            f"chevereto.time_zone is {settings.chevereto.time_zone!r}, but must be a zone such as Europe/Berlin."
        ) from None
    check_stores(settings)
    check_limits(settings)
    check_allowed(settings.uploads.url_allow)
    names = [known.name for known in FORMATS]
    for name in settings.uploads.disabled_formats:
        if name not in names:
            raise SettingsError(f"uploads.disabled_formats names {name!r}; the formats are {', '.join(names)}.")
    for name in ("server.threads", "server.header_timeout", "images.thumb_width", "images.thumb_height",
                 "images.medium_width",
                 "sweeper.interval", "uploads.max_size", "uploads.session_age", "uploads.url_timeout",
                 "legacy.fallback_max_size"):  # fmt: skip
        section, _, key = name.partition(".")
        if not getattr(getattr(settings, section), key):
            raise SettingsError(f"{name} is 0, but must be at least 1.")
    if settings.legacy.fallback_url:
        check_fallback(settings.legacy.fallback_url, settings.public_url)


def check_stores(settings: Settings) -> None:
    storage, files = settings.storage, settings.files
    if storage.catalog and not re.fullmatch(r"postgres(ql)?://\S+", storage.catalog):
        raise SettingsError(
            "storage.catalog must be empty, for SQLite in the data folder, or the address of a PostgreSQL such as "
            "postgresql://picgate@127.0.0.1/picgate."
        )
    refuse_unquoted("storage.catalog", storage.catalog)
    for name, text in (("blobs", storage.blobs), ("blobs_before", storage.blobs_before)):
        try:
            read_blob_place(text, settings.data)
        except ValueError as problem:
            raise SettingsError(f"storage.{name} is {text!r}: {problem}") from None
    is_in_bucket = not isinstance(read_blob_place(storage.blobs, settings.data), Path)
    if files.sendfile == "x-accel" and (is_in_bucket or storage.blobs_before):
        raise SettingsError(
            "files.sendfile is x-accel, but nginx can send only what is in a folder.\n"
            "Choose direct, or redirect for files in an S3 store."
        )
    if files.sendfile == "redirect" and not is_in_bucket:
        raise SettingsError(
            "files.sendfile is redirect, but the files are in a folder, to which no link leads.\n"
            "Choose direct, or x-accel with nginx in front."
        )
    if not 1 <= files.link_life <= WEEK:
        raise SettingsError(f"files.link_life is {files.link_life}, but a link may live from 1 to {WEEK} seconds.")
    if files.media_url and (not is_public_url(files.media_url) or "@" in files.media_url):
        raise SettingsError(
            f"files.media_url is {files.media_url!r}, but must be an address such as https://cdn.example.org."
        )


def refuse_unquoted(name: str, address: str) -> None:
    if "@" in address and not PLAIN_ADDRESS.fullmatch(address):
        raise SettingsError(
            f"{name} is an address with an @ or a / in the name or the password.\n"
            "Write @ there as %40, / as %2F, : as %3A and % as %25."
        )


def check_fallback(url: str, public_url: str) -> None:
    if not is_public_url(url) or "@" in url:
        raise SettingsError(f"legacy.fallback_url is {url!r}, but must be an address such as https://old.example.org.")
    if place(url) == place(public_url):
        raise SettingsError(
            f"legacy.fallback_url is {url!r}, which leads to this gateway itself (server.public_url).\n"
            "Give the old host by a name of its own, or by its IP address."
        )


def place(url: str) -> tuple[str | None, int | None]:
    """Host and port. http and https, on the ports they have everywhere, are one place."""
    parts = urlsplit(url)
    return parts.hostname, None if parts.port in (80, 443) else parts.port


def check_allowed(places: Iterable[str]) -> None:
    for one in places:
        try:
            read_place(one)
        except ValueError:
            raise SettingsError(
                f"uploads.url_allow names {one!r}, which is no host.\nGive hosts such as nas.lan or 10.0.0.5:8000."
            ) from None


def check_limits(settings: Settings) -> None:
    place = settings.limits.store
    if place != "memory" and not re.fullmatch(r"(redis|rediss|redis\+unix)://\S+", place):
        raise SettingsError("limits.store must be memory, or the address of a Redis such as redis://127.0.0.1:6379/0.")
    refuse_unquoted("limits.store", place)
    for one in settings.server.trusted_proxies:
        try:
            ip_network(one, strict=False)
        except ValueError:
            raise SettingsError(
                f"server.trusted_proxies names {one!r}, but must hold addresses and networks such as 10.0.0.0/8."
            ) from None
