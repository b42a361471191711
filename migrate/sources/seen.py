"""Which keys were there before, and in which line: small for each of a million, because it keeps no key itself."""

from __future__ import annotations

import hashlib


class Seen:
    def __init__(self) -> None:
        self.lines: dict[bytes, int] = {}

    def before(self, key: str, line: int) -> int | None:
        """The line that had this key first, or None when this is the one."""
        digest = hashlib.sha256(key.encode()).digest()[:12]
        first = self.lines.setdefault(digest, line)
        return None if first == line else first
