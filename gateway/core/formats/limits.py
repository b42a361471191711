"""How large an image may be. Checked against its header, so that nothing oversized ever reaches a decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from gateway.core.errors import FileRefused
from gateway.core.formats.headers.header import Header


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_frame_pixels` bounds frames times canvas: a few KB of GIF can ask for minutes of decoding."""

    max_pixels: int
    max_side: int
    max_frames: int
    max_frame_pixels: int
    max_metadata_bytes: int


def check(header: Header, limits: Limits, held: int = 1) -> None:
    """Raises `LIMIT_EXCEEDED` naming what was measured, what is allowed and the setting that says so. `held` is how
    often a decoder holds the picture in memory: one that holds it twice may be given half as large ones."""
    width, height, frames = header.width, header.height, header.frames
    if width <= 0 or height <= 0:
        raise FileRefused("This image has no width or no height.", code="FILE_BROKEN")
    pixels = width * height
    measured = f"This image measures {width} x {height} pixels"
    if max(width, height) > limits.max_side:
        _exceeded(f"{measured}; a side may have at most {limits.max_side:,}", "images.max_side")
    if pixels * held > limits.max_pixels:
        allowed = limits.max_pixels // held
        _exceeded(f"{measured}, {pixels:,} in all; at most {allowed:,} are allowed", "images.max_pixels")
    if frames > limits.max_frames:
        # Counting stopped there, so the number itself would be misleading.
        _exceeded(f"This animation has more than the {limits.max_frames:,} frames allowed", "images.max_frames")
    if frames > 1 and frames * pixels > limits.max_frame_pixels:
        _exceeded(
            f"This animation has {frames:,} frames of {width} x {height}, {frames * pixels:,} pixels in all; "
            f"at most {limits.max_frame_pixels:,} are allowed",
            "images.max_frame_pixels",
        )
    if header.metadata_bytes > limits.max_metadata_bytes:
        _exceeded(
            f"This image carries {header.metadata_bytes:,} bytes of metadata; "
            f"at most {limits.max_metadata_bytes:,} are allowed",
            "images.max_metadata",
        )


def _exceeded(what: str, setting: str) -> NoReturn:
    raise FileRefused(f"{what} ({setting}).", code="LIMIT_EXCEEDED", setting=setting)
