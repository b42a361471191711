"""A stored picture drawn anew: made to measure for an address, or as a WebP that stands in for the original.

Promises: one decode, at the smallest scale that will do; upright, the first frame alone; pixels and, where the colours
still mean the same, a small colour profile - never EXIF, XMP or comments; decoded in a child process. Whatever is wrong
with the bytes is a `FileRefused`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, BinaryIO

from PIL import Image

from gateway.core.formats import exif, raster, renditions
from gateway.core.formats.child import Pool
from gateway.core.formats.headers import read_header
from gateway.core.formats.limits import Limits, check
from gateway.core.formats.registry import Format, by_name
from gateway.core.formats.renditions import LANCZOS, Look, Options
from gateway.core.formats.wire import Message
from gateway.core.recipes import Layout, Recipe, layout

_WEBP_SIDE = 16_383
# Without loss, more than this takes a browser's patience and a slot for ten seconds.
_LOSSLESS_PIXELS = 25_000_000
# A decode at twice the size leaves the fine filter something to do.
_MARGIN = 2
# Above these sizes, somebody would wait too long for the last few percent.
_QUICK_PIXELS, _QUICK_AVIF_PIXELS = 4_000_000, 1_000_000
_WHITE, _CLEAR = (255, 255, 255), (0, 0, 0, 0)


def measure(file: BinaryIO, format: Format, limits: Limits, recipe: Recipe, pool: Pool) -> bytes:
    return _apart(file, format, limits, recipe, pool)


def stand_in(file: BinaryIO, format: Format, pixels: int, limits: Limits, pool: Pool) -> bytes:
    """The same picture as a WebP, of a PNG without loss. Empty when it would not look the same, or take too long;
    `pixels` is what the record says."""
    if format.name != "jpeg" and pixels > _LOSSLESS_PIXELS:
        return b""
    return _apart(file, format, limits, None, pool)


def _apart(file: BinaryIO, format: Format, limits: Limits, recipe: Recipe | None, pool: Pool) -> bytes:
    options = {"format": format.name, "limits": asdict(limits), "recipe": recipe and asdict(recipe)}
    return pool.run("measure", file, label=f"{format.label} image", options=options).parts[0]


def measure_here(file: BinaryIO, options: dict[str, Any]) -> Message:
    """The child's part of both."""
    format, limits = by_name(options["format"]), Limits(**options["limits"])
    if options["recipe"] is None:
        return Message({}, (_stood_in(file, format, limits),))
    return Message({}, (_measured(file, format, limits, Recipe(**options["recipe"])),))


def _measured(file: BinaryIO, format: Format, limits: Limits, recipe: Recipe) -> bytes:
    header = read_header(file, format, limits.max_frames)
    check(header, limits)
    with raster.decoding(format):
        image, header = raster.open_image(file, format, header)
    check(header, limits)
    turn = exif.orientation(exif.read_block(header.exif))
    size = (header.height, header.width) if turn >= 5 else (header.width, header.height)
    plan = layout(size, recipe)
    with raster.decoding(format):
        raster.decode(image, min(1.0, _scale(plan) * _MARGIN))
    look = renditions.look_of(image, by_name(recipe.format or format.stored_as), header.icc)
    picture = renditions.upright(renditions.plain(image), turn)
    picture = _laid_out(picture, size, plan, has_alpha=look.format.name != "jpeg")
    return renditions.encoded(
        picture, look, renditions.small_profile(look), _options(look.format.name, recipe.quality, picture)
    )


def _stood_in(file: BinaryIO, format: Format, limits: Limits) -> bytes:
    header = read_header(file, format, limits.max_frames)
    check(header, limits)
    with raster.decoding(format):
        image, header = raster.open_image(file, format, header)
    check(header, limits)
    # A print's colours are the browser's to convert; more than 8 bits a colour would be lost.
    if max(image.size) > _WEBP_SIDE or header.frames > 1 or image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
        return b""
    with raster.decoding(format):
        raster.decode(image, 1.0)
    look = Look(by_name("webp"), is_palette=False, icc=header.icc)
    picture = renditions.upright(renditions.plain(image), exif.orientation(exif.read_block(header.exif)))
    is_quick = picture.width * picture.height > _QUICK_PIXELS
    options: Options = {"quality": 80, "method": 0 if is_quick else 2}
    if format.name == "png":
        options = {"lossless": True, "exact": True, "quality": 20, "method": 0 if is_quick else 1}
    return renditions.encoded(picture, look, look.icc, options)


def _scale(plan: Layout) -> float:
    left, top, right, bottom = plan.box
    return max(plan.drawn[0] / (right - left), plan.drawn[1] / (bottom - top))


def _laid_out(picture: Image.Image, size: tuple[int, int], plan: Layout, *, has_alpha: bool) -> Image.Image:
    """`size` is the source's; `picture` may be smaller."""
    across, down = picture.width / size[0], picture.height / size[1]
    left, top, right, bottom = plan.box
    box = (left * across, top * down, min(right * across, picture.width), min(bottom * down, picture.height))
    if picture.size != plan.drawn or box != (0, 0, *picture.size):
        picture = picture.resize(plan.drawn, LANCZOS, box=box, reducing_gap=3.0)
    is_framed = plan.canvas != plan.drawn
    if not is_framed and (has_alpha or picture.mode not in ("LA", "RGBA")):
        return picture
    # Where nothing can be clear, clear is white.
    canvas = Image.new("RGBA", plan.canvas, _CLEAR) if has_alpha else Image.new("RGB", plan.canvas, _WHITE)
    place = ((plan.canvas[0] - plan.drawn[0]) // 2, (plan.canvas[1] - plan.drawn[1]) // 2)
    if picture.mode in ("LA", "RGBA"):
        picture = picture.convert("RGBA")
        canvas.paste(picture, place, None if has_alpha else picture)
    else:
        canvas.paste(picture.convert(canvas.mode), place)
    return canvas


def _options(name: str, quality: int, picture: Image.Image) -> Options:
    pixels = picture.width * picture.height
    return {
        "webp": {"quality": quality, "method": 0 if pixels > _QUICK_PIXELS else 2},
        "jpeg": {"quality": quality},
        "png": {"compress_level": 3 if pixels > _QUICK_PIXELS else 6},
        "avif": {"quality": quality, "speed": 10 if pixels > _QUICK_AVIF_PIXELS else 8, "max_threads": 1},
        "gif": {},
    }[name]
