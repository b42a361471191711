"""The door for files that come with a history: from an old host, from a folder, from an export of ours.

Promises: the bytes are kept as they are, but for formats that are never kept as sent (HEIC, BMP, SVG); renditions the
old host had made are taken over, the others are made; nothing is spoken of in the catalog before it is safe on disk.

`Preparing` is the slow half, which any number of processes may do side by side; `Arrivals` is the short one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from gateway.core.errors import FileRefused, GatewayError
from gateway.core.formats import adopting
from gateway.core.formats.families import Developed
from gateway.core.formats.registry import SNIFF_BYTES, Format, sniff
from gateway.core.ids import new_id, new_image_id
from gateway.core.intake import Intake
from gateway.core.moving import Arrived
from gateway.core.ports import BlobStore, Catalog
from gateway.core.records import Asset, Kind, Media, Variant, blob_name

Size = tuple[int, int]
BLOCK = 1 << 18  # small enough to stay in the processor's cache while two hashes read it


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file on this machine, with what may be taken over. Without `keeps`, everything is done but the keeping."""

    path: Path
    filename: str
    arrived_at: datetime
    renditions: Mapping[Variant, Path] = field(default_factory=dict)
    id: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    link: bool = False
    keeps: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the file is, and what of it lies in the store now. `source_*` are of the bytes as they came, where other
    ones are kept."""

    id: str
    kind: Kind
    mime: str
    extension: str
    size_bytes: int
    width: int
    height: int
    sha256: str
    md5: str
    source_sha256: str | None
    source_md5: str | None
    is_animated: bool
    is_360: bool
    thumb_bytes: int
    medium_bytes: int
    medium_width: int
    medium_height: int
    frame_bytes: int
    duration: float
    bitrate: int | None
    title: str | None
    description: str | None
    exif_json: str | None
    warnings: tuple[str, ...]

    def media(self, **said: Any) -> Media:
        """The record of it, with what is said of it besides; that counts where both know something."""
        found = {name: getattr(self, name) for name in MEASURED}
        return Media(**(found | {"is_resized": False} | said))

    def blobs(self) -> list[str]:
        sizes: dict[Variant, int] = {"th": self.thumb_bytes, "md": self.medium_bytes, "fr": self.frame_bytes}
        names = [blob_name(self.id, self.kind, self.extension)]
        return names + [blob_name(self.id, self.kind, self.extension, one) for one, size in sizes.items() if size]


MEASURED = [field.name for field in fields(Prepared) if field.name in {one.name for one in fields(Media)}]


class Preparing:
    def __init__(self, blobs: BlobStore, intake: Intake) -> None:
        self.blobs = blobs
        self.intake = intake

    def prepare(self, arrival: Arrival) -> Prepared:
        """Raises `FileRefused` for what may not be kept, `StoreUnavailable` when there is no room for it, and `OSError`
        when it cannot be read."""
        with open(arrival.path, "rb", buffering=0) as file:
            format = sniff(file.read(SNIFF_BYTES))
            developed, adopted = self.develop(file, format, arrival)
            sent = Digests.of(file)
        stored = sent if developed.replacement is None else Digests.of(BytesIO(developed.replacement))
        prepared = describe(arrival, developed, adopted, stored, sent)
        if arrival.keeps:
            self.blobs.adopt(contents(prepared, arrival, developed, adopted), link=arrival.link)
        return prepared

    def develop(
        self, file: BinaryIO, format: Format, arrival: Arrival
    ) -> tuple[Developed, dict[Variant, tuple[Path, Size]]]:
        """What is known of the file and drawn from it, and which of the old renditions stand as they are."""
        adopted = dict(adoptable(arrival.renditions, format))
        known = adopting.look(file, format, self.intake.limits, arrival.filename, arrival.arrived_at)
        if known and self.intake.due(format.kind, known.width, known.is_animated) <= adopted.keys():
            return known, adopted | itself(arrival, known, adopted)
        file.seek(0)
        try:
            developed = self.intake.develop_file(file, format, arrival.filename, arrival.arrived_at)
        except FileRefused as refused:
            # What cannot be read here could be read there: its old links need not die for that.
            if refused.code != "FORMAT_UNREADABLE" or format.extra != "video" or arrival.width is None:
                raise
            size = arrival.width, arrival.height or 0
            return Developed(format, *size, duration=arrival.duration or 0.0), adopted
        return developed, adopted | itself(arrival, developed, adopted) if developed.replacement is None else {}


class Arrivals:
    def __init__(self, catalog: Catalog, blobs: BlobStore) -> None:
        self.catalog = catalog
        self.blobs = blobs

    def keep(self, batch: Sequence[Arrived]) -> list[GatewayError | None]:
        """Files first, rows last. What the catalog refuses leaves no file, but where a media has its name."""
        self.blobs.settle()
        refusals = self.catalog.add_arrived(batch)
        refused = [arrived.media for arrived, refusal in zip(batch, refusals, strict=True) if refusal]
        here = self.catalog.media_ids([media.id for media in refused]) if refused else set()
        for media in refused:
            if media.id not in here:
                self.blobs.delete(media.blobs())
        return refusals

    def keep_asset(self, asset: Asset, content: Path) -> None:
        self.blobs.adopt({asset.blob(): content}, link=False)
        self.blobs.settle()
        self.catalog.add_asset(asset)

    def drop(self, prepared: Prepared) -> None:
        self.blobs.delete(prepared.blobs())


@dataclass(frozen=True, slots=True)
class Digests:
    size: int
    sha256: str
    md5: str

    @classmethod
    def of(cls, file: BinaryIO) -> Digests:
        sha256, md5, size, block = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0, memoryview(bytearray(BLOCK))
        file.seek(0)
        while count := file.readinto(block):  # type: ignore[attr-defined]
            sha256.update(block[:count])
            md5.update(block[:count])
            size += count
        return cls(size, sha256.hexdigest(), md5.hexdigest())


def adoptable(renditions: Mapping[Variant, Path], format: Format) -> Iterator[tuple[Variant, tuple[Path, Size]]]:
    """Those that are pictures of the format under whose name they would be served."""
    wanted = adopting.rendition_format(format)
    for variant, path in renditions.items():
        if size := adopting.measured(path, wanted):
            yield variant, (path, size)


def itself(arrival: Arrival, developed: Developed, adopted: Collection[Variant]) -> dict[Variant, tuple[Path, Size]]:
    """Another picture took the place of the first, with renditions of that left beside it. Where it is too small to
    have some, and they are none of its own format, it stands for them: their old links must not die."""
    if not developed.format.is_raster:
        return {}
    size = developed.width, developed.height
    missed = arrival.renditions.keys() - set(adopted) - developed.renditions().keys()
    return {one: (arrival.path, size) for one in missed}


def describe(
    arrival: Arrival, developed: Developed, adopted: Mapping[Variant, tuple[Path, Size]], stored: Digests, sent: Digests
) -> Prepared:
    kind, shot = developed.format.kind, developed.shot
    drawn = {one: rendition for one, rendition in developed.renditions().items() if one not in adopted}
    sizes = {one: os.stat(path).st_size for one, (path, _) in adopted.items()}
    sizes |= {one: len(rendition.data) for one, rendition in drawn.items()}
    medium = adopted["md"][1] if "md" in adopted else (0, 0)
    if "md" in drawn:
        medium = drawn["md"].width, drawn["md"].height
    return Prepared(
        id=arrival.id or (new_image_id() if kind == "image" else new_id()),
        kind=kind,
        mime=developed.format.mime,
        extension=developed.format.extension,
        size_bytes=stored.size,
        width=developed.width,
        height=developed.height,
        sha256=stored.sha256,
        md5=stored.md5,
        source_sha256=None if stored is sent else sent.sha256,
        source_md5=None if stored is sent else sent.md5,
        is_animated=developed.is_animated,
        is_360=developed.is_360,
        thumb_bytes=sizes.get("th", 0),
        medium_bytes=sizes.get("md", 0),
        medium_width=medium[0],
        medium_height=medium[1],
        frame_bytes=sizes.get("fr", 0),
        duration=developed.duration,
        bitrate=developed.bitrate,
        title=developed.title,
        description=shot.description if shot else None,
        exif_json=shot.exif_json if shot else None,
        warnings=developed.warnings,
    )


def contents(
    prepared: Prepared, arrival: Arrival, developed: Developed, adopted: Mapping[Variant, tuple[Path, Size]]
) -> dict[str, Path | bytes]:
    def name(variant: Variant | None = None) -> str:
        return blob_name(prepared.id, prepared.kind, prepared.extension, variant)

    files: dict[str, Path | bytes] = {name(one): rendition.data for one, rendition in developed.renditions().items()}
    files[name()] = arrival.path if developed.replacement is None else developed.replacement
    return files | {name(one): path for one, (path, _) in adopted.items()}
