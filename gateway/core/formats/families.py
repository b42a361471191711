"""One way in for files of every family: what is it, may it be kept, what is kept of it, how does it look smaller."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from gateway.core.errors import FileRefused
from gateway.core.formats import apart, audio, heic, svg, video
from gateway.core.formats.child import Pool
from gateway.core.formats.exif import Shot
from gateway.core.formats.limits import Limits
from gateway.core.formats.raster import Picture, Wanted
from gateway.core.formats.registry import Format, by_name
from gateway.core.formats.renditions import Rendition
from gateway.core.records import Variant

# What a film is called that has no pictures.
SOUNDS = {"mp4": "m4a", "mov": "m4a"}


@dataclass(frozen=True, slots=True)
class Developed:
    """What is to be stored. `replacement` is the file itself when it is not the one sent; `warnings` are sentences
    about what was taken out of it."""

    format: Format
    width: int
    height: int
    is_animated: bool = False
    is_360: bool = False
    replacement: bytes | None = None
    thumb: Rendition | None = None
    medium: Rendition | None = None
    frame: Rendition | None = None
    duration: float = 0.0
    bitrate: int | None = None
    shot: Shot | None = None
    title: str | None = None
    warnings: tuple[str, ...] = ()

    def renditions(self) -> dict[Variant, Rendition]:
        made: dict[Variant, Rendition | None] = {"th": self.thumb, "md": self.medium, "fr": self.frame}
        return {variant: one for variant, one in made.items() if one}


@dataclass(frozen=True, slots=True)
class Families:
    limits: Limits
    pool: Pool
    svg_max_bytes: int

    def develop(
        self, file: BinaryIO, format: Format, wanted: Wanted, *, filename: str, arrived_at: datetime
    ) -> Developed:
        if format.name == "svg":
            return self.drawing(file)
        if format.kind == "video":
            return self.clip(file, format, wanted)
        if format.kind == "audio":
            return self.track(file, format, wanted)
        converted = heic.convert(file, self.limits, self.pool) if format.name == "heic" else None
        if converted is not None:
            file, format = io.BytesIO(converted), by_name("jpeg")
        picture = apart.develop(file, format, self.limits, wanted, self.pool, filename=filename, arrived_at=arrived_at)
        return from_picture(picture, picture.replacement or converted)

    def drawing(self, file: BinaryIO) -> Developed:
        drawing = svg.clean(file.read(self.svg_max_bytes + 1), max_bytes=self.svg_max_bytes)
        removed = tuple(f"Removed from the drawing: {what} ({count})." for what, count in drawing.removed)
        return Developed(by_name("svg"), drawing.width, drawing.height, replacement=drawing.data, warnings=removed)

    def clip(self, file: BinaryIO, format: Format, wanted: Wanted) -> Developed:
        clip = video.probe(file, format.name, self.limits, wanted, self.pool)
        if not clip:  # a film without pictures is a sound
            if format.name not in SOUNDS:
                message = f"There are no pictures in this {format.label} video, only sound."
                raise FileRefused(message, code="FORMAT_UNREADABLE", format=format.name)
            return self.track(file, format, wanted)
        return Developed(
            format,
            clip.width,
            clip.height,
            thumb=clip.thumb,
            medium=clip.medium,
            frame=clip.frame,
            duration=clip.duration,
            title=clip.title,
        )

    def track(self, file: BinaryIO, format: Format, wanted: Wanted) -> Developed:
        track = audio.read(file, format.name, self.limits, wanted, self.pool)
        kept = by_name(SOUNDS.get(format.name, format.name))
        title = f"{track.artist} - {track.title}" if track.artist and track.title else track.title
        return Developed(kept, 0, 0, thumb=track.thumb, duration=track.duration, bitrate=track.bitrate, title=title)


def from_picture(picture: Picture, replacement: bytes | None) -> Developed:
    return Developed(
        picture.format,
        picture.width,
        picture.height,
        is_animated=picture.is_animated,
        is_360=picture.is_360,
        replacement=replacement,
        thumb=picture.thumb,
        medium=picture.medium,
        shot=picture.shot,
        title=picture.shot.title if picture.shot else None,
    )
