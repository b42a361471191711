"""SQLite files for whoever may read and not write them: nothing is made beside them, and nothing in them changes."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any


def may_write(file: Path) -> bool:
    """SQLite writes beside a file, too. One that is not there yet may be made where its folder may be written."""
    return all(os.access(path, os.W_OK) for path in (file, file.parent) if os.path.lexists(path))


def connect_reading(file: Path, **options: Any) -> sqlite3.Connection:
    """Raises `OSError` where the file may not be read either."""
    with open(file, "rb"):
        pass
    is_in_use = os.path.exists(f"{file}-wal")  # then somebody may be writing, and SQLite has to look there as well
    mode = "mode=ro" if is_in_use else "immutable=1"
    connection: sqlite3.Connection = sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True, **options)
    return connection
