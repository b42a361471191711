"""Uploads that can be resumed: begun with a length, sent in pieces, finished through the same door as any other.

Promises: what was acknowledged survives a killed process and a power cut, and the offset told is never more than that.
The last byte counts only once the file is in the library, so that whoever is told that all has arrived may believe it,
and a process killed in between costs its client one byte. One piece at a time: whoever comes second is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.core.errors import Conflict, FileRefused, GatewayError, InvalidInput, NotFound, StoreUnavailable, TooBig
from gateway.core.ids import new_id
from gateway.core.jumps import past
from gateway.core.library import Added, Library, NewMedia
from gateway.core.pieces import Arriving, Session
from gateway.core.ports import BlobStore, Catalog, Clock
from gateway.core.records import Kind, Media, Owner

SWEPT_AT_ONCE = 1_000
CHECKSUMS = ("sha1", "sha256", "md5")


@dataclass(frozen=True, slots=True)
class Checksum:
    """`algorithm` is one of `CHECKSUMS`."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """`length_bytes` is that of the whole upload, if it is told only now."""

    offset_bytes: int
    blocks: Iterable[bytes]
    checksum: Checksum | None = None
    length_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """The session as it is now, and, with the last piece, what became of it."""

    session: Session
    added: Added | None = None


class Sessions:
    def __init__(
        self, catalog: Catalog, blobs: BlobStore, library: Library, clock: Clock, *, max_bytes: int, lifetime: timedelta
    ) -> None:
        self.catalog = catalog
        self.blobs = blobs
        self.library = library
        self.clock = clock
        self.max_bytes = max_bytes
        self.lifetime = lifetime

    def begin(self, owner: Owner, length_bytes: int | None, metadata: str, kind: Kind | None) -> Session:
        """Raises `TooBig`, `QuotaExceeded`, and `FileRefused` for a file of no bytes."""
        if length_bytes is not None:
            self.refuse_length(owner, length_bytes)
        now = self.clock.now()
        session = Session(new_id(), owner.id, kind, length_bytes, 0, metadata, now, now + self.lifetime)
        self.catalog.add_session(session, self.library.plan_of(owner))
        return session

    def refuse_length(self, owner: Owner, length_bytes: int) -> None:
        if not length_bytes:
            raise FileRefused("The file is empty.", code="FILE_EMPTY")
        if length_bytes > (limit := self.limit_bytes(owner)):
            raise TooBig(limit) if limit == self.max_bytes else TooBig(limit, "your plan allows")

    def limit_bytes(self, owner: Owner) -> int:
        of_plan = self.library.plan_of(owner).max_file_bytes
        return self.max_bytes if of_plan is None else min(of_plan, self.max_bytes)

    def own(self, owner: Owner, session_id: str) -> Session:
        """Raises `NotFound`."""
        session = self.catalog.session(session_id)
        if not session or session.owner_id != owner.id or session.expires_at <= self.clock.now():
            raise gone()
        return session

    def settled(self, owner: Owner, session_id: str) -> Session:
        """As `own`, for whoever means to go on from there: raises `Conflict` while a piece is written, which would
        otherwise be sent once more."""
        session = self.own(owner, session_id)
        if session.media_id:
            return session
        with self.blobs.arriving(session_id):
            return self.own(owner, session_id)

    def became(self, session: Session) -> Media | None:
        """None as long as it is not finished, and when what it became is gone."""
        return self.catalog.media(session.media_id) if session.media_id else None

    def append(self, owner: Owner, session_id: str, piece: Piece, new: NewMedia) -> Appended:
        """Bytes that arrive before the blocks break off are kept. With the last one the file is added to the library;
        when that refuses it, the session is gone. Raises `Conflict` for another offset than the session's, or while
        another piece is written."""
        if self.own(owner, session_id).media_id:
            return self.append_nothing(owner, session_id, piece)
        with self.blobs.arriving(session_id) as arriving:
            session = self.with_length(owner, self.own(owner, session_id), piece)
            refuse_offset(session, piece)
            if not arriving.resume(session.offset_bytes):
                self.forget(session, arriving)
                raise gone()
            size = self.write(arriving, piece, session.length_bytes or self.limit_bytes(owner))
            is_whole = size == session.length_bytes
            session = replace(session, offset_bytes=size - 1 if is_whole else size)
            if not self.catalog.change_session(session):
                arriving.drop()
                raise gone()
            return self.finish(owner, session, arriving, new) if is_whole else Appended(session)

    def append_nothing(self, owner: Owner, session_id: str, piece: Piece) -> Appended:
        session = self.own(owner, session_id)
        refuse_offset(session, piece)
        if any(piece.blocks):
            raise beyond(session.offset_bytes)
        return Appended(session)

    def with_length(self, owner: Owner, session: Session, piece: Piece) -> Session:
        told = piece.length_bytes
        if told is None or told == session.length_bytes:
            return session
        if session.length_bytes is not None:
            raise InvalidInput(f"The length of this upload is {session.length_bytes} bytes and cannot change.")
        if told < session.offset_bytes:
            raise InvalidInput(f"More than {told} bytes of this upload are here already: {session.offset_bytes}.")
        self.refuse_length(owner, told)
        return replace(session, length_bytes=told)

    def write(self, arriving: Arriving, piece: Piece, limit_bytes: int) -> int:
        """How many bytes of the whole are there now, safe on the disk."""
        checksum, size = piece.checksum, piece.offset_bytes
        hash = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        for block in piece.blocks:
            size += len(block)
            if size > limit_bytes:
                raise beyond(limit_bytes)
            if hash:
                hash.update(block)
            arriving.write(block)
        if checksum and hash and hash.digest() != checksum.digest:
            raise InvalidInput(
                f"These bytes have another {checksum.algorithm} sum than was told. None of them was kept: send them"
                " again.",
                code="CHECKSUM_MISMATCH",
            )
        arriving.settle()
        return size

    def finish(self, owner: Owner, session: Session, arriving: Arriving, new: NewMedia) -> Appended:
        """A copy goes into the library: should this process be killed before it is known there, nothing is lost."""
        upload = self.blobs.receive(self.max_bytes)
        try:
            for block in arriving.blocks():
                upload.write(block)
            added = self.library.add(owner, upload, new)
        except StoreUnavailable:  # trying again may help
            raise
        except GatewayError:
            self.forget(session, arriving)
            raise
        finally:
            upload.discard()
        session = replace(session, offset_bytes=session.offset_bytes + 1, media_id=added.media.id)
        self.catalog.change_session(session)
        arriving.drop()
        return Appended(session, added)

    def abandon(self, owner: Owner, session_id: str) -> None:
        """What it became, if it was finished, stays. Raises `NotFound`, and `Conflict` while a piece is written."""
        session = self.own(owner, session_id)
        with self.blobs.arriving(session.id) as arriving:
            self.forget(session, arriving)

    def forget(self, session: Session, arriving: Arriving) -> None:
        self.catalog.remove_session(session.id)
        arriving.drop()

    def sweep_expired(self) -> int:
        """Returns how many were never finished."""
        swept = 0
        for session in self.catalog.expired_sessions(past(self.catalog, self.clock.now()), SWEPT_AT_ONCE):
            with suppress(Conflict), self.blobs.arriving(session.id) as arriving:
                self.forget(session, arriving)
                swept += not session.media_id
        return swept

    def sweep_unclaimed(self, before: datetime) -> int:
        """Remove bytes untouched since `before` that no session waits to add to: a process was killed after the
        catalog forgot them."""
        swept = 0
        for name in self.unclaimed(before):
            with suppress(Conflict), self.blobs.arriving(name) as arriving:
                arriving.drop()
                swept += 1
        return swept

    def unclaimed(self, before: datetime) -> list[str]:
        sessions = ((name, self.catalog.session(name)) for name in self.blobs.arriving_names(before))
        return [name for name, session in sessions if not session or session.media_id]


def refuse_offset(session: Session, piece: Piece) -> None:
    if piece.offset_bytes != session.offset_bytes:
        raise Conflict(
            f"This upload goes on at byte {session.offset_bytes}, and not at {piece.offset_bytes}.",
            offset=session.offset_bytes,
        )


def beyond(limit_bytes: int) -> FileRefused:
    return FileRefused(f"This upload has {limit_bytes} bytes, and more were sent. None of these was kept.",
                       code="FILE_TOO_BIG", limit_bytes=limit_bytes)  # fmt: skip


def gone() -> NotFound:
    return NotFound("There is no such upload, or not any more. Begin it anew.")
