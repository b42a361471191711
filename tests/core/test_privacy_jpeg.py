"""JPEG: segments, further pictures behind the first one, and trailers."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from gateway.core.errors import FileRefused
from gateway.core.formats.privacy import Policy, cleaned
from tests.core import planting
from tests.core.drawing import drawn, opened
from tests.core.planting import segment, with_segments
from tests.core.test_privacy import changed

PLAIN = drawn("JPEG", 64, 48)
POLICIES: tuple[Policy, ...] = ("no-location", "strip")


def stereo(tail: bytes = b"") -> bytes:
    return planting.multi_picture(planting.jpeg(), planting.jpeg(200, 100), planting.jpeg(120, 80), tail=tail)


def views(data: bytes) -> list[tuple[tuple[int, int], bytes, dict[int, object]]]:
    found = []
    with Image.open(io.BytesIO(data)) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            found.append((image.size, image.tobytes(), dict(image.getexif().get_ifd(0x8825))))
    return found


def test_further_pictures_are_cleaned_too() -> None:
    data = stereo(tail=b"MotionPhoto SN-SECRET")
    left = changed(data, "jpeg", "no-location")
    assert not any(secret in left for secret in planting.SECRETS)
    assert [view[:2] for view in views(left)] == [view[:2] for view in views(data)] and len(views(left)) == 3
    assert all(view[2] for view in views(data)) and not any(view[2] for view in views(left))
    assert cleaned(left, "jpeg", "no-location") is None


def test_further_pictures_keep_their_length() -> None:
    """XMP tells it as well, and viewers of gain maps count from the end of the file."""
    further = planting.jpeg(200, 100)
    left = changed(planting.multi_picture(planting.jpeg(), further), "jpeg", "no-location")
    assert left[-len(further) :].startswith(b"\xff\xd8")


def test_stripped_only_the_first_picture_is_left() -> None:
    data = stereo()
    left = changed(data, "jpeg", "strip")
    assert opened(left).format == "JPEG" and views(left)[0][:2] == views(data)[0][:2]


@pytest.mark.parametrize("further", (b"no picture at all", b"\xff\xd8\xff\xd9", b"\xff\xd8" * 20))
def test_a_list_of_what_is_no_picture_goes_with_it(further: bytes) -> None:
    data = planting.multi_picture(PLAIN, planting.jpeg(), further)
    assert changed(data, "jpeg", "no-location") == PLAIN


def test_pictures_that_lie_on_each_other_go() -> None:
    data = bytearray(planting.multi_picture(PLAIN, PLAIN, PLAIN))
    place = data.index(b"MPF\0") + 4 + 50 + 2 * 16 + 8
    data[place : place + 4] = data[place - 16 : place - 12]
    assert changed(bytes(data), "jpeg", "no-location") == PLAIN


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    "vendor",
    (
        segment(0xE1, b"FLIR\0SN-SECRET"),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0SN-SECRET"),
        segment(0xE2, b"FPXR\0SN-SECRET"),
        segment(0xE3, b"Meta\0\0SN-SECRET"),
        segment(0xE6, b"GoPro\0SN-SECRET"),
        segment(0xEB, b"JP\0\1\0\0\0\1\0\0\0\x10jumbSN-SECRET"),
        segment(0xEC, b"[camera info]Serial#=SN-SECRET"),
        segment(0xE1, planting.EXIF_MARK + b"broken SN-SECRET"),
        segment(0xED, b"Photoshop 3.0\x008BIM broken SN-SECRET"),
    ),
)
def test_what_a_maker_adds_goes(vendor: bytes, policy: Policy) -> None:
    assert changed(with_segments(PLAIN, vendor), "jpeg", policy) == PLAIN


@pytest.mark.parametrize("policy", POLICIES)
def test_what_colours_mean_stays(policy: Policy) -> None:
    for mode in ("CMYK", "L", "RGB"):
        data = drawn("JPEG", 64, 48, icc_profile=planting.icc() * 30)
        adobe = with_segments(data, segment(0xEE, b"Adobe\0\x64\0\0\0\0\1"))
        assert cleaned(adobe, "jpeg", policy) is None, mode


def test_comments_stay_unless_stripped() -> None:
    data = with_segments(PLAIN, segment(0xFE, b"a comment"))
    assert cleaned(data, "jpeg", "no-location") is None
    assert changed(data, "jpeg", "strip") == PLAIN


def test_the_thumbnail_of_jfif_goes() -> None:
    body = PLAIN[6:20]
    grown = PLAIN[:2] + segment(0xE0, body[:12] + b"\1\1abc") + PLAIN[20:]
    assert changed(grown, "jpeg", "no-location") == PLAIN


def test_junk_between_segments_goes() -> None:
    data = with_segments(PLAIN, segment(0xFE, b"x"), b"SN-SECRET")
    assert changed(data, "jpeg", "strip") == PLAIN


def test_a_marker_across_the_border_of_two_windows_is_seen() -> None:
    for filling in range((1 << 18) - 40, (1 << 18) + 8):
        scan = PLAIN[: PLAIN.index(b"\xff\xda") + 14] + bytes(filling) + b"\xff\xd9"
        assert changed(scan + b"SN-SECRET", "jpeg", "strip") == scan


@pytest.mark.parametrize("data", (PLAIN[:300], b"\xff\xd8" + b"\xff\xfe\0\2" * 6_000 + PLAIN[2:], b"\xff\xd8\xff\xd9"))
def test_a_picture_that_does_not_begin_is_refused(data: bytes) -> None:
    with pytest.raises(FileRefused, match=r"This JPEG file is damaged or cut short"):
        cleaned(data, "jpeg", "strip")


def test_a_picture_without_its_end_is_shown_as_far_as_it_goes() -> None:
    assert cleaned(PLAIN[:-40], "jpeg", "strip") is None
