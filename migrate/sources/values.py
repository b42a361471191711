"""Values that people and other programs wrote, read as what was meant. What cannot be read is left out, and said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from gateway.core.titles import clean

YES = frozenset({"1", "true", "yes", "y", "on"})
NO = frozenset({"0", "false", "no", "n", "off"})
HASH_LENGTHS = {"md5": 32, "sha256": 64}
BIGGEST_NUMBER = 2**63 - 1
MILLISECONDS_FROM = 100_000_000_000  # as seconds, this would be the year 5138
# ISO 8601, the same with a blank as databases print it, with slashes as spreadsheets do, and with colons as cameras do.
MOMENT = re.compile(
    r"(?P<date>\d{4}[-/.:]\d{1,2}[-/.:]\d{1,2})"
    r"(?:(?:T|\s+)(?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?P<fraction>[.,]\d{1,9})?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)


class Fields:
    """The members of one record by name. `notes` says in sentences what was there and could not be read; "metadata"
    in front tells that this is lost."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values
        self.notes: list[str] = []

    def get(self, name: str) -> object:
        """None also for what is empty: a table has no other way to say so."""
        value = self.values.get(name)
        return None if value in ("", [], {}) else value

    def refuse(self, name: str, expected: str) -> None:
        self.notes.append(f"metadata: {name} is {expected}: {shown(self.values[name])} was left out.")

    def text(self, name: str) -> str | None:
        value = self.get(name)
        if value is None or isinstance(value, str):
            return value and clean(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self.refuse(name, "no text")
        return None

    def flag(self, name: str) -> bool | None:
        value = self.get(name)
        spelled = str(value).strip().lower()
        if value is None or spelled in YES or spelled in NO:
            return None if value is None else spelled in YES
        self.refuse(name, "neither yes nor no")
        return None

    def number(self, name: str) -> int | None:
        value = self.get(name)
        if value is None:
            return None
        if re.fullmatch(r"\d{1,19}(\.0+)?", str(value).strip(), re.ASCII):
            number = int(str(value).strip().partition(".")[0])
            if number <= BIGGEST_NUMBER and not isinstance(value, bool):
                return number
        self.refuse(name, "no number from 0 on")
        return None

    def amount(self, name: str) -> float | None:
        value = self.get(name)
        if value is None or re.fullmatch(r"\d{1,15}(\.\d+)?", str(value).strip(), re.ASCII):
            return None if value is None else float(str(value))
        self.refuse(name, "no amount from 0 on")
        return None

    def moment(self, name: str) -> datetime | None:
        value = self.get(name)
        try:
            return None if value is None else moment_of(value)
        except (ValueError, OverflowError):
            self.refuse(name, "no date that can be read")
            return None

    def texts(self, name: str, *, between: str) -> tuple[str, ...]:
        """A list, or one text cut at `between`; blanks around each are no part of it."""
        value = self.get(name)
        parts: list[object] = [*value.split(between)] if isinstance(value, str) else as_list(value)
        if all(isinstance(part, str) for part in parts):
            return tuple(dict.fromkeys(text for part in parts if (text := clean(str(part)).strip())))
        self.refuse(name, "no list of texts")
        return ()

    def members(self, name: str) -> dict[str, object]:
        value = self.get(name)
        if value is None or isinstance(value, dict):
            return value or {}
        self.refuse(name, "no object with members")
        return {}

    def digest(self, name: str) -> str | None:
        """A hash in hexadecimal digits, as long as the last part of the name asks for."""
        text = self.text(name)
        length = HASH_LENGTHS[name.rpartition("_")[2]]
        if text is None or re.fullmatch(rf"[0-9a-fA-F]{{{length}}}", text.strip()):
            return text and text.strip().lower()
        self.refuse(name, "no hash of its kind")
        return None


def as_list(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def shown(value: object) -> str:
    text = clean(repr(value))
    return text if len(text) <= 80 else text[:77] + "..."


def moment_of(value: object) -> datetime | None:
    """Aware UTC; without a zone it was UTC. None for the zero date of databases. Raises `ValueError`."""
    text = str(value).strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII) and not isinstance(value, bool):
        seconds = float(text)
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            seconds=seconds / 1000 if abs(seconds) >= MILLISECONDS_FROM else seconds
        )
    if text.startswith("0000-00-00"):
        return None
    found = MOMENT.fullmatch(text)
    if not found:
        time = parsedate_to_datetime(text)
        return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    numbers = [int(part) for part in re.split(r"[-/.:]", found["date"])]
    numbers += [int(part) for part in (found["time"] or "0:0").split(":")]
    microsecond = int((found["fraction"] or ".0")[1:].ljust(6, "0")[:6])
    year, month, day, hour, minute, *rest = numbers
    second = rest[0] if rest else 0
    return datetime(year, month, day, hour, minute, second, microsecond, zone_of(found["zone"])).astimezone(UTC)


def zone_of(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
