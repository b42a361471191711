"""A frame of a video as pictures: the whole of it, a thumbnail, and a medium, upright and with square pixels."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, cast

from PIL import Image

from gateway.core.formats import renditions
from gateway.core.formats.raster import Wanted
from gateway.core.formats.registry import by_name
from gateway.core.formats.renditions import Look, Rendition

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.stream import VideoStream

_MATRIX = struct.Struct("9i")
_MAX_STRETCH = 10


def shown_size(frame: VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """What a player shows it as."""
    width, height = frame.width, frame.height
    shape = float(stream.sample_aspect_ratio or 1)
    if not 1 / _MAX_STRETCH <= shape <= _MAX_STRETCH:
        shape = 1.0
    if shape >= 1:
        width = round(width * shape)
    else:
        height = round(height / shape)
    return (width, height) if _turn(frame) < 5 else (height, width)


def draw(frame: VideoFrame, size: tuple[int, int], wanted: Wanted) -> list[Rendition]:
    """The whole frame at `size`, the thumbnail and, when it is wide enough, the medium: JPEGs, each scaled straight
    from the frame, which is cheaper than from one another."""
    turn, thumb = _turn(frame), (wanted.thumb_width, wanted.thumb_height)
    scale = renditions.thumb_scale(size, *thumb)
    cover = (math.ceil(size[0] * scale), math.ceil(size[1] * scale)) if scale < 1 else size
    pictures = [_picture(frame, size, turn), renditions.thumb_picture(_picture(frame, cover, turn), *thumb)]
    if size[0] > wanted.medium_width:
        medium = (wanted.medium_width, renditions.height_at(size, wanted.medium_width))
        pictures.append(_picture(frame, medium, turn))
    look = Look(by_name("jpeg"), is_palette=False, icc=b"")
    return [renditions.rendition(picture, look) for picture in pictures]


def _picture(frame: VideoFrame, shown: tuple[int, int], turn: int) -> Image.Image:
    width, height = shown if turn < 5 else (shown[1], shown[0])
    plane = frame.reformat(width, height, format="rgb24", interpolation="AREA", threads=1).planes[0]
    data = cast(bytes, plane)  # All that counts is that it can be read like bytes; this way it is not copied.
    picture = Image.frombuffer("RGB", (plane.width, plane.height), data, "raw", "RGB", plane.line_size, 1)
    return renditions.upright(picture, turn)


def _turn(frame: VideoFrame) -> int:
    """How the picture is to be turned, as EXIF would say it. Of its display matrix only the signs matter here."""
    from av.sidedata.sidedata import Type

    beside: Any = frame.side_data
    matrix = next((bytes(data) for data in beside if data.type == Type.DISPLAYMATRIX), b"")
    if len(matrix) != _MATRIX.size:
        return 1
    a, b, _, c, d, *_ = _MATRIX.unpack(matrix)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return {(False, False): 1, (True, False): 2, (True, True): 3, (False, True): 4}[a < 0, d < 0]
    return {(False, False): 5, (False, True): 6, (True, True): 7, (True, False): 8}[b < 0, c < 0]
