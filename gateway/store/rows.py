"""Records to rows and back, spelled once for every SQL catalog: columns are the fields, times are ISO 8601 text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar, get_type_hints

from gateway.core.moving import Address, Origin, Site
from gateway.core.records import Album, ApiKey, Asset, Category, FileEntry, Listed, Media, Owner, Tombstone

T = TypeVar("T")


class Rows(Protocol):
    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class Db(Protocol):
    """A connection inside a transaction, of whatever database. Values stand as `?`."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Rows: ...

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> Rows: ...


def time_text(time: datetime) -> str:
    """Fixed width, so that text order is time order."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def to_column(value: object) -> object:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return value


def from_column(kind: Any) -> Callable[[Any], Any] | None:
    """How to read a column of this type; None where the stored value is the value."""
    if kind is bool:
        return bool
    if kind is datetime:
        return datetime.fromisoformat
    if kind == datetime | None:
        return lambda text: text and datetime.fromisoformat(text)
    if kind == tuple[str, ...]:
        return lambda text: tuple(text.split())
    if kind == tuple[str, ...] | None:
        return lambda text: None if text is None else tuple(text.split())
    if kind == dict[str, str]:
        return json.loads
    return None


def needs_writing(kind: Any) -> bool:
    """Whether a value of this type is another one in a column."""
    return kind in (datetime, datetime | None, tuple[str, ...], tuple[str, ...] | None, dict[str, str])


class Table(Generic[T]):
    def __init__(self, name: str, record: Callable[..., T], without: tuple[str, ...] = (), key: int = 1) -> None:
        """`record` is a dataclass: all its fields but those in `without` are columns, and the first `key` the key."""
        kinds = get_type_hints(record)
        self.make = record
        self.columns = [name for name in kinds if name not in without]
        self.writers = [at for at, name in enumerate(self.columns) if needs_writing(kinds[name])]
        self.readers = [(at, read) for at, name in enumerate(self.columns) if (read := from_column(kinds[name]))]
        self.key = key
        self.fields = attrgetter(*self.columns)
        self.name = name
        self.select = f"SELECT {', '.join(self.columns)} FROM {name}"
        self.qualified = ", ".join(f"{name}.{column}" for column in self.columns)

    def record(self, row: tuple[Any, ...], **rest: object) -> T:
        values = list(row)
        for at, read in self.readers:
            values[at] = read(values[at])
        return self.make(*values, **rest)

    def values(self, record: T) -> list[object]:
        values: list[object] = list(self.fields(record))
        for at in self.writers:
            values[at] = to_column(values[at])
        return values

    def insertion(self, *more: str) -> str:
        columns = [*self.columns, *more]
        return f"INSERT INTO {self.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"

    def insert(self, db: Db, record: T, **more: object) -> None:
        db.execute(self.insertion(*more), [*self.values(record), *more.values()])

    def insert_new(self, db: Db, records: Iterable[T]) -> None:
        """Those whose key is taken are left out. In order: of two who bring the same, one waits for the other."""
        values = sorted(map(self.values, records), key=lambda row: row[: self.key])
        db.executemany(f"{self.insertion()} ON CONFLICT DO NOTHING", values)


OWNER = Table("owners", Owner)
API_KEY = Table("api_keys", ApiKey)
ALBUM = Table("albums", Album)
ASSET = Table("assets", Asset)
CATEGORY = Table("categories", Category)
TOMBSTONE = Table("tombstones", Tombstone)
SITE = Table("legacy_sites", Site)
ORIGIN = Table("origins", Origin, key=3)
ADDRESS = Table("addresses", Address, key=2)
MEDIA = Table("media", Media, without=("tags",))
LISTED = Table("media", Listed, without=("tags",))
FILE_ENTRY = Table("media", FileEntry)
