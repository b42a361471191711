"""EXIF in the words of PHP's `exif_read_data`, as the `original_exifdata` text of a Chevereto answer.

Promises: every leaf is a string; camera maker's private notes are left out; never longer than 64 KB.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.core.formats.tiff import ASCII, BYTE, UNDEFINED, Block, Directory, Entry

_MAX_JSON = 64 << 10
_MAX_VALUE = 2_000
_MAKER_NOTE = 0x927C
_XP_TAGS = range(0x9C9B, 0x9CA0)

# fmt: off
_NAMES = {
    0x0100: "ImageWidth", 0x0101: "ImageLength", 0x0102: "BitsPerSample", 0x0103: "Compression",
    0x0106: "PhotometricInterpretation", 0x010D: "DocumentName", 0x010E: "ImageDescription", 0x010F: "Make",
    0x0110: "Model", 0x0111: "StripOffsets", 0x0112: "Orientation", 0x0115: "SamplesPerPixel", 0x0116: "RowsPerStrip",
    0x0117: "StripByteCounts", 0x011A: "XResolution", 0x011B: "YResolution", 0x011C: "PlanarConfiguration",
    0x0128: "ResolutionUnit", 0x012D: "TransferFunction", 0x0131: "Software", 0x0132: "DateTime", 0x013B: "Artist",
    0x013C: "HostComputer", 0x013E: "WhitePoint", 0x013F: "PrimaryChromaticities", 0x0211: "YCbCrCoefficients",
    0x0212: "YCbCrSubSampling", 0x0213: "YCbCrPositioning", 0x0214: "ReferenceBlackWhite", 0x0320: "ImageTitle",
    0x1000: "RelatedImageFileFormat", 0x8298: "Copyright", 0x829A: "ExposureTime", 0x829D: "FNumber",
    0x8769: "Exif_IFD_Pointer", 0x8822: "ExposureProgram", 0x8824: "SpectralSensitivity", 0x8825: "GPS_IFD_Pointer",
    0x8827: "ISOSpeedRatings", 0x8828: "OECF", 0x9000: "ExifVersion", 0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized", 0x9101: "ComponentsConfiguration", 0x9102: "CompressedBitsPerPixel",
    0x9201: "ShutterSpeedValue", 0x9202: "ApertureValue", 0x9203: "BrightnessValue", 0x9204: "ExposureBiasValue",
    0x9205: "MaxApertureValue", 0x9206: "SubjectDistance", 0x9207: "MeteringMode", 0x9208: "LightSource",
    0x9209: "Flash", 0x920A: "FocalLength", 0x9214: "SubjectLocation", 0x9286: "UserComment", 0x9290: "SubSecTime",
    0x9291: "SubSecTimeOriginal", 0x9292: "SubSecTimeDigitized", 0x9C9B: "Title", 0x9C9C: "Comments",
    0x9C9D: "Author", 0x9C9E: "Keywords", 0x9C9F: "Subject", 0xA000: "FlashPixVersion", 0xA001: "ColorSpace",
    0xA002: "ExifImageWidth", 0xA003: "ExifImageLength", 0xA004: "RelatedSoundFile", 0xA005: "InteroperabilityOffset",
    0xA20B: "FlashEnergy", 0xA20E: "FocalPlaneXResolution", 0xA20F: "FocalPlaneYResolution",
    0xA210: "FocalPlaneResolutionUnit", 0xA214: "SubjectLocation", 0xA215: "ExposureIndex", 0xA217: "SensingMethod",
    0xA300: "FileSource", 0xA301: "SceneType", 0xA302: "CFAPattern", 0xA401: "CustomRendered", 0xA402: "ExposureMode",
    0xA403: "WhiteBalance", 0xA404: "DigitalZoomRatio", 0xA405: "FocalLengthIn35mmFilm", 0xA406: "SceneCaptureType",
    0xA407: "GainControl", 0xA408: "Contrast", 0xA409: "Saturation", 0xA40A: "Sharpness",
    0xA40B: "DeviceSettingDescription", 0xA40C: "SubjectDistanceRange", 0xA420: "ImageUniqueID",
}
_GPS_NAMES = dict(enumerate((
    "GPSVersion", "GPSLatitudeRef", "GPSLatitude", "GPSLongitudeRef", "GPSLongitude", "GPSAltitudeRef", "GPSAltitude",
    "GPSTimeStamp", "GPSSatellites", "GPSStatus", "GPSMeasureMode", "GPSDOP", "GPSSpeedRef", "GPSSpeed", "GPSTrackRef",
    "GPSTrack", "GPSImgDirectionRef", "GPSImgDirection", "GPSMapDatum", "GPSDestLatitudeRef", "GPSDestLatitude",
    "GPSDestLongitudeRef", "GPSDestLongitude", "GPSDestBearingRef", "GPSDestBearing", "GPSDestDistanceRef",
    "GPSDestDistance", "GPSProcessingMode", "GPSAreaInformation", "GPSDateStamp", "GPSDifferential",
)))
_INTEROP_NAMES = {
    0x0001: "InterOperabilityIndex", 0x0002: "InterOperabilityVersion", 0x1000: "RelatedFileFormat",
    0x1001: "RelatedImageWidth", 0x1002: "RelatedImageHeight",
}
# fmt: on

Value = str | list[str]


@dataclass(frozen=True, slots=True)
class Sent:
    """The file as it came; `width` and `height` are those of its pixels before any turning."""

    filename: str
    arrived_at: datetime
    size_bytes: int
    width: int
    height: int
    is_colour: bool


def exif_json(block: Block, sent: Sent) -> str:
    tags = _tags(block.main, _NAMES) | _tags(block.exif, _NAMES)
    tags |= _tags(block.gps, _GPS_NAMES) | _tags(block.interop, _INTEROP_NAMES)
    text = _render(block, sent, tags)
    return text if len(text) <= _MAX_JSON else _render(block, sent, {})


def _render(block: Block, sent: Sent, tags: dict[str, Value]) -> str:
    width, height = str(sent.width), str(sent.height)
    computed = {
        "html": f'width="{width}" height="{height}"',
        "Height": height,
        "Width": width,
        "IsColor": str(int(sent.is_colour)),
    }
    if block.main:
        computed["ByteOrderMotorola"] = str(int(block.is_motorola))
    document = {
        "FileName": sent.filename,
        "FileDateTime": str(int(sent.arrived_at.timestamp())),
        "FileSize": str(sent.size_bytes),
        "FileType": "2",
        "MimeType": "image/jpeg",
        "SectionsFound": ", ".join(_sections(block)),
        "COMPUTED": computed,
        **tags,
        "IPTC": [],
        "width": width,
        "height": height,
    }
    # PHP escapes the slash, and everything that is not ASCII, as Python does by itself.
    return json.dumps(document, separators=(",", ":")).replace("/", "\\/")


def _sections(block: Block) -> Iterable[str]:
    if not block.main:
        return
    yield "ANY_TAG"
    yield "IFD0"
    for name, directory in (("EXIF", block.exif), ("GPS", block.gps), ("INTEROP", block.interop)):
        if directory:
            yield name
    if any(tag in _XP_TAGS for tag in block.main):
        yield "WINXP"


def _tags(directory: Directory, names: dict[int, str]) -> dict[str, Value]:
    return {
        names.get(tag, f"UndefinedTag:0x{tag:04X}"): _value(entry)
        for tag, entry in directory.items()
        if tag != _MAKER_NOTE and len(entry.data) <= _MAX_VALUE
    }


def _value(entry: Entry) -> Value:
    if entry.tag in _XP_TAGS:
        return entry.wide_text()
    if entry.type == ASCII:
        return entry.text()
    if entry.type == UNDEFINED or (entry.type == BYTE and entry.count > 1):
        return entry.data.decode("utf-8", "replace").replace("\0", "")
    values = entry.rationals() if entry.is_rational else [f"{number}" for number in entry.numbers()]
    return values[0] if len(values) == 1 else values
