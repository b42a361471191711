"""Audio files: how long, who and what, and a cover: the one inside, or else one drawn from the title.

Promises: tags are read in a child process, so that a file made to keep their reader busy is given up in time; a broken
cover never refuses an otherwise fine file.
"""

from __future__ import annotations

import io
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from PIL import Image

from gateway.core.errors import FileRefused
from gateway.core.formats import renditions
from gateway.core.formats.child import Pool, Source
from gateway.core.formats.containers import is_whole
from gateway.core.formats.cover import draw_cover
from gateway.core.formats.limits import Limits
from gateway.core.formats.raster import Wanted, develop
from gateway.core.formats.registry import SNIFF_BYTES, by_name, sniff
from gateway.core.formats.renditions import Look, Rendition
from gateway.core.formats.wire import Message

if TYPE_CHECKING:
    from tinytag import TinyTag

_LABELS = {
    "mp3": "MP3 file",
    "m4a": "M4A file",
    "mp4": "MP4 file",
    "mov": "MOV file",
    "ogg": "Ogg file",
    "flac": "FLAC file",
    "wav": "WAV file",
}
_ISO = frozenset({"m4a", "mp4", "mov"})
_MAX_SECONDS = 1_000_000
_MAX_BITRATE = 100_000
_MAX_TEXT = 4_000
# Half a minute of MP3 frames is 2,500; only an Ogg is read page by page to its end.
_MAX_STEPS = 20_000
_MAX_STEPS_OGG = 1_000_000
_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Track:
    """`bitrate` in kbit/s. Both numbers are 0 when the file does not say. `thumb` is a JPEG."""

    duration: float
    bitrate: int
    title: str | None
    artist: str | None
    album: str | None
    thumb: Rendition
    has_cover: bool


def read(source: Source, name: str, limits: Limits, wanted: Wanted, pool: Pool) -> Track:
    """`name` is what `sniff_av` said; mp4 and mov are for those that `video.probe` found no pictures in."""
    options = {"name": name, "limits": asdict(limits), "wanted": asdict(wanted)}
    answer = pool.run("audio", source, label=_LABELS[name], options=options)
    thumb = Rendition(answer.parts[0], wanted.thumb_width, wanted.thumb_height)
    return Track(thumb=thumb, **answer.facts)


def examine(file: BinaryIO, options: dict[str, Any]) -> Message:
    """The child's part of `read`."""
    from tinytag import TinyTag

    limits, wanted = Limits(**options["limits"]), Wanted(**options["wanted"])
    steps = _MAX_STEPS_OGG if options["name"] == "ogg" else _MAX_STEPS
    tag = TinyTag.get(file_obj=cast(BinaryIO, _Counted(file, steps)), image=True)
    duration = _duration(tag, options["name"])
    if not (0 < duration < _MAX_SECONDS or (options["name"] in _ISO and is_whole(file, options["name"]))):
        raise FileRefused(f"This {_LABELS[options['name']]} is damaged or cut short.", code="FILE_BROKEN")
    texts = {"title": _text(tag.title), "artist": _text(tag.artist), "album": _text(tag.album)}
    cover = _cover(tag, limits, wanted)
    drawn_for = " ".join(text for text in texts.values() if text) or f"{tag.filesize} {duration}"
    picture = cover or draw_cover(drawn_for, wanted.thumb_width, wanted.thumb_height)
    thumb = renditions.rendition(picture, Look(by_name("jpeg"), is_palette=False, icc=b""))
    facts = {**texts, "duration": duration, "bitrate": _bitrate(tag, duration), "has_cover": cover is not None}
    return Message(facts, (thumb.data,))


class _Counted:
    """What tinytag uses of a file, up to a number of steps no honest file needs."""

    def __init__(self, file: BinaryIO, steps: int) -> None:
        self.file = file
        self.steps = steps

    def read(self, size: int = -1) -> bytes:
        self._step()
        return self.file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._step()
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def _step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise ValueError("a file made to keep its reader busy")


def _duration(tag: TinyTag, name: str) -> float:
    """0 when it is not known: recordings in fragments do not say."""
    duration: float = tag.duration or 0.0
    if name == "wav" and tag.bitrate:
        # A recorder that writes into a pipe claims four gigabytes.
        most: float = tag.filesize * 8 / 1_000 / tag.bitrate
        return min(duration, most)
    return duration if duration < _MAX_SECONDS else 0.0


def _bitrate(tag: TinyTag, duration: float) -> int:
    told = tag.bitrate or 0.0
    if 0 < told < _MAX_BITRATE:
        return round(told)
    return round(min(tag.filesize * 8 / 1_000 / duration, _MAX_BITRATE)) if duration else 0


def _text(text: str | None) -> str | None:
    return "".join(letter for letter in (text or "")[:_MAX_TEXT] if letter.isprintable()).strip() or None


def _cover(tag: TinyTag, limits: Limits, wanted: Wanted) -> Image.Image | None:
    """By the rules of an uploaded image. Whatever is wrong with it, the music is still there."""
    image = tag.images.any
    if image is None:
        return None
    # So wide a medium is never made.
    thumb_alone = Wanted(wanted.thumb_width, wanted.thumb_height, medium_width=limits.max_side)
    try:
        format = sniff(image.data[:SNIFF_BYTES])
        if not format.is_raster:
            return None
        made = develop(
            io.BytesIO(image.data), format, limits, thumb_alone, filename="", arrived_at=datetime.fromtimestamp(0, UTC)
        )
    except FileRefused:
        return None
    picture: Image.Image = Image.open(io.BytesIO(made.thumb.data))
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    ground = Image.new("RGBA", picture.size, _WHITE)
    return Image.alpha_composite(ground, picture).convert("RGB")
