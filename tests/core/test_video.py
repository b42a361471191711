"""Facts and stills of videos made by a real encoder."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import FileRefused
from gateway.core.formats import video
from gateway.core.formats.child import Pool
from gateway.core.formats.containers import SNIFF_AV_BYTES, sniff_av
from gateway.core.formats.limits import Limits
from gateway.core.formats.renditions import Rendition
from gateway.core.formats.video import Clip
from tests.core.drawing import BLUE, GREEN, LIMITS, RED, WANTED, WHITE, drawn, is_near, opened
from tests.core.filming import CODECS, CORNERS, SOUND, TAGS, encoded, film, needs_av, needs_ffmpeg

TURNS = {
    1: ((1, 0, 0, 1), CORNERS),
    2: ((-1, 0, 0, 1), (GREEN, RED, WHITE, BLUE)),
    3: ((-1, 0, 0, -1), (WHITE, BLUE, GREEN, RED)),
    4: ((1, 0, 0, -1), (BLUE, WHITE, RED, GREEN)),
    5: ((0, 1, 1, 0), (RED, BLUE, GREEN, WHITE)),
    6: ((0, 1, -1, 0), (BLUE, RED, WHITE, GREEN)),
    7: ((0, -1, -1, 0), (WHITE, GREEN, BLUE, RED)),
    8: ((0, -1, 1, 0), (GREEN, WHITE, RED, BLUE)),
}


def turned(data: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """With another display matrix in the header of its first track."""
    a, b, c, d = (number << 16 for number in matrix)
    upright = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    place = data.index(upright, data.index(b"tkhd"))
    return data[:place] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30) + data[place + 36 :]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(1)
    yield pool
    pool.close()


def probed(data: bytes, pool: Pool, name: str = "mp4", limits: Limits = LIMITS) -> Clip:
    clip = video.probe(data, name, limits, WANTED, pool)
    assert clip
    return clip


def refusal(data: bytes, pool: Pool, name: str = "mp4", limits: Limits = LIMITS) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        video.probe(data, name, limits, WANTED, pool)
    return refused.value


def assert_still(still: Rendition | None, size: tuple[int, int], colours: tuple[tuple[int, ...], ...]) -> None:
    assert still
    image = opened(still.data)
    assert (image.format, image.size, (still.width, still.height)) == ("JPEG", size, size)
    right, bottom = image.width - 12, image.height - 12
    found = [image.getpixel(place) for place in ((12, 12), (right, 12), (12, bottom), (right, bottom))]
    assert all(is_near(colour, want) for colour, want in zip(found, colours, strict=True)), found


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize(
    ("extension", "codecs", "is_playable"),
    [
        ("mp4", ("h264", "aac"), True),
        ("mov", ("h264", "aac"), True),
        ("webm", ("vp8", "opus"), True),
        ("mkv", ("h264", "vorbis"), False),
        ("avi", ("mpeg4", "mp3"), False),
    ],
)
def test_it_works(pool: Pool, extension: str, codecs: tuple[str, str], is_playable: bool) -> None:
    data = film(extension, *TAGS)
    assert sniff_av(data[:SNIFF_AV_BYTES]) == extension
    clip = probed(data, pool, extension)
    assert (clip.width, clip.height, clip.has_audio) == (640, 360, True)
    assert clip.duration == pytest.approx(2, abs=0.1)
    assert (clip.video_codec, clip.audio_codec, clip.is_playable) == (*codecs, is_playable)
    assert clip.title == "Blue Tone"
    assert_still(clip.frame, (640, 360), CORNERS)
    assert_still(clip.medium, (500, 281), CORNERS)
    assert_still(clip.thumb, (320, 320), CORNERS)


@needs_av
@needs_ffmpeg
def test_a_file_on_disk(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(film())
    clip = video.probe(path, "mp4", LIMITS, WANTED, pool)
    with path.open("rb") as file:
        file.seek(99)
        assert video.probe(file, "mp4", LIMITS, WANTED, pool) == clip is not None


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize("extension", ["mp4", "webm"])
@pytest.mark.parametrize("keys", ["10", "250"])
def test_the_still_is_from_a_quarter_of_the_way(pool: Pool, extension: str, keys: str) -> None:
    colours = ["black"] * 2 + ["red"] + ["blue"] * 5
    seconds = "".join(f"color={colour}:s=160x120:r=25:d=1[{n}];" for n, colour in enumerate(colours))
    joined = seconds + "".join(f"[{n}]" for n in range(8)) + "concat=n=8"
    data = encoded(extension, "-f", "lavfi", "-i", joined, *CODECS[extension], "-g", keys, "-sc_threshold", "0")
    clip = probed(data, pool, extension)
    assert clip.duration == pytest.approx(8, abs=0.1)
    # With a key frame nearby it is that moment; else one on the way there.
    wanted = (254, 0, 0) if keys == "10" else (0, 0, 0)
    assert is_near(opened(clip.frame.data).getpixel((80, 60)), wanted)


@needs_av
@needs_ffmpeg
def test_a_distant_key_frame_is_not_what_is_shown(pool: Pool) -> None:
    """The video fades in, and all of it hangs on its first picture."""
    fading = "color=white:s=160x120:r=25:d=8,fade=in:0:20"
    data = encoded("mp4", "-f", "lavfi", "-i", fading, *CODECS["mp4"], "-g", "250", "-sc_threshold", "0")
    assert is_near(opened(probed(data, pool).frame.data).getpixel((80, 60)), (250, 250, 250), 60)


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize("turn", TURNS)
def test_the_still_is_upright(pool: Pool, turn: int) -> None:
    matrix, colours = TURNS[turn]
    clip = probed(turned(film(), matrix), pool)
    size = (640, 360) if turn < 5 else (360, 640)
    assert (clip.width, clip.height) == size
    assert_still(clip.frame, size, colours)
    assert_still(clip.thumb, (320, 320), colours)
    assert (clip.medium is None) == (turn >= 5)


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize("turn", [3, 6, 8])
def test_upright_is_what_ffmpeg_says_it_is(pool: Pool, tmp_path: Path, turn: int) -> None:
    path = tmp_path / "turned.mp4"
    path.write_bytes(turned(film(), TURNS[turn][0]))
    shown = opened(encoded("png", "-i", str(path), "-frames:v", "1")).convert("RGB")
    still = opened(probed(path.read_bytes(), pool).frame.data)
    assert shown.size == still.size
    for place in ((9, 9), (still.width - 9, 9), (9, still.height - 9)):
        colour = shown.getpixel(place)
        assert isinstance(colour, tuple) and is_near(still.getpixel(place), colour)


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize(("shape", "size"), [("4/3", (427, 240)), ("3/4", (320, 320)), ("1/99", (320, 240))])
def test_pixels_that_are_not_square(pool: Pool, shape: str, size: tuple[int, int]) -> None:
    clip = probed(film("mkv", "-vf", f"setsar={shape}:200", width=320, height=240), pool, "mkv")
    assert (clip.width, clip.height) == size
    assert_still(clip.frame, size, CORNERS)


@needs_av
@needs_ffmpeg
def test_a_turned_video_whose_pixels_are_not_square(pool: Pool) -> None:
    clip = probed(turned(film("mp4", "-vf", "setsar=2", width=320, height=240), TURNS[6][0]), pool)
    assert_still(clip.frame, (240, 640), TURNS[6][1])


@needs_av
@needs_ffmpeg
def test_colours_of_high_definition(pool: Pool) -> None:
    data = film("mp4", "-vf", "scale=out_color_matrix=bt709", "-colorspace", "bt709", width=320, height=240)
    image = opened(probed(data, pool).frame.data)
    assert is_near(image.getpixel((300, 12)), GREEN, 12)


@needs_av
@needs_ffmpeg
def test_a_small_silent_video(pool: Pool) -> None:
    clip = probed(film(width=64, height=48, sound=False), pool)
    assert (clip.width, clip.height, clip.has_audio, clip.audio_codec) == (64, 48, False, None)
    assert clip.medium is None and clip.title is None
    assert_still(clip.thumb, (320, 320), CORNERS)


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize(
    ("extension", "codec", "name", "is_playable"),
    [
        ("mp4", "libx265", "hevc", False),
        ("mp4", "libaom-av1", "av1", True),
        ("webm", "libvpx-vp9", "vp9", True),
        ("mov", "mjpeg", "mjpeg", False),
        ("mov", "prores", "prores", False),
    ],
)
def test_other_codecs(pool: Pool, extension: str, codec: str, name: str, is_playable: bool) -> None:
    fast = {"libaom-av1": ("-cpu-used", "8"), "libvpx-vp9": ("-cpu-used", "8"), "libx265": ("-preset", "ultrafast")}
    data = film(extension, "-c:v", codec, "-pix_fmt", "yuv422p10le" if name == "prores" else "yuv420p",
                *fast.get(codec, ()), width=160, height=120, sound=False)  # fmt: skip
    clip = probed(data, pool, extension)
    assert (clip.video_codec, clip.is_playable) == (name, is_playable)
    assert_still(clip.frame, (160, 120), CORNERS)


@needs_av
@needs_ffmpeg
def test_a_codec_that_is_not_on_the_list(pool: Pool) -> None:
    refused = refusal(film("avi", "-c:v", "huffyuv", "-pix_fmt", "yuv422p", width=64, height=48), pool, "avi")
    assert (refused.code, refused.message) == ("FORMAT_UNREADABLE", "Videos coded as huffyuv cannot be read.")


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize("extension", ["webm", "mp4"])
def test_a_recording_that_does_not_say_how_long_it_is(pool: Pool, extension: str) -> None:
    """Browsers write what they record from beginning to end, without going back."""
    recorded = {"webm": ("-live", "1"), "mp4": ("-movflags", "frag_keyframe+empty_moov")}[extension]
    clip = probed(film(extension, *recorded), pool, extension)
    assert clip.duration == pytest.approx(2, abs=0.1)
    assert_still(clip.frame, (640, 360), CORNERS)


@needs_av
@needs_ffmpeg
def test_sound_alone_is_for_others(pool: Pool) -> None:
    data = encoded("mp4", *SOUND)
    assert sniff_av(data[:SNIFF_AV_BYTES]) == "mp4"
    assert video.probe(data, "mp4", LIMITS, WANTED, pool) is None


@needs_av
@needs_ffmpeg
def test_a_cover_picture_is_no_video(pool: Pool, tmp_path: Path) -> None:
    cover = tmp_path / "cover.jpg"
    cover.write_bytes(drawn("JPEG", 64, 48))
    shown = ("-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v:0", "attached_pic")
    data = encoded("mp4", *SOUND, "-i", str(cover), *shown)
    assert video.probe(data, "mp4", LIMITS, WANTED, pool) is None


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize(
    ("limits", "setting"),
    [
        (replace(LIMITS, max_pixels=640 * 360 - 1), "images.max_pixels"),
        (replace(LIMITS, max_side=639), "images.max_side"),
    ],
)
def test_limits(pool: Pool, limits: Limits, setting: str) -> None:
    refused = refusal(film(), pool, limits=limits)
    assert (refused.code, refused.meta["setting"]) == ("LIMIT_EXCEEDED", setting)


@needs_av
@needs_ffmpeg
def test_a_file_that_says_one_size_and_sends_another(pool: Pool) -> None:
    """A header of 16 x 16 in front of pictures of 640 x 360."""
    data = film("webm", sound=False)
    lying = data.replace(b"\xb0\x82" + struct.pack(">H", 640), b"\xb0\x82" + struct.pack(">H", 16))
    lying = lying.replace(b"\xba\x82" + struct.pack(">H", 360), b"\xba\x82" + struct.pack(">H", 16))
    assert lying != data
    assert refusal(lying, pool, "webm", replace(LIMITS, max_pixels=10_000)).code in ("LIMIT_EXCEEDED", "FILE_BROKEN")


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize("extension", CODECS)
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.99])
def test_a_truncated_file(pool: Pool, extension: str, kept: float) -> None:
    front = ("-movflags", "+faststart") if extension in ("mp4", "mov") else ()
    data = film(extension, *front)
    refused = refusal(data[: int(kept * len(data))], pool, extension)
    assert refused.code == "FILE_BROKEN"
    assert refused.message.endswith("video is damaged or cut short.")


@needs_av
@needs_ffmpeg
def test_pictures_that_cannot_be_decoded(pool: Pool) -> None:
    data = film(sound=False)
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    assert refusal(data[:start] + bytes(end - start) + data[end:], pool).code == "FILE_BROKEN"


@needs_av
@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("data", [b"", b"\0" * 5_000, b"text " * 999, drawn("PNG")])
def test_something_else(pool: Pool, name: str, data: bytes) -> None:
    assert refusal(data, pool, name).code == "FILE_BROKEN"


def test_without_the_extra(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "find_spec", lambda name: None)
    assert not video.is_available()
    refused = refusal(b"", pool)
    assert refused.code == "FORMAT_UNREADABLE"
    assert "pip install 'picgate[video]'" in refused.message


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An address and a file that nobody shall open: who opens the file waits there until it is too late."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x.ts", fifo
        with pytest.raises(BlockingIOError):
            server.accept()


@needs_av
@pytest.mark.parametrize("name", CODECS)
def test_playlists_are_not_followed(pool: Pool, trap: tuple[str, Path], name: str) -> None:
    address, fifo = trap
    for playlist in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXTINF:9,\n{fifo}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{address}'\nfile '{fifo}'\n",
        f"RTSPtext\n[Reference]\nRef1={address}\n",
        f"<MPD><Period><AdaptationSet><BaseURL>{address}</BaseURL></AdaptationSet></Period></MPD>",
    ):
        assert sniff_av(playlist.encode()) is None
        assert refusal(playlist.encode(), pool, name).code == "FILE_BROKEN"


def parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + length]
        at += length


def referring(data: bytes, entry: bytes) -> bytes:
    """The same file, whose tracks say that their pictures are elsewhere."""
    out = b""
    for kind, body in parts(data):
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
            body = referring(body, entry)
        elif kind == b"dref":
            body = body[:8] + entry
        out += struct.pack(">I4s", len(body) + 8, kind) + body
    return out


def alias(path: str) -> bytes:
    """A Macintosh alias: the kind of reference ffmpeg can follow."""
    name = os.path.basename(path).encode()
    body = bytes(10) + b"\x04disk".ljust(28, b"\0") + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16)
    whole = path.encode() + bytes(len(path) % 2)
    body += struct.pack(">hh", 1, 1) + bytes(16) + struct.pack(">hh", 2, len(path)) + whole + struct.pack(">hh", -1, 0)
    return struct.pack(">I4sI", len(body) + 12, b"alis", 0) + body


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize("extension", ["mp4", "mov"])
def test_references_are_not_followed(pool: Pool, trap: tuple[str, Path], extension: str) -> None:
    address, fifo = trap
    link = struct.pack(">I4sI", len(address) + 13, b"url ", 0) + address.encode() + b"\0"
    for entry in (alias(str(fifo)), link):
        data = referring(film(extension), entry)
        assert len(data) != len(film(extension))
        # Refused or not, what counts is the trap.
        try:
            probed(data, pool, extension)
        except FileRefused as refused:
            assert "seconds" not in refused.message
