"""Slow hashes, behind the two functions the rest needs."""

from __future__ import annotations

import bcrypt
from werkzeug.security import generate_password_hash


def hash_password(password: str) -> str:
    return generate_password_hash(password, method="scrypt")


def matches_bcrypt(secret: str, stored: str) -> bool:
    """A hash made by PHP (`$2y$`) is the same algorithm as `$2b$`; bcrypt looks at 72 bytes and refuses more."""
    try:
        return bcrypt.checkpw(secret.encode()[:72], stored.replace("$2y$", "$2b$", 1).encode())
    except ValueError:
        return False
