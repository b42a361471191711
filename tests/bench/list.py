"""What a page of a long list costs, beside the least a Flask application can do for the same answer.

    python tests/bench/list.py [--rows N] [--starts N] [--rounds N] [--folder DIR] [--json FILE]

A catalog of a million pictures of one owner is made first, every tenth of them tagged; with `--folder` it stays there
and is used again. Then a real `gateway serve` and a process with one Flask view, which reads the same page with one
SELECT and sends the same answer through json.dumps, take turns, and CPU time is read from /proc. Deep pages, tags and
texts are compared with the gateway's own first page; `total` with the same page without it, inside one process.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response
from measure import Line, free_port, in_a_row, own_cpu, print_table, running, server_cpu, write_json
from waitress import create_server

from gateway.core.clock import SystemClock
from gateway.core.ids import new_id, new_image_id
from gateway.core.keys import Keys
from gateway.core.listing import Place
from gateway.core.moving import Arrived
from gateway.core.owners import Owners
from gateway.core.ports import Catalog
from gateway.core.records import Media, Owner
from gateway.core.search import Query
from gateway.store.opening import library_id
from gateway.store.sqlite import SqliteCatalog
from gateway.web.picora.cursor import cursor_after

PAGE = 50
GETS = 60
THREADS = 8  # the gateway's default
BATCH = 2000
NEWEST = datetime(2026, 11, 21, tzinfo=UTC)
WORDS = [
    "beach", "holiday", "mountain", "river", "lake", "cat", "dog", "family", "birthday", "party", "snow",
    "winter", "summer", "autumn", "spring", "screenshot", "invoice", "scan", "document", "receipt", "market",
    "street", "night", "city", "bridge", "garden", "flower", "tree", "forest", "bike", "train", "station",
    "airport", "hotel", "breakfast", "dinner", "wedding", "school", "concert", "museum", "harbour", "boat",
    "island", "sunset", "sunrise",
]  # fmt: skip
SETTINGS = "[limits]\nread = 100000000\nhourly = 100000000\n"  # counted, and never reached


@dataclass(frozen=True, slots=True)
class Made:
    """The catalog, and where its last page begins."""

    folder: Path
    owner_id: str
    key: str
    deepest: str


# the catalog


def make(folder: Path, rows: int) -> Made:
    note = folder / "made.json"
    if not note.exists():
        folder.mkdir(exist_ok=True)
        (folder / "config.toml").write_text(SETTINGS)
        catalog, clock = SqliteCatalog(folder / "catalog.db"), SystemClock()
        owner = Owners(catalog, clock).add("bench")
        key = Keys(catalog, clock, lambda secret, stored: False).issue(owner, "bench")[1]
        fill(catalog, owner, rows)
        go_on_without_files(catalog, folder)
        catalog.close()
        note.write_text(json.dumps({"owner_id": owner.id, "key": key, "deepest": deepest(folder, owner)}))
    return Made(folder, **json.loads(note.read_text()))


def go_on_without_files(catalog: Catalog, folder: Path) -> None:
    """A gateway does not take a folder without any for the one of a million pictures, unless it is told."""
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "library").write_text(f"{library_id(catalog)}\n")


def fill(catalog: SqliteCatalog, owner: Owner, rows: int) -> None:
    chance, began, one = random.Random(1), time.perf_counter(), a_picture(owner)
    for start in range(0, rows, BATCH):
        catalog.add_arrived(
            [Arrived(another(one, number, rows, chance)) for number in range(start, min(start + BATCH, rows))]
        )
    print(f"{rows} rows in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


def another(one: Media, number: int, rows: int, chance: random.Random) -> Media:
    """One second newer than the one before. Every 20,000th is of a zebra."""
    first, second = chance.choices(WORDS, k=2)
    at = NEWEST - timedelta(seconds=rows - number)
    return replace(
        one,
        id=new_image_id(),
        sha256=f"{chance.getrandbits(256):064x}",
        title=f"{first.title()} {second} {number}" + " zebra" * (number % 20_000 == 0),
        filename=f"IMG_{chance.randrange(10**8):08}.jpg",
        created_at=at,
        updated_at=at,
        tags=("tenth",) if number % 10 == 0 else (),
    )


def a_picture(owner: Owner) -> Media:
    return Media(
        id="", kind="image", owner_id=owner.id, filename="", title=None, description=None, mime="image/jpeg",
        extension="jpg", size_bytes=2_400_000, width=4000, height=3000, sha256="", md5=new_id(), source_sha256=None,
        source_md5=None, is_resized=False, exif_json=None, is_animated=False, is_360=False, is_public=True,
        is_nsfw=False, album_id=None, category_id=None, views=0, thumb_bytes=9000, medium_bytes=40_000,
        medium_width=500, medium_height=375, created_at=NEWEST, updated_at=NEWEST, expires_at=None,
    )  # fmt: skip


def deepest(folder: Path, owner: Owner) -> str:
    """The cursor of a page that ends with the oldest media of all."""
    catalog = SqliteCatalog(folder / "catalog.db")
    sql = "SELECT id FROM media WHERE owner_id = ? ORDER BY created_at, id LIMIT 1 OFFSET ?"
    media = catalog.media(catalog.rows(sql, owner.id, PAGE)[0][0])
    catalog.close()
    assert media
    return cursor_after(media)


# the two servers


def bare(file: str, owner_id: str, answer: str, port: int) -> None:
    sql = f"SELECT * FROM media WHERE owner_id = ? ORDER BY created_at DESC, id DESC LIMIT {PAGE + 1}"
    serve_bare(lambda: sqlite3.connect(file), sql, owner_id, answer, port)


def serve_bare(connect: Callable[[], Any], sql: str, owner_id: str, answer: str, port: int) -> None:
    """One view: no key, no limits, no records, no addresses to build."""
    app, readers, sent = Flask(__name__), threading.local(), json.loads(Path(answer).read_bytes())

    @app.get("/")
    def page() -> Response:
        if not hasattr(readers, "db"):
            readers.db = connect()
        readers.db.execute(sql, (owner_id,)).fetchall()
        return Response(json.dumps(sent, separators=(",", ":")), mimetype="application/json")

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(app, host="127.0.0.1", port=port, threads=THREADS)
    print("ready", flush=True)
    server.run()


def get(port: int, path: str, key: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


# the figures


TOTAL = "a page with its total"
FIRST = "page of 50: CPU per request"
PATHS = {
    "deepest page, of the first": ("cursor={deepest}", 1.2),
    "page of a tag, of the plain one": ("tag=tenth", 3),
    "page of a common word": ("q=beach", 3),
    "page of a rare word": ("q=zebra", 3),
    "page of part of all names": ("q=img_", 3),
    "page of a file by its whole name": ("q=" + quote("IMG_01234567.jpg"), 3),
    "page of a tag and a word": ("tag=tenth&q=lake", None),
    "page of private ones with a word": ("isPublic=false&q=img", None),
}


def page_lines() -> dict[str, Line]:
    lines = {FIRST: Line(FIRST, 1.4, unit="us")}
    return lines | {name: Line(name, goal, unit="us") for name, (_, goal) in PATHS.items()}


def measure(made: Made, lines: dict[str, Line], rounds: int) -> None:
    port, answer = free_port(), made.folder / "answer.json"
    command = [sys.executable, "-m", "gateway", "serve", "--data", str(made.folder), "--port", str(port)]
    command += ["--config", str(made.folder / "config.toml")]
    with running(command, ready="Settings for") as (pid, _):
        base = [sys.executable, __file__, "--bare", str(made.folder / "catalog.db"), made.owner_id, str(answer)]
        take_turns((pid, port), base, answer, made.key, made.deepest, lines, rounds)


def take_turns(
    gateway: tuple[int, int], base: list[str], answer: Path, key: str, deepest: str, lines: dict[str, Line], rounds: int
) -> None:
    """Each side a process and its port. `base` is the command of the other one, which is told the port last."""
    (pid, port), bare_port = gateway, free_port()
    first = get(port, f"/v1/images?limit={PAGE}", key)
    answer.write_bytes(in_a_row(port, [(first,)]))
    with running([*base, str(bare_port)], ready="ready") as (bare_pid, _):
        for number in range(rounds + 1):
            plain = per_request(bare_pid, bare_port, get(bare_port, "/"))
            ours = per_request(pid, port, first)
            if number:  # the first round warms both up
                lines[FIRST].note(plain, ours)
            for name, (query, _) in PATHS.items():
                path = f"/v1/images?limit={PAGE}&{query.format(deepest=deepest)}"
                there = per_request(pid, port, get(port, path, key))
                if number:
                    lines[name].note(ours, there)
            print(f"list: round {number} of {rounds}", file=sys.stderr, flush=True)


def per_request(pid: int, port: int, request: bytes) -> float:
    return 1e6 * server_cpu(pid, partial(in_a_row, port, [(request,)] * GETS)) / GETS


def measure_total(catalog: Catalog, owner_id: str, line: Line, rounds: int) -> None:
    query, place = Query(owner_id, kinds=("image",)), Place(NEWEST, "")

    def page() -> None:
        catalog.search(query, place, NEWEST, PAGE + 1)

    def page_and_total() -> None:
        page()
        catalog.totals(owner_id)

    def cost(work: Callable[[], None]) -> float:
        return 1e6 * own_cpu(lambda: [work() for _ in range(GETS)]) / GETS

    for number in range(rounds + 1):
        without, with_total = cost(page), cost(page_and_total)
        if number:
            line.note(without, with_total)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--starts", type=int, default=3, help="how often both servers are started")
    parser.add_argument("--rounds", type=int, default=6, help="in turns, each time they are started")
    parser.add_argument("--folder", type=Path, help="keep the catalog here, and use it again")
    parser.add_argument("--json", type=Path, help="also write every round's figures to this file")
    parser.add_argument("--bare", nargs=4, metavar=("FILE", "OWNER", "ANSWER", "PORT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        bare(*asked.bare[:3], int(asked.bare[3]))
        return
    lines, total = page_lines(), Line(TOTAL, 1.05, unit="us")
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="picgate-bench-"))
    try:
        made = make(folder, asked.rows)
        for _ in range(asked.starts):
            measure(made, lines, asked.rounds)
            with closing(SqliteCatalog(made.folder / "catalog.db")) as catalog:
                measure_total(catalog, made.owner_id, total, asked.rounds)
    finally:
        if not asked.folder:
            shutil.rmtree(folder)
    print_table([*lines.values(), total], "base", "gateway")
    if asked.json:
        write_json(asked.json, [*lines.values(), total])


if __name__ == "__main__":
    main()
