"""Facts and renditions of accepted images."""

from __future__ import annotations

import io
import random
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from PIL import Image

from gateway.core.errors import FileRefused, InvalidInput
from gateway.core.formats.raster import Picture, Rendition
from tests.core.drawing import (
    ANIMATED,
    BLUE,
    FORMATS,
    GREEN,
    LIMITS,
    RED,
    WANTED,
    WHITE,
    animation,
    camera_exif,
    corners,
    developed,
    drawn,
    gif,
    is_near,
    opened,
    png,
    saved,
    with_segment,
    with_xmp,
)

PANORAMA = b'<rdf:Description GPano:ProjectionType="equirectangular"/>'


def colours(rendition: Rendition) -> list[object]:
    """Of the four corners: top left, top right, bottom left, bottom right."""
    image = opened(rendition.data).convert("RGB")
    right, bottom = image.width - 9, image.height - 9
    return [image.getpixel(place) for place in ((8, 8), (right, 8), (8, bottom), (right, bottom))]


def assert_corners(rendition: Rendition, wanted: tuple[tuple[int, ...], ...] = (RED, GREEN, BLUE, WHITE)) -> None:
    found = colours(rendition)
    assert all(is_near(colour, want) for colour, want in zip(found, wanted, strict=True)), found


def medium_of(picture: Picture) -> Rendition:
    assert picture.medium is not None
    return picture.medium


@pytest.mark.parametrize("format", FORMATS)
def test_it_works(format: str) -> None:
    picture = developed(drawn(format, 1000, 600))
    stored = "PNG" if format == "BMP" else format
    assert (picture.format.name, picture.width, picture.height) == (stored.lower(), 1000, 600)
    assert not picture.is_animated and not picture.is_360
    thumb, medium = opened(picture.thumb.data), opened(medium_of(picture).data)
    assert thumb.size == (picture.thumb.width, picture.thumb.height) == (320, 320)
    assert medium.size == (medium_of(picture).width, medium_of(picture).height) == (500, 300)
    assert Image.open(io.BytesIO(picture.thumb.data)).format == stored
    assert Image.open(io.BytesIO(medium_of(picture).data)).format == stored
    assert_corners(picture.thumb)
    assert_corners(medium_of(picture))


@pytest.mark.parametrize("format", ANIMATED)
def test_an_animation_is_told_and_shown_by_its_first_frame(format: str) -> None:
    picture = developed(animation(format))
    assert picture.is_animated
    medium = medium_of(picture)
    assert (medium.width, medium.height) == (64, 48)
    assert getattr(Image.open(io.BytesIO(medium.data)), "n_frames", 1) == 1
    assert is_near(opened(medium.data).convert("RGB").getpixel((30, 20)), (0, 255, 40))


def test_a_large_animation_has_a_medium_of_the_usual_width() -> None:
    assert medium_of(developed(animation("GIF", 2, 900, 300))).width == 500


def test_an_mpo_file_is_a_still_jpeg() -> None:
    picture = developed(saved(corners(), "MPO", save_all=True, append_images=[corners().rotate(180)]))
    assert picture.format.name == "jpeg" and not picture.is_animated
    assert_corners(picture.thumb)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("width", [160, 900])
def test_r11_every_orientation_is_turned_upright(format: str, orientation: int, width: int) -> None:
    back = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]
    image = corners(width, 120)
    for turn in back:
        image = image.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = developed(saved(image, format, exif=exif))
    assert (picture.width, picture.height) == (width, 120)
    assert picture.replacement is None
    assert_corners(picture.thumb)
    if width > 500:
        assert (medium_of(picture).width, medium_of(picture).height) == (500, 67)
        assert_corners(medium_of(picture))


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (321, 320), (3000, 40), (40, 3000), (5000, 1)])
def test_a_thumbnail_always_has_the_exact_size(size: tuple[int, int]) -> None:
    for format in ("JPEG", "PNG"):
        picture = developed(drawn(format, *size), replace(WANTED, thumb_width=200, thumb_height=150))
        assert opened(picture.thumb.data).size == (200, 150)


def test_a_medium_is_made_only_when_it_would_be_smaller() -> None:
    assert developed(drawn("PNG", 500, 900)).medium is None
    assert medium_of(developed(drawn("PNG", 501, 900))).width == 500
    assert medium_of(developed(drawn("JPEG", 1200, 800))).height == 333


def test_cmyk_is_shown_in_its_colours() -> None:
    picture = developed(saved(corners(900, 600).convert("CMYK"), "JPEG"))
    assert opened(picture.thumb.data).mode == "RGB"
    assert_corners(picture.thumb)


def test_a_grey_jpeg_stays_grey() -> None:
    assert opened(developed(drawn("JPEG")).thumb.data).mode == "RGB"
    assert opened(developed(saved(corners(mode="L"), "JPEG")).thumb.data).mode == "L"


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    image = Image.new("I;16", (600, 400), 0x8080)
    thumb = opened(developed(saved(image, "PNG")).thumb.data)
    assert thumb.mode == "L" and thumb.getpixel((9, 9)) == 0x80


def test_one_bit_becomes_grey() -> None:
    assert opened(developed(saved(corners(mode="1"), "PNG")).thumb.data).mode == "L"


def test_a_palette_stays_a_palette() -> None:
    picture = developed(saved(corners(900, 600).quantize(8), "PNG"))
    assert opened(medium_of(picture).data).mode == "P"
    assert_corners(medium_of(picture))


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_a_transparent_palette_stays_transparent(format: str) -> None:
    image = corners(900, 600).quantize(8)
    white = image.getpixel((800, 500))
    medium = opened(medium_of(developed(saved(image, format, transparency=white))).data).convert("RGBA")
    corner = medium.getpixel((490, 320))
    assert isinstance(corner, tuple) and corner[3] == 0
    assert is_near(medium.getpixel((8, 8)), (*RED, 255))


@pytest.mark.parametrize("format", ["PNG", "WEBP", "AVIF"])
def test_half_transparency_is_kept(format: str) -> None:
    image = corners(900, 600)
    image.putalpha(100)
    colour = opened(medium_of(developed(saved(image, format))).data).getpixel((8, 8))
    assert is_near(colour, (*RED, 100))


def test_a_transparent_colour_of_a_full_colour_png_is_kept() -> None:
    data = saved(corners(900, 600), "PNG", transparency=WHITE)
    colour = opened(medium_of(developed(data)).data).getpixel((490, 320))
    assert isinstance(colour, tuple) and colour[3] == 0


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_r11_renditions_carry_no_place_no_camera_and_no_words(format: str) -> None:
    exif = camera_exif()
    data = drawn(format, 900, 600, exif=exif, xmp=PANORAMA, comment=b"a secret")
    assert b"Canon" in data
    picture = developed(data)
    for rendition in (picture.thumb, medium_of(picture)):
        assert not dict(opened(rendition.data).getexif())
        assert not any(word in rendition.data for word in (b"Canon", b"Exif", b"GPano", b"secret"))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_small_colour_profile_is_kept_and_a_large_one_is_not(format: str) -> None:
    for size, kept in ((3_000, True), (70_000, False)):
        profile = random.Random(size).randbytes(size)
        thumb = opened(developed(drawn(format, 900, 600, icc_profile=profile)).thumb.data)
        assert (thumb.info.get("icc_profile") == profile) is kept


def test_a_profile_of_other_colours_is_dropped() -> None:
    data = saved(corners(900, 600).convert("CMYK"), "JPEG", icc_profile=b"p" * 300)
    assert "icc_profile" not in opened(developed(data).thumb.data).info


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_panorama_is_told(format: str) -> None:
    element = b"<GPano:ProjectionType> equirectangular </GPano:ProjectionType>"
    assert developed(with_xmp(format, PANORAMA)).is_360
    assert developed(with_xmp(format, element)).is_360
    assert not developed(with_xmp(format, b'GPano:ProjectionType="cylindrical"')).is_360


def test_bmp_becomes_png() -> None:
    picture = developed(drawn("BMP"))
    assert picture.replacement is not None and picture.format.mime == "image/png"
    assert opened(picture.replacement).tobytes() == corners().tobytes()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("width", [900, 600, 64])
def test_a_picture_is_resized_when_asked(format: str, width: int) -> None:
    picture = developed(drawn(format, 900, 450), replace(WANTED, resize_width=width))
    assert picture.replacement is not None
    assert opened(picture.replacement).size == (picture.width, picture.height) == (width, width // 2)
    assert (picture.medium is not None) == (width > 500)
    assert_corners(picture.thumb)


def test_a_resized_photo_is_upright_and_keeps_its_facts_and_colours() -> None:
    exif = camera_exif()
    exif[0x0112] = 6
    picture = developed(
        drawn("JPEG", 900, 600, exif=exif, icc_profile=b"p" * 70_000), replace(WANTED, resize_width=300)
    )
    assert picture.replacement is not None
    stored = opened(picture.replacement)
    assert stored.size == (300, 450) == (picture.width, picture.height)
    assert (stored.getexif()[0x0110], stored.getexif()[0x0112]) == ("EOS 5D", 1)
    assert stored.info["icc_profile"] == b"p" * 70_000


def test_a_picture_is_never_resized_to_be_larger() -> None:
    with pytest.raises(InvalidInput, match="Target width is greater than the original image width") as refused:
        developed(drawn("PNG", 100, 100), replace(WANTED, resize_width=101))
    assert refused.value.code == "WIDTH_TOO_LARGE"


@pytest.mark.parametrize("width", [0, -5])
def test_a_width_must_be_a_width(width: int) -> None:
    with pytest.raises(InvalidInput, match="geometry"):
        developed(drawn("PNG", 100, 100), replace(WANTED, resize_width=width))


@pytest.mark.parametrize("format", ANIMATED)
def test_an_animation_is_not_resized(format: str) -> None:
    for width in (10, 9_000):
        picture = developed(animation(format), replace(WANTED, resize_width=width))
        assert picture.replacement is None and picture.width == 64


def test_r06_the_extension_is_not_believed() -> None:
    assert developed(drawn("PNG"), filename="photo.jpg").format.name == "png"


def test_a_file_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(drawn("WEBP", exif=camera_exif()))
    assert data[12:16] == b"VP8X"
    data[24:27] = (99).to_bytes(3, "little")
    with pytest.raises(FileRefused, match="damaged"):
        developed(bytes(data))
    data = bytearray(drawn("PNG"))
    data[16:20] = struct.pack(">I", 641)
    with pytest.raises(FileRefused, match="damaged"):
        developed(bytes(data))


@pytest.mark.parametrize("data", [gif(5_000, 5_000, 2_000), png(30_000, 30_000)])
def test_r08_a_bomb_never_reaches_a_decoder(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(FileRefused) as refused:
        developed(data)
    assert refused.value.code == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("format", FORMATS)
def test_a_refusal_is_one_plain_sentence(format: str) -> None:
    data = drawn(format)
    with pytest.raises(FileRefused) as refused:
        developed(data[: len(data) // 2])
    message = refused.value.message
    assert message.startswith("This ") and message.endswith(".")
    assert not any(word in message for word in ("<", "0x", "Error", "/", "object", "None"))


def test_an_avif_is_checked_again_by_what_its_decoder_says() -> None:
    with pytest.raises(FileRefused, match=r"images\.max_pixels"):
        developed(drawn("AVIF"), limits=replace(LIMITS, max_pixels=1_000))


@pytest.mark.parametrize("block", [b"", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff" * 9])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_neither_warns_nor_refuses(format: str, block: bytes) -> None:
    picture = developed(drawn(format, exif=b"Exif\0\0" + block))
    assert (picture.width, picture.height) == (640, 480)


def test_broken_exif_in_avif_neither_warns_nor_refuses() -> None:
    data = drawn("AVIF", exif=camera_exif())
    place = data.index(b"MM\0*")
    broken = data[: place + 4] + b"\xff" * 30 + data[place + 34 :]
    assert developed(broken).width == 640


def test_a_malformed_multi_picture_index_does_not_warn() -> None:
    assert developed(with_segment(drawn("JPEG"), 0xE2, b"MPF\0II*\0\xff\xff\xff\xff")).width == 640


def test_a_repeated_animation_header_does_not_warn() -> None:
    control = struct.pack(">I4sII", 8, b"acTL", 0, 0)
    data = drawn("PNG")
    assert not developed(data[:33] + (control + b"\x0b\xb9\xc5\x0e") * 2 + data[33:]).is_animated


def test_many_threads_develop_at_once() -> None:
    files = [drawn(format, 700, 500) for format in FORMATS] + [animation(format) for format in ANIMATED]
    alone = [developed(data) for data in files]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(developed, files * 3)) == alone * 3


def test_a_webp_may_have_half_the_pixels() -> None:
    """Its decoder holds the picture twice."""
    data = drawn("WEBP", 100, 100)
    with pytest.raises(FileRefused) as refused:
        developed(data, limits=replace(LIMITS, max_pixels=19_999))
    assert refused.value.code == "LIMIT_EXCEEDED" and "at most 9,999" in refused.value.message
    assert developed(data, limits=replace(LIMITS, max_pixels=20_000)).width == 100
