"""What a check can find, each kind of it declared once: what --repair does about it, or why it leaves it alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.errors import CatalogDamaged

MOST_LISTED = 10_000  # of one kind; beyond that they are counted

BY_UPLOAD = "Upload the same file once more as its owner: that puts it back. Or restore it from a backup."
BY_BACKUP = "Restore the catalog from a backup, or leave it: nothing else is harmed."
NO_ROW_GOES = "A record may be all that is left of what it speaks of, and is never deleted here."
NO_ORIGINAL = "Originals are never touched: what is there may be the best there is."


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of finding. Either `mends` says what --repair does about it, or `leaves` why it does nothing. `advice` is
    for what is left afterwards."""

    kind: str
    heading: str
    advice: str
    mends: str = ""
    leaves: str = ""


CATALOG_DAMAGED = Trouble(
    "catalog_damaged",
    "The catalog itself is damaged",
    CatalogDamaged.ADVICE,
    leaves="What stood on a damaged page is known to nobody.",
)
REFERENCE_BROKEN = Trouble(
    "reference_broken", "Rows that name a record that does not exist", BY_BACKUP, leaves=NO_ROW_GOES
)
FILE_MISSING = Trouble("file_missing", "Records whose file is missing", BY_UPLOAD, leaves=NO_ROW_GOES)
FILE_SIZE = Trouble("file_size", "Files of another size than their record says", BY_UPLOAD, leaves=NO_ORIGINAL)
FILE_DAMAGED = Trouble("file_damaged", "Files with other bytes than were stored", BY_UPLOAD, leaves=NO_ORIGINAL)
RENDITION_MISSING = Trouble(
    "rendition_missing", "Thumbnails and other renditions that are missing",
    "They need their original: mend that first.", mends="made anew from the original",
)  # fmt: skip
RENDITION_DAMAGED = Trouble(
    "rendition_damaged", "Renditions of another size than their record says, or that are no pictures",
    "They need their original: mend that first.", mends="made anew from the original",
)  # fmt: skip
RENDITION_UNKNOWN = Trouble(
    "rendition_unknown", "Renditions their record knows nothing of",
    "They are served all the same, and may stay.", mends="made anew, and noted in the record",
)  # fmt: skip
ORPHAN = Trouble(
    "orphan", "Files without a record",
    "Are there many, then the catalog is older than the files: stop the gateway and restore a newer one.",
    mends="set aside into lost+found",
)  # fmt: skip
SUM_WRONG = Trouble("sum_wrong", "Sums that differ from what they count", "Run it once more.", mends="counted anew")
SEARCH_STALE = Trouble(
    "search_stale", "Media that searching by text does not find by what they say",
    "Run it once more.", mends="noted anew",
)  # fmt: skip
ADDRESS_LOST = Trouble(
    "address_lost", "Old addresses that lead nowhere",
    "Import the old library once more: what is missing comes back under its addresses.", leaves=NO_ROW_GOES,
)  # fmt: skip
ORIGIN_LOST = Trouble(
    "origin_lost", "Imported records that are gone without having been deleted",
    "Import the old library once more: what is missing comes back.", leaves=NO_ROW_GOES,
)  # fmt: skip
EXPIRED_WAITING = Trouble(
    "expired_waiting", "Media past their time that are still here",
    "Run `gateway sweep`, and look why the gateway does not do so by itself.",
    leaves="Removing media is the work of the sweeper alone.",
)  # fmt: skip
SESSION_EXPIRED = Trouble(
    "session_expired", "Resumable uploads past their time", "One of them is being written to: run it again later.",
    mends="removed with what had arrived of them",
)  # fmt: skip
HALF_ARRIVED = Trouble("half_arrived", "Uploads that never arrived", "Run `gateway sweep`.", mends="removed")
CACHE_STALE = Trouble("cache_stale", "Cached files of media that are gone", "Run `gateway sweep`.", mends="removed")

TROUBLES = (
    CATALOG_DAMAGED, FILE_MISSING, FILE_SIZE, FILE_DAMAGED, RENDITION_MISSING, RENDITION_DAMAGED, RENDITION_UNKNOWN,
    ORPHAN, SUM_WRONG, SEARCH_STALE, REFERENCE_BROKEN, ADDRESS_LOST, ORIGIN_LOST, EXPIRED_WAITING, SESSION_EXPIRED,
    HALF_ARRIVED, CACHE_STALE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """`name` is that of a file, or the id of a record. `obstacle` is why this one could not be mended although others
    of its kind can."""

    trouble: Trouble
    name: str
    sentence: str
    is_mended: bool = False
    obstacle: str | None = None


@dataclass(slots=True)
class Report:
    """What was found so far, and how much was looked at. `young_files` have no record yet, and may be on their way."""

    schema: str = ""
    sample: float = 0.0
    media: int = 0
    files: int = 0
    young_files: int = 0
    read_files: int = 0
    read_bytes: int = 0
    found: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    listed: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        kind = finding.trouble.kind
        if self.found[kind] < MOST_LISTED:
            self.listed.append(finding)
        self.found[kind] += 1
        self.mended[kind] += finding.is_mended

    def left(self) -> int:
        return self.found.total() - self.mended.total()

    def of(self, trouble: Trouble) -> Sequence[Finding]:
        return [one for one in self.listed if one.trouble is trouble]
