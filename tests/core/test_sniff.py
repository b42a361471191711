"""What a file is, by its content alone."""

from __future__ import annotations

import pytest

from gateway.core.errors import FileRefused
from gateway.core.formats.registry import FORMATS as TABLE
from gateway.core.formats.registry import KNOWN_EXTENSIONS, by_extension, by_name, sniff
from tests.core.drawing import FORMATS, animation, camera_exif, corners, drawn, saved


def code_of(head: bytes) -> tuple[str, str]:
    with pytest.raises(FileRefused) as refused:
        sniff(head)
    return refused.value.code, refused.value.message


@pytest.mark.parametrize("format", FORMATS)
def test_it_works(format: str) -> None:
    assert sniff(drawn(format)[:64]).name == format.lower()


def test_an_mpo_file_is_a_jpeg() -> None:
    mpo = saved(corners(), "MPO", save_all=True, append_images=[corners()])
    assert sniff(mpo[:64]).name == "jpeg"


def test_animations_are_of_the_same_format_as_stills() -> None:
    assert [sniff(animation(format)[:64]).name for format in ("PNG", "GIF", "WEBP", "AVIF")] == [
        "png",
        "gif",
        "webp",
        "avif",
    ]


def test_a_jpeg_that_begins_with_exif_is_a_jpeg() -> None:
    assert sniff(drawn("JPEG", exif=camera_exif())[:64]).extension == "jpg"


def test_avif_is_told_from_heic_by_the_brands_it_lists() -> None:
    assert sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf").name == "avif"
    assert sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf").name == "heic"


def test_bmp_is_stored_as_png() -> None:
    assert by_name("bmp").stored_as == "png"
    assert all(by_name(format.stored_as) for format in TABLE)


def test_every_spelling_of_an_extension_is_known() -> None:
    found = by_extension(".JPEG")
    assert found is not None and found.name == "jpeg"
    assert by_extension("exe") is None
    assert {"jpg", "jpeg", "png", "gif", "webp", "avif", "bmp"} <= KNOWN_EXTENSIONS


def test_an_empty_file_is_named_so() -> None:
    assert code_of(b"")[0] == "FILE_EMPTY"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"MM\0*\0\0\0\x08", "TIFF"),
        (b"8BPS\0\1", "PSD"),
        (b"%PDF-1.7\n", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"\0\0\1\0\1\0\x10\x10", "ICO"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"OggS\0\x02", "Ogg"),
    ],
)
def test_a_known_stranger_is_named_with_what_would_be_accepted(head: bytes, name: str) -> None:
    code, message = code_of(head)
    assert code == "FORMAT_UNSUPPORTED"
    assert name in message and "JPEG, PNG, GIF, WebP, AVIF, BMP" in message


@pytest.mark.parametrize(
    "head",
    [
        b"just some text",
        b"BMW is not a bitmap, even if it begins like one",
        b"RIFF\0\0\0\0XXXX",
        b"\xff\xd8",
        b"\x89PNG",
        b"<html><body>hello",
        b"<?xml version='1.0'?><image/>",
        bytes(64),
    ],
)
def test_what_nobody_knows_is_not_an_image(head: bytes) -> None:
    code, message = code_of(head)
    assert code == "FILE_UNKNOWN"
    assert message.startswith("This is no file of a kind that can be read.")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "mov"),
        (b"\0\0\0\x14ftypM4A \0\0\0\0M4A ", "m4a"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"fLaC\0\0\0\x22", "flac"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?>\n<svg/>", "svg"),
        (b"<!-- drawn by hand --><svg/>", "svg"),
        (b"\x1f\x8b\x08\0", "svg"),
    ],
)
def test_the_other_families_are_known(head: bytes, name: str) -> None:
    assert sniff(head).name == name


def test_what_is_switched_off_is_refused_and_advertised_nowhere() -> None:
    with pytest.raises(FileRefused) as refused:
        sniff(b"fLaC\0\0\0\x22", disabled=("flac", "svg"))
    assert refused.value.code == "FORMAT_OFF"
    accepted = refused.value.message.partition("Accepted are")[2]
    assert "FLAC" not in accepted and "SVG" not in accepted and "MP3" in accepted
