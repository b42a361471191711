"""What the dashboard says, in every language it speaks: one folder a language, one file a page.

A text is asked for by the name of its file and its own name, such as "keys.title"; what stands in braces in it is
filled in. Whatever goes into a page is escaped here, so that texts need no care: `t("keys.made", name=key.name)`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup, escape

from gateway.core.errors import GatewayError
from gateway.core.sizes import format_size

LANGUAGES = ("en", "de")  # the first is spoken to whoever asks for none of them
SPANS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. Called with the name of a text it gives the text. Times are told in `zone`."""

    language: str
    entries: Mapping[str, str]
    zone: tzinfo = UTC

    def __call__(self, name: str, /, **values: object) -> Markup:
        return Markup(escape(self.entries[name])).format(**values)

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def count(self, name: str, number: int, /, **values: object) -> Markup:
        """`{name}.one` or `{name}.other`, in which {number} is the number."""
        form = "one" if number == 1 else "other"
        return self(f"{name}.{form}", number=self.number(number), **values)

    def error(self, error: GatewayError) -> Markup:
        """What is not translated is said as it was raised. One for its `type` goes before that for all."""
        for_all = f"errors.{error.code}"
        name = next((one for one in (f"{for_all}_{error.meta.get('type')}", for_all) if one in self), None)
        if not name:
            return Markup(escape(error.message))
        return self(name, **{key: self.told(key, value) for key, value in error.meta.items()})

    def told(self, name: str, value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            return self.size(value) if name.endswith("_bytes") else self.number(value)
        return value

    def number(self, number: int) -> str:
        return f"{number:,}".replace(",", self.entries["common.thousands"])

    def size(self, size: int) -> str:
        return format_size(size).replace(".", self.entries["common.decimal"])

    def day(self, day: date) -> Markup:
        """A `datetime` is the day it is where the reader lives."""
        if isinstance(day, datetime):
            day = day.astimezone(self.zone)
        return self("common.day", day=day.day, month=self.entries[f"common.month.{day.month}"], year=day.year)

    def moment(self, time: datetime) -> Markup:
        local = time.astimezone(self.zone)
        return self("common.moment", day=self.day(time), time=f"{local:%H:%M}", zone=local.tzname() or "")

    def ago(self, time: datetime, now: datetime) -> Markup:
        """Only as exactly as it matters: from a month on, the day."""
        past = now - time
        if past >= timedelta(days=30):
            return self.day(time)
        for unit, span in SPANS:
            if past >= span:
                return self.count(f"common.ago.{unit}", past // span)
        return self("common.ago.now")

    def at(self, zone_name: str | None) -> Texts:
        """The same language in another time zone; one that is unknown is UTC."""
        try:
            return replace(self, zone=ZoneInfo(zone_name)) if zone_name else self
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return self


@cache
def texts_in(language: str) -> Texts:
    entries: dict[str, str] = {}
    for file in files(__name__).joinpath(language).iterdir():
        if file.name.endswith(".toml"):
            page = file.name.removesuffix(".toml")
            entries |= flat(tomllib.loads(file.read_text("utf-8")), page)
    return Texts(language, entries)


def flat(table: Mapping[str, object], before: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= flat(value, f"{before}.{name}")
        else:
            found[f"{before}.{name}"] = str(value)
    return found


def spoken(wanted: Iterable[str | None]) -> str:
    """The first language among `wanted` that is spoken here; a regional one is its language."""
    for one in wanted:
        language = (one or "").replace("_", "-").partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]
