"""BMP: two fixed headers; uncompressed pixels must be there in full."""

from __future__ import annotations

from gateway.core.formats.headers.header import Damaged, Header, Source

_RAW, _RLE8, _RLE4, _BITFIELDS = range(4)
# Run-length compressed pixels are unpacked in Python, and a few bytes may claim the largest picture allowed.
_MAX_PACKED_PIXELS = 4_000_000


def walk(source: Source, max_frames: int) -> Header:
    offset, header_size = source.unpack("<II", 10)
    if header_size == 12:
        width, height, _, bits = source.unpack("<HHHH", 18)
        packing = _RAW
    else:
        width, signed_height, _, bits, packing = source.unpack("<IiHHI", 18)
        height = abs(signed_height)  # negative: the rows run from top to bottom
    if packing in (_RAW, _BITFIELDS):
        row = (width * bits + 31) // 32 * 4
        if max(offset, 14 + header_size) + row * height > source.size:
            raise Damaged("it ends too early")
    elif packing not in (_RLE8, _RLE4) or width * height > _MAX_PACKED_PIXELS:
        raise Damaged("its kind of compression cannot be read")
    return Header(width, height, frames=1, metadata_bytes=0)
