"""What cameras write, and how Chevereto repeats it."""

from __future__ import annotations

import json
import struct
import tarfile
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from gateway.core.formats.exif import Shot
from tests.core.drawing import ARRIVED_AT, camera_exif, developed, drawn, with_segment
from tests.shared import SHARED, needs_shared


def shot_of(data: bytes, filename: str = "photo.jpg") -> Shot:
    shot = developed(data, filename=filename).shot
    assert shot is not None
    return shot


def document(data: bytes, filename: str = "photo.jpg") -> dict[str, Any]:
    text = shot_of(data, filename).exif_json
    assert text is not None
    found: dict[str, Any] = json.loads(text)
    return found


def with_tags(**tags: object) -> bytes:
    exif = Image.Exif()
    for name, value in tags.items():
        exif[int(name.removeprefix("t"), 16)] = value
    return drawn("JPEG", exif=exif)


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, list) else [value]


def test_it_works() -> None:
    shot = shot_of(drawn("JPEG", exif=camera_exif()))
    assert (shot.description, shot.camera, shot.title) == ("A described photo", "Canon EOS 5D", None)
    assert shot.taken_at == datetime(2018, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_other_formats_tell_the_camera_but_have_no_php_text(format: str) -> None:
    shot = shot_of(drawn(format, exif=camera_exif()))
    assert (shot.camera, shot.exif_json) == ("Canon EOS 5D", None)


def test_a_picture_without_exif_tells_nothing() -> None:
    assert developed(drawn("PNG")).shot is None
    assert shot_of(drawn("JPEG")).camera is None


def test_the_title_of_windows_is_read() -> None:
    assert shot_of(with_tags(t9C9B="Grüße\0".encode("utf-16-le"))).title == "Grüße"


def test_only_a_plain_description_counts() -> None:
    assert shot_of(with_tags(t010E="   ")).description is None
    assert shot_of(with_tags(t010E="Grüße".encode())).description is None


def test_a_make_is_not_said_twice() -> None:
    assert shot_of(with_tags(t010F="Canon", t0110="Canon EOS R5")).camera == "Canon EOS R5"
    assert shot_of(with_tags(t010F="NIKON", t0110="Nikon D1")).camera == "Nikon D1"
    assert shot_of(with_tags(t0110="Pixel 9")).camera == "Pixel 9"
    assert shot_of(with_tags(t010F="Apple")).camera == "Apple"


def test_the_date_of_the_file_stands_in_for_that_of_the_shot() -> None:
    assert shot_of(with_tags(t0132="2019:07:04 10:11:12")).taken_at == datetime(2019, 7, 4, 10, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize("date", ["0000:00:00 00:00:00", "yesterday", "", "2019:13:45 99:99:99"])
def test_a_date_that_never_was_is_none(date: str) -> None:
    assert shot_of(with_tags(t0132=date)).taken_at is None


def test_a_photo_without_exif_has_the_php_text_all_the_same() -> None:
    data = drawn("JPEG", 800, 600)
    arrived = int(ARRIVED_AT.timestamp())
    assert shot_of(data, "a/b é.jpg").exif_json == (
        rf'{{"FileName":"a\/b \u00e9.jpg","FileDateTime":"{arrived}","FileSize":"{len(data)}","FileType":"2",'
        r'"MimeType":"image\/jpeg","SectionsFound":"","COMPUTED":{"html":"width=\"800\" height=\"600\"",'
        r'"Height":"600","Width":"800","IsColor":"1"},"IPTC":[],"width":"800","height":"600"}'
    )


def test_php_text_speaks_of_the_pixels_before_turning() -> None:
    exif = camera_exif()
    exif[0x0112] = 6
    found = document(drawn("JPEG", 90, 60, exif=exif))
    assert (found["width"], found["height"], found["Orientation"]) == ("90", "60", "6")


def test_every_leaf_is_text_and_maker_notes_are_left_out() -> None:
    exif = camera_exif()
    exif[0x011A] = 72.0
    exif.get_ifd(0x8769)[0x927C] = b"private"
    exif.get_ifd(0x8769)[0x9000] = b"0232"
    found = document(drawn("JPEG", exif=exif))
    assert all(isinstance(leaf, str) for leaf in leaves(found))
    assert "MakerNote" not in found
    assert (found["ExifVersion"], found["XResolution"], found["GPSLatitudeRef"]) == ("0232", "72/1", "N")


def test_values_nobody_can_read_become_text_safely() -> None:
    found = document(with_tags(t0131=b"caf\xe9\0\xff", t9C9B=b"\x00\xd8", tC000=b"\xff\xfe\0x"))
    assert found["Software"] == "café"
    assert "\0" not in found["UndefinedTag:0xC000"]


def test_endless_values_are_left_out() -> None:
    assert "Software" not in document(with_tags(t0131="x" * 50_000))
    many = with_tags(**{f"t{0xC000 + index:04X}": "y" * 1_500 for index in range(40)})
    text = shot_of(many).exif_json
    assert text is not None and len(text) <= 65_536


@pytest.mark.parametrize(
    "block",
    [
        b"MM\0*\0\0\0\x08\xff\xff",
        b"MM\0*\0\0\0\x08" + struct.pack(">HHHII", 1, 0x010F, 2, 0xFFFFFFFF, 8),
        b"MM\0*\0\0\0\x08" + struct.pack(">HHHII", 1, 0x8769, 4, 1, 8) + bytes(4),
        b"MM\0*\xff\xff\xff\xff",
        b"II*\0",
        b"rubbish",
    ],
    ids=["endless", "giant", "loop", "outside", "short", "rubbish"],
)
def test_a_hostile_block_is_an_empty_one(block: bytes) -> None:
    picture = developed(with_segment(drawn("JPEG"), 0xE1, b"Exif\0\0" + block))
    assert picture.shot is not None and picture.shot.camera is None and picture.width == 640


@needs_shared("golden")
@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("001-jpeg-multipart-json", "Holiday Photo 01.jpg"),
        ("004-exif-jpeg-use_file_date", "exif.jpg"),
        ("005-rotated-jpeg", "rot.jpg"),
        ("011-unicode-name", "Ünïcode näme (копия).jpg"),
    ],
)
def test_php_text_is_that_of_a_real_chevereto(answer: str, name: str) -> None:
    with tarfile.open(SHARED / "golden" / "inputs.tar.gz") as tar:
        member = tar.extractfile(f"in/{name}")
        assert member is not None
        sent = member.read()
    recorded = (SHARED / "golden" / "v4" / f"{answer}.response.txt").read_bytes().partition(b"\n\r\n")[2]
    wanted = json.loads(json.loads(recorded)["image"]["original_exifdata"])
    found = document(sent, name)
    # The name of a temporary file and the second of arrival are the other server's.
    ours = {"FileName": name, "FileDateTime": str(int(ARRIVED_AT.timestamp()))}
    assert list(found.items()) == list((wanted | ours).items())
