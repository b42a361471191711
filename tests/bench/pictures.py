"""Pictures to upload: drawn once, kept in the temporary folder, and told apart by a comment nobody sees."""

from __future__ import annotations

import io
import itertools
import os
import random
import tempfile
import zlib
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

COUNTS = {"photo": 4, "shot": 8, "tiny": 20}
WORDS = ("gateway", "upload", "a link that stays", "thumbnail", "of", "the old host", "and", "moving house", "to")
stamps = itertools.count(random.getrandbits(48) << 16)


def corpus(folder: Path | None) -> dict[str, list[bytes]]:
    """Bytes by kind. `folder` has one folder for each kind; without it our own are drawn."""
    folder = folder or drawn()
    return {kind: [file.read_bytes() for file in sorted((folder / kind).iterdir())] for kind in COUNTS}


def drawn() -> Path:
    folder = Path(tempfile.gettempdir(), f"picgate-bench-{os.getuid()}")
    draw = {"photo": photo, "shot": shot, "tiny": tiny}
    for kind, count in COUNTS.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            file = folder / kind / f"{number}.{'jpg' if kind == 'photo' else 'png'}"
            if not file.exists():
                part = file.with_suffix(".part")
                part.write_bytes(draw[kind](random.Random(f"{kind} {number}")))
                part.rename(file)
    return folder


def photo(dice: random.Random) -> bytes:
    """Soft shapes of several sizes under the grain of a sensor: about 3.3 MB."""
    image = landscape(dice, (4000, 3000))
    grain = Image.effect_noise(image.size, 6.5)
    image = ImageChops.add(image, Image.merge("RGB", (grain,) * 3), offset=-128)
    return encoded(image, "JPEG", quality=88)


def landscape(dice: random.Random, size: tuple[int, int]) -> Image.Image:
    picture = Image.new("RGB", size)
    for cells in (5, 24, 90):
        small = (cells, cells * 3 // 4)
        colours = Image.frombytes("RGB", small, dice.randbytes(small[0] * small[1] * 3))
        picture = Image.blend(picture, colours.resize(size, Image.Resampling.BICUBIC), 0.5)
    return picture


def shot(dice: random.Random) -> bytes:
    """A screen with windows, rows of text and one photo: about 200 KB."""
    image = Image.new("RGB", (1280, 800), (232, 234, 240))
    pen = ImageDraw.Draw(image)
    for left, top in ((40, 30), (700, 60), (120, 420)):
        pen.rectangle((left, top, left + 520, top + 340), fill="white", outline=(150, 150, 160))
        pen.rectangle((left, top, left + 520, top + 24), fill=(60, 90, dice.randrange(120, 220)))
        for row in range(15):
            words = " ".join(dice.choices(WORDS, k=dice.randrange(6, 16)))
            pen.text((left + 12, top + 34 + 20 * row), words[:84], fill=(30, 30, dice.randrange(40, 90)))
    image.paste(landscape(dice, (260, 190)).effect_spread(2), (880, 480))
    return encoded(image, "PNG")


def tiny(dice: random.Random) -> bytes:
    return encoded(Image.new("RGB", (16, 16), tuple(dice.randbytes(3))), "PNG")


def encoded(image: Image.Image, format: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def another(data: bytes) -> bytes:
    """The same picture as a file nobody has uploaded before."""
    text = f"bench {next(stamps)}".encode()
    if data.startswith(b"\xff\xd8"):
        return data[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + data[2:]
    chunk = b"tEXtComment\0" + text
    framed = (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    return data[:33] + framed + data[33:]  # behind the signature and IHDR
