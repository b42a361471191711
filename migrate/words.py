"""How numbers, times and names from elsewhere are written for people: on a terminal nothing may act."""

from __future__ import annotations

ELLIPSIS = "…"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """1,234 owners; 1 owner."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def lasting(seconds: float) -> str:
    """How long, with two units at most: 8 s, 3 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes:02} min"


def harmless(text: str) -> str:
    """File names may hold anything, also what would move the cursor; a line stays one line."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def shortened(text: str, width: int) -> str:
    """The end of a path tells more than its beginning."""
    text = harmless(text)
    return text if len(text) <= width else ELLIPSIS + text[len(text) - max(width - 1, 0) :]
