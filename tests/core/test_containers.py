"""What is a video or an audio file, by its content alone, and whether all of it is there."""

from __future__ import annotations

import io

import pytest

from gateway.core.formats.containers import SNIFF_AV_BYTES, is_whole, sniff_av
from tests.core.drawing import animation, drawn
from tests.core.filming import SOUND, boxes, encoded, film, needs_ffmpeg


@needs_ffmpeg
def test_what_is_a_video() -> None:
    assert sniff_av(encoded("3gp", "-f", "lavfi", "-i", boxes(176, 144), "-c:v", "mpeg4")[:SNIFF_AV_BYTES]) == "mp4"
    old = film("mov")
    assert sniff_av(old[int.from_bytes(old[:4], "big") :][:SNIFF_AV_BYTES]) == "mov"
    ogv = encoded("ogv", "-f", "lavfi", "-i", boxes(64, 48), "-c:v", "libtheora")
    assert sniff_av(ogv[:SNIFF_AV_BYTES]) is None


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\0\0\0\x18ftyp",
        b"\0\0\0\x18ftypavifxxxxmp41isom",
        b"\0\0\0\x18ftypheicxxxxmp41isom",
        b"\0\0\0\x18ftypabcdxxxxabcdefgh",
        b"bug-free software",
        b"skipfree",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"\x1a\x45\xdf\xa3",
        b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff",
        b"\x1a\x45\xdf\xa3\x88\x42\x82\x85other",
        b"\x1a\x45\xdf\xa3\x88\0\0\0\0\0\0\0\0",
        b"\x1a\x45\xdf\xa3\x88\x42\x82\x01",
        b"OggS" + bytes(24) + b"\x80theora",
        animation("AVIF")[:512],
        drawn("JPEG")[:512],
    ],
)
def test_what_is_no_video(head: bytes) -> None:
    assert sniff_av(head) is None


@pytest.mark.parametrize("doc_type", [b"webm", b"matroska"])
def test_webm_is_told_from_matroska_by_its_own_word(doc_type: bytes) -> None:
    header = b"\x42\x86\x81\x01" + b"\x42\x82" + bytes([0x80 + len(doc_type)]) + doc_type
    data = b"\x1a\x45\xdf\xa3" + bytes([0x80 + len(header)]) + header
    assert sniff_av(data) == {b"webm": "webm", b"matroska": "mkv"}[doc_type]
    assert is_whole(io.BytesIO(data + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"), "webm")
    assert not is_whole(io.BytesIO(data + b"\x18\x53\x80\x67\x82x"), "webm")


@needs_ffmpeg
@pytest.mark.parametrize("options", [("-b:a", "320k"), ("-ar", "22050"), ("-ar", "8000"), ("-q:a", "0")])
def test_mp3_is_known_by_its_frames(options: tuple[str, ...]) -> None:
    data = encoded("mp3", *SOUND, "-id3v2_version", "0", "-write_xing", "0", *options)
    assert data[0] == 0xFF
    assert sniff_av(data[:SNIFF_AV_BYTES]) == "mp3"
    assert sniff_av(data[:100]) == "mp3"


@pytest.mark.parametrize(
    "head",
    [
        b"ID3",
        b"ID3\xff\xff\0\0\0\0\0\0\0",
        b"ID3\4\0\0\xff\0\0\0\0\0",
        b"\xff\xfb",
        b"\xff\xfe" + "some text".encode("utf-16-le"),
        b"\xff\xfb\xf0\0" + bytes(4_000),
        b"\xff\xfb\x90\0" + bytes(4_000),
        b"\xff\xfb\x90\0" + b"\xff\xf3\x90\0" * 1_000,
        b"\xff\xe3\x18\xc4" + b"x" * 4_000,
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"OggS" + bytes(24) + b"fishead\0",
        b"RIFF\0\0\0\0RMID",
        b"fLa",
    ],
)
def test_what_is_no_audio(head: bytes) -> None:
    assert sniff_av(head) is None
