"""Files with a place, serial numbers and an owner planted in them, built by code, for the tests of `privacy`."""

from __future__ import annotations

import functools
import struct
import zlib

from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from tests.core.drawing import drawn, png_chunk

# The last one is the latitude of the EXIF block, a number that can be looked for in the bytes.
SECRETS = (b"SN-SECRET", b"Olive Owner", b"Zurich-S", b"47.3769", b"\x2f\x05\x2a\x07", b"\x07\x2a\x05\x2f")
TITLE = "A title to keep"

XMP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" xmlns:ps="http://ns.adobe.com/photoshop/1.0/"
   xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"
   xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
   exif:GPSLatitude="47.3769N" aux:SerialNumber='SN-SECRET' GPano:ProjectionType="equirectangular"
   drone-dji:RtkFlag="SN-SECRET">
  <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{TITLE}</rdf:li></rdf:Alt></dc:title>
  <ps:City>Zurich-S</ps:City><ps:Country/>
  <aux:OwnerName>Olive Owner</aux:OwnerName>
  <ext:LocationShown><rdf:Bag><rdf:li rdf:parseType="Resource"><ext:City>Zurich-S</ext:City></rdf:li></rdf:Bag>
  </ext:LocationShown>
 </rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


@functools.cache
def icc() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(*, telling: bool = True, turn: int = 6) -> bytes:
    """A bare TIFF block."""
    block = Image.Exif()
    block[0x010F], block[0x0110], block[0x0112] = "Canon", "EOS R5", turn
    shot = block.get_ifd(0x8769)
    shot[0x9003], shot[0x829A] = "2020:01:02 03:04:05", IFDRational(1, 250)
    if telling:
        shot[0xA431], shot[0xA430], shot[0x927C] = "SN-SECRET", "Olive Owner", b"maker SN-SECRET"
        block.get_ifd(0x8825).update({1: "N", 2: (IFDRational(0x2F052A07), IFDRational(22), IFDRational(37))})
    return block.tobytes().removeprefix(b"Exif\0\0")


def photoshop() -> bytes:
    def record(number: int, text: bytes) -> bytes:
        return struct.pack(">BBBH", 0x1C, 2, number, len(text)) + text

    def resource(kind: int, data: bytes) -> bytes:
        return b"8BIM" + struct.pack(">HHI", kind, 0, len(data)) + data + bytes(len(data) & 1)

    records = record(90, b"Zurich-S") + record(105, TITLE.encode()) + record(92, b"Zurich-S Lake")
    return resource(0x03ED, bytes(16)) + resource(0x0404, records) + resource(0x0425, bytes(16))


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


EXIF_MARK, XMP_MARK = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"


def jpeg(width: int = 320, height: int = 240) -> bytes:
    return with_segments(
        drawn("JPEG", width, height, icc_profile=icc()),
        segment(0xE1, EXIF_MARK + exif()),
        segment(0xE1, XMP_MARK + XMP),
        segment(0xED, b"Photoshop 3.0\0" + photoshop()),
        segment(0xE5, b"ssuniqueid\0SN-SECRET"),
        segment(0xFE, b"a comment"),
    )


def multi_picture(first: bytes, *others: bytes, tail: bytes = b"") -> bytes:
    """As stereo cameras and HDR phones write it: pictures behind each other, and a list in the first one."""
    count = 1 + len(others)
    length = 4 + 50 + 16 * count  # of the list with its mark
    end = len(first) + length + 4
    entries, at = struct.pack(">IIIHH", 0x20030000, end, 0, 0, 0), end
    for other in others:
        entries += struct.pack(">IIIHH", 0x00020002, len(other), at - 10, 0, 0)
        at += len(other)
    head = b"MM\0*" + struct.pack(">IH", 8, 3) + struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    head += struct.pack(">HHIIHHIII", 0xB001, 4, 1, count, 0xB002, 7, 16 * count, 50, 0)
    return with_segments(first, segment(0xE2, b"MPF\0" + head + entries)) + b"".join(others) + tail


def png() -> bytes:
    picture = drawn("PNG", 64, 48, icc_profile=icc())
    raw = b"Raw profile type exif\0\0" + zlib.compress(
        b"\nexif\n%8d\n%s\n" % (len(exif()) + 6, (EXIF_MARK + exif()).hex().encode())
    )
    chunks = (
        png_chunk(b"iDOT", bytes(28)),
        png_chunk(b"eXIf", exif()),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP)),
        png_chunk(b"tEXt", b"Title\0" + TITLE.encode()),
        png_chunk(b"tEXt", b"exif:GPSLatitude\x0047.3769"),
        png_chunk(b"zTXt", raw),
        png_chunk(b"caBX", b"SN-SECRET"),
    )
    return picture[:33] + b"".join(chunks) + picture[33:] + b"Zurich-S, cropped away"


def webp() -> bytes:
    picture = drawn("WEBP", 64, 48, exif=exif(), xmp=XMP, icc_profile=icc())
    grown = picture[12:] + b"VEND\x09\0\0\0SN-SECRET\0"
    return b"RIFF" + struct.pack("<I", len(grown) + 4) + b"WEBP" + grown + b"Zurich-S"


def gif() -> bytes:
    picture = drawn("GIF", 64, 48, comment=b"a comment")
    assert picture.endswith(b";")
    tail = bytes((1, *range(255, -1, -1), 0))
    return picture[:-1] + b"\x21\xff\x0bXMP DataXMP" + XMP + tail + b";" + b"Zurich-S"


def avif() -> bytes:
    return drawn("AVIF", 64, 48, exif=exif(), xmp=XMP, icc_profile=icc(), speed=10)


def box(kind: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I", len(body) + 8) + kind + body


def full(kind: bytes, *bodies: bytes) -> bytes:
    return box(kind, bytes(4), *bodies)


TELEMETRY, WORDS = b"GPS5 47.3769 SN-SECRET", b"GPS (8.5417, 47.3769, 19)"


def film() -> bytes:
    """No picture in it, but everything around one: two tracks that tell places, one that does not."""
    head = box(b"ftyp", b"isom\0\0\2\0isom")
    samples = (b"picture" * 4, TELEMETRY, WORDS)
    body = head + box(b"mdat", *samples)
    at, tracks = len(head) + 8, []
    for kind, sample in zip((b"vide", b"meta", b"text"), samples, strict=True):
        tracks.append(_track(kind, at, len(sample)))
        at += len(sample)
    data = box(b"data", struct.pack(">II", 1, 0), b"+47.3769+008.5417/")
    key = b"com.apple.quicktime.location.ISO6709"
    keys = full(b"keys", struct.pack(">II", 2, 8 + len(key)), b"mdta" + key, struct.pack(">I", 13), b"mdtatitle")
    title = box(struct.pack(">I", 2), box(b"data", struct.pack(">II", 1, 0), TITLE.encode()))
    handler = full(b"hdlr", bytes(4), b"mdta", bytes(13))
    movie = box(
        b"moov",
        full(b"mvhd", struct.pack(">II", 3_600_000_000, 3_600_000_000), bytes(88)),
        *tracks,
        box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+47.3769+008.5417/"), box(b"\xa9nam", TITLE.encode()), bytes(4)),
        box(b"meta", handler, keys, box(b"ilst", box(struct.pack(">I", 1), data), title)),
        box(b"gps ", b"47.3769"),
    )
    packet = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), XMP)
    return body + movie + packet + box(b"free", b"SN-SECRET") + b"Insta trailer SN-SECRET"


def _track(kind: bytes, at: int, length: int) -> bytes:
    tables = box(
        b"stbl",
        full(b"stsd", bytes(4)),
        full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        full(b"stsz", struct.pack(">III", 0, 1, length)),
        full(b"stco", struct.pack(">II", 1, at)),
    )
    media = box(b"mdia", full(b"mdhd", bytes(20)), full(b"hdlr", bytes(4), kind, bytes(13)), box(b"minf", tables))
    return box(b"trak", full(b"tkhd", bytes(80)), media)


def element(id: int, *bodies: bytes, unknown: bool = False) -> bytes:
    body = b"".join(bodies)
    name = id.to_bytes((id.bit_length() + 7) // 8, "big")
    return name + (b"\x01" + b"\xff" * 7 if unknown else b"\x10" + len(body).to_bytes(3, "big")) + body


def webm(*, unknown: bool = False) -> bytes:
    def said(name: str, text: str, *inner: bytes) -> bytes:
        return element(0x67C8, element(0x45A3, name.encode()), element(0x4487, text.encode()), *inner)

    checksum = element(0xBF, b"summ")
    nested = said("ARTIST", "Ann", said("RECORDING_LOCATION", "Zurich-S"))
    tags = element(0x1254C367, checksum, element(0x7373, said("LOCATION", "+47.3769"), said("TITLE", TITLE), nested))
    info = element(0x1549A966, checksum, element(0x7BA9, b"A film"), element(0x4461, bytes(8)))
    picture = element(0x61A7, element(0x466E, b"a.jpg"), element(0x4660, b"image/jpeg"), element(0x465C, b"SN-SECRET"))
    font = element(0x61A7, element(0x466E, b"a.ttf"), element(0x4660, b"font/ttf"), element(0x465C, b"glyphs"))
    cluster = element(0x1F43B675, element(0xE7, b"\0"), element(0xA3, b"picture"), unknown=unknown)
    parts = (info, element(0x1941A469, picture, font), cluster, cluster, tags, element(0xEC, b"SN-SECRET"))
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(0x18538067, *parts, unknown=unknown)


FILES = {
    "jpeg": jpeg,
    "png": png,
    "webp": webp,
    "gif": gif,
    "avif": avif,
    "mp4": film,
    "webm": webm,
}
