"""EXIF blocks: what may stay, what may not, and that odd ones neither raise nor grow."""

from __future__ import annotations

import struct

import pytest
from PIL import Image

from gateway.core.formats.exif import orientation
from gateway.core.formats.privacy.edits import MAX_BLOCK
from gateway.core.formats.privacy.exif_block import cleaned_exif, upright
from gateway.core.formats.tiff import read_block
from tests.core import planting


def entry(order: str, tag: int, type: int, count: int, value: int) -> bytes:
    return struct.pack(order + "HHII", tag, type, count, value)


def block(order: str, *entries: bytes, following: int = 0, rest: bytes = b"") -> bytes:
    magic = b"MM\0*" if order == ">" else b"II*\0"
    head = magic + struct.pack(order + "IH", 8, len(entries))
    return head + b"".join(entries) + struct.pack(order + "I", following) + rest


def turned(order: str, turn: int = 6) -> bytes:
    return entry(order, 0x0112, 3, 1, turn << 16 if order == ">" else turn)


def test_camera_and_exposure_stay() -> None:
    left = cleaned_exif(planting.exif(), "no-location")
    read = read_block(left)
    assert read.gps == {} and not {0xA430, 0xA431, 0x927C} & set(read.exif)
    assert read.main[0x010F].text() == "Canon" and read.exif[0x9003].text() == "2020:01:02 03:04:05"
    assert read.exif[0x829A].rationals() == ["1/250"] and orientation(read) == 6
    assert len(left) < len(planting.exif())


def test_a_block_that_tells_nothing_comes_back_as_it_is() -> None:
    plain = planting.exif(telling=False)
    assert cleaned_exif(plain, "no-location") == plain


@pytest.mark.parametrize("order", "<>")
def test_both_byte_orders(order: str) -> None:
    gps = entry(order, 0x8825, 4, 1, 38)
    data = block(order, turned(order), gps, rest=struct.pack(order + "H", 1) + entry(order, 5, 1, 1, 1) + bytes(4))
    left = cleaned_exif(data, "no-location")
    assert set(read_block(left).main) == {0x0112} and orientation(read_block(left)) == 6
    assert left[:2] == data[:2]


def test_a_preview_goes() -> None:
    preview = (
        struct.pack(">H", 2)
        + entry(">", 0x0201, 4, 1, 60)
        + entry(">", 0x0202, 4, 1, 9)
        + bytes(4)
        + b"\xff\xd8SECRET!"
    )
    left = cleaned_exif(block(">", turned(">"), following=26, rest=preview), "no-location")
    assert left.rstrip(b"\0") == upright(6).rstrip(b"\0")


def test_what_was_only_unlinked_goes_too() -> None:
    data = block(">", turned(">"), rest=b"a GPS directory nobody points to")
    assert cleaned_exif(data, "no-location") == upright(6)


@pytest.mark.parametrize("turn", range(2, 9))
def test_stripped_only_the_turn_is_left(turn: int) -> None:
    left = cleaned_exif(planting.exif(turn=turn), "strip")
    assert left == upright(turn) and cleaned_exif(left + bytes(40), "strip") == left + bytes(40)


@pytest.mark.parametrize("turn", (0, 1, 9, 77))
def test_stripped_a_block_that_turns_nothing_goes(turn: int) -> None:
    assert cleaned_exif(planting.exif(turn=turn), "strip") == b""


@pytest.mark.parametrize("data", (b"", b"MM", b"II*\0\xff\xff\xff\xff", b"not a block at all", bytes(200)))
def test_what_cannot_be_read_goes(data: bytes) -> None:
    assert cleaned_exif(data, "no-location") == b""


def test_a_directory_that_points_to_itself_is_read_once() -> None:
    loop = block(">", turned(">"), entry(">", 0x8769, 4, 1, 8), following=8)
    left = cleaned_exif(loop, "no-location")
    assert len(left) <= len(loop) and orientation(read_block(left)) == 6
    assert cleaned_exif(left, "no-location") == left


def test_values_that_lie_on_each_other_do_not_make_it_grow() -> None:
    greedy = [entry(">", tag, 7, 1900, 8) for tag in range(0x9000, 0x9013)]
    data = block(">", turned(">"), *greedy, rest=bytes(range(1, 256)) * 8)
    assert cleaned_exif(data, "no-location") == upright(6)


def test_one_that_is_too_large_is_not_looked_into() -> None:
    assert cleaned_exif(planting.exif() + bytes(MAX_BLOCK), "no-location") == b""


def test_pillow_reads_what_is_left() -> None:
    read = Image.Exif()
    read.load(cleaned_exif(planting.exif(), "no-location"))
    assert read[0x0110] == "EOS R5" and read.get_ifd(0x8825) == {}
