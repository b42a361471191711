"""A catalog of an earlier version is copied before its schema changes, for whoever has to go back.

Each step is one transaction: a program that is killed meanwhile leaves the catalog as it was before the step, or as it
is after it, and the next start goes on from there.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlite_utils import Database

from gateway.core.errors import StoreUnavailable
from gateway.core.sizes import format_size
from gateway.store.schema import steps
from gateway.store.writing import sync_folder

KEPT = 2
PART = ".part"


def upgrade(db: Database, file: Path) -> None:
    pending = steps.pending(db)
    if pending and steps.applied(db):
        keep_copy(db.conn, file, pending[0].name)
    steps.apply(db)


def keep_copy(connection: sqlite3.Connection, file: Path, step: str) -> None:
    """Its name says before which step it was made. Only the newest ones stay."""
    copy = file.with_name(f"{file.name}.before-{step}")
    part = copy.with_name(copy.name + PART)
    try:
        write_copy(connection, part)
        os.rename(part, copy)
        sync_folder(str(file.parent))
    except (OSError, sqlite3.OperationalError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise StoreUnavailable(
            f"{file} is to be brought to this version, and could not be copied before that: {error}.\n"
            f"See that {file.parent} can be written and has room for {format_size(file.stat().st_size)}."
            " Nothing was changed."
        ) from error
    for old in copies(file)[:-KEPT]:
        old.unlink(missing_ok=True)


def write_copy(connection: sqlite3.Connection, part: Path) -> None:
    """Keys and addresses are nobody else's to read. Without a journal: one that was left behind would be played back
    into the next copy."""
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(part)) as copy:
        copy.execute("PRAGMA journal_mode = OFF")
        connection.backup(copy)
    handle = os.open(part, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copies(file: Path) -> list[Path]:
    """Oldest first."""
    found = [path for path in file.parent.glob(f"{file.name}.before-*") if path.suffix != PART]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)
