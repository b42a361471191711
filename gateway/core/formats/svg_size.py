"""How large a drawing wants to be, in pixels, from what its first element says."""

from __future__ import annotations

import re

LARGEST = 32_767
UNSAID = (300.0, 150.0)  # what browsers give a drawing that says nothing
_PIXELS = {
    "": 1.0,
    "px": 1.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
    "ch": 8.0,
}
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?"
_LENGTH = re.compile(rf"\s*({_NUMBER})\s*([a-z]*)\s*", re.IGNORECASE)
_BOX = re.compile(rf"\s*{_NUMBER}[\s,]+{_NUMBER}[\s,]+({_NUMBER})[\s,]+({_NUMBER})\s*", re.IGNORECASE)
_LONGEST = 200  # characters; a number needs fewer


def parse_length(text: str | None) -> float | None:
    """Pixels, or None where that depends on something outside: a percentage, an unknown unit, nothing at all."""
    match = _LENGTH.fullmatch(text) if text and len(text) <= _LONGEST else None
    if not match or match[2].lower() not in _PIXELS:
        return None
    pixels = float(match[1]) * _PIXELS[match[2].lower()]
    return pixels if pixels >= 0 else None


def parse_box(text: str | None) -> tuple[float, float] | None:
    match = _BOX.fullmatch(text) if text and len(text) <= _LONGEST else None
    if not match:
        return None
    width, height = float(match[1]), float(match[2])
    return (width, height) if 0 < width < float("inf") and 0 < height < float("inf") else None


def size_of(width: str | None, height: str | None, box: str | None) -> tuple[int, int]:
    """Whole pixels from the attributes `width`, `height` and `viewBox`; one side alone keeps the shape of the box."""
    wide, high, inner = parse_length(width), parse_length(height), parse_box(box)
    box_wide, box_high = inner or UNSAID
    if wide is None and high is None:
        wide, high = box_wide, box_high
    elif wide is None:
        wide = (high or 0) * box_wide / box_high if inner else box_wide
    elif high is None:
        high = wide * box_high / box_wide if inner else box_high
    return _whole(wide), _whole(high or 0)


def _whole(side: float) -> int:
    return max(1, round(min(side, LARGEST)))
