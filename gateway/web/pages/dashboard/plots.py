"""Plots as SVG, drawn by the server: numbers become places, the stylesheet gives them colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 720, 160
GAP = 3
STRIP_WIDTH = 720
LEAST = 2


@dataclass(frozen=True, slots=True)
class Column:
    """Upright, of a day."""

    day: date
    number: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Columns:
    """`line` is a round number above all columns, at the top of the plot."""

    columns: tuple[Column, ...]
    line: int
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a strip, from left to right."""

    hue: int
    x: float
    width: float


def columns(numbers: Mapping[date, int]) -> Columns:
    line = round_above(max(numbers.values(), default=0))
    step = WIDTH / max(1, len(numbers))
    drawn = []
    for at, (day, number) in enumerate(numbers.items()):
        height = HEIGHT * number / line
        if number:
            height = max(height, LEAST)
        drawn.append(
            Column(day, number, round(at * step + GAP / 2, 2), round(HEIGHT - height, 2), round(step - GAP, 2),
                   round(height, 2))
        )  # fmt: skip
    return Columns(tuple(drawn), line)


def round_above(number: int) -> int:
    """The next of 4, 10, 20, 40, 100, 200, …: a quarter and a half of it are whole numbers, or nearly."""
    line = 4
    steps = (2.5, 2, 2)
    at = 0
    while line < number:
        line = int(line * steps[at % 3])
        at += 1
    return line


def strip(amounts: Sequence[int], whole: int) -> tuple[Piece, ...]:
    """What is there at all can be seen, however little of the whole it is."""
    pieces = []
    x, rest = 0.0, STRIP_WIDTH - LEAST * sum(amount > 0 for amount in amounts)
    for hue, amount in enumerate(amounts, start=1):
        if amount > 0:
            width = LEAST + rest * amount / whole
            pieces.append(Piece(hue, round(x, 2), round(width, 2)))
            x += width
    return tuple(pieces)
