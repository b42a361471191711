"""Sizes as people write and read them. Decimal units, as on the label of a disk; `MiB` and its kin are binary."""

from __future__ import annotations

import re
from decimal import Decimal

UNITS = {"": 1, "b": 1}
NAMES = ("KB", "MB", "GB", "TB", "PB")
MOST = 2**63 - 1  # what a column of a catalog holds
for _power, _letter in enumerate("kmgtp", start=1):
    UNITS |= {_letter: 1000**_power, f"{_letter}b": 1000**_power, f"{_letter}ib": 1024**_power}


def parse_size(text: str) -> int:
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*", text.lower())
    if not match or match[2] not in UNITS:
        raise ValueError(f"{text!r} is not a size such as 500 MB or 2 GB")
    size = Decimal(match[1]) * UNITS[match[2]]
    if size > MOST:
        raise ValueError(f"{text!r} is more than any disk holds")
    return int(size)


def format_size(size: int) -> str:
    """52313 -> "52.3 KB": steps of 1000, one decimal, no trailing ".0"."""
    if size < 1000:
        return f"{size} B"
    power = 1
    while round(size / 1000**power, 1) >= 1000 and power < len(NAMES):
        power += 1
    return f"{size / 1000**power:.1f}".removesuffix(".0") + f" {NAMES[power - 1]}"
