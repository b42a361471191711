"""Films, sounds and photos to upload, each made once in a test run; and what exiftool reads in what was stored."""

from __future__ import annotations

import io
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image

from tests.core.drawing import camera_exif, corners
from tests.core.filming import encoded

EXIFTOOL = shutil.which("exiftool")
PLACE = "+55.7500+037.6000/"
VIDEO_CODECS = {
    "mp4": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    "mov": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    "webm": ("-c:v", "libvpx", "-b:v", "200k", "-c:a", "libvorbis"),
    "mkv": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    "avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame"),
}
AUDIO_CODECS = {
    "mp3": ("-b:a", "64k"),
    "m4a": ("-c:a", "aac", "-b:a", "64k"),
    "ogg": ("-c:a", "libvorbis"),
    "flac": (),
    "wav": (),
}

needs_exiftool = pytest.mark.skipif(not EXIFTOOL, reason="exiftool, which reads what is left, is not installed")


@cache
def film(name: str = "mp4", size: str = "320x240", seconds: int = 3, options: tuple[str, ...] = ()) -> bytes:
    """A moving test card with a tone. The same arguments give the same bytes."""
    sources = (
        *("-f", "lavfi", "-i", f"testsrc=size={size}:rate=10:duration={seconds}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"),
    )
    return encoded(name, *sources, *VIDEO_CODECS[name], *options)


@cache
def sound(name: str = "mp3", seconds: int = 3, options: tuple[str, ...] = ()) -> bytes:
    return encoded(name, "-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", *AUDIO_CODECS[name], *options)


@cache
def film_without_pictures(name: str, codec: str) -> bytes:
    return encoded(name, "-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-c:a", codec)


@cache
def photo_heic(width: int = 640, height: int = 480) -> bytes:
    """With a camera, a description and a place."""
    import pillow_heif

    out = io.BytesIO()
    image = pillow_heif.from_pillow(corners(width, height))
    image.save(out, quality=70, exif=camera_exif().tobytes())
    return out.getvalue()


@cache
def photo_jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 90, 30)).save(out, "JPEG", exif=camera_exif())
    return out.getvalue()


def told(data: bytes, name: str) -> str:
    """Everything exiftool finds in these bytes."""
    assert EXIFTOOL
    with TemporaryDirectory() as folder:
        file = Path(folder, f"stored.{name}")
        file.write_bytes(data)
        command = [EXIFTOOL, "-a", "-u", "-ee", "-G1", "-s", str(file)]
        return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode("utf-8", "replace")
