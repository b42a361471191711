"""Libraries with pictures in whatever stores, and what is in them, for comparing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gateway.core.library import NewMedia
from gateway.core.records import Media
from gateway.settings import Settings, Storage
from gateway.store.copying.files import hash_of
from gateway.store.opening import Opened, open_data
from tests.conftest import draw


@contextmanager
def library(storage: Storage) -> Iterator[Opened]:
    opened = open_data(Settings(storage=storage))
    try:
        yield opened
    finally:
        opened.close()


def upload(opened: Opened, seed: int, owner: str = "alice") -> Media:
    """Large enough for a thumbnail and a medium."""
    found = opened.catalog.owner_named(owner) or opened.owners.add(owner)
    incoming = opened.blobs.receive(1_000_000)
    incoming.write(draw(700, 500, seed=seed))
    try:
        return opened.library.add(found, incoming, NewMedia(filename=f"{seed}.png", tags=("cat", str(seed)))).media
    finally:
        incoming.discard()


def fill(storage: Storage, number: int = 3) -> list[Media]:
    with library(storage) as opened:
        return [upload(opened, seed) for seed in range(number)]


def contents(storage: Storage) -> dict[str, tuple[Media, dict[str, str]]]:
    """Every record, but for its views, with the hashes of its files."""
    found = {}
    with library(storage) as opened:
        for one in opened.catalog.export_media("", 1000):
            files = {name: opened.blobs.open(name) for name in one.media.blobs()}
            hashes = {name: hash_of(blob) for name, blob in files.items() if blob}
            found[one.media.id] = replace(one.media, views=0), hashes
    return found


def is_whole(one: tuple[Media, dict[str, str]]) -> bool:
    media, hashes = one
    return set(hashes) == set(media.blobs()) and hashes[media.blob()] == media.sha256


def file_of(data: Path, name: str) -> Path:
    return data / "media" / name[:2] / name


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
