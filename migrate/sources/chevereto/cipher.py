"""Values that a V4 site encrypted: base64 of a 12-byte nonce and ChaCha20 cipher text, with nothing that proves them.

A site can have a key and still hold plain values, so what does not come out as readable text was plain text."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable
from functools import partial

from migrate.items import SourceError

NONCE_BYTES = 12
KEY_BYTES = 32
PLAIN = "A value was not encrypted although a key was given; it is taken as it stands."
LOCKED = "A value looks encrypted; --encryption-key reads it."


class Cipher:
    def __init__(self, key: str | None) -> None:
        self.decrypt: Callable[[bytes], bytes] | None = None
        if key is not None:
            self.decrypt = partial(chacha20, decoded_key(key))

    def open(self, value: str) -> str | None:
        """None for what is not encrypted, or not with this key."""
        sealed = from_base64(value)
        return readable(self.decrypt(sealed)) if sealed and self.decrypt else None

    def read(self, value: str, found: Counter[str]) -> str:
        """The text behind a value that may be encrypted; what had to be assumed is counted in `found`."""
        text = self.open(value)
        if text is None:
            found[PLAIN] += self.decrypt is not None
            found[LOCKED] += self.decrypt is None and from_base64(value) is not None and looks_random(value)
        return value if text is None else text


def decoded_key(key: str) -> bytes:
    try:
        decoded = base64.b64decode(key.strip(), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != KEY_BYTES:
        raise SourceError(
            "The encryption key is not one: it has to be the base64 text of 32 bytes.\n"
            "Copy the old site's CHEVERETO_ENCRYPTION_KEY, to its last character."
        )
    return decoded


def chacha20(key: bytes, sealed: bytes) -> bytes:
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher as Ciphers
        from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
    except ImportError:
        raise SourceError(
            "Reading encrypted values needs the package cryptography.\n"
            "Install it with: pip install 'picgate[encrypted]'"
        ) from None
    counter = bytes(4)
    decryptor = Ciphers(ChaCha20(key, counter + sealed[:NONCE_BYTES]), mode=None).decryptor()
    return decryptor.update(sealed[NONCE_BYTES:]) + decryptor.finalize()


def from_base64(value: str) -> bytes | None:
    """None for what cannot be a nonce and at least one byte."""
    try:
        sealed = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return sealed if len(sealed) > NONCE_BYTES and base64.b64encode(sealed).decode() == value else None


def readable(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def looks_random(value: str) -> bool:
    """Hexadecimal keys are base64 by accident; hardly any plain text has a sign that only base64 has."""
    return any(sign in value for sign in "+/=")
