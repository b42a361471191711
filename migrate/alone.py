"""One import at a time writes into a data folder, and a run nobody works on any more is known for one that was cut
off."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.store.moves import LOCK


@contextmanager
def alone(imports: Path) -> Iterator[bool]:
    """False when another one is at work. Holds for as long as the process lives, however it ends."""
    imports.mkdir(parents=True, exist_ok=True)
    with open(imports / LOCK, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
