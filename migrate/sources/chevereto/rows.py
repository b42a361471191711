"""Rows of an old table by the names of their columns, as what they are meant to be.

Versions differ in what columns there are, so everything is selected by what exists: a column that is not there reads
like one that is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.core.titles import clean
from migrate.items import SourceError
from migrate.sources.tables import Tables, Value

NEEDED = {
    "images": ("image_id", "image_name", "image_extension", "image_date"),
    "albums": ("album_id", "album_name"),
    "users": ("user_id", "user_username"),
    "settings": ("setting_name", "setting_value"),
}


@dataclass(frozen=True, slots=True)
class Row:
    places: Mapping[str, int]
    values: Sequence[Value]

    def value(self, name: str) -> Value:
        place = self.places.get(name)
        return None if place is None else self.values[place]

    def text(self, name: str) -> str | None:
        """None when empty."""
        value = self.value(name)
        if value is None:
            return None
        return clean(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)) or None

    def number(self, name: str) -> int:
        """Zero for what is no whole number."""
        value = self.value(name)
        if isinstance(value, int):
            return value
        text = (self.text(name) or "").strip()
        return int(text) if text.removeprefix("-").isdecimal() else 0

    def id(self, name: str) -> int | None:
        """None for zero too, which older versions wrote where newer ones leave the column empty."""
        return self.number(name) or None

    def flag(self, name: str, default: bool = False) -> bool:
        return default if self.value(name) is None else self.number(name) != 0

    def utc(self, name: str) -> datetime | None:
        """None for the zero date, and for dates that never were."""
        try:
            return datetime.fromisoformat(self.text(name) or "").replace(tzinfo=UTC)
        except ValueError:
            return None

    def wall_clock(self, name: str) -> str | None:
        """A date and time as the old host showed it."""
        time = self.utc(name)
        return time.strftime("%Y-%m-%d %H:%M:%S") if time else None


def select(
    tables: Tables, table: str, start: str, names: Sequence[str], order: Sequence[str] = ("id",)
) -> Iterator[Row]:
    """All rows of a table whose columns begin with `start`, by `order`; none where there is nothing to order by."""
    present = tables.columns(table)
    if not all(start + name in present for name in order):
        return
    there = [name for name in names if start + name in present]
    places = {name: place for place, name in enumerate(there)}
    for values in tables.rows(table, [start + name for name in there], [start + name for name in order]):
        yield Row(places, values)


def ids(tables: Tables, table: str, start: str) -> frozenset[int]:
    return frozenset(row.number("id") for row in select(tables, table, start, ("id",)))


def require_known_schema(tables: Tables) -> None:
    for table, needed in NEEDED.items():
        missing = [column for column in needed if column not in tables.columns(table)]
        if missing:
            raise SourceError(
                f"This is no Chevereto database that is known here: its table {tables.prefix}{table} has no "
                f"{', '.join(missing)}.\nGive the database of a Chevereto V3 or V4 site, with its table prefix."
            )
