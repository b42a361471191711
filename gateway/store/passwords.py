"""Slow hashes, behind the three functions the rest needs."""

from __future__ import annotations

import bcrypt
from werkzeug.security import check_password_hash, generate_password_hash


def hash_password(password: str) -> str:
    return generate_password_hash(password, method="scrypt")


def matches_bcrypt(secret: str, stored: str) -> bool:
    """A hash made by PHP (`$2y$`) is the same algorithm as `$2b$`; bcrypt looks at 72 bytes and refuses more."""
    try:
        return bcrypt.checkpw(secret.encode()[:72], stored.replace("$2y$", "$2b$", 1).encode())
    except ValueError:
        return False


def matches_password(password: str, stored: str) -> bool:
    """Whether made here or by the old host. A hash of neither kind matches nothing."""
    if stored.startswith("$2"):
        return matches_bcrypt(password, stored)
    try:
        return check_password_hash(stored, password)
    except ValueError:
        return False
