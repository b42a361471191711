"""The bytes of uploads that come in pieces: one file each in `incoming/`, grown piece by piece.

Whoever writes it holds its lock, which the system takes back from a process that was killed. The file may be longer
than what its session says: that is what a piece left behind which was never acknowledged.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import BinaryIO

from gateway.core.errors import Conflict
from gateway.store.writing import open_raw, storage_errors, sync_folder, write_all

SUFFIX = ".session"
SESSION_ID = re.compile(r"[A-Za-z0-9_-]{21}", re.ASCII)
BLOCK_BYTES = 1_000_000
PATIENCE = 1.0  # seconds


class DiskArriving:
    def __init__(self, path: str, file: BinaryIO) -> None:
        self.path = path
        self.file = file
        self.is_new = False

    def resume(self, size: int) -> bool:
        with storage_errors():
            if os.fstat(self.file.fileno()).st_size < size:
                return False
            self.file.truncate(size)
            self.file.seek(size)
        self.is_new = not size
        return True

    def write(self, block: bytes, /) -> int:
        with storage_errors():
            write_all(self.file, block)
        return len(block)

    def settle(self) -> None:
        with storage_errors():
            os.fsync(self.file.fileno())
            if self.is_new:
                sync_folder(os.path.dirname(self.path))

    def blocks(self) -> Iterator[bytes]:
        self.file.seek(0)
        while block := self.file.read(BLOCK_BYTES):
            yield block

    def drop(self) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self.path)


@contextmanager
def opened(folder: str, session_id: str) -> Iterator[DiskArriving]:
    path = path_of(folder, session_id)
    with storage_errors():
        file = open_raw(path, os.O_RDWR | os.O_CREAT, "r+b")
    with file:
        if not locked(file):
            raise Conflict(
                "Another piece of this upload is being written. Ask for its offset in a moment, and go on there.",
                code="LOCKED",
            )
        yield DiskArriving(path, file)


def locked(file: BinaryIO) -> bool:
    """Pieces are written in no time: whoever waits a little rarely has to be sent away."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)


def names(folder: str, before: datetime) -> list[str]:
    found = []
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):
            if entry.name.endswith(SUFFIX) and entry.stat().st_mtime < before.timestamp():
                found.append(entry.name.removesuffix(SUFFIX))
    return found


def path_of(folder: str, session_id: str) -> str:
    if not SESSION_ID.fullmatch(session_id):
        raise ValueError(f"{session_id!r} is no id of a session")
    return f"{folder}/{session_id}{SUFFIX}"
