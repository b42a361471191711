"""PNG and APNG: the row of chunks, to its end."""

from __future__ import annotations

import zlib

from gateway.core.formats.headers.header import MAX_KEPT, Damaged, Header, Pixels, Source

_MAX_CHUNKS = 200_000
_XMP = b"XML:com.adobe.xmp\0"
_END = b"\0\0\0\0IEND\xae\x42\x60\x82"
# What a decoder needs besides the image data, and how large each may be.
_NEEDED = {b"PLTE": 768, b"tRNS": 256}
_OF_FRAMES = frozenset({b"fcTL", b"fdAT"})


def walk(source: Source, max_frames: int) -> Header:
    if source.read(8, 8) != b"\0\0\0\x0dIHDR":
        raise Damaged("its size is missing")
    width, height = source.unpack(">II", 16)
    head = {b"IHDR": source.read(0, 33)}
    exif = xmp = icc = b""
    data_start = data_end = promised = counted = metadata = 0
    at = 33
    for _ in range(_MAX_CHUNKS):
        piece = source.read(at, 8)
        length, kind = int.from_bytes(piece[:4], "big"), piece[4:]
        end = at + 12 + length
        if not kind.isalpha():
            raise Damaged("it holds something that is not a PNG chunk")
        if end > source.size:
            raise Damaged("it ends too early")
        if kind == b"IDAT":
            if data_end not in (0, at):
                raise Damaged("its image data is torn apart")
            data_start, data_end = data_start or at, end
        elif kind == b"IEND":
            break
        elif kind in _NEEDED:
            if length > _NEEDED[kind]:
                raise Damaged("its palette is too large")
            head.setdefault(kind, source.read(at, length + 12))
        elif kind == b"acTL" and not data_start and length == 8:
            promised = source.unpack(">I", at + 8)[0]
        elif kind == b"fcTL":
            counted += 1
            if counted > max_frames:
                break
        elif kind == b"eXIf" and not exif:
            exif = source.kept(at + 8, length).removeprefix(b"Exif\0\0")
        elif kind == b"iCCP" and not icc:
            icc = _profile(source.kept(at + 8, length))
        elif kind == b"iTXt" and not xmp and source.read(at + 8, min(length, len(_XMP))) == _XMP:
            xmp = _packet(source.kept(at + 8, length))
        if kind[0] & 0x20 and kind not in _OF_FRAMES:
            metadata += length
        at = end
    else:
        raise Damaged("it has far too many chunks")
    if not data_start:
        raise Damaged("it holds no picture")
    return Header(
        width=width,
        height=height,
        # Without its announcement an APNG is a still to every viewer. With it, the larger number is what it costs.
        frames=max(promised, counted) if promised else 1,
        metadata_bytes=metadata,
        exif=exif,
        xmp=xmp,
        icc=icc,
        pixels=Pixels(b"".join(head.values()), data_start, data_end, _END),
    )


def _profile(chunk: bytes) -> bytes:
    _, _, packed = chunk.partition(b"\0")
    return _inflate(packed[1:])


def _packet(chunk: bytes) -> bytes:
    is_packed = chunk[len(_XMP) : len(_XMP) + 1] == b"\1"
    text = chunk[len(_XMP) + 2 :].split(b"\0", 2)[-1]
    return _inflate(text) if is_packed else text


def _inflate(packed: bytes) -> bytes:
    """Nothing when it is damaged or larger than is carried along: neither is a reason to refuse the picture."""
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(packed, MAX_KEPT)
    except zlib.error:
        return b""
    return text if unpacker.eof else b""
