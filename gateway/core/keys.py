"""API keys: shown once, kept as a hash, found by their beginning, compared in constant time.

A key imported from the old host (`chv_…`) is known by its bcrypt hash alone, which is slow on purpose. Once such a key
has been verified its SHA-256 is remembered beside it; with 64 random bytes in it, that gives nothing away.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.core.errors import KeyRefused, NotAllowed, NotFound
from gateway.core.ids import digest, new_id, new_key
from gateway.core.plans import UNLIMITED, Plan
from gateway.core.ports import Catalog, Clock
from gateway.core.records import ApiKey, Owner
from gateway.core.scopes import TIERS, understand_scopes
from gateway.core.titles import clean

PREFIX_LENGTH = 12
LEGACY_START = "chv_"
LEGACY_LENGTH = 72  # the old host's hash saw no more of a key than this
USED_EVERY = timedelta(minutes=1)  # how exact "last used" is; finer would cost each upload a transaction


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and with which key."""

    owner: Owner
    key: ApiKey

    def require(self, scope: str) -> None:
        if scope not in self.key.scopes:
            raise NotAllowed(f"This key lacks the scope {scope}.", code="SCOPE_MISSING", required=scope)


class Keys:
    def __init__(
        self, catalog: Catalog, clock: Clock, legacy_matches: Callable[[str, str], bool],
        plan_of: Callable[[Owner], Plan] = lambda _: UNLIMITED,
    ) -> None:  # fmt: skip
        """`legacy_matches(secret, stored_hash)` knows the old host's hash."""
        self.catalog = catalog
        self.clock = clock
        self.legacy_matches = legacy_matches
        self.plan_of = plan_of

    def issue(self, owner: Owner, name: str, scopes: Sequence[str] = ()) -> tuple[ApiKey, str]:
        """A new key and its text, which cannot be had again. No scopes means all. Raises `QuotaExceeded` when the
        owner has as many as their plan allows."""
        text = new_key()
        return self.adopt(owner, name, text, scopes, at_most=self.plan_of(owner).max_keys), text

    def adopt(
        self, owner: Owner, name: str, text: str, scopes: Sequence[str] = (), *, at_most: int | None = None
    ) -> ApiKey:
        """A key whose text is known, such as the guest key of an imported site."""
        key = ApiKey(
            id=new_id(),
            owner_id=owner.id,
            name=clean(name),
            prefix=lookup_prefix(text),
            last4=text[-4:] if len(text) >= 24 else "",
            sha256=digest(secret_of(text)),
            legacy_hash=None,
            scopes=understand_scopes(scopes or TIERS["read_write_delete"]),
            created_at=self.clock.now(),
            last_used_at=None,
            revoked_at=None,
        )
        self.catalog.add_key(key, at_most)
        return key

    def all(self) -> list[ApiKey]:
        return self.catalog.keys()

    def of(self, owner: Owner) -> list[ApiKey]:
        """Newest first, revoked ones too."""
        return self.catalog.keys_of(owner.id)

    def own(self, owner: Owner, key_id: str) -> ApiKey:
        """Raises `NotFound`."""
        for key in self.of(owner):
            if key.id == key_id:
                return key
        raise NotFound("There is no such key of yours.")

    def revoke(self, key_id: str) -> None:
        if not self.catalog.revoke_key(key_id, self.clock.now()):
            raise NotFound(f"There is no key {key_id!r}. `gateway key list` shows all.")

    def check(self, text: str) -> Caller:
        """Raises `KeyRefused` for a key that is not good, `NotAllowed` for a good one of a disabled owner."""
        caller = self.find(text)
        if caller.key.revoked_at:
            raise KeyRefused("This API key was revoked.", code="KEY_REVOKED")
        if not caller.owner.is_active:
            raise NotAllowed("The account of this key is disabled.", code="OWNER_DISABLED")
        return caller

    def find(self, text: str) -> Caller:
        secret = secret_of(text)
        sha256, now = digest(secret), self.clock.now()
        candidates = self.catalog.keys_with_prefix(lookup_prefix(text))
        for key, owner in candidates:
            if key.sha256 and hmac.compare_digest(key.sha256, sha256):
                if not key.last_used_at or now - key.last_used_at >= USED_EVERY:
                    self.catalog.mark_key_used(key.id, now)
                return Caller(owner, key)
        for key, owner in candidates:
            if key.legacy_hash and not key.sha256 and self.legacy_matches(secret, key.legacy_hash):
                self.catalog.mark_key_used(key.id, now, sha256)
                return Caller(owner, key)
        raise KeyRefused("Invalid API key.")


def lookup_prefix(text: str) -> str:
    if text.startswith(LEGACY_START) and text.count("_") >= 2:
        return "_".join(text.split("_", 2)[:2]) + "_"
    return text[: min(PREFIX_LENGTH, len(text) // 3)]  # of a short key, most has to stay secret


def secret_of(text: str) -> str:
    return text[:LEGACY_LENGTH] if text.startswith(LEGACY_START) else text
