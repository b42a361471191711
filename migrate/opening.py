"""How a source is opened, now and when its run is resumed or verified. What a journal keeps of that is no secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, assert_never
from urllib.parse import quote, unquote

from migrate.items import Source
from migrate.sources.chevereto.reader import TABLES, CheveretoSource
from migrate.sources.folder import FolderSource
from migrate.sources.importer import Layout
from migrate.sources.live import LiveTables
from migrate.sources.manifest import ManifestSource
from migrate.sources.staging import Dump
from migrate.sources.urls import UrlsSource

Kind = Literal["chevereto", "folder", "manifest", "urls"]
Progress = Callable[[int, int], None]  # bytes of a dump that are read, and all of them

WITH_PASSWORD = re.compile(r"([a-z]+://[^/:@]*):(.*)@(.*)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """`path` is the folder, the manifest, the list of addresses or the dump; a live database has `db` instead, its
    address without the password."""

    kind: Kind
    path: Path | None = None
    db: str | None = None
    files: Path | None = None
    layout: Layout = "auto"
    old_url: str | None = None
    prefix: str | None = None
    keep_expired: bool = False
    fetch_remote: bool = False
    needs_password: bool = False
    needs_encryption_key: bool = False

    def as_json(self) -> dict[str, object]:
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "kind"}
        return {name: str(value) if isinstance(value, Path) else value for name, value in values.items() if value}

    @classmethod
    def from_json(cls, kind: str, values: Mapping[str, Any]) -> Recipe:
        known = {one.name for one in fields(cls)}
        given = {name: value for name, value in values.items() if name in known}
        given |= {name: Path(given[name]) for name in ("path", "files") if name in given}
        return cls(kind, **given)  # type: ignore[arg-type]

    def __str__(self) -> str:
        match self.kind:
            case "chevereto":
                tables = f"the dump {self.path}" if self.path else f"the database {self.db}"
                return f"{tables} and the files in {self.files}"
            case "folder":
                return f"the folder {self.path}"
            case "manifest":
                return f"the manifest {self.path}"
            case "urls":
                return f"the addresses in {self.path}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What opens a source and is never written down."""

    password: str | None = field(default=None, repr=False)
    encryption_key: str | None = field(default=None, repr=False)


def open_source(recipe: Recipe, secrets: Secrets, work: Path, now: datetime, progress: Progress) -> Source:
    """`now` decides what has expired: for a run that is opened again it is when that began. Raises `SourceError`."""
    match recipe.kind:
        case "chevereto":
            return open_chevereto(recipe, secrets, work, now, progress)
        case "folder":
            return FolderSource(there(recipe.path), layout=recipe.layout, old_url=recipe.old_url)
        case "manifest":
            return ManifestSource(there(recipe.path), files=recipe.files)
        case "urls":
            return UrlsSource(there(recipe.path))
    assert_never(recipe.kind)


def open_chevereto(recipe: Recipe, secrets: Secrets, work: Path, now: datetime, progress: Progress) -> CheveretoSource:
    tables: Dump | LiveTables
    if recipe.db:
        tables = LiveTables.open(with_password(recipe.db, secrets.password), recipe.prefix)
    else:
        tables = Dump.open(there(recipe.path), work, TABLES, recipe.prefix, progress)
    try:
        source = CheveretoSource(
            tables,
            there(recipe.files),
            encryption_key=secrets.encryption_key,
            old_url=recipe.old_url,
            keep_expired=recipe.keep_expired,
            fetch_remote=recipe.fetch_remote,
            now=now,
        )
    except BaseException:
        tables.close()
        raise
    if isinstance(tables, Dump):
        source.notes.update(tables.notes)
    return source


def there(path: Path | None) -> Path:
    assert path is not None
    return path


def without_password(url: str) -> tuple[str, str | None]:
    """The address of a database as it may be shown, and the password that was in it."""
    match = WITH_PASSWORD.fullmatch(url)
    return (f"{match[1]}@{match[3]}", unquote(match[2])) if match else (url, None)


def with_password(url: str, password: str | None) -> str:
    front, mark, behind = url.rpartition("@")
    return f"{front}:{quote(password, safe='')}{mark}{behind}" if mark and password else url
