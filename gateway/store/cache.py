"""Derived files in one folder, `cache/xK/xK9mR2pQ7vB.w300q85.jpg`, which may be deleted at any time.

A file is written beside its place and renamed into it, so that a reader finds all of it or nothing. Nothing is synced:
after a power cut there may be an empty file, which counts as none and is made again. Once the files together are larger
than allowed, those nobody has asked for the longest go, until a tenth of the room is free.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gateway.core.ports import Blob

log = logging.getLogger(__name__)

NAME = re.compile(r"[A-Za-z0-9_-]{11,21}\.[a-z0-9]{1,40}\.[a-z0-9]{2,5}")
ASKED_EVERY = 3_600  # seconds; that a file is in use is written down no more often than that
ABANDONED = 3_600
FREED = 0.9


class DiskCache:
    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder / "cache"
        self.limit_bytes = limit_bytes
        self.used: int | None = None  # by this process's account; unknown until something is added
        self.evicting = threading.Lock()
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a derived file")
        return f"{self.folder}/{name[:2]}/{name}"

    def open(self, name: str) -> Blob | None:
        path = self.path(name)
        try:
            file = open(path, "rb", buffering=0)  # noqa: SIM115 - the reader closes it
        except FileNotFoundError:
            return None
        about = os.fstat(file.fileno())
        if not about.st_size:
            file.close()
            return None
        if (now := time.time()) - about.st_atime > ASKED_EVERY:
            with suppress(OSError):
                os.utime(file.fileno(), (now, about.st_mtime))
        return Blob(file, about.st_size, datetime.fromtimestamp(int(about.st_mtime), UTC))

    def put(self, name: str, data: bytes) -> None:
        path = self.path(name)
        part = f"{path}.{secrets.token_hex(6)}.part"
        try:
            with suppress(FileExistsError):
                os.mkdir(os.path.dirname(path))
            with open(part, "xb") as file:
                file.write(data)
            os.rename(part, path)
        except OSError as error:
            log.warning("a derived file could not be kept: %s", error)
            with suppress(OSError):
                os.unlink(part)
            return
        self.make_room(len(data))

    def make_room(self, added: int) -> None:
        if self.used is not None:
            self.used += added
            if self.used <= self.limit_bytes:
                return
        if not self.evicting.acquire(blocking=False):
            return
        try:
            self.used = self.evict()
        finally:
            self.evicting.release()

    def evict(self) -> int:
        """How many bytes there are afterwards."""
        found = sorted((about.st_atime, about.st_size, path) for path, about in self.files())
        used = sum(size for _, size, _ in found)
        if used <= self.limit_bytes:
            return used
        for _, size, path in found:
            with suppress(OSError):
                os.unlink(path)
            used -= size
            if used <= self.limit_bytes * FREED:
                break
        return used

    def files(self) -> Iterator[tuple[str, os.stat_result]]:
        for folder in os.scandir(self.folder):
            if folder.is_dir():
                for entry in os.scandir(folder):
                    with suppress(FileNotFoundError):
                        about = entry.stat()
                        if NAME.fullmatch(entry.name):
                            yield entry.path, about
                        elif entry.name.endswith(".part") and about.st_mtime < time.time() - ABANDONED:
                            os.unlink(entry.path)

    def names(self, media_id: str) -> list[str]:
        try:
            with os.scandir(self.folder / media_id[:2]) as entries:
                return [e.name for e in entries if e.name.startswith(f"{media_id}.") and NAME.fullmatch(e.name)]
        except FileNotFoundError:
            return []

    def forget(self, media_id: str) -> None:
        for name in self.names(media_id):
            with suppress(FileNotFoundError):
                os.unlink(self.path(name))

    def media_ids(self) -> Iterator[str]:
        seen = ""
        for path, _ in self.files():
            media_id = os.path.basename(path).partition(".")[0]
            if media_id != seen:
                yield media_id
            seen = media_id
