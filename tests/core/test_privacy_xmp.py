"""XMP packets and Photoshop's resources."""

from __future__ import annotations

import struct

import pytest

from gateway.core.formats.exif import is_panorama
from gateway.core.formats.privacy.photoshop import cleaned_resources
from gateway.core.formats.privacy.xmp import EMPTY, cleaned_xmp
from tests.core import planting

HEAD = b'<r xmlns:e="http://ns.adobe.com/exif/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/"'


def test_properties_and_attributes_go_and_the_rest_stays() -> None:
    left = cleaned_xmp(planting.XMP)
    assert not any(secret in left for secret in planting.SECRETS)
    assert planting.TITLE.encode() in left and is_panorama(left)
    assert left.startswith(planting.XMP[:60]) and left.endswith(b'<?xpacket end="w"?>')
    assert cleaned_xmp(left) == left


def test_a_packet_that_tells_nothing_comes_back_as_it_is() -> None:
    packet = HEAD + b" d:title='x'><d:creator>Ann</d:creator></r>" + b" " * 2000 + b"\0"
    assert cleaned_xmp(packet) == packet


def test_a_prefix_does_not_hide_a_namespace() -> None:
    head = b'<r xmlns:kind="http://www.dji.com/drone-dji/1.0/"'
    assert cleaned_xmp(head + b' kind:Speed="SECRET"><kind:X>SECRET</kind:X></r>') == head + b"></r>"


@pytest.mark.parametrize(
    "local", ("GPSLatitude", "GPSPosition", "LensSerialNumber", "SubLocation", "City", "ImageUniqueID")
)
def test_names_that_tell(local: str) -> None:
    name = b"e:" + local.encode()
    assert cleaned_xmp(HEAD + b"><" + name + b">s</" + name + b"></r>") == HEAD + b"></r>"
    assert cleaned_xmp(HEAD + b" " + name + b"='>s'/>") == HEAD + b"/>"


@pytest.mark.parametrize(
    "packet",
    (
        b"",
        b"not XML",
        b"<a><b></a>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
        b"<a>" * 200 + b"</a>" * 200,
        b"<a>" + b"<b/>" * 30_000 + b"</a>",
        b"<a>" + b" " * (2 << 20) + b"</a>",
    ),
)
def test_what_cannot_be_understood_goes_whole(packet: bytes) -> None:
    assert cleaned_xmp(packet) == b""


def test_many_spaces_take_no_time() -> None:
    assert cleaned_xmp(HEAD + b" " * 900_000 + b"e:GPSLatitude='1'/>") == HEAD + b"/>"


def test_the_empty_packet_is_clean() -> None:
    assert cleaned_xmp(EMPTY + b" " * 99) == EMPTY + b" " * 99


def test_of_photoshops_resources_the_places_go() -> None:
    left = cleaned_resources(planting.photoshop())
    assert b"Zurich-S" not in left and planting.TITLE.encode() in left
    assert left.count(b"8BIM") == 2  # with the digest, which would not fit any more
    assert cleaned_resources(left) == left


def test_resources_without_places_stay() -> None:
    plain = b"8BIM" + struct.pack(">HHI", 0x0404, 0, 11) + b"\x1c\x02\x69\0\x06kept!!\0"
    assert cleaned_resources(plain + bytes(7)) == plain + bytes(7)


@pytest.mark.parametrize("cut", (3, 9, 20, 41, 47))
def test_resources_cut_short_go_whole(cut: int) -> None:
    assert cleaned_resources(planting.photoshop()[:cut]) in (b"", planting.photoshop()[:28])
