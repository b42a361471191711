"""Bytes -> a verified file: what are they, may they be kept, how do they look smaller.

Nothing is decoded before its header passed the limits, and at most `slots` files are decoded at once, which bounds
memory and keeps many clients as fast as a few.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import BinaryIO, cast

from gateway.core.formats import measure, privacy
from gateway.core.formats.child import Pool
from gateway.core.formats.families import Developed, Families
from gateway.core.formats.limits import Limits
from gateway.core.formats.privacy import Policy
from gateway.core.formats.raster import Wanted
from gateway.core.formats.registry import SNIFF_BYTES, Format, sniff
from gateway.core.ports import BlobStore, Upload
from gateway.core.recipes import Recipe
from gateway.core.records import FileEntry, Kind, Variant
from gateway.core.timing import Timing
from gateway.core.turns import Turns


class Intake:
    def __init__(
        self,
        limits: Limits,
        *,
        thumb: tuple[int, int],
        medium_width: int,
        svg_max_bytes: int = 2_000_000,
        metadata: Policy = "no-location",
        disabled_formats: tuple[str, ...] = (),
        slots: int = 0,
    ) -> None:
        self.limits = limits
        count = slots or os.cpu_count() or 1
        self.thumb = thumb
        self.medium_width = medium_width
        self.metadata = metadata
        self.disabled_formats = disabled_formats
        self.slots = Turns(count)
        self.developing = Timing()
        self.measuring = Timing()
        self.pool = Pool(count)
        self.families = Families(limits, self.pool, svg_max_bytes)

    def sniff(self, upload: Upload) -> Format:
        return sniff(upload.reader().read(SNIFF_BYTES), self.disabled_formats)

    def without_private(self, upload: Upload, blobs: BlobStore) -> Upload:
        """What may be kept and shown of an upload by the policy: itself when it tells nothing else, or a new one, which
        is the caller's to discard. First of all, so that nothing is ever read out of what may not stay."""
        name = self.sniff(upload).name
        if name not in privacy.FORMATS:
            return upload
        target = blobs.receive(upload.limit_bytes)
        try:
            if privacy.clean_file(upload.reader(), cast(BinaryIO, target), name, self.metadata):
                return target
        except BaseException:
            target.discard()
            raise
        target.discard()
        return upload

    def develop(self, upload: Upload, filename: str, arrived_at: datetime, resize_width: int | None) -> Developed:
        format = self.sniff(upload)  # first: readers of an upload share one position
        return self.develop_file(upload.reader(), format, filename, arrived_at, resize_width)

    def develop_file(
        self, file: BinaryIO, format: Format, filename: str, arrived_at: datetime, resize_width: int | None = None
    ) -> Developed:
        wanted = Wanted(*self.thumb, self.medium_width, resize_width)
        with self.slots.taken(self.developing):
            return self.families.develop(file, format, wanted, filename=filename, arrived_at=arrived_at)

    def develop_again(self, file: BinaryIO) -> Developed:
        """A stored file, for the renditions it lacks. What was once accepted may have been switched off since."""
        return self.develop_file(file, sniff(file.read(SNIFF_BYTES)), "", datetime.now(UTC))

    def is_due(self, entry: FileEntry, variant: Variant) -> bool:
        """Whether files like this one have such a rendition."""
        return variant in self.due(entry.kind, entry.width, entry.is_animated)

    def due(self, kind: Kind, width: int, is_animated: bool) -> set[Variant]:
        due: set[Variant] = {"th", "fr"} if kind == "video" else {"th"}
        return due | {"md"} if kind != "audio" and (is_animated or width > self.medium_width) else due

    def measure(self, file: BinaryIO, entry: FileEntry, recipe: Recipe | None) -> bytes:
        """The stored picture made to measure, or, without a recipe, the WebP that may stand in for it: empty when
        none can."""
        format, pixels = sniff(file.read(SNIFF_BYTES)), entry.width * entry.height
        with self.slots.taken(self.measuring):
            if recipe:
                return measure.measure(file, format, self.limits, recipe, self.pool)
            return measure.stand_in(file, format, pixels, self.limits, self.pool)

    def close(self) -> None:
        self.pool.close()
