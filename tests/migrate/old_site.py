"""An old Chevereto site made by a test: tables of rows written as they are needed, and files in a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from migrate.items import Item
from migrate.sources.chevereto.reader import CheveretoSource
from migrate.sources.chevereto.rows import NEEDED
from migrate.sources.tables import Value

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BCRYPT = "$2y$10$" + "abcdefghijklmnopqrstuv" + "0123456789012345678901234567890"
STARTS = {
    "albums": "album_", "api_keys": "api_key_", "categories": "category_", "deletions": "deleted_", "images": "image_",
    "images_hash": "image_hash_", "likes": "like_", "login_passwords": "login_password_", "logins": "login_",
    "redirects": "redirect_", "settings": "setting_", "storages": "storage_", "tags": "tag_",
    "tags_files": "tag_file_", "users": "user_", "variables": "variable_",
}  # fmt: skip
RowOf = Mapping[str, Value]
TablesOf = Mapping[str, Sequence[RowOf] | None]


class MemoryTables:
    """A table has the columns that any of its rows has, and those that no site is without."""

    prefix = "chv_"

    def __init__(self, tables: Mapping[str, Sequence[RowOf]]) -> None:
        self.tables = {**dict.fromkeys(NEEDED, ()), **tables}
        self.is_closed = False

    def columns(self, table: str) -> frozenset[str]:
        start = STARTS.get(table, "")
        written = {start + name for row in self.tables.get(table, ()) for name in row}
        return frozenset(written).union(NEEDED.get(table, ()), [f"{start}id"] if table in self.tables else [])

    def count(self, table: str) -> int:
        return len(self.tables[table])

    def rows(self, table: str, columns: Sequence[str], order: Sequence[str] = ()) -> Iterator[tuple[Value, ...]]:
        assert {*columns, *order} <= self.columns(table)
        start = STARTS.get(table, "")
        named = [{start + name: value for name, value in row.items()} for row in self.tables[table]]
        for row in sorted(named, key=lambda row: [sortable(row.get(name)) for name in order]):
            yield tuple(row.get(name) for name in columns)

    def close(self) -> None:
        self.is_closed = True


def sortable(value: Value) -> tuple[bool, Any]:
    return value is not None, value


def settings(**values: str) -> list[RowOf]:
    values = {"crypt_salt": "231e0d82", "id_padding": "999", "default_timezone": "America/Santiago", **values}
    return [{"name": name, "value": value} for name, value in values.items()]


def image(id: int, name: str = "pic", extension: str = "png", **more: Value) -> RowOf:
    row: dict[str, Value] = {
        "id": id, "name": name, "extension": extension, "date": "2026-11-21 01:03:58",
        "date_gmt": "2026-11-21 04:03:58", "storage_mode": "datefolder", "storage_id": None, "path": None,
    }  # fmt: skip
    return row | more


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 10)


def open_site(files: Path, tables: TablesOf, **options: Any) -> CheveretoSource:
    """A V4 site; for a V3 site, `images_hash` is None."""
    files.mkdir(parents=True, exist_ok=True)
    there = {"settings": settings(), "images_hash": [], **tables}
    return CheveretoSource(
        MemoryTables({name: rows for name, rows in there.items() if rows is not None}), files, now=NOW, **options
    )


def items(files: Path, tables: TablesOf, **options: Any) -> list[Item]:
    return list(open_site(files, tables, **options).items())


def paths(item: Item) -> list[str]:
    return [address.path for address in item.addresses]


def notes_of(source: CheveretoSource, *, after: str) -> Counter[str]:
    """What the source has to say once this of its methods was read to the end, twice."""
    for _ in range(2):
        list(getattr(source, after)())
    return source.notes
