"""Opens a data folder: which catalog, which file store, and the library over both. With `app.py` the only wiring."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from gateway.core.accounts import Accounts
from gateway.core.albums import Albums
from gateway.core.arrivals import Arrivals, Preparing
from gateway.core.browsing import Browsing
from gateway.core.claiming import Expected, expected_names, unforeseen
from gateway.core.clock import SystemClock
from gateway.core.derived import Derived
from gateway.core.details import Details
from gateway.core.errors import GatewayError, InvalidInput, StoreUnavailable
from gateway.core.fallback import ASKING_AS, Fallback
from gateway.core.formats.limits import Limits
from gateway.core.galleries import Galleries
from gateway.core.holdings import Holdings
from gateway.core.intake import Intake
from gateway.core.keys import Keys
from gateway.core.library import Library
from gateway.core.moves import Moves
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
from gateway.store.moves import FileMoves, SharedMoves
from gateway.store.moving_blobs import MovingBlobs
from gateway.store.passwords import hash_password, matches_bcrypt, matches_password
from gateway.store.places import S3Place, read_blob_place
from gateway.store.reading import may_write
from gateway.store.sql.base import Sql
from gateway.store.sqlite import SqliteCatalog
from gateway.urls import Urls

NOT_MOUNTED = "not-mounted"


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything that lives on one data folder."""

    catalog: Catalog
    blobs: BlobStore
    library: Library
    galleries: Galleries
    holdings: Holdings
    browsing: Browsing
    albums: Albums
    details: Details
    signing: Signing
    sessions: Sessions
    arrivals: Arrivals
    derived: Derived
    owners: Owners
    accounts: Accounts
    keys: Keys
    moves: Moves
    fetcher: Fetcher
    fallback: Fallback | None
    clock: Clock
    sweep_grace: timedelta

    def close(self) -> None:
        self.library.close()
        self.catalog.close()


def is_initialised(settings: Settings) -> bool:
    """A database tells only once it is opened, and that makes its tables."""
    return bool(settings.storage.catalog) or (settings.data / "catalog.db").exists()


def open_data(settings: Settings, clock: Clock | None = None, *, writes: bool = True) -> Opened:
    """Without `writes`, also what may only be read; what is written all the same then fails."""
    clock = clock or SystemClock()
    catalog = open_catalog(settings, writes=writes)
    try:
        refuse_unfinished(catalog)
        says = writes or bool(settings.storage.catalog) or may_write(settings.data / "catalog.db")
        whose = (lambda: library_id(catalog)) if says else None
        blobs = open_blobs(settings, catalog.alone, whose, lambda: expected_names(catalog))
    except BaseException:
        catalog.close()
        raise
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
        browsing=Browsing(catalog, clock, library),
        albums=Albums(catalog, clock, hash_password),
        details=Details(catalog, clock),
        signing=Signing(catalog, clock),
        sessions=open_sessions(settings, catalog, blobs, library, clock),
        galleries=Galleries(catalog, clock, matches_password),
        arrivals=Arrivals(catalog, blobs),
        derived=Derived(catalog, blobs, cache, intake, max_variants=settings.files.max_variants),
        owners=Owners(catalog, clock),
        accounts=Accounts(catalog, clock, hash_password, matches_password),
        keys=Keys(catalog, clock, matches_bcrypt, plans.of),
        moves=open_moves(settings, catalog),
        fetcher=open_fetcher(settings),
        fallback=open_fallback(settings, catalog, blobs, intake, clock),
        clock=clock,
        sweep_grace=timedelta(seconds=settings.sweeper.incoming_age),
    )


def refuse_unmounted(folder: Path) -> None:
    """An empty folder becomes a library, and so would the one a disk is to be mounted at: this file, in the folder
    beneath, tells them apart."""
    if (folder / NOT_MOUNTED).exists():
        raise StoreUnavailable(
            f"{folder} is where a disk is to be mounted, and it is not.\nMount it. If the folder itself is meant,"
            f" remove the file {NOT_MOUNTED} from it."
        )


def refuse_unfinished(catalog: Catalog) -> None:
    if (standing := catalog.standing()) and standing.state == "copying":
        raise StoreUnavailable(standing.sentence())


def open_sessions(settings: Settings, catalog: Catalog, blobs: BlobStore, library: Library, clock: Clock) -> Sessions:
    uploads = settings.uploads
    lifetime = timedelta(seconds=uploads.session_age)
    return Sessions(catalog, blobs, library, clock, max_bytes=uploads.max_size, lifetime=lifetime)


def open_catalog(settings: Settings, *, writes: bool = True) -> Catalog:
    refuse_unmounted(settings.data)
    if url := settings.storage.catalog:
        try:
            from gateway.store.postgres import PostgresCatalog
        except ImportError:
            raise missing("storage.catalog is a PostgreSQL", "psycopg", "postgres") from None
        settings.data.mkdir(parents=True, exist_ok=True)
        return PostgresCatalog(url)
    file = settings.data / "catalog.db"
    reads_only = not writes and not may_write(file)
    if not reads_only:
        settings.data.mkdir(parents=True, exist_ok=True)
    with nullcontext() if reads_only else only_one(settings.data):
        return SqliteCatalog(file, reads_only=reads_only)


def open_moves(settings: Settings, catalog: Catalog) -> Moves:
    """Of imports: in the database of the catalog, or beside its file."""
    if settings.storage.catalog and isinstance(catalog, Sql):
        return SharedMoves(catalog.rows)
    return FileMoves(settings.data / "imports")


def open_blobs(
    settings: Settings, alone: Callable[[str], AbstractContextManager[bool]] | None = None,
    library: Callable[[], str] | None = None, expected: Expected = unforeseen,
) -> BlobStore:  # fmt: skip
    """`library` tells whose files these are, to whom may not have met them before. While files move from one place to
    the other, nobody can tell which of them should be where."""
    storage = settings.storage
    place = read_blob_place(storage.blobs, settings.data)
    if not storage.blobs_before:
        return open_place(place, settings, alone, library, expected)
    before = read_blob_place(storage.blobs_before, settings.data)
    return MovingBlobs(open_place(place, settings, alone, library), open_place(before, settings, alone, library))


def open_place(
    place: Path | S3Place, settings: Settings, alone: Callable[[str], AbstractContextManager[bool]] | None,
    library: Callable[[], str] | None, expected: Expected = unforeseen,
) -> BlobStore:  # fmt: skip
    blobs: BlobStore = DiskBlobs(place) if isinstance(place, Path) else open_s3(place, settings, alone)
    if library:
        blobs.claim(library(), expected)
    return blobs


def open_s3(
    place: S3Place, settings: Settings, alone: Callable[[str], AbstractContextManager[bool]] | None
) -> BlobStore:
    try:
        from gateway.store.s3 import S3Blobs
    except ImportError:
        raise missing("storage.blobs is an S3 store", "boto3", "s3") from None
    return S3Blobs(place, settings.data / "incoming", alone)


def missing(what: str, package: str, extra: str) -> GatewayError:
    return GatewayError(f"{what}, which needs the package {package}.\nInstall it with: pip install 'picgate[{extra}]'")


def library_id(catalog: Catalog) -> str:
    """Tells this library from any other, and tells nothing of the secret it comes from."""
    return hashlib.sha256(b"library id " + catalog.secret("library")).hexdigest()[:32]


def open_preparing(settings: Settings) -> Preparing:
    """For the processes of an import, which know nothing of the catalog."""
    return Preparing(open_blobs(settings), open_intake(settings))


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
