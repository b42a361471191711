"""Base64 as tools really send it: wrapped, unpadded, URL-safe, behind `data:`, or with its `+` turned into spaces."""

from __future__ import annotations

import binascii
import re

from gateway.core.errors import InvalidInput

DATA_URI = re.compile(r"data:[^,]{0,200},", re.IGNORECASE)


def decode(text: str) -> bytes:
    """Raises `InvalidInput` for anything that is not base64 in one of these spellings."""
    text = text.lstrip()
    if match := DATA_URI.match(text):
        text = text[match.end() :]
    text = without_spaces(without_last_space(text.translate(DROP_LINE_BREAKS)))
    bare = text.rstrip("=").translate(STANDARD)
    try:
        data = binascii.a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        raise invalid() from None
    if not data or len(text) - len(bare) > 2:
        raise invalid()
    return data


def without_last_space(text: str) -> str:
    """Unless the text only comes out even with a `+` in its place."""
    bare = text.rstrip(" ")
    return bare if bare.endswith("=") or len(bare) % 4 == 0 or len(text) % 4 else text


def without_spaces(text: str) -> str:
    """A blank is either a `+` that lost its escaping or a line end. Padding tells by the length which of the two it
    must be; where it does not, lines are as long as each other."""
    if " " not in text:
        return text
    with_plus, joined = text.replace(" ", "+"), text.replace(" ", "")
    if text.endswith("=") and (len(with_plus) % 4 == 0) != (len(joined) % 4 == 0):
        return joined if len(joined) % 4 == 0 else with_plus
    first, *others = text.split(" ")
    widths = {len(line) for line in others[:-1]} | {len(first)}
    return joined if widths <= USUAL_WIDTHS and len(widths) == 1 and len(others[-1]) <= len(first) else with_plus


def invalid() -> InvalidInput:
    return InvalidInput("Invalid base64 string", code="BASE64_INVALID")


DROP_LINE_BREAKS = {ord(mark): None for mark in "\r\n\t\v\f"}
STANDARD = str.maketrans("-_", "+/")
USUAL_WIDTHS = {60, 64, 72, 76}
