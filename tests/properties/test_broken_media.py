"""Whatever happens to the bytes of a video, an audio file or a HEIC photo: it is read, or refused in words, in time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.core.errors import FileRefused
from gateway.core.formats import audio, heic, video
from gateway.core.formats.child import Pool
from gateway.core.formats.containers import is_whole, sniff_av
from gateway.core.formats.limits import Limits
from gateway.core.formats.raster import Wanted
from tests.core.drawing import drawn
from tests.core.filming import film, needs_av, needs_ffmpeg, needs_heif, sounding
from tests.core.test_heic import photographed

LIMITS = Limits(
    max_pixels=1_000_000, max_side=5_000, max_frames=100, max_frame_pixels=4_000_000, max_metadata_bytes=1 << 16
)
WANTED = Wanted(thumb_width=32, thumb_height=32, medium_width=20)
VIDEOS = ("mp4", "mov", "webm", "mkv", "avi")
SOUNDS = ("mp3", "m4a", "ogg", "flac", "wav")

READERS: dict[str, Callable[[bytes, Pool], object]] = {
    "heic": lambda data, pool: heic.convert(data, LIMITS, pool),
    **{name: lambda data, pool, name=name: video.probe(data, name, LIMITS, WANTED, pool) for name in VIDEOS},
    **{name: lambda data, pool, name=name: audio.read(data, name, LIMITS, WANTED, pool) for name in SOUNDS},
}

NAMES = [
    *(pytest.param(name, marks=[needs_av, needs_ffmpeg]) for name in VIDEOS),
    *(pytest.param(name, marks=needs_ffmpeg) for name in SOUNDS),
    pytest.param("heic", marks=needs_heif),
]

changes = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=4)), min_size=1, max_size=6)
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def good(name: str) -> bytes:
    if name == "heic":
        return photographed(Image.linear_gradient("L").resize((64, 48)).convert("RGB"))
    if name in VIDEOS:
        return film(name, width=64, height=48)
    return sounding(name)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(1)
    yield pool
    pool.close()


def read_or_refuse(name: str, data: bytes, pool: Pool) -> object | None:
    try:
        return READERS[name](data, pool)
    except FileRefused as refused:
        assert "seconds" not in refused.message
        return None


@pytest.mark.parametrize("name", NAMES)
def test_it_works(name: str, pool: Pool) -> None:
    assert read_or_refuse(name, good(name), pool) is not None


@pytest.mark.parametrize("name", NAMES)
@few
@given(changes=changes)
def test_changed_bytes(name: str, pool: Pool, changes: list[tuple[float, bytes]]) -> None:
    data = bytearray(good(name))
    for part, patch in changes:
        place = int(part * len(data))
        data[place : place + len(patch)] = patch
    read_or_refuse(name, bytes(data), pool)


@pytest.mark.parametrize("name", NAMES)
@few
@given(part=st.floats(0, 1, exclude_max=True), patch=st.binary(min_size=1, max_size=8))
def test_changed_headers(name: str, pool: Pool, part: float, patch: bytes) -> None:
    """Where most can go wrong: the first and the last 2,000 bytes."""
    data = bytearray(good(name))
    reach = min(4_000, len(data))
    place = int(part * reach)
    place = place if place < reach // 2 else len(data) - reach + place
    data[place : place + len(patch)] = patch
    read_or_refuse(name, bytes(data), pool)


@pytest.mark.parametrize("name", NAMES)
@few
@given(start=st.floats(0, 1), gone=st.floats(0, 1))
def test_missing_bytes(name: str, pool: Pool, start: float, gone: float) -> None:
    data = good(name)
    place = int(start * len(data))
    read_or_refuse(name, data[:place] + data[place + int(gone * len(data)) :], pool)


@pytest.mark.parametrize("name", NAMES)
@few
@given(first=st.integers(0, 60), tail=st.binary(max_size=300))
def test_a_true_beginning_and_a_random_end(name: str, pool: Pool, first: int, tail: bytes) -> None:
    read_or_refuse(name, good(name)[:first] + tail, pool)


@settings(max_examples=300, deadline=None)
@given(
    magic=st.sampled_from([b"", b"\0\0\0\x20ftyp", b"\x1a\x45\xdf\xa3", b"RIFF", b"OggS", b"ID3", b"\xff\xfb\x90"]),
    tail=st.binary(max_size=200),
    name=st.sampled_from(VIDEOS),
)
def test_any_beginning(magic: bytes, tail: bytes, name: str) -> None:
    assert sniff_av(magic + tail) in {None, *VIDEOS, *SOUNDS}
    assert is_whole(io.BytesIO(magic + tail), name) in {True, False}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"])
def test_no_image_is_taken_for_a_video(format: str) -> None:
    assert sniff_av(drawn(format)) is None
