"""Base64 as tools really send it: wrapped, unpadded, URL-safe, behind `data:`, or with its `+` turned into spaces."""

from __future__ import annotations

import binascii
import re

from gateway.core.errors import InvalidInput

DATA_URI = re.compile(r"data:[^,]{0,200},", re.IGNORECASE)


def decode(text: str) -> bytes:
    """Raises `InvalidInput` for anything that is not base64 in one of these spellings."""
    text = text.strip()
    if match := DATA_URI.match(text):
        text = text[match.end() :]
    text = without_spaces(text.translate(DROP_LINE_BREAKS).strip())
    bare = text.rstrip("=").translate(STANDARD)
    try:
        data = binascii.a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        raise invalid() from None
    if not data or len(text) - len(bare) > 2:
        raise invalid()
    return data


def without_spaces(text: str) -> str:
    """A blank is a `+` that lost its escaping, unless the blanks cut the text into equal lines."""
    if " " not in text:
        return text
    lines = text.split(" ")
    width = len(lines[0])
    if len(lines) == 1 or (width % 4 == 0 and width >= 4 and all(len(line) == width for line in lines[:-1])):
        wrapped = len(lines[-1]) <= width and (len(lines) > 2 or width in USUAL_WIDTHS)
        if wrapped:
            return "".join(lines)
    repaired = text.replace(" ", "+")
    if text.endswith("=") and len(repaired) % 4 and not len("".join(lines)) % 4:
        return "".join(lines)
    return repaired


def invalid() -> InvalidInput:
    return InvalidInput("Invalid base64 string", code="BASE64_INVALID")


DROP_LINE_BREAKS = {ord(mark): None for mark in "\r\n\t\v\f"}
STANDARD = str.maketrans("-_", "+/")
USUAL_WIDTHS = (60, 64, 72, 76)
