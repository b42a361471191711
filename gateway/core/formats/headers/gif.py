"""GIF: every block, frame by frame, to the trailer.

The canvas is as large as the screen and all frames together: players and Pillow grow it to what a frame needs.
"""

from __future__ import annotations

import struct

from gateway.core.formats.headers.header import Damaged, Header, Pixels, Source

# A usual block holds 255 bytes; only a file made to be slow has so many.
_MAX_BLOCKS = 1_000_000
_TRAILER, _EXTENSION, _IMAGE = 0x3B, 0x21, 0x2C
_GRAPHIC_CONTROL = 0xF9


class _Walk:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.blocks = 0
        self.at = 0

    def take(self, count: int) -> bytes:
        window, place = self.source.window(self.at) if self.at < self.source.size else (b"", 0)
        piece = window[place : place + count]
        if len(piece) < count:
            piece = self.source.read(self.at, count)
        self.at += count
        return piece

    def skip_blocks(self) -> None:
        """Past a chain of sub-blocks and the zero that ends it."""
        while True:
            window, place = self.source.window(self.at)
            start, size, blocks = place, len(window), self.blocks
            while place < size:
                step = window[place]
                place += step + 1
                blocks += 1
                if not step:
                    break
            self.at += place - start
            self.blocks = blocks
            if blocks > _MAX_BLOCKS:
                raise Damaged("it is cut into far too many blocks")
            if not step:
                return


def walk(source: Source, max_frames: int) -> Header:
    gif = _Walk(source)
    screen = gif.take(13)
    width, height = struct.unpack("<HH", screen[6:10])
    palette = gif.take(_palette_bytes(screen[10]))
    control, still, metadata, frames = b"", None, 0, 0
    while gif.at < source.size and frames <= max_frames:
        start = gif.at
        kind = gif.take(1)[0]
        if kind == _IMAGE:
            left, top, wide, high, flags = struct.unpack("<HHHHB", gif.take(9))
            width, height = max(width, left + wide), max(height, top + high)
            gif.take(_palette_bytes(flags) + 1)
            gif.skip_blocks()
            frames += 1
            if still is None and not (wide and high):
                raise Damaged("its picture has no width or no height")
            still = still or (start, gif.at, control)
        elif kind == _EXTENSION:
            is_control = gif.take(1)[0] == _GRAPHIC_CONTROL
            gif.skip_blocks()
            if not is_control:
                metadata += gif.at - start
            elif still is None and gif.at - start <= 8:
                control = source.read(start, gif.at - start)
        elif kind == _TRAILER or still is not None:
            break  # whatever follows the last picture is ignored by every player
        else:
            raise Damaged("it holds something that is not a GIF block")
    if still is None:
        raise Damaged("it holds no picture")
    head = screen[:6] + struct.pack("<HH", min(width, 0xFFFF), min(height, 0xFFFF)) + screen[10:] + palette + still[2]
    return Header(width, height, frames, metadata, pixels=Pixels(head, still[0], still[1], b";"))


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
