"""HEIC photos become JPEGs; and images of other formats developed in a child are the same as in the server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from gateway.core.errors import FileRefused, InvalidInput
from gateway.core.formats import apart, heic
from gateway.core.formats.child import Pool
from gateway.core.formats.exif import orientation, read_block
from gateway.core.formats.raster import Picture, Wanted
from gateway.core.formats.registry import by_name
from tests.core.drawing import (
    ARRIVED_AT,
    BLUE,
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
    is_near,
    opened,
)
from tests.core.filming import needs_heif


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(1)
    yield pool
    pool.close()


def photographed(image: Image.Image | None = None, **options: Any) -> bytes:
    import pillow_heif

    out = io.BytesIO()
    pillow_heif.from_pillow(image or corners()).save(out, quality=80, enc_params={"preset": "ultrafast"}, **options)
    return out.getvalue()


def refusal(data: bytes, pool: Pool, **limits: int) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        heic.convert(data, replace(LIMITS, **limits), pool)
    return refused.value


def assert_corners(image: Image.Image, wanted: tuple[tuple[int, ...], ...] = (RED, GREEN, BLUE, WHITE)) -> None:
    right, bottom = image.width - 9, image.height - 9
    found = [image.getpixel(place) for place in ((8, 8), (right, 8), (8, bottom), (right, bottom))]
    assert all(is_near(colour, want) for colour, want in zip(found, wanted, strict=True)), found


@needs_heif
def test_it_works(pool: Pool) -> None:
    jpeg = heic.convert(photographed(), LIMITS, pool)
    image = opened(jpeg)
    assert (image.format, image.size) == ("JPEG", (640, 480))
    assert_corners(image)
    assert developed(jpeg).format.name == "jpeg"


@needs_heif
def test_a_file_on_disk(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    path.write_bytes(photographed())
    assert_corners(opened(heic.convert(path, LIMITS, pool)))
    with path.open("rb") as file:
        assert_corners(opened(heic.convert(file, LIMITS, pool)))


@needs_heif
@pytest.mark.parametrize(
    ("turn", "wanted"),
    [
        (2, (GREEN, RED, WHITE, BLUE)),
        (3, (WHITE, BLUE, GREEN, RED)),
        (4, (BLUE, WHITE, RED, GREEN)),
        (5, (RED, BLUE, GREEN, WHITE)),
        (6, (BLUE, RED, WHITE, GREEN)),
        (7, (WHITE, GREEN, BLUE, RED)),
        (8, (GREEN, WHITE, RED, BLUE)),
    ],
)
def test_the_photo_is_turned_upright_once(pool: Pool, turn: int, wanted: tuple[tuple[int, ...], ...]) -> None:
    exif = camera_exif()
    exif[0x0112] = turn
    image = opened(heic.convert(photographed(exif=exif.tobytes()), LIMITS, pool))
    assert image.size == ((480, 640) if turn > 4 else (640, 480))
    assert_corners(image, wanted)
    assert orientation(read_block(image.info["exif"].removeprefix(b"Exif\0\0"))) == 1


def with_info(image: Image.Image, **info: object) -> Image.Image:
    image.info.update(info)
    return image


@needs_heif
def test_what_the_camera_wrote_is_kept(pool: Pool) -> None:
    image = opened(heic.convert(photographed(exif=camera_exif().tobytes()), LIMITS, pool))
    assert image.getexif()[0x0110] == "EOS 5D"
    assert image.getexif().get_ifd(0x8825)[1] == "N"


@needs_heif
@pytest.mark.parametrize("exif", [b"Exif\0\0nonsense", b"Exif\0\0II*\0" + b"\xff" * 70_000])
def test_unreadable_camera_data_is_dropped(pool: Pool, exif: bytes) -> None:
    jpeg = heic.convert(photographed(exif=exif), LIMITS, pool)
    assert "exif" not in opened(jpeg).info


@needs_heif
def test_the_colour_profile_is_kept(pool: Pool) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = opened(heic.convert(photographed(with_info(corners(), icc_profile=profile)), LIMITS, pool))
    assert image.info["icc_profile"] == profile


@needs_heif
def test_transparency_becomes_white(pool: Pool) -> None:
    image = corners(mode="RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 320, 240))
    assert_corners(opened(heic.convert(photographed(image), LIMITS, pool)), (WHITE, GREEN, BLUE, WHITE))


@needs_heif
def test_a_grey_photo_with_ten_bits(pool: Pool) -> None:
    grey = Image.new("I;16", (64, 48), 32_768)
    image = opened(heic.convert(photographed(grey), LIMITS, pool))
    assert image.mode in ("L", "RGB") and is_near(image.convert("RGB").getpixel((9, 9)), (128, 128, 128), 3)


@needs_heif
def test_only_the_main_photo_of_several_is_taken(pool: Pool) -> None:
    import pillow_heif

    several = pillow_heif.from_pillow(Image.new("RGB", (64, 48), RED))
    several.add_from_pillow(corners())
    out = io.BytesIO()
    several.save(out, primary_index=1)
    assert_corners(opened(heic.convert(out.getvalue(), LIMITS, pool)))


@needs_heif
@pytest.mark.parametrize(
    ("limits", "setting"),
    [
        ({"max_pixels": 640 * 480 - 1}, "images.max_pixels"),
        ({"max_side": 639}, "images.max_side"),
        ({"max_metadata_bytes": 10}, "images.max_metadata"),
    ],
)
def test_limits(pool: Pool, limits: dict[str, int], setting: str) -> None:
    refused = refusal(photographed(exif=camera_exif().tobytes()), pool, **limits)
    assert (refused.code, refused.meta["setting"]) == ("LIMIT_EXCEEDED", setting)


@needs_heif
def test_a_size_that_is_a_lie_is_refused_before_decoding(pool: Pool) -> None:
    honest = photographed()
    place = honest.index(b"ispe") + 8
    lying = honest[:place] + (60_000).to_bytes(4, "big") * 2 + honest[place + 8 :]
    assert refusal(lying, pool).code in ("LIMIT_EXCEEDED", "FILE_BROKEN")


@needs_heif
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_file(pool: Pool, kept: float) -> None:
    data = photographed()
    refused = refusal(data[: int(kept * len(data))], pool)
    assert (refused.code, refused.message) == ("FILE_BROKEN", "This HEIC image is damaged or cut short.")


def test_without_the_extra(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heic, "find_spec", lambda name: None)
    assert not heic.is_available()
    refused = refusal(b"", pool)
    assert refused.code == "FORMAT_UNREADABLE"
    assert "pip install 'picgate[heic]'" in refused.message


def developed_apart(data: bytes, format: str, pool: Pool, wanted: Wanted = WANTED) -> Picture:
    name = format.lower()
    file = io.BytesIO(data)
    return apart.develop(file, by_name(name), LIMITS, wanted, pool, filename=f"photo.{name}", arrived_at=ARRIVED_AT)


@pytest.mark.parametrize("format", ["AVIF", "JPEG", "PNG", "BMP"])
def test_developed_in_a_child_it_is_the_same_picture(pool: Pool, format: str) -> None:
    options = {"exif": camera_exif()} if format == "JPEG" else {}
    data = drawn(format, 1000, 600, **options)
    assert developed_apart(data, format, pool) == developed(data, filename=f"photo.{format.lower()}")


def test_an_avif_animation_in_a_child(pool: Pool) -> None:
    picture = developed_apart(animation("AVIF"), "AVIF", pool)
    assert picture.is_animated and picture.medium is not None


def test_a_resized_avif_in_a_child(pool: Pool) -> None:
    picture = developed_apart(drawn("AVIF"), "AVIF", pool, replace(WANTED, resize_width=100))
    assert picture.replacement is not None and opened(picture.replacement).size == (100, 75)


def test_refusals_of_a_child_are_those_of_the_server(pool: Pool) -> None:
    with pytest.raises(InvalidInput) as invalid:
        developed_apart(drawn("AVIF"), "AVIF", pool, replace(WANTED, resize_width=5_000))
    assert invalid.value.code == "WIDTH_TOO_LARGE"
    with pytest.raises(FileRefused) as refused:
        developed_apart(drawn("AVIF")[:-50], "AVIF", pool)
    assert refused.value.message == "This AVIF image is damaged or cut short: it ends too early."
