"""What an upload costs, beside the bare libraries doing the same work.

    python tests/bench/upload.py [--rounds N] [--only photo,shot,tiny,again,rush] [--corpus DIR] [--json FILE]

The floor runs in this process: parse the form, md5, header, medium and thumbnail, three files, one committed row, and
no HTTP, no key, no safety. The gateway is a real `gateway serve`, whose CPU time is read from /proc. Both take turns,
so that other work on the machine disturbs them alike; look at ratios, not at times. `--corpus` names a folder with
the folders photo, shot and tiny; without it pictures are drawn.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import secrets
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measure import Line, Rush, each, free_port, in_a_row, own_cpu, print_table, running, rush, server_cpu, write_json
from pictures import another, corpus
from PIL import Image, ImageOps
from werkzeug.formparser import parse_form_data

MEDIUM_WIDTH, THUMB_SIZE = 500, (320, 320)  # what the gateway makes by default
PER_ROUND = {"photo": 12, "shot": 25, "tiny": 150, "again": 25}
RUSH = {"photo": 96, "shot": 192}
GOALS = {"photo": 1.15, "shot": 1.15}
MEMORY_GOAL_MB = 280
BOUNDARY = b"----picgate-bench"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY.decode()}"


# the floor


class Floor:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.db = sqlite3.connect(folder / "floor.db", isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute(
            "CREATE TABLE image (id TEXT PRIMARY KEY, owner INTEGER, created INTEGER, mime TEXT, size INTEGER,"
            " width INTEGER, height INTEGER, md5 BLOB, thumb_size INTEGER, medium_size INTEGER)"
        )
        self.db.execute("CREATE INDEX image_list ON image (owner, created, id)")
        self.db.execute("CREATE INDEX image_md5 ON image (md5)")

    def upload(self, body: bytes) -> None:
        data, md5 = receive(body)
        with Image.open(io.BytesIO(data)) as image:
            size = image.size
        medium, thumb = renditions(data)
        name = secrets.token_hex(8)
        self.write(name, data)
        self.write(f"{name}.md", medium)
        self.write(f"{name}.th", thumb)
        row = (name, 1, time.time_ns(), "image/x", len(data), *size, md5, len(thumb), len(medium))
        self.db.execute("BEGIN IMMEDIATE")
        self.db.execute("INSERT INTO image VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self.db.execute("COMMIT")

    def upload_again(self, body: bytes) -> None:
        _, md5 = receive(body)
        self.db.execute("SELECT id FROM image WHERE md5 = ?", (md5,)).fetchone()

    def write(self, name: str, data: bytes) -> None:
        part = f"{self.folder}/{name}.part"
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        os.write(handle, data)
        os.close(handle)
        os.rename(part, f"{self.folder}/{name}")

    def empty(self) -> None:
        for entry in os.scandir(self.folder):
            if not entry.name.startswith("floor.db"):
                os.unlink(entry.path)


def receive(body: bytes) -> tuple[bytes, bytes]:
    environ = {
        "wsgi.input": io.BytesIO(body),
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": FORM_TYPE,
        "CONTENT_LENGTH": str(len(body)),
    }
    file = parse_form_data(environ)[2]["source"]
    data = file.read()
    file.close()
    return data, hashlib.md5(data).digest()


def renditions(data: bytes) -> tuple[bytes, bytes]:
    """One decode (a JPEG with a margin of two), the medium from it, the thumbnail from the medium."""
    image = Image.open(io.BytesIO(data))
    height = max(1, image.height * MEDIUM_WIDTH // image.width)
    if image.format == "JPEG":
        image.draft("RGB", (2 * MEDIUM_WIDTH, 2 * height))
    image.load()
    medium: Image.Image = image
    if image.width > MEDIUM_WIDTH:
        medium = image.resize((MEDIUM_WIDTH, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    thumb = ImageOps.fit(medium, THUMB_SIZE, Image.Resampling.BICUBIC)
    return encoded(medium, image.format), encoded(thumb, image.format)


def encoded(image: Image.Image, format: str | None) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **({"quality": 85} if format == "JPEG" else {"compress_level": 3}))
    return out.getvalue()


# the gateway


class Gateway:
    def __init__(self, port: int, pid: int, greeting: list[str]) -> None:
        self.port = port
        self.pid = pid
        self.key = next(line.split()[-1] for line in greeting if line.startswith("Your API key:"))

    def request(self, body: bytes) -> tuple[bytes, bytes]:
        head = (
            f"POST /api/1/upload HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nX-API-Key: {self.key}\r\n"
            f"Content-Type: {FORM_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode(), body


def form(data: bytes) -> bytes:
    name, kind = (b"a.jpg", b"image/jpeg") if data.startswith(b"\xff\xd8") else (b"a.png", b"image/png")
    head = b'Content-Disposition: form-data; name="source"; filename="%s"\r\nContent-Type: %s\r\n\r\n' % (name, kind)
    return b"--%s\r\n%s%s\r\n--%s--\r\n" % (BOUNDARY, head, data, BOUNDARY)


def fresh(pictures: list[bytes], count: int) -> list[bytes]:
    """That many forms, each with a file nobody has seen."""
    return [form(another(pictures[number % len(pictures)])) for number in range(count)]


def measure_cpu(floor: Floor, gateway: Gateway, pictures: dict[str, list[bytes]], kinds: list[str], rounds: int,
                ) -> list[Line]:  # fmt: skip
    lines = {kind: Line(f"{kind}: CPU per upload", GOALS.get(kind)) for kind in kinds}
    seen = form(another(pictures["photo"][0]))
    for number in range(rounds + 1):
        for kind in kinds:
            count = PER_ROUND[kind]
            bodies = [seen] * count if kind == "again" else fresh(pictures[kind], count)
            requests = [gateway.request(body) for body in bodies]
            bare: Callable[[bytes], None] = floor.upload_again if kind == "again" else floor.upload
            base = own_cpu(partial(each, bare, bodies))
            ours = server_cpu(gateway.pid, partial(in_a_row, gateway.port, requests))
            if number:  # the first round warms both up
                lines[kind].base.append(1000 * base / count)
                lines[kind].ours.append(1000 * ours / count)
            floor.empty()
        print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
    return list(lines.values())


def measure_rush(gateway: Gateway, kind: str, pictures: list[bytes], rounds: int) -> list[Line]:
    rate = Line(f"{kind}: rate at 16, beside at 4", 0.95, unit="/s", at_least=True)
    tail = Line(f"{kind}: p99 at 16, beside p50", 3.0)
    memory = Line(f"{kind}: PSS at 16, beside goal", 1.0, unit="MB")
    for number in range(rounds):
        ran: dict[int, Rush] = {}
        for connections in (4, 16) if number % 2 else (16, 4):  # what one leaves for the disk to do slows the next
            requests = [gateway.request(body) for body in fresh(pictures, RUSH[kind])]
            ran[connections] = rush(gateway.port, gateway.pid, requests, connections)
        rate.base.append(ran[4].per_second)
        rate.ours.append(ran[16].per_second)
        tail.base.append(1000 * ran[16].p50)
        tail.ours.append(1000 * ran[16].p99)
        memory.base.append(MEMORY_GOAL_MB)
        memory.ours.append(ran[16].peak_mb)
    return [rate, tail, memory]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="photo,shot,tiny,again,rush", help="which parts, with commas")
    parser.add_argument("--corpus", type=Path, help="a folder with the folders photo, shot and tiny")
    parser.add_argument("--json", type=Path, help="also write every round's figures to this file")
    asked = parser.parse_args()
    parts = asked.only.split(",")
    pictures = corpus(asked.corpus)
    folder = Path(tempfile.mkdtemp(prefix="picgate-bench-"))
    port = free_port()
    unlimited = ["env", "GATEWAY_LIMITS__UPLOAD=0", "GATEWAY_LIMITS__HOURLY=0"]
    serving = [sys.executable, "-m", "gateway", "serve", "--data", str(folder / "data"), "--port", str(port)]
    command = [*unlimited, *serving]
    lines: list[Line] = []
    try:
        with running(command, ready="Settings for") as (pid, greeting):
            gateway = Gateway(port, pid, greeting)
            if kinds := [kind for kind in PER_ROUND if kind in parts]:
                lines += measure_cpu(Floor(folder / "floor"), gateway, pictures, kinds, asked.rounds)
            if "rush" in parts:
                for kind in RUSH:
                    lines += measure_rush(gateway, kind, pictures[kind], asked.rounds)
    finally:
        shutil.rmtree(folder)
    print_table(lines, "floor", "gateway")
    if asked.json:
        write_json(asked.json, lines)


if __name__ == "__main__":
    main()
