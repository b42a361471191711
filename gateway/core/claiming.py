"""Whether the files of this library are where they are looked for.

A disk that is not mounted, a mistyped prefix and an emptied catalog all look like files that are gone, or files that
nobody claims. So a place says whose files it holds, and where it does not say so yet, something has to be there of what
should be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.core.errors import StoreUnavailable
from gateway.core.ports import BlobStore, Catalog

Expected = Callable[[], Sequence[str] | None]

SAMPLE = 100
TELLING = 20  # that so many are missing, and no other is there, is no accident


def expected_names(catalog: Catalog) -> list[str]:
    """Of some originals. Ids are random, and so are the first ones."""
    return [media.blob() for media in catalog.media_after("", SAMPLE)]


def unforeseen() -> None:
    """Nobody can tell which files should be there."""


def refuse_place(
    place: str, marker: str, said: str | None, library: str, *, expected: Expected, blobs: BlobStore
) -> None:
    """`said` is what stands in its `marker`. Returns when that is this library, or may be from now on."""
    if said == library:
        return
    if said is not None:
        raise StoreUnavailable(
            f"{place} holds the files of another library.\nName another place, or, if the catalog was lost and this is"
            " a new one, restore the old one. To give the files to this library all the same, write"
            f" {library} into {marker}."
        )
    if (names := expected()) is None:
        return
    if names and not any(blobs.size(name) is not None for name in names):
        raise StoreUnavailable(
            f"None of the files of this library is in {place}.\nSee that its disk is mounted and the setting is right."
            f" If they really are lost, write {library} into {marker}, and the gateway goes on without them."
        )
    if not names and next(iter(blobs.names()), None):
        raise StoreUnavailable(
            f"There are files in {place}, but the catalog knows of none.\nIf the catalog was lost, restore it. To begin"
            f" anew, move these files away. To keep them without a record, write {library} into {marker}."
        )


def refuse_absence(catalog: Catalog, blobs: BlobStore) -> None:
    """Raises `StoreUnavailable` rather than have every single file of a library called missing."""
    names = expected_names(catalog)
    if len(names) >= TELLING and not any(blobs.size(name) is not None for name in names):
        raise StoreUnavailable(
            f"Not one of the first {len(names)} files of this library is where it should be.\nSee that the disk of the"
            " files is mounted, and that storage.data and storage.blobs are right. Nothing was changed."
        )
