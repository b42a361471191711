"""Facts and covers of audio files made by a real encoder."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from gateway.core.errors import FileRefused
from gateway.core.formats import audio
from gateway.core.formats.audio import Track
from gateway.core.formats.child import Pool
from gateway.core.formats.containers import SNIFF_AV_BYTES, sniff_av
from gateway.core.formats.cover import draw_cover
from tests.core.drawing import BLUE, GREEN, LIMITS, RED, WANTED, WHITE, corners, drawn, is_near, opened, saved
from tests.core.filming import SOUND, TAGS, encoded, needs_ffmpeg, sounding

NAMES = {"mp3": "mp3", "m4a": "m4a", "ogg": "ogg", "opus": "ogg", "flac": "flac", "wav": "wav"}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(1)
    yield pool
    pool.close()


def track(data: bytes, pool: Pool, name: str = "mp3") -> Track:
    return audio.read(data, name, LIMITS, WANTED, pool)


def refusal(data: bytes, pool: Pool, name: str = "mp3") -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        track(data, pool, name)
    return refused.value


def covered(folder: Path, extension: str, cover: bytes) -> bytes:
    path = folder / "cover"
    path.write_bytes(cover)
    shown = ("-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v:0", "attached_pic")
    return encoded(extension, *SOUND, "-i", str(path), *TAGS, *shown)


def picture_of(track: Track) -> Image.Image:
    image = opened(track.thumb.data)
    assert (image.format, image.mode) == ("JPEG", "RGB")
    assert image.size == (track.thumb.width, track.thumb.height) == (320, 320)
    return image


def assert_corners(image: Image.Image, wanted: tuple[tuple[int, ...], ...] = (RED, GREEN, BLUE, WHITE)) -> None:
    found = [image.getpixel(place) for place in ((9, 9), (310, 9), (9, 310), (310, 310))]
    assert all(is_near(colour, want) for colour, want in zip(found, wanted, strict=True)), found


@needs_ffmpeg
@pytest.mark.parametrize("extension", NAMES)
def test_it_works(pool: Pool, extension: str) -> None:
    data = sounding(extension)
    assert sniff_av(data[:SNIFF_AV_BYTES]) == NAMES[extension]
    found = track(data, pool, NAMES[extension])
    assert found.duration == pytest.approx(2, abs=0.1)
    assert (found.title, found.artist, found.album) == ("Blue Tone", "Ada", "Sines")
    assert 10 < found.bitrate < 800
    assert not found.has_cover
    picture_of(found)


@needs_ffmpeg
def test_a_file_on_disk(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(sounding())
    with path.open("rb") as file:
        assert audio.read(file, "mp3", LIMITS, WANTED, pool) == audio.read(path, "mp3", LIMITS, WANTED, pool)


@needs_ffmpeg
def test_the_bitrate_is_in_kilobits(pool: Pool) -> None:
    assert track(sounding("mp3", "-b:a", "128k"), pool).bitrate == 128


@needs_ffmpeg
@pytest.mark.parametrize("extension", ["mp3", "m4a", "flac"])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_the_cover_inside_is_shown(pool: Pool, tmp_path: Path, extension: str, format: str) -> None:
    found = track(covered(tmp_path, extension, drawn(format, 640, 640)), pool, extension)
    assert found.has_cover
    assert_corners(picture_of(found))


@needs_ffmpeg
def test_a_transparent_cover_stands_on_white(pool: Pool, tmp_path: Path) -> None:
    image = corners(400, 400, "RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 200, 200))
    found = track(covered(tmp_path, "mp3", saved(image, "PNG")), pool)
    assert_corners(picture_of(found), (WHITE, GREEN, BLUE, WHITE))


@needs_ffmpeg
@pytest.mark.parametrize("wrong", ["broken", "huge", "text", "svg"])
def test_a_cover_that_cannot_be_used_is_ignored(pool: Pool, tmp_path: Path, wrong: str) -> None:
    good = drawn("PNG", 320, 320)
    data = covered(tmp_path, "mp3", good)
    place = data.index(good)
    bad = {
        "broken": good[: len(good) // 2] + b"\xff" * (len(good) - len(good) // 2),
        "huge": good[:16] + struct.pack(">II", 90_000, 90_000) + good[24:],
        "text": b"x" * len(good),
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>".ljust(len(good)),
    }[wrong]
    found = track(data[:place] + bad + data[place + len(good) :], pool)
    assert not found.has_cover
    assert found.title == "Blue Tone"
    picture_of(found)


@needs_ffmpeg
def test_a_drawn_cover_belongs_to_its_title(pool: Pool) -> None:
    one, same = track(sounding("mp3"), pool), track(sounding("flac"), pool, "flac")
    other = track(sounding("mp3", "-metadata", "title=Red Tone"), pool)
    assert one.thumb == same.thumb != other.thumb


@pytest.mark.parametrize("size", [(1, 1), (10, 300), (500, 20)])
def test_a_cover_of_any_size(size: tuple[int, int]) -> None:
    assert draw_cover("\udc80 x", *size).size == size


@needs_ffmpeg
def test_without_tags(pool: Pool) -> None:
    found = track(encoded("wav", *SOUND), pool, "wav")
    assert (found.title, found.artist, found.album, found.bitrate) == (None, None, None, 706)


@needs_ffmpeg
def test_tags_of_many_letters_and_of_none(pool: Pool) -> None:
    found = track(
        encoded("flac", *SOUND, "-metadata", f"title={'x' * 9_000}", "-metadata", "artist=\x01 \n"), pool, "flac"
    )
    assert found.title == "x" * 4_000
    assert found.artist is None


@needs_ffmpeg
def test_sound_in_a_video_container(pool: Pool) -> None:
    assert track(encoded("mp4", *SOUND, *TAGS), pool, "mp4").title == "Blue Tone"


@needs_ffmpeg
def test_recordings_that_do_not_say_how_long_they_are(pool: Pool) -> None:
    fragments = sounding("m4a", "-movflags", "frag_keyframe+empty_moov")
    assert track(fragments, pool, "m4a").duration == 0
    assert refusal(fragments[:-900], pool, "m4a").code == "FILE_BROKEN"
    piped = bytearray(encoded("wav", *SOUND))
    for place in (4, piped.index(b"data") + 4):
        piped[place : place + 4] = b"\xff" * 4
    assert track(bytes(piped), pool, "wav").duration == pytest.approx(2, abs=0.1)


def hostile() -> dict[str, tuple[str, bytes]]:
    page = b"OggS\0\0" + bytes(8) + b"\1" + bytes(11) + b"\0"
    names = b"".join(b"TXXX\0\0\0\x0a\0\0\0x\0%07d" % number for number in range(200_000))
    return {
        "frames without end": ("mp3", b"\xff\xfb\x90\xc4" + bytes(4_000_000)),
        "syncs without end": ("mp3", b"\xff\xfb\x90\xc4" + b"\xff\xe0\0\0" * 500_000),
        "tags without end": ("mp3", b"ID3\3\0\0\7\x7f\x7f\x7f" + names),
        "a tag longer than the file": ("mp3", b"ID3\3\0\0\x7f\x7f\x7f\x7fTIT2\x7f\xff\xff\xff\0\0\0A"),
        "chunks without end": ("wav", b"RIFF\0\0\0\0WAVE" + b"abcd\0\0\0\0" * 500_000),
        "blocks without end": ("flac", b"fLaC" + b"\1\0\0\0" * 500_000),
        "atoms without end": ("m4a", b"\0\0\0\x18ftypM4A xxxxM4A isom" + b"\0\0\0\x08free" * 500_000),
        "pages without end": ("ogg", b"OggS\0\2" + bytes(22) + b"\1\x1e\x01vorbis" + bytes(23) + page * 400_000),
        "atoms in atoms": (
            "m4a",
            b"\0\0\0\x18ftypM4A xxxxM4A isom"
            + b"".join(struct.pack(">I4s", 8 * (9_000 - depth), b"moov") for depth in range(9_000)),
        ),
    }


@pytest.mark.parametrize("what", hostile())
def test_a_file_made_to_keep_its_reader_busy(pool: Pool, what: str) -> None:
    name, data = hostile()[what]
    refused = refusal(data, pool, name)
    # Given up by its reader, and not because its time was over.
    assert (refused.code, "seconds" in refused.message) == ("FILE_BROKEN", False)


@needs_ffmpeg
@pytest.mark.parametrize("name", ["mp3", "m4a", "ogg", "flac", "wav"])
@pytest.mark.parametrize("data", [b"", b"\0" * 5_000, b"text " * 999, drawn("PNG")])
def test_something_else(pool: Pool, name: str, data: bytes) -> None:
    assert refusal(data, pool, name).code == "FILE_BROKEN"
