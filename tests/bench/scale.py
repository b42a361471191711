"""What it costs to be able to grow: PostgreSQL and S3 beside SQLite and a folder, and two gateways beside one.

    python tests/bench/scale.py [--only upload,list,two,statements,room] [--rounds N] [--rows N] [--catalog URL]
                                [--folder DIR] [--json FILE]

`upload`: CPU time of the gateway's process per upload, with either kind of stores; what the stores themselves use is
told apart. `list`: a page of a million pictures, beside a Flask view that asks psycopg and answers with json.dumps;
deep pages, tags and texts beside the gateway's own first page. `two`: small requests through nginx to one gateway and
to two, each on a processor core of its own. On a machine of two cores the client, nginx and PostgreSQL need the same
cores, so the rate is told beside what the gateways could carry if they did not: as many requests as fit into a second
of each one's own CPU time. `statements`: what PostgreSQL is asked for an upload and for a page. `room`: bytes per row
and rows per page of tables and indexes, from which sizes of larger libraries are computed.

A PostgreSQL server, an S3 server (moto) and nginx are started for it; small requests are sent by wrk. `--catalog` names
a database for the million pictures that stays, and is used again, and `--folder` a place for those in SQLite; without,
they are made each time.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from list import PAGE, TOTAL, get, go_on_without_files, measure_total, page_lines, serve_bare, take_turns
from list import make as make_sqlite
from measure import Line, cpu_seconds, free_port, in_a_row, print_table, running, tree, write_json
from million import Made, Room, make, print_room, room, room_in_sqlite
from pictures import corpus
from upload import Gateway, fresh

from gateway.store.postgres import PostgresCatalog

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.journeys.cluster import Database, a_balancer, a_postgres
from tests.stores import moto_server

PARTS = ("upload", "two", "statements", "list", "room")
PER_ROUND = {"photo": 8, "shot": 20, "tiny": 100}
GOALS = {"photo": 1.3, "shot": 1.3, "tiny": 1.3}
SMALL_SECONDS, CONNECTIONS = 4, 8
COUNTED = 20
MILLIONS = (1, 10, 100)
INNER = 200  # how many pages a page above them names, at least: keys here are shorter than 40 bytes
SETTINGS = """
[limits]
read = 100000000
upload = 100000000
hourly = 100000000

[sweeper]
interval = 86400

[log]
requests = false
"""
LOGGED = re.compile(r"LOG:  (?:statement|execute [^:]+): (.*)")


# what is measured


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A gateway whose stores are PostgreSQL and S3, and the processes of these."""

    gateway: Gateway
    database: Database
    s3: int

    @property
    def stores_cpu(self) -> float:
        return cpu_seconds(self.database.pid) + cpu_seconds(self.s3)


@contextmanager
def a_gateway(folder: Path, key: str = "", **storage: str) -> Iterator[Gateway]:
    """`key` is one that is good there; a new library gives one by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    told = "".join(f"{name} = {json.dumps(value)}\n" for name, value in storage.items())
    (folder / "config.toml").write_text(f"{SETTINGS}\n[storage]\n{told}")
    port = free_port()
    command = [sys.executable, "-m", "gateway", "serve", "--data", str(folder / "data"), "--port", str(port)]
    with running([*command, "--config", str(folder / "config.toml")], ready="Settings for") as (pid, greeting):
        yield Gateway(port, pid, [f"Your API key: {key}"] if key else greeting)


@contextmanager
def elsewhere(folder: Path, **settings: str) -> Iterator[Elsewhere]:
    with (
        a_postgres(**settings) as database,
        an_s3() as (pid, blobs),
        a_gateway(folder, catalog=database.url, blobs=blobs) as gateway,
    ):
        yield Elsewhere(gateway, database, pid)


@contextmanager
def an_s3() -> Iterator[tuple[int, str]]:
    """Its process, and where a fresh bucket is. The key is told in the environment."""
    before = {path.name for path in tree(os.getpid())}
    with moto_server() as server:
        pid = min(int(path.name) for path in tree(os.getpid()) if path.name not in before)
        os.environ.update(server.environment())
        yield pid, server.place(server.bucket(), "library")


# uploads


def measure_upload(folder: Path, rounds: int) -> list[Line]:
    pictures = corpus(None)
    lines = {kind: Line(f"{kind}: CPU per upload", GOALS.get(kind)) for kind in PER_ROUND}
    stores = {kind: Line(f"{kind}: with that of the stores", None) for kind in PER_ROUND}
    with a_gateway(folder / "here") as here, elsewhere(folder / "there") as there:
        for number in range(rounds + 1):
            for kind, count in PER_ROUND.items():
                base = spent(lambda: cpu_seconds(here.pid), here, fresh(pictures[kind], count))
                stores_before = there.stores_cpu
                ours = spent(lambda: cpu_seconds(there.gateway.pid), there.gateway, fresh(pictures[kind], count))
                whole = ours + there.stores_cpu - stores_before
                if number:  # the first round warms both up
                    for line, cost in ((lines[kind], ours), (stores[kind], whole)):
                        line.note(1000 * base / count, 1000 * cost / count)
            print(f"upload: round {number} of {rounds}", file=sys.stderr, flush=True)
    return [*lines.values(), *stores.values()]


def spent(cpu: Callable[[], float], gateway: Gateway, bodies: Iterable[bytes]) -> float:
    requests = [gateway.request(body) for body in bodies]
    before = cpu()
    in_a_row(gateway.port, requests)
    time.sleep(0.02)  # what is tidied up after the last answer is part of the price
    return cpu() - before


# one and two


def measure_two(folder: Path, rounds: int) -> list[Line]:
    rate = Line("small requests, as they came", 1.6, unit="/s", at_least=True)
    carried = Line("per second of the gateways' own CPU", None, unit="/s", at_least=True)
    share = Line("CPU of the rest, beside a gateway's", None, unit="us")
    with ExitStack() as stack:
        there = stack.enter_context(elsewhere(folder / "a"))
        one = there.gateway
        blobs = json.loads((folder / "a" / "config.toml").read_text().partition("blobs = ")[2].splitlines()[0])
        two = stack.enter_context(a_gateway(folder / "b", one.key, catalog=there.database.url, blobs=blobs))
        for core, gateway in enumerate((one, two)):
            pin(gateway.pid, core)
        answer = json.loads(in_a_row(one.port, [one.request(fresh(corpus(None)["tiny"], 1)[0])]))
        ports = {}
        for name, gateways in {"one": [one.port], "both": [one.port, two.port]}.items():
            (folder / name).mkdir()
            ports[name] = free_port()
            rest = [there.database.pid, stack.enter_context(a_balancer(folder / name, gateways, ports[name]))]
        path = f"/v1/images/{answer['image']['id_encoded']}"
        for number in range(rounds + 1):
            for name in ("one", "both") if number % 2 else ("both", "one"):
                own, others = cpu_seconds(one.pid) + cpu_seconds(two.pid), sum(map(cpu_seconds, rest))
                count, seconds, client = hammer(ports[name], path, one.key)
                own = cpu_seconds(one.pid) + cpu_seconds(two.pid) - own
                others = sum(map(cpu_seconds, rest)) - others + client
                if number:
                    running_now = 1 if name == "one" else 2
                    side = "base" if name == "one" else "ours"
                    getattr(rate, side).append(count / seconds)
                    getattr(carried, side).append(running_now * count / own)
                    if name == "both":
                        share.note(1e6 * own / count, 1e6 * others / count)
    return [rate, carried, share]


def hammer(port: int, path: str, key: str) -> tuple[int, float, float]:
    """How many answers, in how many seconds, and what the client needed for them: one in C, as it is to leave the
    processors to others."""
    url, before = f"http://127.0.0.1:{port}{path}", client_cpu()
    wrk = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SMALL_SECONDS}s", "-H", f"Authorization: Bearer {key}", url]
    said = subprocess.run(wrk, capture_output=True, text=True, check=True).stdout
    ran = re.search(r"(\d+) requests in ([\d.]+)s", said)
    if not ran or "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"wrk said: {said}")
    return int(ran[1]), float(ran[2]), client_cpu() - before


def client_cpu() -> float:
    ended = os.times()
    return ended.children_user + ended.children_system


def pin(pid: int, core: int) -> None:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core % (os.cpu_count() or 1)})


# what is asked


def count_statements(folder: Path) -> list[tuple[str, float, float]]:
    """For a request of each kind: how many statements, and how many of them write."""
    pictures, counted = corpus(None), []
    with elsewhere(folder, log_statement="all") as there:
        gateway, log = there.gateway, there.database.folder / "log"
        bodies = fresh(pictures["tiny"], COUNTED + 1)
        answer = json.loads(in_a_row(gateway.port, [gateway.request(bodies[0])]))
        name = urlsplit(answer["image"]["url"]).path
        record = f"/v1/images/{answer['image']['id_encoded']}"
        in_a_row(gateway.port, [(change(record, gateway.key, {"tags": ["tenth"]}),)])
        asked: dict[str, list[tuple[bytes, ...]]] = {
            "upload of something new": [gateway.request(body) for body in bodies[1:]],
            "upload of what is here": [gateway.request(bodies[1])] * COUNTED,
            "page of 50": [(get(0, f"/v1/images?limit={PAGE}", gateway.key),)] * COUNTED,
            "page of a tag": [(get(0, f"/v1/images?limit={PAGE}&tag=tenth", gateway.key),)] * COUNTED,
            "page of a text, among few": [(get(0, f"/v1/images?limit={PAGE}&q=a", gateway.key),)] * COUNTED,
            "one record": [(get(0, record, gateway.key),)] * COUNTED,
            "a file": [(get(0, name),)] * COUNTED,
        }
        for what, requests in asked.items():
            in_a_row(gateway.port, requests[:1])
            time.sleep(0.3)  # the server writes its log in its own time
            before = log.stat().st_size
            in_a_row(gateway.port, requests)
            time.sleep(0.3)
            said = LOGGED.findall(log.read_bytes()[before:].decode("utf-8", "replace"))
            writes = sum(one.lstrip().startswith(("INSERT", "UPDATE", "DELETE")) for one in said)
            counted.append((what, len(said) / COUNTED, writes / COUNTED))
    return counted


def change(path: str, key: str, facts: dict[str, object]) -> bytes:
    body = json.dumps(facts)
    return (
        f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


# a million


def bare(url: str, owner_id: str, answer: str, port: int) -> None:
    sql = f"SELECT * FROM media WHERE owner_id = %s ORDER BY created_at DESC, id DESC LIMIT {PAGE + 1}"
    serve_bare(lambda: psycopg.connect(url, autocommit=True), sql, owner_id, answer, port)


def measure_list(made: Made, folder: Path, rounds: int) -> list[Line]:
    lines, total, answer = page_lines(), Line(TOTAL, 1.05, unit="us"), folder / "answer.json"
    catalog = PostgresCatalog(made.url)
    go_on_without_files(catalog, folder / "list" / "data")
    with a_gateway(folder / "list", made.key, catalog=made.url) as gateway:
        base = [sys.executable, __file__, "--bare", made.url, made.owner_id, str(answer)]
        take_turns((gateway.pid, gateway.port), base, answer, made.key, made.deepest, lines, rounds)
    measure_total(catalog, made.owner_id, total, rounds)
    catalog.close()
    return [*lines.values(), total]


# how far it goes


def print_sizes(found: list[Room]) -> None:
    """By arithmetic, from what a million takes. A tree has as many levels as its leaves need names above them."""
    whole = sum(one.bytes for one in found) / max(one.rows for one in found)
    heap = sum(one.bytes for one in found if not one.is_index) / max(one.rows for one in found)
    print(f"\n{'media':>12} {'all GB':>8} {'tables GB':>10} {'indexes GB':>11} {'levels of media_owner':>22}")
    per_page = next(one.per_page for one in found if one.name == "media_owner")
    for millions in MILLIONS:
        rows = millions * 1_000_000
        leaves = rows / (per_page or 1)
        levels = 1 + math.ceil(math.log(leaves, INNER))
        figures = (whole, heap, whole - heap)
        sizes = " ".join(f"{rows * one / 1e9:{width}.1f}" for one, width in zip(figures, (8, 10, 11), strict=True))
        print(f"{rows:12,} {sizes} {levels:22}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="which parts, with commas")
    parser.add_argument("--rounds", type=int, default=6, help="in turns")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--catalog", help="the address of a database for the million, kept and used again")
    parser.add_argument("--folder", type=Path, help="the same for the one in SQLite, as list.py makes it")
    parser.add_argument("--json", type=Path, help="also write every round's figures to this file")
    parser.add_argument("--bare", nargs=4, metavar=("URL", "OWNER", "ANSWER", "PORT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        bare(*asked.bare[:3], int(asked.bare[3]))
        return
    parts, lines = asked.only.split(","), list[Line]()
    with tempfile.TemporaryDirectory(prefix="picgate-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        if "upload" in parts:
            lines += measured(measure_upload(folder / "upload", asked.rounds), "here", "elsewhere")
        if "two" in parts:
            lines += measured(measure_two(folder / "two", asked.rounds), "one", "two")
        if "statements" in parts:
            print_statements(count_statements(folder / "statements"))
        if {"list", "room"} & set(parts):
            url = asked.catalog or stack.enter_context(a_postgres(shared_buffers="1GB", max_wal_size="8GB")).url
            made = make(url, asked.rows)
        if "list" in parts:
            lines += measured(measure_list(made, folder, asked.rounds), "base", "gateway")
        if "room" in parts:
            print_room("in PostgreSQL", found := room(made.url))
            print_sizes(found)
            print_room(
                "in SQLite", room_in_sqlite(make_sqlite(asked.folder or folder, asked.rows).folder / "catalog.db")
            )
    if asked.json:
        write_json(asked.json, lines)


def measured(lines: list[Line], base: str, ours: str) -> list[Line]:
    print_table(lines, base, ours)
    return lines


def print_statements(counted: list[tuple[str, float, float]]) -> None:
    print(f"\n{'':34} {'statements':>10} {'that write':>10}")
    for what, number, writes in counted:
        print(f"{what:34} {number:10.1f} {writes:10.1f}")


if __name__ == "__main__":
    main()
