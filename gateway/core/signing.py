"""Links that open for a while what is not public: nobody can make one, or a longer one, without this installation's
secret."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from gateway.core.errors import InvalidInput
from gateway.core.ports import Catalog, Clock

LONGEST = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Signature:
    """`exp` is the Unix time from which on it is good for nothing."""

    sig: str
    exp: int

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.exp, UTC)


class Signing:
    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self.catalog = catalog
        self.clock = clock

    @cached_property
    def secret(self) -> bytes:
        return self.catalog.secret("signing")

    def sign(self, media_id: str, seconds: int, variant: str = "") -> Signature:
        """Raises `InvalidInput` for a time that cannot be had."""
        if not 1 <= seconds <= LONGEST:
            raise InvalidInput(f"A link is good for 1 to {LONGEST} seconds, not for {seconds}.", field="seconds")
        exp = int(self.clock.now().timestamp()) + seconds
        return Signature(self.sig(media_id, exp, variant), exp)

    def is_good(self, media_id: str, sig: str, exp: str, variant: str = "") -> bool:
        if not re.fullmatch(r"[0-9]{1,12}", exp) or int(exp) <= self.clock.now().timestamp():
            return False
        expected = self.sig(media_id, int(exp), variant)
        return hmac.compare_digest(expected.encode(), sig.encode("utf-8", "surrogatepass"))

    def sig(self, media_id: str, exp: int, variant: str) -> str:
        # None of the three can hold a line end, so no two of them make the same message.
        message = f"{media_id}\n{exp}\n{variant}".encode()
        return urlsafe_b64encode(hmac.digest(self.secret, message, hashlib.sha256)).decode().rstrip("=")
