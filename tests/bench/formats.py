"""What phones' photos and clips cost beside the bare decoders, and a variant that is ready beside a stored file.

    python tests/bench/formats.py [--rounds N] [--json FILE]

The bare side decodes in this process: pillow-heif and a JPEG for HEIC; for a clip PyAV, which opens it, seeks to a
quarter of its length, decodes up to there and makes one JPEG of 500 pixels. Ours is the whole intake of such a file,
in its limited child, with every rendition; the child's time counts. Needs ffmpeg and the extras heic and video.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import av
import pillow_heif
from measure import Line, free_port, in_a_row, print_table, running, server_cpu, whole_cpu_seconds, write_json
from pictures import corpus
from PIL import Image
from upload import Gateway, form

from gateway.core.formats.child import Pool
from gateway.core.formats.families import Families
from gateway.core.formats.limits import Limits
from gateway.core.formats.raster import Wanted
from gateway.core.formats.registry import by_name

LIMITS = Limits(
    max_pixels=52_428_800,
    max_side=32_768,
    max_frames=5_000,
    max_frame_pixels=4_000_000_000,
    max_metadata_bytes=16_000_000,
)
CLIPS = {
    "mp4 1080p, 10 s": ["-s", "1920x1080", "-t", "10", "-c:v", "libx264", "-preset", "veryfast", "-g", "30"],
    "mp4 720p, 10 s, one key frame": [
        "-s",
        "1280x720",
        "-t",
        "10",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-g",
        "600",
    ],
    "webm 360p, 4 s": ["-s", "640x360", "-t", "4", "-c:v", "libvpx", "-b:v", "500k"],
}
PER_ROUND = 8

Request = tuple[bytes, ...]
GETS = 600


def film(folder: Path, name: str, options: list[str]) -> Path:
    file = folder / f"{len(list(folder.iterdir()))}.{name.split()[0]}"
    source = ["-f", "lavfi", "-i", "testsrc2=r=30", "-pix_fmt", "yuv420p"]
    subprocess.run(["ffmpeg", "-v", "error", *source, *options, str(file)], check=True)
    return file


def bare_clip(file: Path) -> None:
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        quarter = (container.duration or 0) / av.time_base / 4
        container.seek(int(quarter * av.time_base))
        for frame in container.decode(stream):
            if frame.time is not None and frame.time >= quarter:
                picture = frame.to_image()
                picture.resize((500, picture.height * 500 // picture.width)).save(io.BytesIO(), "JPEG", quality=85)
                return


def bare_photo(data: bytes) -> None:
    pillow_heif.open_heif(data).to_pillow().save(io.BytesIO(), "JPEG", quality=90)


def ours(families: Families, file: Path, name: str) -> None:
    with file.open("rb", buffering=0) as source:
        families.develop(source, by_name(name), Wanted(320, 320, 500), filename="", arrived_at=datetime.now(UTC))


def compare(line: Line, rounds: int, bare: Callable[[], None], mine: Callable[[], None]) -> Line:
    for number in range(rounds + 1):
        costs = []
        for work in (bare, mine):
            before = whole_cpu_seconds(os.getpid())
            for _ in range(PER_ROUND):
                work()
            costs.append(1e3 * (whole_cpu_seconds(os.getpid()) - before) / PER_ROUND)
        if number:  # the first round warms both up
            line.base.append(costs[0])
            line.ours.append(costs[1])
    return line


def decoders(folder: Path, rounds: int) -> list[Line]:
    photo = folder / "photo.heic"
    with Image.open(io.BytesIO(corpus(None)["photo"][0])) as picture:
        pillow_heif.from_pillow(picture.convert("RGB")).save(photo, quality=60)
    pool = Pool(1)
    families = Families(LIMITS, pool, 2_000_000)
    lines = [compare(Line("HEIC 12 megapixels", 1.3), rounds, partial(bare_photo, photo.read_bytes()),
                     partial(ours, families, photo, "heic"))]  # fmt: skip
    for name, options in CLIPS.items():
        clip = film(folder, name, options)
        kind = clip.suffix.removeprefix(".")
        lines.append(compare(Line(name, 1.5), rounds, partial(bare_clip, clip), partial(ours, families, clip, kind)))
    pool.close()
    return lines


def get(port: int, path: str, accept: str = "*/*") -> Request:
    return (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: {accept}\r\n\r\n".encode(),)


def variants(folder: Path, rounds: int) -> list[Line]:
    """Of a screenshot, each beside the stored file it stands for."""
    port = free_port()
    command = [sys.executable, "-m", "gateway", "serve", "--data", str(folder / "data"), "--port", str(port)]
    with running(command, ready="Settings for") as (pid, greeting):
        gateway = Gateway(port, pid, greeting)
        head, body = gateway.request(form(corpus(None)["shot"][0]))
        head = head.replace(b"upload", b"upload?format=txt", 1)
        path = "/" + in_a_row(port, [(head, body)]).decode().rpartition("/")[2]
        medium = path.replace(".", ".md.")
        pairs = {
            "made to measure, ready": (get(port, medium), get(port, f"{path}?w=500")),
            "WebP, ready": (get(port, path), get(port, path, "image/webp")),
        }
        return [against(pid, port, name, rounds, *pair) for name, pair in pairs.items()]


def against(pid: int, port: int, name: str, rounds: int, stored: Request, variant: Request) -> Line:
    line = Line(name, None, unit="us")
    for number in range(rounds + 1):
        base = server_cpu(pid, partial(in_a_row, port, [stored] * GETS))
        cost = server_cpu(pid, partial(in_a_row, port, [variant] * GETS))
        if number:
            line.base.append(1e6 * base / GETS)
            line.ours.append(1e6 * cost / GETS)
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write every round's figures to this file")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="picgate-bench-"))
    try:
        lines = [*decoders(folder, asked.rounds), *variants(folder, asked.rounds)]
    finally:
        shutil.rmtree(folder)
    print_table(lines, "bare", "gateway")
    if asked.json:
        write_json(asked.json, lines)


if __name__ == "__main__":
    main()
