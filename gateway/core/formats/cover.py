"""A cover for music that has none: two colours and some bars, always the same for the same title."""

from __future__ import annotations

import colorsys
import hashlib
import math

from PIL import Image, ImageDraw, ImageOps

_BARS = 21
_FINER = 2


def draw_cover(title: str, width: int, height: int) -> Image.Image:
    seed = hashlib.sha256(title.encode("utf-8", "replace")).digest()
    hue = seed[0] / 256
    dark, light = _colour(hue, 0.75, 0.35), _colour(hue + 0.08 + seed[1] / 2_048, 0.6, 0.8)
    slope = Image.linear_gradient("L").rotate(35, Image.Resampling.BICUBIC).crop((48, 48, 208, 208))
    picture = ImageOps.colorize(slope.resize((width, height), Image.Resampling.BICUBIC), dark, light)
    # Drawn larger and made smaller: Pillow's own edges are hard.
    bars = _bars(seed, width * _FINER, height * _FINER).reduce(_FINER)
    picture.paste((255, 255, 255), mask=bars)
    return picture


def _bars(seed: bytes, width: int, height: int) -> Image.Image:
    """High in the middle and low at the ends, like a tune that begins and fades."""
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    step = width * 0.8 / _BARS
    for number in range(_BARS):
        swell = math.sin(math.pi * (number + 1) / (_BARS + 1))
        reach = height * (0.03 + 0.27 * swell * (0.25 + 0.75 * seed[2 + number] / 255))
        left, middle = width * 0.1 + number * step, height / 2
        box = (left + step * 0.2, middle - reach, left + step * 0.8, middle + reach)
        draw.rounded_rectangle(box, radius=step * 0.3, fill=225)
    return mask


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
