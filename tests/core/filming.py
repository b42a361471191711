"""Video and audio files made by ffmpeg, for the tests of what reads them."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gateway.core.formats import heic, video
from tests.core.drawing import BLUE, GREEN, RED, WHITE

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
needs_av = pytest.mark.skipif(not video.is_available(), reason="PyAV is not installed")
needs_heif = pytest.mark.skipif(not heic.is_available(), reason="pillow-heif is not installed")

CORNERS = (RED, GREEN, BLUE, WHITE)
CODECS = {
    "mp4": ("-c:v", "libx264", "-c:a", "aac", "-pix_fmt", "yuv420p"),
    "mov": ("-c:v", "libx264", "-c:a", "aac", "-pix_fmt", "yuv420p"),
    "mkv": ("-c:v", "libx264", "-c:a", "libvorbis", "-pix_fmt", "yuv420p"),
    "webm": ("-c:v", "libvpx", "-c:a", "libopus", "-deadline", "realtime", "-cpu-used", "8"),
    "avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame", "-q:v", "3"),
}
SOUND = ("-f", "lavfi", "-i", "sine=d=2")
TAGS = ("-metadata", "title=Blue Tone", "-metadata", "artist=Ada", "-metadata", "album=Sines")


@cache
def encoded(extension: str, *arguments: str) -> bytes:
    """What ffmpeg makes of these."""
    with TemporaryDirectory() as folder:
        path = Path(folder, f"file.{extension}")
        command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", *arguments, "-threads", "1", str(path)]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        return path.read_bytes()


def boxes(width: int, height: int) -> str:
    """Red, green / blue, white quarters."""
    colours = [f"0x{red:02x}{green:02x}{blue:02x}" for red, green, blue in CORNERS]
    places = ((0, 0), (width // 2, 0), (0, height // 2), (width // 2, height // 2))
    quarters = [
        f"drawbox={x}:{y}:{width // 2}:{height // 2}:{colour}:fill"
        for (x, y), colour in zip(places, colours, strict=True)
    ]
    return f"color=s={width}x{height}:r=25:d=2," + ",".join(quarters)


def film(extension: str = "mp4", *more: str, width: int = 640, height: int = 360, sound: bool = True) -> bytes:
    pictures = ("-f", "lavfi", "-i", boxes(width, height))
    return encoded(extension, *pictures, *(SOUND if sound else ()), *CODECS[extension], "-g", "10", *more)


def sounding(extension: str = "mp3", *more: str) -> bytes:
    return encoded(extension, *SOUND, *TAGS, *more)
