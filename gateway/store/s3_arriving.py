"""The bytes of uploads that come in pieces, where every gateway can go on with them: objects below `incoming/`, each
named by the stretch of the upload that it holds.

A small piece is written together with small ones before it, so that however an upload is cut up, few objects hold it
and none of its bytes is written more than a few times. Where a process was killed in between, two objects hold the same
bytes; the longer one counts, and the next who goes on removes the other.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader

from gateway.core.errors import Conflict
from gateway.store.arriving import PATIENCE, SESSION_ID
from gateway.store.s3_bucket import Bucket
from gateway.store.s3_errors import Unreachable
from gateway.store.s3_reading import opened as opened_file

FOLDER = "incoming/"
PIECE_BYTES = 8_000_000
BLOCK_BYTES = 1_000_000
NAME = re.compile(r"incoming/([A-Za-z0-9_-]{21})/([0-9]{15})-([0-9]{15})", re.ASCII)

Alone = Callable[[str], AbstractContextManager[bool]]


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


class S3Arriving:
    def __init__(self, bucket: Bucket, session_id: str) -> None:
        self.bucket = bucket
        self.folder = f"{FOLDER}{session_id}/"
        self.pieces: list[Piece] = []
        self.waiting = bytearray()

    def key(self, piece: Piece) -> str:
        return f"{self.folder}{piece.start:015d}-{piece.end:015d}"

    @property
    def end(self) -> int:
        return self.pieces[-1].end if self.pieces else 0

    def listed(self) -> list[Piece]:
        names = (NAME.fullmatch(one.key) for one in self.bucket.listed(self.folder))
        return sorted(Piece(int(name[2]), int(name[3])) for name in names if name)

    def resume(self, size: int) -> bool:
        there = self.listed()
        self.pieces = in_a_row(there)
        self.waiting.clear()
        if self.end < size:
            return False
        self.pieces = [piece for piece in self.pieces if piece.start < size]
        if self.end > size:
            last = self.pieces.pop()
            self.pieces.append(Piece(last.start, size))
            with self.reading(last) as file:
                self.bucket.put(self.key(self.pieces[-1]), file.read(size - last.start))
        for piece in set(there) - set(self.pieces):
            self.bucket.delete(self.key(piece))
        return True

    def write(self, block: bytes, /) -> int:
        self.waiting += block
        while len(self.waiting) >= PIECE_BYTES:
            self.keep(bytes(self.waiting[:PIECE_BYTES]))
            del self.waiting[:PIECE_BYTES]
        return len(block)

    def settle(self) -> None:
        if self.waiting:
            self.keep(bytes(self.waiting))
            self.waiting.clear()

    def keep(self, data: bytes) -> None:
        """Together with what is not much longer before it: each piece that stays is twice the next one."""
        end, size, taken = self.end + len(data), len(data), 0
        for piece in reversed(self.pieces):
            if piece.size >= 2 * size or piece.size + size > PIECE_BYTES:
                break
            size, taken = size + piece.size, taken + 1
        before = self.pieces[len(self.pieces) - taken :]
        whole = Piece(end - size, end)
        self.bucket.put(self.key(whole), b"".join([*map(self.read, before), data]))
        self.pieces[len(self.pieces) - taken :] = [whole]
        with suppress(Unreachable):  # what stays is removed by the next who goes on
            for piece in before:
                self.bucket.delete(self.key(piece))

    def read(self, piece: Piece) -> bytes:
        with self.reading(piece) as file:
            return file.read()

    @contextmanager
    def reading(self, piece: Piece) -> Iterator[BufferedReader]:
        got = self.bucket.get(self.key(piece))
        if not got or got[0].size != piece.size:
            raise Unreachable(f"{self.key(piece)} is not whole in {self.bucket.place.bucket}.\nThe upload begins anew.")
        with opened_file(self.bucket, self.key(piece), *got) as file:
            yield file

    def blocks(self) -> Iterator[bytes]:
        for piece in self.pieces or in_a_row(self.listed()):
            with self.reading(piece) as file:
                while block := file.read(BLOCK_BYTES):
                    yield block

    def drop(self) -> None:
        for piece in self.listed():
            self.bucket.delete(self.key(piece))
        self.pieces.clear()
        self.waiting.clear()


def in_a_row(pieces: list[Piece]) -> list[Piece]:
    """From the first byte on, without a gap; of those that begin together the longest."""
    longest = {piece.start: piece for piece in sorted(pieces)}
    row: list[Piece] = []
    while piece := longest.get(row[-1].end if row else 0):
        row.append(piece)
    return row


@contextmanager
def opened(bucket: Bucket, session_id: str, alone: Alone) -> Iterator[S3Arriving]:
    if not SESSION_ID.fullmatch(session_id):
        raise ValueError(f"{session_id!r} is no id of a session")
    # Files may be on their way from one bucket to another, and this upload with them.
    name = f"upload {session_id} in {bucket.place.bucket}/{bucket.place.prefix}"
    deadline = time.monotonic() + PATIENCE
    with ExitStack() as held:
        while not (inner := ExitStack()).enter_context(alone(name)):
            inner.close()
            if time.monotonic() >= deadline:
                raise Conflict(
                    "Another piece of this upload is being written. Ask for its offset in a moment, and go on there.",
                    code="LOCKED",
                )
            time.sleep(0.05)
        held.push(inner)
        yield S3Arriving(bucket, session_id)


def names(bucket: Bucket, before: datetime) -> list[str]:
    touched: dict[str, datetime] = {}
    for one in bucket.listed(FOLDER):
        if name := NAME.fullmatch(one.key):
            touched[name[1]] = max(one.modified_at, touched.get(name[1], one.modified_at))
    return [session_id for session_id, at in touched.items() if at < before]
