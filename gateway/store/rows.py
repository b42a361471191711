"""Records to rows and back, spelled once for every SQL catalog: columns are the fields, times are ISO 8601 text."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, get_type_hints

from gateway.core.records import Album, ApiKey, FileEntry, Media, Owner

T = TypeVar("T")


def time_text(time: datetime) -> str:
    """Fixed width, so that text order is time order."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def to_column(value: object) -> object:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, tuple):
        return " ".join(value)
    return value


def from_column(kind: Any) -> Callable[[Any], Any] | None:
    """How to read a column of this type; None where the stored value is the value."""
    if kind is bool:
        return bool
    if kind in (datetime, datetime | None):
        return lambda text: text and datetime.fromisoformat(text)
    if kind == tuple[str, ...]:
        return lambda text: tuple(text.split())
    return None


class Table(Generic[T]):
    def __init__(self, name: str, record: Callable[..., T], without: tuple[str, ...] = ()) -> None:
        """`record` is a dataclass; all its fields but those in `without` are columns."""
        kinds = get_type_hints(record)
        self.make = record
        self.columns = [name for name in kinds if name not in without]
        self.readers = [(at, read) for at, name in enumerate(self.columns) if (read := from_column(kinds[name]))]
        self.name = name
        self.select = f"SELECT {', '.join(self.columns)} FROM {name}"

    def record(self, row: tuple[Any, ...], **rest: object) -> T:
        values = list(row)
        for at, read in self.readers:
            values[at] = read(values[at])
        return self.make(*values, **rest)

    def insert(self, db: sqlite3.Connection, record: T, **more: object) -> None:
        columns = [*self.columns, *more]
        values = [to_column(getattr(record, column)) for column in self.columns] + list(more.values())
        marks = ", ".join("?" * len(columns))
        db.execute(f"INSERT INTO {self.name} ({', '.join(columns)}) VALUES ({marks})", values)


OWNER = Table("owners", Owner)
API_KEY = Table("api_keys", ApiKey)
ALBUM = Table("albums", Album)
MEDIA = Table("media", Media, without=("tags",))
FILE_ENTRY = Table("media", FileEntry)
