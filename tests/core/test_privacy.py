"""What holds for every container: no secret stays, nothing that shows changes, what is clean stays as it is."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageSequence

from gateway.core.errors import FileRefused
from gateway.core.formats.privacy import FORMATS, Policy, clean_file, cleaned
from tests.core import planting
from tests.core.drawing import animation, drawn, saved

POLICIES: tuple[Policy, ...] = ("no-location", "strip")
IMAGES = ("jpeg", "png", "webp", "gif", "avif")
PICTURE = Image.linear_gradient("L").resize((60, 40))


def pixels(data: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as image:
        return [frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(image)]


def changed(data: bytes, format_name: str, policy: Policy) -> bytes:
    left = cleaned(data, format_name, policy)
    assert left is not None
    return left


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", planting.FILES)
def test_r11_no_secret_is_left(name: str, policy: Policy) -> None:
    data = planting.FILES[name]()
    assert sum(secret in data for secret in planting.SECRETS) >= 2
    left = changed(data, name, policy)
    assert [secret for secret in planting.SECRETS if secret in left] == []


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", planting.FILES)
def test_what_is_clean_stays_as_it_is(name: str, policy: Policy) -> None:
    assert cleaned(changed(planting.FILES[name](), name, policy), name, policy) is None


@pytest.mark.parametrize("name", planting.FILES)
def test_keep_keeps_everything(name: str) -> None:
    assert cleaned(planting.FILES[name](), name, "keep") is None


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", planting.FILES)
def test_a_stream_comes_to_the_same(name: str, policy: Policy) -> None:
    data, target = planting.FILES[name](), io.BytesIO()
    assert clean_file(io.BytesIO(data), target, name, policy)
    assert target.getvalue() == cleaned(data, name, policy)
    clean, nothing = io.BytesIO(target.getvalue()), io.BytesIO()
    assert not clean_file(clean, nothing, name, policy) and nothing.getvalue() == b""


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", IMAGES)
def test_pixels_profile_and_orientation_stay(name: str, policy: Policy) -> None:
    data = planting.FILES[name]()
    left = changed(data, name, policy)
    assert pixels(left) == pixels(data)
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(left)) as after:
        assert after.info.get("icc_profile") == before.info.get("icc_profile")
        if name != "gif":
            assert after.info["icc_profile"] == planting.icc()
        if name in ("jpeg", "png", "webp"):
            assert after.getexif()[0x0112] == 6


@pytest.mark.parametrize("name", ("jpeg", "png", "webp", "avif", "mp4", "webm"))
def test_without_places_the_title_stays_and_stripped_it_goes(name: str) -> None:
    title = planting.TITLE.encode()
    data = planting.FILES[name]()
    assert title in changed(data, name, "no-location")
    assert title not in changed(data, name, "strip")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("format", ("JPEG", "PNG", "GIF", "WEBP", "AVIF"))
def test_a_picture_that_tells_nothing_is_left_alone(format: str, policy: Policy) -> None:
    assert cleaned(drawn(format, 64, 48), format.lower(), policy) is None


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("format", ("PNG", "GIF", "WEBP", "AVIF"))
def test_animations_stay_whole(format: str, policy: Policy) -> None:
    data = animation(format)
    left = cleaned(data, format.lower(), policy)
    if format == "AVIF" and policy == "strip":
        assert left and pixels(left) == pixels(data)  # what goes is when it was made
    else:
        assert left is None


@pytest.mark.parametrize(
    "options",
    (
        {"progressive": True},
        {"restart_marker_rows": 1},
        {"quality": 100, "subsampling": 0},
        {"progressive": True, "comment": b"x"},
    ),
)
def test_every_kind_of_jpeg_is_followed_to_its_end(options: dict[str, object]) -> None:
    data = saved(PICTURE, "JPEG", **options)
    tailed = data + b"MotionPhoto SN-SECRET \xff\xd9"
    left = changed(tailed, "jpeg", "no-location")
    assert left == data


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize(
    "data", (b"", b"\0", b"GIF89a", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"\x1a\x45\xdf\xa3", bytes(64))
)
def test_what_is_no_such_file_is_refused(data: bytes, name: str, policy: Policy) -> None:
    if cleaned_or_refused(data, name, policy):
        pytest.fail("it was taken for a file")


def cleaned_or_refused(data: bytes, name: str, policy: Policy) -> bool:
    try:
        cleaned(data, name, policy)
    except FileRefused as refused:
        assert refused.code == "FILE_BROKEN"
        return False
    # An empty RIFF is whole, if of no use; whether there is a picture is for the decoder to say.
    return name != "webp"


def test_a_format_nobody_thought_of_does_not_pass() -> None:
    with pytest.raises(KeyError):
        cleaned(b"data", "xcf", "strip")
    assert cleaned(b"<svg/>", "svg", "strip") is None


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF"])
@pytest.mark.parametrize("tail", [b"\n", b"\0" * 5000, b" " * 40], ids=["line end", "zeros", "blanks"])
def test_padding_behind_a_picture_is_no_secret(format: str, tail: bytes) -> None:
    """Many programs write it; a file is not changed for its sake unless everything is to go."""
    data = drawn(format, 8, 8) + tail
    assert cleaned(data, format.lower(), "no-location") is None
    assert (cleaned(data, format.lower(), "strip") or data) == drawn(format, 8, 8)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF"])
def test_anything_else_behind_a_picture_goes(format: str) -> None:
    picture = drawn(format, 8, 8)
    assert cleaned(picture + b"Zurich, second floor", format.lower(), "no-location") == picture
