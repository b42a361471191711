"""MP4, MOV, HEIC, WebM and Matroska: nothing moves, and records of the camera's way go with their samples."""

from __future__ import annotations

import io
import struct

import pytest

from gateway.core.errors import FileRefused
from gateway.core.formats.privacy import Policy, clean_file, cleaned
from tests.core import planting
from tests.core.planting import box, element, full
from tests.core.test_privacy import changed

POLICIES: tuple[Policy, ...] = ("no-location", "strip")
HEAD = box(b"ftyp", b"isom\0\0\2\0isom")


def film(*parts: bytes, behind: bytes = b"") -> bytes:
    return HEAD + box(b"moov", full(b"mvhd", bytes(96)), *parts) + box(b"mdat", b"picture") + behind


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_moves(policy: Policy) -> None:
    data = planting.film()
    left = changed(data, "mp4", policy)
    trailer = b"Insta trailer SN-SECRET"
    assert len(left) == len(data) - len(trailer)
    assert left.index(b"picture" * 4) == data.index(b"picture" * 4)


@pytest.mark.parametrize("policy", POLICIES)
def test_telemetry_goes_with_its_samples(policy: Policy) -> None:
    left = changed(planting.film(), "mp4", policy)
    assert planting.TELEMETRY not in left and planting.WORDS not in left
    assert left.count(b"trak") == 1 and b"vide" in left and b"GPS" not in left


def test_subtitles_are_no_flight_record() -> None:
    data = planting.film().replace(planting.WORDS, b"Where are we? Lat. 47...".ljust(len(planting.WORDS)))
    assert b"Where are we?" in changed(data, "mp4", "no-location")


def test_dates_stay_unless_stripped() -> None:
    date = struct.pack(">I", 3_600_000_000)
    assert date in changed(planting.film(), "mp4", "no-location")
    assert date not in changed(planting.film(), "mp4", "strip")


@pytest.mark.parametrize("kind", (b"\xa9xyz", b"loci", b"CAME", b"GPMF", b"thmb", b"smrd", b"abcd"))
def test_user_data_that_is_not_known_goes(kind: bytes) -> None:
    data = film(box(b"udta", box(kind, b"SECRET"), box(b"\xa9nam", b"A film")))
    left = changed(data, "mov", "no-location")
    assert b"SECRET" not in left and b"A film" in left and len(left) == len(data)


def test_user_data_that_does_not_add_up_goes_whole() -> None:
    data = film(box(b"udta", b"\0\0\1\0\xa9namSECRET"))
    assert b"SECRET" not in changed(data, "mov", "no-location")


def test_itunes_spells_names_out() -> None:
    def named(name: bytes) -> bytes:
        return box(b"----", full(b"mean", b"com.apple"), full(b"name", name), box(b"data", bytes(8), name))

    items = box(b"ilst", named(b"serial number"), named(b"iTunNORM"))
    meta = full(b"meta", full(b"hdlr", bytes(4), b"mdir", bytes(13)), items)
    left = changed(film(box(b"udta", meta)), "mp4", "no-location")
    assert b"serial" not in left and left.count(b"iTunNORM") == 2


@pytest.mark.parametrize("policy", POLICIES)
def test_metadata_of_one_brand_goes(policy: Policy) -> None:
    sony = full(b"meta", full(b"hdlr", bytes(4), b"nrtm", bytes(13)), full(b"xml ", b"<Device serialNo='SN-SECRET'/>"))
    assert b"SECRET" not in changed(film(behind=sony), "mp4", policy)


@pytest.mark.parametrize("policy", POLICIES)
def test_how_a_sphere_is_shown_stays(policy: Policy) -> None:
    sphere = box(b"uuid", bytes.fromhex("ffcc8263f8554a938814587a02521fdd"), b"<rdf:SphericalVideo/>")
    assert cleaned(film(box(b"trak", full(b"tkhd", bytes(80)), sphere)), "mp4", policy) is None


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("kind", (b"uuid", b"sefd", b"mpvd", b"free"))
def test_boxes_nobody_knows_become_free_space(kind: bytes, policy: Policy) -> None:
    data = film(behind=box(kind, b"SECRET" * 9))
    assert changed(data, "mp4", policy) == film(behind=box(b"free", bytes(54)))


@pytest.mark.parametrize(
    "data",
    (
        HEAD,
        HEAD + box(b"mdat", b"picture"),
        film()[:-3],
        HEAD + box(b"moov", b"\0\0\1\0trak"),
        HEAD + box(b"moov", box(b"trak", b"\xff" * 20)),
        HEAD + full(b"meta", full(b"hdlr", bytes(4), b"mdta", bytes(13))),
    ),
)
def test_films_that_do_not_add_up_are_refused(data: bytes) -> None:
    with pytest.raises(FileRefused, match="This MP4 file"):
        cleaned(data, "mp4", "strip")


def test_a_track_that_lies_about_its_samples_harms_nobody() -> None:
    data = planting.film()
    place = data.index(planting.TELEMETRY).to_bytes(4, "big")
    for lie in (0, 20, 0xFFFF_FFFF):
        left = changed(
            data.replace(b"stco\0\0\0\0\0\0\0\1" + place, b"stco\0\0\0\0\0\0\0\1" + lie.to_bytes(4, "big")),
            "mp4",
            "strip",
        )
        assert left.startswith(HEAD) and b"picture" * 4 in left


def test_a_long_film_is_not_held_in_memory() -> None:
    class Counting(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.largest = max(self.largest, len(data))
            return data

    source, target = Counting(film(behind=box(b"mdat", bytes(3 << 20)) + box(b"sefd", b"S" * (3 << 20)))), io.BytesIO()
    assert clean_file(source, target, "mp4", "no-location")
    assert source.largest <= 1 << 18 and b"S" * 9 not in target.getvalue()


def test_the_picture_items_of_heic_are_not_touched() -> None:
    block, packet, tiles = planting.exif(), planting.XMP, b"tiles" * 9
    exif_item = bytes(4) + block

    def place(number: int, start: int, length: int, method: int = 0) -> bytes:
        return struct.pack(">HHHHII", number, method, 0, 1, start, length)

    def described(at: int) -> bytes:
        infos = (
            full(b"infe", b"\0\1\0\0hvc1\0")[:8] + b"\2" + full(b"infe", b"\0\1\0\0hvc1\0")[9:],
            full(b"infe", b"\0\2\0\0Exif\0")[:8] + b"\2" + full(b"infe", b"\0\2\0\0Exif\0")[9:],
            box(b"infe", b"\2\0\0\0\0\3\0\0mime\0application/rdf+xml\0\0"),
        )
        spots = (
            place(1, at, len(tiles)) + place(2, at + len(tiles), len(exif_item)) + place(3, 0, len(packet), method=1)
        )
        table = box(b"iloc", b"\1\0\0\0\x44\0\0\3", spots)
        return full(
            b"meta",
            full(b"hdlr", bytes(4), b"pict", bytes(13)),
            full(b"iinf", b"\0\3", *infos),
            table,
            box(b"idat", packet),
        )

    head = box(b"ftyp", b"heic\0\0\0\0heicmif1")
    data = head + described(len(head) + len(described(0)) + 8) + box(b"mdat", tiles, exif_item)
    for policy in POLICIES:
        left = changed(data, "heic", policy)
        assert len(left) == len(data) and tiles in left and not any(secret in left for secret in planting.SECRETS)
        assert cleaned(left, "heic", policy) is None
        assert (planting.TITLE.encode() in left) is (policy == "no-location")


def test_webm_of_unknown_length() -> None:
    data = planting.webm(unknown=True)
    left = changed(data, "webm", "no-location")
    assert len(left) == len(data) and left.count(b"picture") == data.count(b"picture")
    assert not any(secret in left for secret in planting.SECRETS)
    assert b"glyphs" in left and b"Ann" in left and b"A film" in left


def test_a_checksum_over_what_has_changed_goes() -> None:
    assert changed(planting.webm(), "webm", "no-location").count(b"summ") == 1  # the one over what has not
    assert changed(planting.webm(), "webm", "strip").count(b"summ") == 0


@pytest.mark.parametrize("size", (2, 60, 126, 127, 128, 129, 200, 20_000))
def test_every_length_can_be_voided(size: int) -> None:
    tag = element(0x67C8, element(0x45A3, b"LOCATION"), element(0x4487, b"S" * size))
    data = element(0x1A45DFA3) + element(0x18538067, element(0x1254C367, element(0x7373, tag)))
    left = changed(data, "mkv", "no-location")
    assert len(left) == len(data) and b"S" * size not in left and cleaned(left, "mkv", "no-location") is None


@pytest.mark.parametrize("length", (1, 2, 3, 127, 128, 129, 130))
def test_tags_that_do_not_add_up_go_whole(length: int) -> None:
    data = element(0x1A45DFA3) + element(0x18538067, element(0x1254C367, b"\x73\x73\xff".ljust(length, b"S")))
    left = changed(data, "mkv", "no-location")
    assert len(left) == len(data) and b"S" not in left[20:]


@pytest.mark.parametrize("data", (planting.webm()[:-1], element(0x1A45DFA3), element(0x1A45DFA3) + element(0xEC)))
def test_webm_that_does_not_add_up_is_refused(data: bytes) -> None:
    with pytest.raises(FileRefused, match="This WEBM file"):
        cleaned(data, "webm", "strip")
