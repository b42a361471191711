"""What other programs make of it: planted by exiftool, looked for by exiftool, shown by Pillow, libheif and ffmpeg."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.core.formats.privacy import Policy, cleaned
from tests.core.drawing import drawn, opened
from tests.core.planting import icc
from tests.core.test_privacy import changed, pixels

POLICIES: tuple[Policy, ...] = ("no-location", "strip")
needs_exiftool = pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")

PLACE = (
    "-GPSLatitude=47.3769",
    "-GPSLatitudeRef=N",
    "-GPSLongitude=8.5417",
    "-GPSLongitudeRef=E",
    "-XMP:City=Zurich-S",
)
DEVICE = ("-ExifIFD:SerialNumber=SN-SECRET", "-LensSerialNumber=SN-SECRET", "-XMP-aux:SerialNumber=SN-SECRET")
PERSON = ("-OwnerName=SN-SECRET", "-ImageUniqueID=SN-SECRET", "-IPTC:City=Zurich-S", "-XMP:LocationShownCity=Zurich-S")
KEPT = ("-Orientation#=6", "-Make=Canon", "-Model=EOS R5", "-XMP:Title=A title", "-IPTC:Headline=A title")
FILM = ("-XMP:City=Zurich-S", "-XMP:Title=A title", "-Keys:GPSCoordinates=47.3769, 8.5417", "-Keys:Title=A title")
USER = ("-UserData:GPSCoordinates=47.3769, 8.5417", "-ItemList:GPSCoordinates=47.3769, 8.5417")
# What exiftool itself calls a minor omission: tags every camera writes, and no viewer needs.
MINOR = ("Missing required", "[minor]")


def run(*command: str | Path) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def plant(path: Path, *tags: str) -> bytes:
    assert "1 image files updated" in run("exiftool", "-overwrite_original", *tags, path)
    return path.read_bytes()


def told(path: Path, data: bytes) -> dict[str, Any]:
    """Everything exiftool finds, without what it says about the file as such and about the profile."""
    path.write_bytes(data)
    found = json.loads(run("exiftool", "-j", "-a", "-G1", "-u", "-ee", "-n", path))[0]
    return {
        name: value for name, value in found.items() if not name.startswith(("System:", "File:", "ICC", "SourceFile"))
    }


def check(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    lines = run("exiftool", "-validate", "-warning", "-error", "-a", path).splitlines()
    words = [line.partition(": ")[2] for line in lines]
    assert [word for word in words[1:] if not word.startswith(MINOR)] == [] and "Error" not in words[0], lines


def assert_nothing_tells(found: dict[str, Any]) -> None:
    text = json.dumps(found)
    assert "SECRET" not in text and "Zurich" not in text and "47.37" not in text and "8.54" not in text
    assert not [name for name in found if "GPS" in name or "Serial" in name]


def photo(format: str) -> bytes:
    return drawn(format, 320, 240, icc_profile=icc())


def heic() -> bytes:
    heif = pytest.importorskip("pillow_heif", reason="pillow_heif is not installed")
    heif.register_heif_opener()
    return photo("HEIF")


PHOTOS: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: photo("JPEG"),
    "png": lambda: photo("PNG"),
    "webp": lambda: photo("WEBP"),
    "avif": lambda: photo("AVIF"),
    "heic": heic,
}


@needs_exiftool
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", PHOTOS)
def test_photos(name: str, policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / f"photo.{name}"
    path.write_bytes(PHOTOS[name]())
    data = plant(path, *PLACE, *DEVICE, *PERSON, *KEPT)
    assert "SECRET" in json.dumps(told(path, data)) and "47.37" in json.dumps(told(path, data))

    left = changed(data, name, policy)
    found = told(path, left)
    assert_nothing_tells(found)
    assert found["IFD0:Orientation"] == 6
    assert ("EOS R5" in json.dumps(found), "A title" in json.dumps(found)) == (policy != "strip",) * 2
    check(path, left)
    assert pixels(left) == pixels(data) and opened(left).info["icc_profile"] == icc()
    assert cleaned(left, name, policy) is None


@needs_exiftool
@needs_ffmpeg
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", ("mp4", "mov", "webm", "mkv"))
def test_films(name: str, policy: Policy, tmp_path: Path) -> None:
    path, after = tmp_path / f"film.{name}", tmp_path / f"after.{name}"
    codec = "libvpx-vp9" if name == "webm" else "mpeg4"
    source = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=5", "-t", "1", "-c:v", codec)
    words = ("-metadata", "title=A title", "-metadata", "location=+47.3769+008.5417/")
    run("ffmpeg", "-v", "error", *source, *words, "-metadata", "creation_time=2020-01-02T03:04:05Z", path)
    data = plant(path, *FILM, *USER) if name in ("mp4", "mov") else path.read_bytes()
    assert "47.37" in json.dumps(told(path, data))

    left = changed(data, name, policy)
    found = told(after, left)
    assert_nothing_tells(found)
    assert ("A title" in json.dumps(found), "2020" in json.dumps(found)) == (policy != "strip",) * 2
    check(after, left)
    assert run("ffprobe", "-v", "warning", after) == ""
    frames = [run("ffmpeg", "-v", "error", "-i", file, "-f", "framemd5", "-") for file in (path, after)]
    assert frames[0] == frames[1] and "0," in frames[0]
    assert cleaned(left, name, policy) is None
