"""A stored picture drawn anew: the right pixels at the right place, and nothing besides them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image, ImageCms

from gateway.core.errors import FileRefused
from gateway.core.formats import measure, raster
from gateway.core.formats.child import Pool
from gateway.core.formats.registry import SNIFF_BYTES, sniff
from gateway.core.recipes import Fit, Recipe
from tests.core.drawing import (
    BLUE,
    FORMATS,
    GREEN,
    LIMITS,
    RED,
    WHITE,
    animation,
    camera_exif,
    corners,
    drawn,
    is_near,
    opened,
    png,
    saved,
)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(1)
    yield pool
    pool.close()


class Measure:
    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def bytes(self, data: bytes, recipe: Recipe) -> bytes:
        return measure.measure(io.BytesIO(data), sniff(data[:SNIFF_BYTES]), LIMITS, recipe, self.pool)

    def __call__(self, data: bytes, recipe: Recipe) -> Image.Image:
        return opened(self.bytes(data, recipe))

    def stand_in(self, data: bytes, pixels: int = 1) -> bytes:
        return measure.stand_in(io.BytesIO(data), sniff(data[:SNIFF_BYTES]), pixels, LIMITS, self.pool)


@pytest.fixture
def made(pool: Pool) -> Measure:
    return Measure(pool)


def quarters(image: Image.Image) -> list[object]:
    image = image.convert("RGB")
    across, down = image.width // 4, image.height // 4
    return [image.getpixel((x, y)) for y in (down, 3 * down) for x in (across, 3 * across)]


def shows(image: Image.Image, *colours: tuple[int, int, int]) -> bool:
    return all(is_near(found, wanted) for found, wanted in zip(quarters(image), colours, strict=True))


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "BMP"])
def test_it_works_for_every_format(made: Measure, format: str) -> None:
    picture = made(drawn(format), Recipe(width=160))

    assert (picture.format, picture.size) == (format, (160, 120))
    assert shows(picture, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("asked", ["webp", "jpeg", "png", "avif"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF"])
def test_every_format_becomes_every_other(made: Measure, format: str, asked: str) -> None:
    picture = made(drawn(format), Recipe(width=80, format=asked))  # type: ignore[arg-type]

    assert (picture.format, picture.size) == (asked.upper(), (80, 60))
    assert shows(picture, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize(
    ("fit", "size"),
    [
        ("inside", (100, 75)),
        ("outside", (133, 100)),
        ("contain", (100, 100)),
        ("cover", (100, 100)),
        ("fill", (100, 100)),
    ],
)
def test_every_fit_has_its_size(made: Measure, fit: Fit, size: tuple[int, int]) -> None:
    assert made(drawn("PNG"), Recipe(100, 100, fit)).size == size


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_cover_shows_the_middle_alone(made: Measure, format: str) -> None:
    picture = made(saved(striped(), format), Recipe(100, 100, "cover")).convert("RGB")

    assert all(is_near(picture.getpixel((x, 50)), GREEN) for x in (3, 50, 96))


def striped() -> Image.Image:
    """Its middle third, a square, is green."""
    image = Image.new("RGB", (900, 300), RED)
    image.paste(GREEN, (300, 0, 600, 300))
    return image


def test_contain_leaves_the_rest_clear(made: Measure) -> None:
    picture = made(drawn("PNG"), Recipe(100, 100, "contain"))

    assert picture.getpixel((50, 2)) == (0, 0, 0, 0)
    assert picture.convert("RGBA").getchannel("A").getpixel((50, 50)) == 255


def test_where_nothing_can_be_clear_it_is_white(made: Measure) -> None:
    picture = made(drawn("JPEG"), Recipe(100, 100, "contain"))

    assert is_near(picture.getpixel((50, 2)), WHITE, 3)
    assert is_near(picture.getpixel((10, 20)), RED)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_comes_out_upright(made: Measure, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    seen = Image.open(io.BytesIO(drawn("JPEG", exif=exif)))
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(seen).convert("RGB")
    picture = made(drawn("JPEG", exif=exif), Recipe(width=upright.width // 4))

    assert picture.size == (upright.width // 4, upright.height // 4)
    assert shows(picture, *(colour for colour in quarters(upright)))  # type: ignore[misc]
    assert 0x0112 not in picture.getexif()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_clear_stays_clear(made: Measure, mode: str) -> None:
    alpha = made(half_clear(mode), Recipe(width=100)).convert("RGBA").getchannel("A")

    assert is_near((alpha.getpixel((10, 20)),), (255,), 1)
    assert alpha.getpixel((90, 20)) == 0


def test_what_is_clear_becomes_white_in_a_jpeg(made: Measure) -> None:
    picture = made(half_clear("RGBA"), Recipe(width=100, format="jpeg"))

    assert is_near(picture.getpixel((10, 20)), RED)
    assert is_near(picture.getpixel((90, 20)), WHITE, 5)


def half_clear(mode: str) -> bytes:
    image = Image.new("RGBA", (200, 100), (*RED, 255))
    image.paste((0, 0, 0, 0), (100, 0, 200, 100))
    return saved(image.quantize(8) if mode == "P" else image.convert(mode), "PNG")


def test_a_palette_stays_one(made: Measure) -> None:
    assert made(saved(corners().quantize(16), "PNG"), Recipe(width=100)).mode == "P"


@pytest.mark.parametrize(("mode", "format"), [("CMYK", "JPEG"), ("L", "JPEG"), ("1", "PNG"), ("I;16", "PNG")])
@pytest.mark.parametrize("asked", ["webp", "jpeg", "png", "avif"])
def test_unusual_colours_are_understood(made: Measure, mode: str, format: str, asked: str) -> None:
    image = Image.new("I;16", (640, 480), 40_000) if mode == "I;16" else corners(mode=mode)

    assert made(saved(image, format), Recipe(width=64, format=asked)).size == (64, 48)  # type: ignore[arg-type]


@pytest.mark.parametrize("format", ["PNG", "GIF", "WEBP", "AVIF"])
def test_of_an_animation_the_first_frame_is_taken(made: Measure, format: str) -> None:
    picture = made(animation(format), Recipe(width=32))

    assert getattr(picture, "n_frames", 1) == 1
    assert is_near(picture.convert("RGB").getpixel((5, 5)), (0, 255, 40))


def test_quality_makes_a_difference(made: Measure) -> None:
    noise = saved(Image.effect_noise((400, 300), 90), "PNG")

    def size(quality: int) -> int:
        return len(made.bytes(noise, Recipe(width=200, format="webp", quality=quality)))

    assert size(10) < size(50) < size(95)


def test_the_longest_side_is_4096(made: Measure) -> None:
    thin = saved(Image.new("L", (20, 2_000), 90), "PNG")

    assert made(thin, Recipe(width=4096)).size == (41, 4096)


def test_nothing_about_the_camera_is_left(made: Measure) -> None:
    for asked in ("jpeg", "webp", "png", "avif"):
        data = made.bytes(drawn("JPEG", exif=camera_exif(), comment=b"a remark"), Recipe(width=64, format=asked))  # type: ignore[arg-type]
        assert b"Canon" not in data and b"a remark" not in data
        assert not opened(data).getexif()


def test_the_colour_profile_is_kept(made: Measure) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = made(drawn("JPEG", icc_profile=profile), Recipe(width=64, format="webp"))

    assert picture.info["icc_profile"] == profile


def test_the_profile_of_a_print_is_not_that_of_its_rgb(made: Measure) -> None:
    picture = made(saved(corners(mode="CMYK"), "JPEG", icc_profile=b"print" * 40), Recipe(width=64, format="png"))

    assert "icc_profile" not in picture.info


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_decoded_in_the_server(made: Measure, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "decode", None)
    monkeypatch.setattr(raster, "open_image", None)

    assert made(drawn(format), Recipe(width=64)).width == 64


def test_a_picture_over_the_limits_is_not_decoded(made: Measure) -> None:
    with pytest.raises(FileRefused) as refused:
        made.bytes(png(20_000, 20_000), Recipe(width=64))
    assert refused.value.code == "LIMIT_EXCEEDED"


def test_half_a_picture_is_refused(made: Measure) -> None:
    with pytest.raises(FileRefused):
        made.bytes(drawn("PNG")[:-300], Recipe(width=64))


def test_the_webp_of_a_png_is_without_loss(made: Measure) -> None:
    noise = Image.merge("RGBA", [Image.effect_noise((90, 60), 80) for _ in range(4)])
    webp = opened(made.stand_in(saved(noise, "PNG")))

    assert webp.format == "WEBP"
    assert webp.tobytes() == noise.tobytes()


def test_the_webp_of_a_photo_is_upright_and_keeps_its_profile(made: Measure) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    webp = opened(made.stand_in(drawn("JPEG", exif=exif, icc_profile=profile)))

    assert (webp.format, webp.size) == ("WEBP", (480, 640))
    assert shows(webp, BLUE, RED, WHITE, GREEN)
    assert webp.info["icc_profile"] == profile


def test_what_a_webp_would_show_otherwise_has_none(made: Measure) -> None:
    assert made.stand_in(saved(corners(mode="CMYK"), "JPEG")) == b""
    assert made.stand_in(saved(Image.new("I;16", (64, 48), 40_000), "PNG")) == b""
    assert made.stand_in(saved(Image.new("L", (16_384, 2)), "PNG")) == b""
    assert made.stand_in(animation("PNG")) == b""


def test_a_picture_that_would_take_too_long_without_loss_has_no_webp(made: Measure) -> None:
    assert made.stand_in(drawn("PNG"), pixels=25_000_001) == b""
    assert made.stand_in(drawn("PNG"), pixels=25_000_000)
    assert made.stand_in(drawn("JPEG"), pixels=25_000_001)
