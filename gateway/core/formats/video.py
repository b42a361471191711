"""Video files: how long, how large, and a still from a quarter of the way, in three sizes.

Promises: the file is opened in a child process alone, by the one demuxer its first bytes call for and with the decoders
listed here; nothing it refers to is ever opened; no picture is decoded before its size is within the limits; the work
is bounded, whatever the file claims.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NoReturn

from gateway.core.errors import FileRefused
from gateway.core.formats import stills
from gateway.core.formats.child import Pool, Source
from gateway.core.formats.containers import is_whole
from gateway.core.formats.limits import Limits
from gateway.core.formats.raster import Wanted
from gateway.core.formats.renditions import Rendition
from gateway.core.formats.wire import Message

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

_DEMUXERS = {"mp4": "mov", "mov": "mov", "webm": "matroska", "mkv": "matroska", "avi": "avi"}
_LABELS = {"mp4": "MP4 video", "mov": "MOV video", "webm": "WebM video", "mkv": "Matroska video", "avi": "AVI video"}
# A few out of several hundred. Sound is never decoded.
_DECODERS = (
    "h264", "hevc", "vp8", "vp9", "libdav1d", "av1", "mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "mjpeg", "h263",
    "mpeg1video", "mpeg2video", "prores", "wmv1", "wmv2", "dvvideo", "theora",
)  # fmt: skip
_PLAYS: dict[str, tuple[frozenset[str], frozenset[str | None]]] = {
    "mp4": (frozenset({"h264", "av1", "vp9"}), frozenset({"aac", "mp3", "opus", "flac", None})),
    "mov": (frozenset({"h264"}), frozenset({"aac", "mp3", None})),
    "webm": (frozenset({"vp8", "vp9", "av1"}), frozenset({"opus", "vorbis", None})),
}
_PLAIN_PIXELS = frozenset({"yuv420p", "yuvj420p"})
_CODEC_NAMES = {"libdav1d": "av1", "mp3float": "mp3"}
_MAX_SECONDS = 1_000_000
# A black screen takes more.
_MIN_BYTES_PER_SECOND = 100
_MAX_PACKETS = 500_000
_NEAR_ENOUGH = 0.4
# How far to decode beyond a key frame in search of the right moment: some 40 ms of work.
_MAX_DECODED_PIXELS = 32_000_000
_MAX_DECODED_PACKETS = 2_000
_BUFFER_BYTES = 1 << 16
_MAX_TITLE = 4_000


@dataclass(frozen=True, slots=True)
class Clip:
    """Sizes are as shown: upright, and with square pixels. All stills are JPEGs."""

    duration: float
    width: int
    height: int
    frame: Rendition
    thumb: Rendition
    medium: Rendition | None
    has_audio: bool
    title: str | None
    video_codec: str
    audio_codec: str | None
    is_playable: bool
    """In current browsers, by what is known of its codecs."""


def is_available() -> bool:
    return find_spec("av") is not None


def probe(source: Source, name: str, limits: Limits, wanted: Wanted, pool: Pool) -> Clip | None:
    """`name` is what `sniff_av` said. None when there are no pictures in it: then it is for `audio` to read."""
    if not is_available():
        raise FileRefused(
            "Videos cannot be read here. The operator can change that: pip install 'picgate[video]'.",
            code="FORMAT_UNREADABLE",
            format=name.upper(),
        )
    options = {"name": name, "limits": asdict(limits), "wanted": asdict(wanted)}
    answer = pool.run("video", source, label=_LABELS[name], options=options)
    if not answer.parts:
        return None
    facts = answer.facts
    sizes = facts.pop("sizes")
    drawn = [Rendition(data, *size) for data, size in zip(answer.parts, sizes, strict=True)]
    return Clip(frame=drawn[0], thumb=drawn[1], medium=drawn[2] if len(drawn) > 2 else None, **facts)


def examine(file: BinaryIO, options: dict[str, Any]) -> Message:
    """The child's part of `probe`."""
    import av

    name, limits, wanted = options["name"], Limits(**options["limits"]), Wanted(**options["wanted"])
    if not is_whole(file, name):
        _broken(name)
    file.seek(0)
    with av.open(
        file,
        mode="r",
        format=_DEMUXERS[name],
        options={
            "protocol_whitelist": "none",
            "codec_whitelist": ",".join(_DECODERS),
            "max_streams": "64",
            # The size is in the header of every one of these formats: nothing needs to be decoded to open a file.
            "skip_frame": "all",
            "threads": "1",
        },
        io_open=_refuse,
        buffer_size=_BUFFER_BYTES,
        metadata_errors="replace",
    ) as container:
        return _examined(container, name, limits, wanted)


def _refuse(*_: object) -> NoReturn:
    """Playlists and references of all kinds end up here."""
    raise PermissionError("only the file itself is opened")


def _examined(container: InputContainer, name: str, limits: Limits, wanted: Wanted) -> Message:
    from av.stream import Discard, Disposition

    # A cover picture is a video stream too.
    streams = [each for each in container.streams.video if not each.disposition & Disposition.attached_pic]
    if not streams:
        return Message({})
    stream = streams[0]
    codec = _codec(stream)
    if stream.codec_context is None or stream.codec_context.codec.name not in _DECODERS:
        raise FileRefused(f"Videos coded as {codec or 'this one is'} cannot be read.", code="FORMAT_UNREADABLE")
    _check(stream.codec_context.width, stream.codec_context.height, limits)
    for other in container.streams:
        if other is not stream:
            other.discard = Discard.all
    stream.codec_context.thread_count = 1
    # Coded sizes are rounded up. Against files that say one size and then send another.
    stream.codec_context.options = {"max_pixels": str(limits.max_pixels * 2)}

    duration = _duration(container, stream)
    frame = _frame(container, stream, duration / 4) or _broken(name)
    size = stills.shown_size(frame, stream)
    _check(*size, limits)
    drawn = stills.draw(frame, size, wanted)
    sounds = container.streams.audio
    audio_codec = _codec(sounds[0]) if sounds else None
    facts = {
        "duration": duration,
        "width": size[0],
        "height": size[1],
        "has_audio": bool(sounds),
        "title": _title(container.metadata),
        "video_codec": codec,
        "audio_codec": audio_codec,
        "is_playable": _is_playable(name, codec, audio_codec, frame.format.name),
        "sizes": [[still.width, still.height] for still in drawn],
    }
    return Message(facts, tuple(still.data for still in drawn))


def _check(width: int, height: int, limits: Limits) -> None:
    if width <= 0 or height <= 0:
        raise FileRefused("This video has no width or no height.", code="FILE_BROKEN")
    for is_over, most, setting in (
        (max(width, height) > limits.max_side, f"a side may have at most {limits.max_side:,}", "images.max_side"),
        (width * height > limits.max_pixels, f"at most {limits.max_pixels:,} are allowed", "images.max_pixels"),
    ):
        if is_over:
            message = f"The pictures of this video measure {width} x {height} pixels; {most} ({setting})."
            raise FileRefused(message, code="LIMIT_EXCEEDED", setting=setting)


def _codec(stream: Any) -> str | None:
    if stream.codec_context is None:
        return None
    name: str = stream.codec_context.codec.name
    return _CODEC_NAMES.get(name, name)


def _duration(container: InputContainer, stream: VideoStream) -> float:
    """Recorders that do not know the end yet say nothing, or make it up; then the packets are asked."""
    claimed = container.duration / 1_000_000 if container.duration else 0.0
    if 0 < claimed < min(_MAX_SECONDS, container.size / _MIN_BYTES_PER_SECOND):
        return claimed
    first, last = math.inf, 0.0
    for count, packet in enumerate(container.demux(stream), 1):
        if packet.pts is not None and packet.time_base:
            first = min(first, float(packet.pts * packet.time_base))
            last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        if count >= _MAX_PACKETS:
            break
    container.seek(0)
    found = max(0.0, last - first)
    return found if found < _MAX_SECONDS else 0.0


def _frame(container: InputContainer, stream: VideoStream, moment: float) -> VideoFrame | None:
    """The picture shown `moment` seconds after the beginning, or one as near as a little work gets; the first one when
    there is none at that place."""
    import av

    begin = (container.start_time or 0) / 1_000_000
    near_enough = max(0.5, moment * _NEAR_ENOUGH)
    # Pictures no other one is made from are left out on the way to the moment.
    ways: tuple[tuple[float, Literal["NONREF", "DEFAULT"]], ...] = ((begin + moment, "NONREF"), (begin, "DEFAULT"))
    for target, skipped in ways:
        try:
            stream.codec_context.skip_frame = skipped
            container.seek(int(target * 1_000_000))
            frame = _decoded(container, stream, target, near_enough)
        except av.FFmpegError:
            continue
        if frame:
            return frame
    return None


def _decoded(container: InputContainer, stream: VideoStream, target: float, near_enough: float) -> VideoFrame | None:
    import av

    found, pixels = None, 0
    for count, packet in enumerate(container.demux(stream), 1):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            # What follows may still be readable.
            frames = []
        for frame in frames:
            pixels += frame.width * frame.height
            found = frame
            if frame.time is None or frame.time >= target - near_enough or pixels > _MAX_DECODED_PIXELS:
                return found
        if count >= _MAX_DECODED_PACKETS:
            break
    return found


def _title(metadata: dict[str, str]) -> str | None:
    title = next((value for key, value in metadata.items() if key.lower() == "title"), "")
    return "".join(letter for letter in title[:_MAX_TITLE] if letter.isprintable()).strip() or None


def _is_playable(name: str, video: str | None, audio: str | None, pixels: str) -> bool:
    videos, audios = _PLAYS.get(name, (frozenset(), frozenset()))
    return video in videos and audio in audios and (video != "h264" or pixels in _PLAIN_PIXELS)


def _broken(name: str) -> NoReturn:
    raise FileRefused(f"This {_LABELS[name]} is damaged or cut short.", code="FILE_BROKEN")
