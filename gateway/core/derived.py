"""Files made from stored ones when somebody asks: WebP stand-ins, sizes made to measure, renditions that are missing.

Promises: each is made once, however many ask at the same time, and then kept; at most as many are made at once as
pictures are decoded at uploads; what cannot be made is not tried again and again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from io import BytesIO

from gateway.core.errors import FileRefused, NotFound
from gateway.core.flights import Flights
from gateway.core.formats.registry import Format, by_extension, by_name
from gateway.core.intake import Intake
from gateway.core.ports import Blob, BlobStore, Cache, Catalog
from gateway.core.recipes import Recipe
from gateway.core.records import VARIANTS, FileEntry, Variant
from gateway.core.variants import STAND_IN, Variants

log = logging.getLogger(__name__)

_NOTHING = b"-"
_MAX_REMEMBERED = 10_000


class Derived:
    def __init__(self, catalog: Catalog, blobs: BlobStore, cache: Cache, intake: Intake, *, max_variants: int) -> None:
        self.catalog = catalog
        self.blobs = blobs
        self.cache = cache
        self.intake = intake
        self.variants = Variants(cache, max_variants)
        self.flights: Flights[bytes] = Flights()
        self.lacking: set[str] = set()

    # in other sizes and formats

    def stand_in(self, entry: FileEntry) -> Blob | None:
        """The picture as a WebP; None when that would not be smaller, or is not possible."""
        name = f"{entry.id}.{STAND_IN}.webp"
        blob = self.cache.open(name) or self.made(name, lambda: self.smaller(name, entry))
        if blob.size > len(_NOTHING):
            return blob
        blob.file.close()
        return None

    def smaller(self, name: str, entry: FileEntry) -> bytes:
        """Where nothing is gained, that is kept too, so that it is found out once."""
        original = self.original(entry)
        with original.file as file:
            try:
                data = self.intake.measure(file, entry, None)
            except FileRefused as refused:
                log.info("no WebP is made of %s: %s", entry.id, refused.message)
                data = b""
        if not 0 < len(data) < original.size:
            data = _NOTHING
        self.cache.put(name, data)
        return data

    def measured(self, entry: FileEntry, recipe: Recipe) -> Blob:
        """Raises `InvalidImageParams` for one variant too many, `FileRefused` for a picture that cannot be read."""
        name = measured_name(entry, recipe)
        return self.cache.open(name) or self.made(name, lambda: self.measure(name, entry, recipe))

    def measure(self, name: str, entry: FileEntry, recipe: Recipe) -> bytes:
        with self.variants.one_more(entry.id, name):
            with self.original(entry).file as file:
                data = self.intake.measure(file, entry, recipe)
            self.cache.put(name, data)
        return data

    def made(self, name: str, make: Callable[[], bytes]) -> Blob:
        data = self.flights.run(name, lambda: self.kept(name) or make())
        # Where there is no room to keep it, it is sent all the same.
        return self.cache.open(name) or Blob(BytesIO(data), len(data), datetime.now(UTC).replace(microsecond=0))

    def kept(self, name: str) -> bytes:
        """What another made between our look and our turn."""
        blob = self.cache.open(name)
        if not blob:
            return b""
        with blob.file as file:
            return file.read()

    def original(self, entry: FileEntry) -> Blob:
        blob = self.blobs.open(entry.blob())
        if not blob:
            raise NotFound("The file of this record is lost.")
        return blob

    # renditions

    def rendition(self, entry: FileEntry, variant: Variant) -> Blob | None:
        """One that is not there, although files like this one have it: it was imported without, or was lost."""
        name = entry.blob(variant)
        if not self.intake.is_due(entry, variant) or name in self.lacking:
            return None
        self.flights.run(f"{entry.id}.renditions", lambda: self.renew(entry))
        blob = self.blobs.open(name)
        if not blob:
            if len(self.lacking) >= _MAX_REMEMBERED:
                self.lacking.clear()
            self.lacking.add(name)
        return blob

    def renew(self, entry: FileEntry) -> bytes:
        """Make all that are missing: one decode is enough for them."""
        try:
            self.remake(entry, {variant for variant in VARIANTS if self.blobs.size(entry.blob(variant)) is None})
        except FileRefused as refused:
            log.info("no renditions are made of %s: %s", entry.id, refused.message)
        return b""

    def remake(self, entry: FileEntry, variants: Collection[Variant]) -> set[Variant]:
        """Make these anew, whatever is there. Returns those that such a file has. Raises `FileRefused` when the
        original cannot be read, and `NotFound` when it is lost."""
        with self.original(entry).file as file:
            developed = self.intake.develop_again(file)
        made = {variant: one for variant, one in developed.renditions().items() if variant in variants}
        for variant, rendition in made.items():
            name = entry.blob(variant)
            self.blobs.put({name: rendition.data})
            if not self.catalog.set_rendition(
                entry.id, variant, len(rendition.data), (rendition.width, rendition.height)
            ):
                self.blobs.delete([name])  # the media was deleted meanwhile
        return set(made)


def measured_format(entry: FileEntry, recipe: Recipe) -> Format:
    own = by_extension(entry.extension)
    assert own
    return by_name(recipe.format) if recipe.format else own


def measured_name(entry: FileEntry, recipe: Recipe) -> str:
    format = measured_format(entry, recipe)
    return f"{entry.id}.{recipe.key(format.name)}.{format.extension}"
