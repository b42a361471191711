"""What a photo says about itself, as people read it. It is kept in the words of PHP's `exif_read_data`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from gateway.web.pages.texts import Texts

# What PHP says about the file, and where in it something stands, is nothing the photo says about itself.
HIDDEN = frozenset(
    {
        "FileName", "FileDateTime", "FileSize", "FileType", "MimeType", "SectionsFound", "html", "IPTC", "width",
        "height", "Width", "Height", "IsColor", "ByteOrderMotorola", "Exif_IFD_Pointer", "GPS_IFD_Pointer",
    }
)  # fmt: skip
MOST_VALUE = 300


@dataclass(frozen=True, slots=True)
class Exif:
    """`told` with the names of texts; `rest` with the names of the tags."""

    told: tuple[tuple[str, str], ...]
    rest: tuple[tuple[str, str], ...]


def read_exif(text: str | None, texts: Texts) -> Exif:
    """What cannot be read is nothing."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = {}
    tags = flat(found) if isinstance(found, dict) else {}
    told = [(name, value) for name, read in READERS.items() if (value := read(tags))]
    decimal = texts.entries["common.decimal"]
    told = [(name, value if name in AS_IT_IS else value.replace(".", decimal)) for name, value in told]
    rest = tuple((name, shown(value)) for name, value in tags.items() if name not in HIDDEN and shown(value))
    return Exif(tuple(told), rest if told else ())


def flat(found: dict[str, object]) -> dict[str, object]:
    """What PHP worked out stands in a table of its own; the file's own words come first."""
    inner = [value for value in found.values() if isinstance(value, dict)]
    tags = {str(name): value for name, value in found.items() if not isinstance(value, dict)}
    for table in inner:
        for name, value in table.items():
            tags.setdefault(str(name), value)
    return tags


def shown(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    text = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return text if len(text) <= MOST_VALUE else f"{text[:MOST_VALUE]}…"


# values


def number(value: object) -> float | None:
    """28/10 is 2.8."""
    if isinstance(value, list):
        value = value[0] if value else None
    over, _, under = str(value).partition("/")
    try:
        return float(over) / float(under or 1)
    except (ValueError, ZeroDivisionError):
        return None


def plain(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def camera(tags: dict[str, object]) -> str:
    make, model = shown(tags.get("Make")), shown(tags.get("Model"))
    return model if model.casefold().startswith(make.casefold()) else f"{make} {model}".strip()


def exposure(tags: dict[str, object]) -> str:
    seconds = number(tags.get("ExposureTime"))
    if not seconds or seconds <= 0:
        return ""
    return f"1/{round(1 / seconds)} s" if seconds < 0.3 else f"{plain(seconds)} s"


def measured(name: str, spelled: str) -> Callable[[dict[str, object]], str]:
    def read(tags: dict[str, object]) -> str:
        value = number(tags.get(name))
        return spelled.format(plain(value)) if value and value > 0 else ""

    return read


def worded(*names: str) -> Callable[[dict[str, object]], str]:
    return lambda tags: next((text for name in names if (text := shown(tags.get(name)))), "")


def taken(tags: dict[str, object]) -> str:
    """2026:03:01 12:00:00, in whatever zone the camera was set to."""
    text = worded("DateTimeOriginal", "DateTimeDigitized", "DateTime")(tags)
    day, _, time = text.partition(" ")
    return f"{day.replace(':', '-')} {time}".strip() if day.strip(":0 ") else ""


def place(tags: dict[str, object]) -> str:
    latitude, longitude = degrees(tags, "GPSLatitude", "S"), degrees(tags, "GPSLongitude", "W")
    return "" if latitude is None or longitude is None else f"{latitude:.5f}, {longitude:.5f}"


def degrees(tags: dict[str, object], name: str, negative: str) -> float | None:
    parts = tags.get(name)
    if not isinstance(parts, list) or not parts:
        return None
    numbers = [number(part) for part in parts[:3]]
    whole = sum((one or 0) / 60**at for at, one in enumerate(numbers))
    is_negative = shown(tags.get(f"{name}Ref")).upper().startswith(negative)
    return None if numbers[0] is None else -whole if is_negative else whole


AS_IT_IS = frozenset({"camera", "lens", "place", "software", "artist", "copyright"})
READERS: dict[str, Callable[[dict[str, object]], str]] = {
    "camera": camera,
    "lens": worded("LensModel", "UndefinedTag:0xA434"),
    "taken": taken,
    "exposure": exposure,
    "aperture": measured("FNumber", "f/{}"),
    "iso": measured("ISOSpeedRatings", "ISO {}"),
    "focal": measured("FocalLength", "{} mm"),
    "place": place,
    "software": worded("Software"),
    "artist": worded("Artist"),
    "copyright": worded("Copyright"),
}
