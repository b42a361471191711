"""An upload that comes in pieces: what is remembered of it between two of them, and what holds its bytes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.plans import Plan
from gateway.core.records import Kind


@dataclass(frozen=True, slots=True)
class Session:
    """The first `offset_bytes` bytes survive a power cut. `length_bytes` is None until the client says how many there
    will be. `metadata` is what it said about the file, as it said it; `kind` is what it announced. A finished one has
    a `media_id` and stays until it expires, for the client who never got the last answer."""

    id: str
    owner_id: str
    kind: Kind | None
    length_bytes: int | None
    offset_bytes: int
    metadata: str
    created_at: datetime
    expires_at: datetime
    media_id: str | None = None


class Arriving(Protocol):
    """The bytes of a session, in the hands of the only one who may write them."""

    def resume(self, size: int) -> bool:
        """Go on behind the first `size` bytes; whatever is there beyond them was never promised to anybody and is
        dropped. False when there are fewer."""
        ...

    def write(self, block: bytes, /) -> int: ...

    def settle(self) -> None:
        """From now on what was written survives a power cut. Raises `StoreUnavailable`."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """All of it, from the start."""
        ...

    def drop(self) -> None:
        """Leave nothing behind."""
        ...


class SessionRows(Protocol):
    """The part of the catalog that remembers sessions. Its promises are those of `ports.Catalog`."""

    def add_session(self, session: Session, plan: Plan) -> None:
        """Raises `QuotaExceeded` when what the owner has, what their other sessions wait for and this one do not fit
        into quota and plan together. What is stored later is checked again by `add_media`."""
        ...

    def session(self, session_id: str) -> Session | None:
        """Expired ones too."""
        ...

    def change_session(self, session: Session) -> bool:
        """Keep it as it is now. False when it is gone."""
        ...

    def remove_session(self, session_id: str) -> bool:
        """False when it was gone already."""
        ...

    def expired_sessions(self, now: datetime, limit: int) -> list[Session]:
        """Oldest expiry first."""
        ...
