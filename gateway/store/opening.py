"""Opens a data folder: which catalog, which file store, and the library over both. With `app.py` the only wiring."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from gateway.core.arrivals import Arrivals, Preparing
from gateway.core.clock import SystemClock
from gateway.core.derived import Derived
from gateway.core.errors import InvalidInput
from gateway.core.fallback import ASKING_AS, Fallback
from gateway.core.formats.limits import Limits
from gateway.core.galleries import Galleries
from gateway.core.holdings import Holdings
from gateway.core.intake import Intake
from gateway.core.keys import Keys
from gateway.core.library import Library
from gateway.core.owners import Owners
from gateway.core.plans import Plans
from gateway.core.ports import BlobStore, Catalog, Clock, Fetcher
from gateway.core.sessions import Sessions
from gateway.core.signing import Signing
from gateway.core.standing_in import StandIns
from gateway.settings import Settings
from gateway.store.cache import DiskCache
from gateway.store.disk import DiskBlobs
from gateway.store.fetch import GuardedFetcher
from gateway.store.passwords import matches_bcrypt, matches_password
from gateway.store.reading import may_write
from gateway.store.sqlite import SqliteCatalog
from gateway.urls import Urls


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything that lives on one data folder."""

    catalog: Catalog
    blobs: BlobStore
    library: Library
    galleries: Galleries
    holdings: Holdings
    signing: Signing
    sessions: Sessions
    arrivals: Arrivals
    derived: Derived
    owners: Owners
    keys: Keys
    fetcher: Fetcher
    fallback: Fallback | None
    clock: Clock
    sweep_grace: timedelta

    def close(self) -> None:
        self.library.close()
        self.catalog.close()


def is_initialised(settings: Settings) -> bool:
    return (settings.data / "catalog.db").exists()


def open_data(settings: Settings, clock: Clock | None = None, *, writes: bool = True) -> Opened:
    """Without `writes`, also what may only be read; what is written all the same then fails."""
    clock = clock or SystemClock()
    file = settings.data / "catalog.db"
    reads_only = not writes and not may_write(file)
    if not reads_only:
        settings.data.mkdir(parents=True, exist_ok=True)
    with nullcontext() if reads_only else only_one(settings.data):
        catalog = SqliteCatalog(file, reads_only=reads_only)
        blobs = DiskBlobs(settings.data)
        cache = DiskCache(settings.data, settings.files.cache_size)
    intake, plans = open_intake(settings), Plans.named(settings.plans)
    library = Library(
        catalog, blobs, cache, clock, intake,
        legacy_matches=matches_bcrypt, plan_of=plans.of, duplicates=settings.uploads.duplicates,
    )  # fmt: skip
    return Opened(
        catalog=catalog,
        blobs=blobs,
        library=library,
        holdings=Holdings(catalog, clock, library),
        signing=Signing(catalog, clock),
        sessions=open_sessions(settings, catalog, blobs, library, clock),
        galleries=Galleries(catalog, clock, matches_password),
        arrivals=Arrivals(catalog, blobs),
        derived=Derived(catalog, blobs, cache, intake, max_variants=settings.files.max_variants),
        owners=Owners(catalog, clock),
        keys=Keys(catalog, clock, matches_bcrypt, plans.of),
        fetcher=open_fetcher(settings),
        fallback=open_fallback(settings, catalog, blobs, intake, clock),
        clock=clock,
        sweep_grace=timedelta(seconds=settings.sweeper.incoming_age),
    )


def open_sessions(settings: Settings, catalog: Catalog, blobs: BlobStore, library: Library, clock: Clock) -> Sessions:
    uploads = settings.uploads
    lifetime = timedelta(seconds=uploads.session_age)
    return Sessions(catalog, blobs, library, clock, max_bytes=uploads.max_size, lifetime=lifetime)


def open_preparing(settings: Settings) -> Preparing:
    """For the processes of an import, which know nothing of the catalog."""
    return Preparing(DiskBlobs(settings.data), open_intake(settings))


def open_intake(settings: Settings) -> Intake:
    images = settings.images
    return Intake(
        Limits(
            max_pixels=images.max_pixels,
            max_side=images.max_side,
            max_frames=images.max_frames,
            max_frame_pixels=images.max_frame_pixels,
            max_metadata_bytes=images.max_metadata,
        ),
        thumb=(images.thumb_width, images.thumb_height),
        medium_width=images.medium_width,
        svg_max_bytes=images.max_svg,
        metadata=settings.uploads.metadata,
        disabled_formats=settings.uploads.disabled_formats,
        slots=images.slots,
    )


def open_fallback(
    settings: Settings, catalog: Catalog, blobs: BlobStore, intake: Intake, clock: Clock
) -> Fallback | None:
    """The old host may be in this very network: the operator named it, and it alone."""
    if not (url := settings.legacy.fallback_url):
        return None
    preparing, arrivals, owners = Preparing(blobs, intake), Arrivals(catalog, blobs), Owners(catalog, clock)
    stand_ins = StandIns(catalog, preparing, arrivals, owners, clock, url=url, root=Urls(settings.public_url).root)
    own, timeout = urlsplit(settings.public_url).netloc, settings.uploads.url_timeout
    try:
        fetcher = GuardedFetcher(timeout=timeout, allow=(urlsplit(url).netloc,), own_hosts=(own,), user_agent=ASKING_AS)
    except ValueError as error:
        raise InvalidInput(
            f"legacy.fallback_url cannot be used: {error}.\nGive a host name or an IP address."
        ) from None
    return Fallback(url, fetcher, blobs, stand_ins, clock, max_bytes=settings.legacy.fallback_max_size)


def open_fetcher(settings: Settings) -> Fetcher:
    return GuardedFetcher(
        timeout=settings.uploads.url_timeout,
        allow=settings.uploads.url_allow,
        own_hosts=(urlsplit(settings.public_url).netloc,),
    )


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two processes that open a new folder at once must not both make its tables."""
    with open(folder / ".opening", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
