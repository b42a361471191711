"""Sizes, frames and limits, before any decoder is asked."""

from __future__ import annotations

import io
import struct
import time
import zlib
from dataclasses import replace

import pytest

from gateway.core.errors import FileRefused
from gateway.core.formats.headers import Header, read_header
from gateway.core.formats.limits import Limits, check
from gateway.core.formats.registry import sniff
from tests.core.drawing import (
    ANIMATED,
    FORMATS,
    LIMITS,
    animation,
    camera_exif,
    corners,
    developed,
    drawn,
    gif,
    png,
    png_chunk,
    saved,
    with_segment,
)


def header_of(data: bytes, max_frames: int = 1_000) -> Header:
    return read_header(io.BytesIO(data), sniff(data[:512]), max_frames)


def refusal(data: bytes, limits: Limits = LIMITS) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        check(header_of(data, limits.max_frames), limits)
    return refused.value


@pytest.mark.parametrize("format", FORMATS)
def test_it_works(format: str) -> None:
    header = header_of(drawn(format, 640, 480))
    assert (header.width, header.height, header.frames) == (640, 480, 1)


@pytest.mark.parametrize("format", ANIMATED)
def test_frames_are_counted(format: str) -> None:
    assert header_of(animation(format, frames=5)).frames == 5


@pytest.mark.parametrize(("lossless", "alpha"), [(False, False), (True, False), (False, True), (True, True)])
def test_every_kind_of_webp_tells_its_size(lossless: bool, alpha: bool) -> None:
    image = corners(301, 203)
    if alpha:
        image.putalpha(120)
    header = header_of(saved(image, "WEBP", lossless=lossless))
    assert (header.width, header.height) == (301, 203)


def test_a_progressive_jpeg_tells_its_size() -> None:
    assert header_of(drawn("JPEG", 301, 203, progressive=True)).width == 301


def test_an_mpo_file_is_one_picture() -> None:
    mpo = saved(corners(), "MPO", save_all=True, append_images=[corners(), corners()])
    assert header_of(mpo).frames == 1


def test_metadata_is_counted_and_kept_apart() -> None:
    exif = camera_exif().tobytes().removeprefix(b"Exif\0\0")
    for format in ("JPEG", "PNG", "WEBP"):
        header = header_of(drawn(format, exif=camera_exif(), icc_profile=b"p" * 3_000))
        assert header.exif == exif
        assert header.icc == b"p" * 3_000
        assert header.metadata_bytes > len(exif)


def test_a_gif_canvas_holds_all_its_frames() -> None:
    data = bytearray(gif(10, 10, 2))
    place = data.rindex(b"," + bytes(4))
    data[place + 1 : place + 5] = struct.pack("<HH", 90, 70)
    header = header_of(bytes(data))
    assert (header.width, header.height) == (91, 71)


def test_a_gif_without_trailer_is_fine() -> None:
    assert header_of(gif(10, 10, 2)[:-1]).frames == 2


def test_a_top_down_bmp_tells_its_size() -> None:
    data = bytearray(drawn("BMP", 64, 48))
    struct.pack_into("<i", data, 22, -48)
    assert header_of(bytes(data)).height == 48


def test_a_jpeg_with_fill_bytes_and_junk_between_segments_is_read() -> None:
    data = drawn("JPEG")
    assert header_of(data[:2] + b"\xff\xff" + data[2:]).width == 640
    assert header_of(data[:20] + b"\0\0junk" + data[20:]).width == 640


def test_too_many_pixels_name_the_setting() -> None:
    refused = refusal(png(30_000, 30_000))
    assert refused.code == "LIMIT_EXCEEDED"
    assert refused.message == (
        "This image measures 30000 x 30000 pixels, 900,000,000 in all; at most 50,000,000 are allowed "
        "(images.max_pixels)."
    )


def test_too_long_a_side_is_refused() -> None:
    assert "images.max_side" in refusal(png(40_000, 1)).message


def test_too_many_frames_are_refused_without_counting_them_all() -> None:
    refused = refusal(gif(10, 10, 50_000))
    assert refused.message == "This animation has more than the 1,000 frames allowed (images.max_frames)."


def test_many_frames_on_a_large_canvas_are_refused_in_no_time() -> None:
    started = time.process_time()
    refused = refusal(gif(5_000, 5_000, 2_000), replace(LIMITS, max_frames=5_000))
    assert "images.max_frame_pixels" in refused.message
    assert time.process_time() - started < 1


def test_an_apng_that_announces_too_many_frames_is_refused() -> None:
    assert "images.max_frames)" in refusal(png(9, 9, png_chunk(b"acTL", struct.pack(">II", 1 << 30, 0)))).message


def test_too_much_metadata_is_refused() -> None:
    jpeg = drawn("JPEG")
    for _ in range(20):
        jpeg = with_segment(jpeg, 0xEC, bytes(60_000))
    assert "images.max_metadata" in refusal(jpeg).message
    assert "images.max_metadata" in refusal(png(9, 9, png_chunk(b"tEXt", bytes(2_000_000)))).message
    comment = b"!\xfe" + (b"\xff" + bytes(255)) * 5_000 + b"\0"
    assert "images.max_metadata" in refusal(gif(9, 9, 1, comment)).message


@pytest.mark.parametrize("data", [png(0, 9), png(9, 0)])
def test_a_picture_without_extent_is_broken(data: bytes) -> None:
    assert refusal(data).code == "FILE_BROKEN"


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.9, 0.999])
def test_a_file_cut_short_is_refused(format: str, part: float) -> None:
    data = drawn(format)
    cut = data[: max(20, int(len(data) * part))]
    with pytest.raises(FileRefused) as refused:
        developed(cut)
    assert refused.value.code == "FILE_BROKEN"


@pytest.mark.parametrize("format", ANIMATED)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.99])
def test_an_animation_cut_short_is_refused(format: str, part: float) -> None:
    data = animation(format)
    with pytest.raises(FileRefused):
        developed(data[: int(len(data) * part)])


def test_a_jpeg_without_a_picture_is_broken() -> None:
    assert refusal(b"\xff\xd8\xff\xe0\0\4ab\xff\xd9").code == "FILE_BROKEN"


def test_a_jpeg_that_describes_two_pictures_is_broken() -> None:
    assert refusal(with_segment(drawn("JPEG"), 0xC0, b"\x08\0\x10\0\x10\1\1\x11\0")).code == "FILE_BROKEN"


def test_a_png_with_torn_image_data_is_broken() -> None:
    whole = png(1, 1)
    end = whole.index(b"\0\0\0\0IEND")
    torn = whole[:end] + png_chunk(b"tEXt", b"a\0b") + png_chunk(b"IDAT", b"") + whole[end:]
    assert refusal(torn).code == "FILE_BROKEN"


def test_a_gif_of_single_byte_blocks_is_refused_quickly() -> None:
    started = time.process_time()
    data = gif(10, 10, 1)[:-3] + b"\1\1" * 10_000_000
    assert refusal(data).code == "FILE_BROKEN"
    assert time.process_time() - started < 5


def test_a_jpeg_of_empty_segments_is_refused_quickly() -> None:
    started = time.process_time()
    assert refusal(b"\xff\xd8" + b"\xff\xec\0\2" * 5_000_000).code == "FILE_BROKEN"
    assert time.process_time() - started < 5


def test_a_png_of_empty_chunks_is_refused_quickly() -> None:
    started = time.process_time()
    assert refusal(png(9, 9, png_chunk(b"IDAT", b"") * 1_000_000)).code == "FILE_BROKEN"
    assert time.process_time() - started < 5


def test_a_jpeg_with_thousands_of_scans_is_refused() -> None:
    data = drawn("JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    assert refusal(data[:-2] + data[scan:-2] * 200 + b"\xff\xd9").code == "FILE_BROKEN"


def test_an_unpacked_profile_bomb_is_not_unpacked() -> None:
    bomb = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(50_000_000)))
    assert header_of(png(1, 1, bomb)).icc == b""


def test_a_marker_across_two_windows_is_counted() -> None:
    """Walkers read in windows of 256 KB; a scan that begins on their border is a scan, too."""
    from gateway.core.formats.headers.header import Source
    from gateway.core.formats.headers.jpeg import _next_marker

    border = 256 << 10
    for start in range(border - 3, border + 2):
        data = bytearray(border * 2)
        data[start : start + 2] = b"\xff\xda"
        assert _next_marker(Source(io.BytesIO(bytes(data))), 0) == (0xDA, start + 2)
