"""Made to measure: what the query of a file's address asks for, and where the pixels go.

Promises: what is not on the list is refused by name; two spellings of the same wish have one key; nothing that is
made has a side over `MAX_SIDE`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import parse_qsl

from gateway.core.errors import InvalidImageParams

Fit = Literal["cover", "contain", "fill", "inside", "outside"]
Encoding = Literal["webp", "jpeg", "png", "avif"]

MAX_SIDE = 4096
DEFAULT_QUALITY = 85
# A cache-buster and the parts of a signed address: they say nothing about the picture.
PASSED = frozenset({"v", "sig", "exp"})
_MAX_FIELDS = 16
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)

Size = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Recipe:
    """`width` and `height` of None follow from the other, or stay; a `format` of None is that of the source."""

    width: int | None = None
    height: int | None = None
    fit: Fit = "inside"
    format: Encoding | None = None
    quality: int = DEFAULT_QUALITY

    def key(self, format: str) -> str:
        """Short, the same for all recipes that give the same picture in this format, and fit for a file name."""
        size = (f"w{self.width}" if self.width else "") + (f"h{self.height}" if self.height else "")
        fit = self.fit if self.width and self.height else ""
        quality = "" if format in ("png", "gif") else f"q{self.quality}"
        return f"{size}{fit}{quality}" or "same"


@dataclass(frozen=True, slots=True)
class Layout:
    """`box` of the source is drawn `drawn` large, in the middle of a `canvas`."""

    box: Box
    drawn: Size
    canvas: Size


def asked_recipe(query: str) -> Recipe | None:
    """None when nothing is asked of the picture itself."""
    asked = _fields(query)
    if not asked:
        return None
    return Recipe(
        width=_number(asked, "w", MAX_SIDE),
        height=_number(asked, "h", MAX_SIDE),
        fit=cast(Fit, _one_of(asked, "fit", get_args(Fit)) or "inside"),
        format=cast(Encoding | None, _one_of(asked, "fmt", get_args(Encoding))),
        quality=_number(asked, "q", 100) or DEFAULT_QUALITY,
    )


def _fields(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise InvalidImageParams("The address has too many parameters.") from None
    asked: dict[str, str] = {}
    for name, value in pairs:
        if name in PASSED:
            continue
        if name not in ("w", "h", "fit", "fmt", "q"):
            raise InvalidImageParams(f"There is no parameter {name[:40]!r}; known are w, h, fit, fmt and q.")
        if name in asked:
            raise InvalidImageParams(f"{name} is given twice.")
        asked[name] = value
    return asked


def _number(asked: dict[str, str], name: str, most: int) -> int | None:
    value = asked.get(name)
    if value is None:
        return None
    if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= most:
        raise InvalidImageParams(f"{name} must be a whole number from 1 to {most}.")
    return int(value)


def _one_of(asked: dict[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    value = asked.get(name)
    if value is not None and value not in choices:
        raise InvalidImageParams(f"{name} must be one of {', '.join(choices)}.")
    return value


def layout(source: Size, recipe: Recipe) -> Layout:
    """`source` is upright."""
    whole = (0.0, 0.0, float(source[0]), float(source[1]))
    width, height = recipe.width, recipe.height
    if not (width and height):
        scale = _within(source, (width or MAX_SIDE, height or MAX_SIDE))
        drawn = _scaled(source, scale if width or height else min(scale, 1.0))
        return Layout(whole, drawn, drawn)
    asked = (width, height)
    if recipe.fit == "fill":
        return Layout(whole, asked, asked)
    if recipe.fit == "cover":
        return Layout(_middle(source, asked), asked, asked)
    if recipe.fit == "outside":
        drawn = _scaled(source, min(_around(source, asked), _within(source, (MAX_SIDE, MAX_SIDE))))
        return Layout(whole, drawn, drawn)
    drawn = _scaled(source, _within(source, asked))
    return Layout(whole, drawn, asked if recipe.fit == "contain" else drawn)


def _within(source: Size, bounds: Size) -> float:
    return min(bounds[0] / source[0], bounds[1] / source[1])


def _around(source: Size, bounds: Size) -> float:
    return max(bounds[0] / source[0], bounds[1] / source[1])


def _scaled(source: Size, scale: float) -> Size:
    return max(1, round(source[0] * scale)), max(1, round(source[1] * scale))


def _middle(source: Size, asked: Size) -> Box:
    """The largest part of the source with the shape asked for, around its centre."""
    scale = _around(source, asked)
    width, height = min(source[0], asked[0] / scale), min(source[1], asked[1] / scale)
    left, top = (source[0] - width) / 2, (source[1] - height) / 2
    return left, top, left + width, top + height
