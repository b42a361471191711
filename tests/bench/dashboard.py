"""What the library page of the dashboard costs, beside the page of `/v1/images` with as many pictures.

    python tests/bench/dashboard.py [--rows N] [--starts N] [--rounds N] [--folder DIR] [--json FILE]

Two catalogs of one owner are made first, one of them a hundredth of the other; of the pictures every tenth is tagged,
every 50th in an album, every 20th private, every 1000th expiring. Then a `gateway serve` on each answers in turns, and
CPU time is read from /proc. The first page is compared with `/v1/images`, with itself in the small catalog, and every
filter with the plain page. What the page weighs without its pictures is told as well.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

from flask import Response
from list import BATCH, NEWEST, SETTINGS, a_picture, another, go_on_without_files
from measure import Line, free_port, in_a_row, print_table, running, server_cpu, write_json

from gateway.core.clock import SystemClock
from gateway.core.ids import new_id
from gateway.core.keys import Keys
from gateway.core.moving import Arrived
from gateway.core.owners import Owners
from gateway.core.records import Album, Media, Owner
from gateway.store.sqlite import SqliteCatalog
from gateway.urls import Urls
from gateway.web.pages.dashboard.badges import Badges
from gateway.web.pages.turning import place_after

PAGE = 60  # what the library shows at once
GETS = 40
STATIC = Path(__file__).parents[2] / "gateway/web/pages/static"
FILTERS = {
    "deepest page": ("after={deepest}", 1.2),
    "private ones": ("shown=private", 2),
    "pictures": ("kind=image", 2),
    "one tag": ("tag=tenth", 2),
    "one album": ("album={album}", 2),
    "one album and a tag": ("album={album}&tag=tenth", 3),
    "expiring ones": ("expiring=1", 2),
    "a common word": ("q=beach", 3),
    "a rare word": ("q=zebra", 3),
    "a word in an album": ("album={album}&q=lake", None),
}


@dataclass(frozen=True, slots=True)
class Made:
    """The catalog, who is in front of it, and where its last page begins."""

    folder: Path
    key: str
    cookie: str
    album: str
    deepest: str


def make(folder: Path, rows: int) -> Made:
    note = folder / "library.json"
    if not note.exists():
        folder.mkdir(exist_ok=True, parents=True)
        (folder / "config.toml").write_text(f"{SETTINGS}[log]\nrequests = false\n")
        catalog, clock = SqliteCatalog(folder / "catalog.db"), SystemClock()
        owner = Owners(catalog, clock).add("bench")
        key = Keys(catalog, clock, lambda secret, stored: False).issue(owner, "bench")[1]
        catalog.add_album(album := Album(new_id(), owner.id, "Outside", NEWEST))
        oldest = fill(catalog, owner, album, rows)
        said = {"key": key, "cookie": cookie(catalog, owner), "album": album.id, "deepest": place_after(oldest)}
        go_on_without_files(catalog, folder)
        catalog.close()
        note.write_text(json.dumps(said))
    return Made(folder, **json.loads(note.read_text()))


def fill(catalog: SqliteCatalog, owner: Owner, album: Album, rows: int) -> Media:
    """Gives the one after which the last page begins."""
    chance, one, edge = random.Random(1), a_picture(owner), []
    for start in range(0, rows, BATCH):
        batch = [dressed(another(one, at, rows, chance), at, album) for at in range(start, min(start + BATCH, rows))]
        catalog.add_arrived([Arrived(media) for media in batch])
        edge += batch[: PAGE + 1] if not start else []
    return edge[PAGE]


def dressed(media: Media, number: int, album: Album) -> Media:
    return replace(
        media,
        album_id=album.id if number % 50 == 0 else None,
        is_public=number % 20 != 0,
        expires_at=datetime.now(UTC) + timedelta(days=3650) if number % 1000 == 0 else None,
    )


def cookie(catalog: SqliteCatalog, owner: Owner) -> str:
    """Of the owner, signed in."""
    badges = Badges(lambda: catalog.secret("dashboard"), SystemClock(), Urls("http://127.0.0.1"))
    signed_in = catalog.signed_in(owner.id)
    assert signed_in
    badges.pin(answer := Response(), badges.issue(signed_in))
    return answer.headers["Set-Cookie"].partition(";")[0]


def get(port: int, path: str, made: Made) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {made.key}")
    return "\r\n".join((*lines, f"Cookie: {made.cookie}", "", "")).encode()


def per_request(pid: int, port: int, path: str, made: Made) -> float:
    request = get(port, path, made)
    return 1e3 * server_cpu(pid, partial(in_a_row, port, [(request,)] * GETS)) / GETS


def measure(large: Made, small: Made, lines: dict[str, Line], rounds: int) -> str:
    """Gives the page."""
    with ExitStack() as running_both:
        (pid, port), (small_pid, small_port) = (running_both.enter_context(serving(made)) for made in (large, small))
        for number in range(rounds + 1):
            listed = per_request(pid, port, f"/v1/images?limit={PAGE}", large)
            first = per_request(pid, port, "/dashboard/library", large)
            few = per_request(small_pid, small_port, "/dashboard/library", small)
            found = {
                name: per_request(pid, port, f"/dashboard/library?{query.format(**filled(large))}", large)
                for name, (query, _) in FILTERS.items()
            }
            if number:  # the first round warms both up
                lines["page, of /v1/images"].note(listed, first)
                lines["page, of one among few"].note(few, first)
                for name, cost in found.items():
                    lines[name].note(first, cost)
        return in_a_row(port, [(get(port, "/dashboard/library", large),)]).decode()


@contextmanager
def serving(made: Made) -> Iterator[tuple[int, int]]:
    """The gateway on this catalog: its process and its port."""
    port = free_port()
    command = [sys.executable, "-m", "gateway", "serve", "--data", str(made.folder), "--port", str(port)]
    with running([*command, "--config", str(made.folder / "config.toml")], ready="Settings for") as (pid, _):
        yield pid, port


def filled(made: Made) -> dict[str, str]:
    return {"album": made.album, "deepest": quote(made.deepest)}


def weigh(page: str) -> None:
    """The page itself, and what of ours it brings along: modules that modules import as well."""
    waiting, parts = set(re.findall(r'/static/([\w.-]+)"', page)), set[str]()
    while waiting:
        parts.add(name := waiting.pop())
        text = (STATIC / name).read_text("utf-8")
        waiting |= set(re.findall(r'^import .*"\./([\w.-]+)";', text, re.MULTILINE)) - parts
    whole = [page.encode(), *((STATIC / name).read_bytes() for name in parts)]
    size, packed = sum(map(len, whole)), sum(len(gzip.compress(one)) for one in whole)
    print(
        f"\nThe page weighs {len(whole[0]):,} bytes;"
        f" with its {len(parts)} styles and scripts {size:,}, packed {packed:,}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--starts", type=int, default=2, help="how often both servers are started")
    parser.add_argument("--rounds", type=int, default=5, help="in turns, each time they are started")
    parser.add_argument("--folder", type=Path, help="keep the catalogs here, and use them again")
    parser.add_argument("--json", type=Path, help="also write every round's figures to this file")
    asked = parser.parse_args()
    lines = {
        "page, of /v1/images": Line("page, of /v1/images", 3),
        "page, of one among few": Line("page, of one among few", 1.2),
    }
    lines |= {name: Line(name, goal) for name, (_, goal) in FILTERS.items()}
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="picgate-bench-"))
    try:
        large, small = make(folder / "large", asked.rows), make(folder / "small", max(asked.rows // 100, 2 * PAGE))
        for _ in range(asked.starts):
            page = measure(large, small, lines, asked.rounds)
    finally:
        if not asked.folder:
            shutil.rmtree(folder)
    print_table([*lines.values()], "base", "library")
    weigh(page)
    if asked.json:
        write_json(asked.json, [*lines.values()])


if __name__ == "__main__":
    main()
