"""From the records to their files: whether each is there, and is what the record says.

Nothing is called wrong at the first look: a record may be deleted, and a rendition made, between reading the one and
asking for the other. What is wrong with a file is looked at once more, by a record that was read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from gateway.core.checking.findings import (
    FILE_DAMAGED,
    FILE_MISSING,
    FILE_SIZE,
    RENDITION_DAMAGED,
    RENDITION_MISSING,
    Finding,
    Report,
    Trouble,
)
from gateway.core.checking.premises import Premises
from gateway.core.checking.renditions import Wrong, remade
from gateway.core.errors import FileRefused
from gateway.core.formats.registry import SNIFF_BYTES, by_extension, sniff
from gateway.core.healing import file_sizes, matches
from gateway.core.ports import BlobStore
from gateway.core.records import VARIANTS, Asset, Media
from gateway.core.sizes import format_size

LOOKING = 8  # a store far away answers many questions in the time of one


class Originals:
    """Closes its threads when it is left."""

    def __init__(self, premises: Premises, report: Report) -> None:
        self.premises = premises
        self.blobs = premises.blobs
        self.report = report
        self.pool = ThreadPoolExecutor(LOOKING, "check")

    def close(self) -> None:
        self.pool.shutdown(cancel_futures=True)

    # media

    def check(self, batch: Sequence[Media]) -> Iterator[Finding]:
        shares = [batch[at::LOOKING] for at in range(LOOKING)]
        wrong = [media for share in self.pool.map(self.suspicious, shares) for media in share]
        wrong += [media for media in batch if self.premises.is_chosen() and not self.reads_well(media)]
        again = self.premises.catalog.media_among([media.id for media in wrong]) if wrong else []
        for media in sorted(again, key=lambda one: one.id):
            yield from self.look_again(media)

    def suspicious(self, share: Iterable[Media]) -> list[Media]:
        return [
            media for media in share if any(self.blobs.size(name) != size for name, size in file_sizes(media).items())
        ]

    def reads_well(self, media: Media) -> bool:
        """Whether original and renditions can be read as what they should be."""
        self.report.read_files += 1
        return matches(self.blobs, media, self.heard) and all(
            is_picture(self.blobs, media.blob(one)) for one in VARIANTS if media.has(one)
        )

    def heard(self, size: int) -> None:
        self.report.read_bytes += size

    def look_again(self, media: Media) -> Iterator[Finding]:
        trouble = original_trouble(self.blobs, media, reads=self.premises.sample > 0)
        if trouble:
            yield Finding(trouble, media.blob(), self.said(media, trouble))
        wrong = list(wrong_renditions(self.blobs, media, reads=self.premises.sample > 0))
        if wrong:
            yield from remade(self.premises, media, wrong, is_sound=trouble is None)

    def said(self, media: Media, trouble: Trouble) -> str:
        title = f" ({media.title})" if media.title else ""
        if trouble is FILE_MISSING:
            return f"The file of {media.id}{title}, {format_size(media.size_bytes)}, is not there."
        if trouble is FILE_SIZE:
            size = self.blobs.size(media.blob()) or 0
            return f"The file of {media.id}{title} has {size} bytes instead of {media.size_bytes}."
        return f"The file of {media.id}{title} has the right size, but other bytes than were stored."

    # avatars and backgrounds

    def check_assets(self) -> Iterator[Finding]:
        known = {asset.id for asset in self.premises.catalog.assets() if not self.is_sound(asset)}
        for asset in self.premises.catalog.assets():
            if asset.id in known and not self.is_sound(asset):
                size = self.blobs.size(asset.blob())
                trouble = FILE_MISSING if size is None else FILE_SIZE if size != asset.size_bytes else FILE_DAMAGED
                sentence = f"The avatar or background {asset.id} is not there as it was stored."
                yield Finding(trouble, asset.blob(), sentence)

    def is_sound(self, asset: Asset) -> bool:
        if self.blobs.size(asset.blob()) != asset.size_bytes:
            return False
        return not self.premises.is_chosen() or matches(self.blobs, asset, self.heard)


def original_trouble(blobs: BlobStore, media: Media, *, reads: bool) -> Trouble | None:
    size = blobs.size(media.blob())
    if size is None:
        return FILE_MISSING
    if size != media.size_bytes:
        return FILE_SIZE
    return FILE_DAMAGED if reads and not matches(blobs, media) else None


def wrong_renditions(blobs: BlobStore, media: Media, *, reads: bool) -> Iterator[Wrong]:
    for variant in VARIANTS:
        if media.has(variant):
            name, size = media.blob(variant), blobs.size(media.blob(variant))
            if size is None:
                yield Wrong(RENDITION_MISSING, variant, f"{name} of {media.id} is not there.")
            elif size != media.rendition_bytes(variant):
                expected = media.rendition_bytes(variant)
                yield Wrong(RENDITION_DAMAGED, variant, f"{name} has {size} bytes instead of {expected}.")
            elif reads and not is_picture(blobs, name):
                yield Wrong(RENDITION_DAMAGED, variant, f"{name} is no picture of its kind.")


def is_picture(blobs: BlobStore, name: str) -> bool:
    """Whether it begins like one of its kind: of a rendition no hash is kept."""
    blob = blobs.open(name)
    if not blob:
        return False
    with blob.file as file, suppress(FileRefused):
        return sniff(file.read(SNIFF_BYTES)) is by_extension(name.rpartition(".")[2])
    return False
