"""Names that cannot be guessed: ids, keys and delete tokens."""

from __future__ import annotations

import hashlib
import secrets
import string

ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "_-"
KEY_PREFIX = "sk_live_"


def random_text(length: int) -> str:
    """Never with a dash in front: an id is an argument of commands, too, and would be taken for an option."""
    while (text := "".join(ALPHABET[byte % 64] for byte in secrets.token_bytes(length))).startswith("-"):
        pass
    return text


def new_image_id() -> str:
    return random_text(11)


def new_id() -> str:
    return random_text(21)


def new_key() -> str:
    return KEY_PREFIX + random_text(32)


def new_delete_token() -> str:
    return secrets.token_hex(24)


def digest(secret: str) -> str:
    """What is stored of a secret that is itself long and random."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
