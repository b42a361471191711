"""The old host is asked for what is not here yet, so that its name may lead here before everything has been brought.

Promises: a file is asked for once, however many want it; few are fetched at a time, and no more wait for that than have
threads of their own; what is not there is not asked for again for a while, and a host that does not answer is left
alone for a moment. A file comes with the renditions it has there, and a rendition with its file.

Paths are as the server in front reads them: escapes undone, a character for each byte.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from gateway.core.errors import FetchRefused, FileRefused, HostUnavailable, QuotaExceeded
from gateway.core.flights import Flights
from gateway.core.formats.registry import by_extension
from gateway.core.ports import BlobStore, Clock, Fetcher
from gateway.core.records import Kind, Variant
from gateway.core.spellings import is_file_name, mains, one_slash
from gateway.core.standing_in import StandIns

log = logging.getLogger(__name__)

# By this name we ask, and give nothing we would have to ask for: two that fall back on each other would never end.
ASKING_AS = "Picgate-Fallback"
MOST_FETCHED = 4
MOST_WAITING = 32  # a page full of thumbnails
PATIENCE = 30  # seconds
ABSENT_FOR = timedelta(minutes=5)
SILENT_FOR = timedelta(seconds=30)
MOST_REMEMBERED = 10_000
LONGEST_PATH = 2000
NEVER = datetime.min.replace(tzinfo=UTC)
TRY_AGAIN = frozenset({408, 425, 429})  # the client errors that are not about what is asked for
IN_A_PATH = "/~!$&'()*,;=:@"  # but no plus, which some servers read as a space
RENDITIONS: dict[Kind, tuple[Variant, ...]] = {"image": ("th", "md"), "video": ("th", "md", "fr"), "audio": ("th",)}


class Fallback:
    def __init__(
        self, url: str, fetcher: Fetcher, blobs: BlobStore, stand_ins: StandIns, clock: Clock, *, max_bytes: int
    ) -> None:
        self.url = url.rstrip("/")
        self.fetcher = fetcher
        self.blobs = blobs
        self.stand_ins = stand_ins
        self.clock = clock
        self.max_bytes = max_bytes
        self.flights: Flights[bool] = Flights()
        self.room = threading.BoundedSemaphore(MOST_WAITING)
        self.turns = threading.BoundedSemaphore(MOST_FETCHED)
        self.absent: dict[str, datetime] = {}  # until when
        self.silent_until = NEVER

    def bring(self, path: str) -> bool:
        """Whether it is here now. Raises `HostUnavailable` when that cannot be said, `StoreUnavailable` when there is
        no room for it."""
        path = one_slash(path)
        beside = [main for main, _ in mains(path)]
        pictures = [main for main in beside if ending(main) == ending(path)]
        if not is_file_name(path) or len(path) > LONGEST_PATH or all(map(self.is_absent, [*pictures, path])):
            return False
        if self.stand_ins.is_withheld(path):
            return False
        with taken(self.room, 0):
            played = [main for main in beside if main not in pictures]
            return any(map(self.came, pictures)) or self.came_with_film(path, played) or self.came(path)

    def came_with_film(self, path: str, played: list[str]) -> bool:
        """A still does not tell the ending of its film; before many are tried, it has to be there itself."""
        return bool(played) and self.is_there(path) and any(map(self.came, played))

    def came(self, path: str) -> bool:
        return not self.is_absent(path) and self.flights.run(path, partial(self.keep, path))

    def is_there(self, path: str) -> bool:
        with taken(self.turns, PATIENCE), ExitStack() as files:
            return self.fetch(path, files) is not None

    def keep(self, path: str) -> bool:
        with taken(self.turns, PATIENCE), ExitStack() as files:
            if self.stand_ins.is_known(path):  # since we looked
                return True
            file = self.fetch(path, files)
            if not file:
                return False
            found = {variant: self.rendition(one, files) for variant, one in renditions_of(path).items()}
            try:
                self.stand_ins.keep(path, file, {variant: one for variant, one in found.items() if one})
            except (FileRefused, QuotaExceeded) as refused:
                self.forgo(path, refused.message)
                return False
            return True

    def rendition(self, path: str, files: ExitStack) -> Path | None:
        """One that does not come is made here."""
        try:
            return self.fetch(path, files)
        except HostUnavailable:
            return None

    def fetch(self, path: str, files: ExitStack) -> Path | None:
        """What is there, in a file that goes with `files`; None when there is nothing."""
        if self.is_absent(path):
            return None
        if self.clock.now() < self.silent_until:
            raise unavailable("The old host does not answer.")
        upload = self.blobs.receive(self.max_bytes)
        files.callback(upload.discard)
        try:
            self.fetcher.fetch(self.url + quote(path, IN_A_PATH, "latin-1"), upload)
        except FileRefused as refused:
            self.forgo(path, refused.message)
            return None
        except FetchRefused as refused:
            if not is_final(refused.status):
                self.give_up(refused)
            self.forgo(path, f"status {refused.status}")
            return None
        return Path(upload.settle())

    def give_up(self, refused: FetchRefused) -> NoReturn:
        if refused.status is None:
            self.silent_until = self.clock.now() + SILENT_FOR
        raise unavailable("The old host does not give what it is asked for.") from refused

    def is_absent(self, path: str) -> bool:
        return self.clock.now() < self.absent.get(path, NEVER)

    def forgo(self, path: str, reason: str) -> None:
        log.info("not taken from the old host: %r: %s", path, reason)
        if len(self.absent) >= MOST_REMEMBERED:
            self.absent.clear()
        self.absent[path] = self.clock.now() + ABSENT_FOR


def is_final(status: int | None) -> bool:
    """Whether it says that there is nothing to be had, however often one asks."""
    return status is not None and 300 <= status < 500 and status not in TRY_AGAIN


def renditions_of(path: str) -> dict[Variant, str]:
    """Where those of this file are, if it has any."""
    stem, _, extension = path.rpartition(".")
    format = by_extension(extension)
    if not format or (format.kind == "image" and not format.is_raster):
        return {}
    extension = extension if format.kind == "image" else "jpeg"
    return {variant: f"{stem}.{variant}.{extension}" for variant in RENDITIONS[format.kind]}


def ending(path: str) -> str:
    return path.rpartition(".")[2]


@contextmanager
def taken(places: threading.Semaphore, seconds: float) -> Iterator[None]:
    if not places.acquire(timeout=seconds):
        raise unavailable("Too many are waiting for the old host.")
    try:
        yield
    finally:
        places.release()


def unavailable(message: str) -> HostUnavailable:
    return HostUnavailable(message, retry_after=int(SILENT_FOR.total_seconds()))
