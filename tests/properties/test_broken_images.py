"""Whatever happens to the bytes of an image: it is developed, or refused in words. Nothing else."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.core.errors import FileRefused, InvalidInput
from gateway.core.formats.limits import Limits
from gateway.core.formats.raster import Picture, Wanted, develop
from gateway.core.formats.registry import sniff

LIMITS = Limits(
    max_pixels=1_000_000, max_side=5_000, max_frames=100, max_frame_pixels=4_000_000, max_metadata_bytes=1 << 16
)
WANTED = Wanted(thumb_width=32, thumb_height=32, medium_width=20)
ARRIVED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def small_files() -> dict[str, bytes]:
    picture = Image.linear_gradient("L").resize((40, 24)).convert("RGB")
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Canon", 6
    exif.get_ifd(0x8825)[1] = "N"
    ways: dict[str, tuple[Image.Image, str, dict[str, object]]] = {
        "jpeg": (picture, "JPEG", {"exif": exif, "icc_profile": b"p" * 40}),
        "progressive": (picture, "JPEG", {"progressive": True}),
        "cmyk": (picture.convert("CMYK"), "JPEG", {}),
        "png": (picture, "PNG", {"exif": exif}),
        "palette": (picture.quantize(9), "PNG", {"transparency": bytes(range(9))}),
        "wide": (Image.new("I;16", (40, 24), 4_000), "PNG", {}),
        "apng": (picture, "PNG", {"save_all": True, "append_images": [picture.rotate(90)]}),
        "gif": (picture, "GIF", {"save_all": True, "append_images": [picture.rotate(90)], "comment": b"hello"}),
        "webp": (picture, "WEBP", {"exif": exif}),
        "lossless": (picture.convert("RGBA"), "WEBP", {"lossless": True}),
        "moving": (picture, "WEBP", {"save_all": True, "append_images": [picture.rotate(90)]}),
        "avif": (picture, "AVIF", {"exif": exif, "speed": 10}),
        "bmp": (picture, "BMP", {}),
    }
    files = {}
    for name, (image, format, options) in ways.items():
        out = io.BytesIO()
        image.save(out, format, **options)
        files[name] = out.getvalue()
    return files


FILES = small_files()

changes = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=4)), max_size=6)


def develop_or_refuse(data: bytes, width: int | None = None) -> Picture | None:
    wanted = Wanted(WANTED.thumb_width, WANTED.thumb_height, WANTED.medium_width, resize_width=width)
    try:
        format = sniff(data[:512])
        if not format.is_raster:  # changed into something else, which has a reader of its own
            return None
        return develop(io.BytesIO(data), format, LIMITS, wanted, filename="a", arrived_at=ARRIVED_AT)
    except (FileRefused, InvalidInput):
        return None


@pytest.mark.parametrize("name", FILES)
def test_it_works(name: str) -> None:
    assert develop_or_refuse(FILES[name]) is not None


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(FILES)), changes=changes, width=st.sampled_from([None, 10]))
def test_r01_changed_bytes(name: str, changes: list[tuple[float, bytes]], width: int | None) -> None:
    data = bytearray(FILES[name])
    for part, patch in changes:
        place = int(part * len(data))
        data[place : place + len(patch)] = patch
    develop_or_refuse(bytes(data), width)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(FILES)), start=st.floats(0, 1), gone=st.floats(0, 1))
def test_r01_missing_bytes(name: str, start: float, gone: float) -> None:
    data = FILES[name]
    place = int(start * len(data))
    develop_or_refuse(data[:place] + data[place + int(gone * len(data)) :])


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(sorted(FILES)), first=st.integers(0, 60), tail=st.binary(max_size=300))
def test_r01_a_true_beginning_and_a_random_end(name: str, first: int, tail: bytes) -> None:
    develop_or_refuse(FILES[name][:first] + tail)
