"""The short ids of a Chevereto site: a number times a padding, written in 62 digits whose order comes from the salt."""

from __future__ import annotations

import hashlib
import string
from functools import lru_cache

ALPHABET = string.ascii_lowercase + string.digits + string.ascii_uppercase


@lru_cache(64)
def digits(salt: str) -> str:
    """Sorted by the hash digit that falls to each letter, from f to 0, and letters that share one in ASCII order."""
    hashed = hashlib.sha256(salt.encode()).hexdigest()
    pairs = sorted(zip(hashed, ALPHABET, strict=False), key=lambda pair: (-int(pair[0], 16), pair[1]))
    return "".join(letter for _, letter in pairs)


def encode(number: int, salt: str, padding: int) -> str:
    order, text = digits(salt), ""
    value = number * padding if padding > 0 else number
    while value > 0:
        value, digit = divmod(value, 62)
        text = order[digit] + text
    return text


def decode(text: str, salt: str, padding: int) -> int:
    """As lenient as the old host: an unknown letter is a zero, and what is no multiple of the padding is rounded down.
    Zero for what no number was ever written as."""
    order, value = digits(salt), 0
    for letter in text[:40]:  # longer than any number a table could hold
        value = value * 62 + max(order.find(letter), 0)
    return value // padding if padding > 0 else value
