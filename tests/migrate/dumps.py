"""Small dumps for tests that are about one thing in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from migrate.sources.staging import Dump
from migrate.sources.tables import Value

REST = b"CREATE TABLE chv_albums (id int);\nCREATE TABLE chv_users (id int);\nCREATE TABLE chv_settings (id int);\n"
IMAGES = b"CREATE TABLE `chv_images` (`id` int(11), `a` text, `b` text);\n"
WANTED = ("images", "albums", "users", "settings")


def read(folder: Path, *parts: str | bytes, prefix: str | None = None) -> Dump:
    path = folder / "site.sql"
    path.write_bytes(b"".join(part.encode() if isinstance(part, str) else part for part in parts))
    return Dump.open(path, folder / "work", WANTED, prefix)


def images(folder: Path, *parts: str | bytes) -> list[tuple[Value, ...]]:
    """The rows of `chv_images (id, a, b)` that these statements fill."""
    return rows(read(folder, REST, IMAGES, *parts), "images", ["id", "a", "b"])


def rows(dump: Dump, table: str, columns: Sequence[str], order: Sequence[str] = ()) -> list[tuple[Value, ...]]:
    found = list(dump.rows(table, columns, order))
    dump.close()
    return found
