"""PNG and APNG: chunks are kept, rewritten or left out; of image data not a byte moves within its chunk.

Promises: chunks that nobody documented go, and so does whatever lies behind the end: editors that shortened a file in
place have left whole former pictures there.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from gateway.core.formats.headers.header import Damaged
from gateway.core.formats.privacy.edits import MAX_BLOCK, Plan, Policy
from gateway.core.formats.privacy.exif_block import cleaned_exif
from gateway.core.formats.privacy.names import is_telling
from gateway.core.formats.privacy.xmp import cleaned_xmp

_MAX_CHUNKS = 200_000
_XMP = b"XML:com.adobe.xmp\0"
_RAW_PROFILE = b"Raw profile type "
_EXIF_PREFIX = b"Exif\0\0"
_COLOURS = frozenset({b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"mDCv", b"cLLI", b"cLLi"})
_STRUCTURE = frozenset({b"tRNS", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"}) | _COLOURS
_HARMLESS = frozenset({b"hIST", b"sPLT", b"tIME", b"oFFs", b"pCAL", b"sCAL", b"sTER", b"vpAg", b"iDOT"})
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})


def clean(plan: Plan, policy: Policy) -> None:
    source = plan.source
    if source.read(0, 8) != b"\x89PNG\r\n\x1a\n":
        raise Damaged("it is not a PNG")
    map_of_data = None
    for kind, start, end in _chunks(plan):
        if kind == b"IEND":
            plan.remove_tail(end, policy)
        elif not kind[0] & 0x20 or kind in _STRUCTURE:
            continue
        elif kind == b"eXIf" or (kind in _TEXTS and policy != "strip"):
            body = source.read(start + 8, end - start - 12) if end - start <= MAX_BLOCK else b""
            left = _exif(body, policy) if kind == b"eXIf" else _text(kind, body)
            if not left:
                plan.remove(start, end)
            elif left != body:
                plan.replace(start, end, _chunk(kind, left))
        elif policy == "strip" or kind not in _HARMLESS:
            plan.remove(start, end)
        elif kind == b"iDOT":
            map_of_data = start, end
    if plan and map_of_data:
        plan.remove(*map_of_data)  # Apple's: tells how far from itself the image data lies


def _chunks(plan: Plan) -> Iterator[tuple[bytes, int, int]]:
    source, at = plan.source, 8
    for _ in range(_MAX_CHUNKS):
        piece = source.read(at, 8)
        kind, end = piece[4:], at + 12 + int.from_bytes(piece[:4], "big")
        if not kind.isalpha():
            raise Damaged("it holds something that is not a PNG chunk")
        if end > source.size:
            raise Damaged("it ends too early")
        yield kind, at, end
        if kind == b"IEND":
            return
        at = end
    raise Damaged("it has far too many chunks")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _exif(body: bytes, policy: Policy) -> bytes:
    block = body.removeprefix(_EXIF_PREFIX)
    left = cleaned_exif(block, policy)
    return body if left == block and left else left


def _text(kind: bytes, body: bytes) -> bytes:
    """What may stay of a text chunk; empty when it is to go."""
    keyword, _, rest = body.partition(b"\0")
    if kind == b"iTXt" and body.startswith(_XMP):
        return _packet(body)
    if keyword.startswith(_RAW_PROFILE):
        return _raw_profile(kind, keyword, rest, body)
    return b"" if is_telling(keyword.decode("latin-1")) else body


def _packet(body: bytes) -> bytes:
    languages = body[len(_XMP) + 2 :].split(b"\0", 2)
    if len(languages) < 3:
        return b""
    packet = _inflated(languages[2]) if body[len(_XMP)] else languages[2]
    left = cleaned_xmp(packet)
    if left == packet and left:
        return body
    return _XMP + b"\0\0\0\0" + left if left else b""


def _raw_profile(kind: bytes, keyword: bytes, rest: bytes, body: bytes) -> bytes:
    """ImageMagick's way before there was a chunk for it: a heading, the length, and the block in hexadecimal."""
    name = keyword[len(_RAW_PROFILE) :].lower()
    if name in (b"icc", b"icm"):
        return body
    text = _inflated(rest[1:]) if kind == b"zTXt" else rest
    lines = text.strip().split(b"\n", 2)
    if name not in (b"exif", b"app1") or kind == b"iTXt" or len(lines) < 3:
        return b""
    try:
        block = bytes.fromhex(lines[2].decode("ascii"))
    except ValueError:
        return b""
    if not block.startswith(_EXIF_PREFIX):
        return b""
    left = cleaned_exif(block[6:], "no-location")
    if left == block[6:] and left:
        return body
    written = (_EXIF_PREFIX + left).hex()
    rows = "\n".join(written[at : at + 72] for at in range(0, len(written), 72))
    text = b"\n" + lines[0] + f"\n{len(written) // 2:8}\n{rows}\n".encode()
    return keyword + b"\0" + (b"\0" + zlib.compress(text) if kind == b"zTXt" else text) if left else b""


def _inflated(packed: bytes) -> bytes:
    """Nothing when it is damaged or larger than is looked into."""
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(packed, MAX_BLOCK)
    except zlib.error:
        return b""
    return text if unpacker.eof else b""
