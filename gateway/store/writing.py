"""Writing to a disk so that a full one is noticed, and what was written is there after a power cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from gateway.core.errors import StoreUnavailable


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turns what the disk says into what the caller can be told."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable("The disk is full or cannot be written. Nothing was kept.") from error


def write_all(file: BinaryIO, block: bytes) -> None:
    """A disk that fills up takes the first part of a block, and says so by the count alone."""
    written = file.write(block)
    while written < len(block):
        written += file.write(block[written:])


def open_raw(path: str, flags: int, mode: str) -> BinaryIO:
    return cast(BinaryIO, os.fdopen(os.open(path, flags, 0o644), mode, buffering=0))


def sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
