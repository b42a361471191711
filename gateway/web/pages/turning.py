"""Turning the pages of a long list. Where a page begins is written into its address (`?after=…`), so that a page deep
down costs what the first one costs, and stays the same page while new things are added at the front."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from flask import request

from gateway.core.listing import Place
from gateway.core.records import Album, Listed, Media

T = TypeVar("T")
PLACE = re.compile(r"(-?[0-9]{1,15})\.([A-Za-z0-9_-]{1,64})", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def asked_place() -> Place | None:
    """None for the first page, which is also what an address that makes no sense gets."""
    return read_place(request.args.get("after", ""))


def read_place(text: str) -> Place | None:
    match = PLACE.fullmatch(text)
    if not match:
        return None
    try:
        return Place(EPOCH + int(match[1]) * MILLISECOND, match[2])
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True)
class Leaf(Generic[T]):
    """A page of a list that has an order of its own, such as one by name: there the address says its number."""

    shown: Sequence[T]
    number: int
    goes_on: bool


def asked_leaf(found: Sequence[T], size: int) -> Leaf[T]:
    """An address beyond the end gets the last one."""
    number = min(max(request.args.get("page", 1, type=int), 1), max(1, -(-len(found) // size)))
    return Leaf(found[(number - 1) * size : number * size], number, len(found) > number * size)


def place_after(last: Media | Listed | Album) -> str:
    return f"{(last.created_at - EPOCH) // MILLISECOND}.{last.id}"
