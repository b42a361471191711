"""The blocks Photoshop and press software leave in a JPEG: image resources, and IPTC records inside one of them.

Promises: everything kept stays byte for byte; a block that does not add up comes back empty; never raises.
"""

from __future__ import annotations

import struct

SIGNATURE = b"Photoshop 3.0\0"
_IPTC = 0x0404
# EXIF and XMP once more, thumbnails, and the digest of an IPTC block that is about to change.
_REMOVED = frozenset({0x0409, 0x040C, 0x0422, 0x0423, 0x0424})
_DIGEST = 0x0425
_APPLICATION = 2
# Content location code and name, city, sublocation, province, country code and name.
_PLACES = frozenset({26, 27, 90, 92, 95, 100, 101})
_MAX_RESOURCES = 1_000


def cleaned_resources(block: bytes) -> bytes:
    """`block` is what follows the signature."""
    resources = _resources(block)
    if resources is None:
        return b""
    kept = [resource for resource in resources if resource[0] not in _REMOVED]
    records = [(data, _without_places(data)) for kind, _, data in kept if kind == _IPTC]
    if all(data == left for data, left in records):
        return block if len(kept) == len(resources) else b"".join(whole for _, whole, _ in kept)
    left_over = iter([_resource(_IPTC, left) if left else b"" for _, left in records])
    return b"".join(next(left_over) if kind == _IPTC else whole for kind, whole, _ in kept if kind != _DIGEST)


def _resource(kind: int, data: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", kind, 0, len(data)) + data + bytes(len(data) & 1)


def _resources(block: bytes) -> list[tuple[int, bytes, bytes]] | None:
    """Kind, the whole resource, its data. None when the block is not a row of resources to its end."""
    found = list[tuple[int, bytes, bytes]]()
    at = 0
    while at < len(block) and len(found) < _MAX_RESOURCES:
        if not block[at : at + 4].isalnum():
            return found if block.count(0, at) == len(block) - at else None  # padding, or something else
        if len(block) - at < 12:
            return None
        name_size = block[at + 6] + 1
        data_at = at + 6 + name_size + (name_size & 1) + 4
        size = int.from_bytes(block[data_at - 4 : data_at], "big")
        end = data_at + size
        if end > len(block):
            return None
        padded = min(end + (size & 1), len(block))
        (kind,) = struct.unpack_from(">H", block, at + 4)
        found.append((kind, block[at:padded], block[data_at:end]))
        at = padded
    return found if at >= len(block) else None


def _without_places(records: bytes) -> bytes:
    """Empty when the records cannot be told apart."""
    kept, at = bytearray(), 0
    while at + 5 <= len(records) and records[at] == 0x1C:
        (size,) = struct.unpack_from(">H", records, at + 3)
        if size & 0x8000:
            return b""  # longer than any text; only pictures inside of pictures are
        end = at + 5 + size
        if end > len(records):
            return b""
        if records[at + 1] != _APPLICATION or records[at + 2] not in _PLACES:
            kept += records[at:end]
        at = end
    rest = records[at:]
    return bytes(kept + rest) if not rest.strip(b"\0") else b""
