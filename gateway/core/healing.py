"""Whether the files of a record are what it says, and putting back what an upload of the same content brings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from gateway.core.ports import BlobStore, Upload
from gateway.core.records import VARIANTS, Asset, Media

BLOCK = 1 << 18


def file_sizes(media: Media) -> dict[str, int]:
    """What the store has to hold of it, by name."""
    return {media.blob(): media.size_bytes} | {
        media.blob(one): media.rendition_bytes(one) for one in VARIANTS if media.has(one)
    }


def damaged(blobs: BlobStore, media: Media) -> list[str]:
    """The names of its files that are missing, have another size than they should, or, for the original, other bytes.
    Whoever answers "have it already" must really have it."""
    wrong = [name for name, size in file_sizes(media).items() if blobs.size(name) != size]
    return wrong if media.blob() in wrong or matches(blobs, media) else [media.blob(), *wrong]


def matches(blobs: BlobStore, record: Media | Asset, hear: Callable[[int], None] = lambda _: None) -> bool:
    """Whether the bytes that are stored are those that were. `hear` is told of every block that was read."""
    blob = blobs.open(record.blob())
    if not blob:
        return False
    with blob.file as file:
        return sha256_of(file, hear) == record.sha256


def sha256_of(file: BinaryIO, hear: Callable[[int], None] = lambda _: None) -> str:
    hash = hashlib.sha256()
    while block := file.read(BLOCK):
        hash.update(block)
        hear(len(block))
    return hash.hexdigest()


def heal(blobs: BlobStore, media: Media, names: Sequence[str], files: Mapping[str, Upload | bytes]) -> bool:
    """Put `files` where `names` are damaged. False, and nothing is done, when the original among them is another one
    than was stored: the record would speak of bytes that are not there."""
    original = files[media.blob()]
    if media.blob() in names and digest_of(original) != media.sha256:
        return False
    blobs.put({name: files[name] for name in names if name in files})
    return True


def digest_of(content: Upload | bytes) -> str:
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else content.sha256()
