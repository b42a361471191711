"""Three gateways as an operator runs them: behind the nginx of the README, over a PostgreSQL, an S3 store and a Redis
of the test's own. Any of them can be killed, stopped and started again, and finds again what it had."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import free_port, gateway_environment
from tests.journeys.commands import until
from tests.stores import S3Server, execute, rclone_server

README = Path(__file__).parents[2] / "README.md"
SBIN = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
NODES = "abc"
PAUSE = 0.5  # seconds before a gateway that ended is started again
BUCKET, PREFIX = "picgate", "library"
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {block}
}}
"""


def program(name: str) -> str:
    """Its path. Skips where it is not installed."""
    if found := shutil.which(name, path=SBIN):
        return found
    pytest.skip(f"{name} is not installed")


# PostgreSQL


@dataclass(frozen=True, slots=True)
class Database:
    """A PostgreSQL server of its own."""

    bin: Path
    folder: Path
    port: int
    user: str | None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def control(self, *words: str) -> None:
        self.run("pg_ctl", "-D", str(self.folder), "-w", "-s", "-l", str(self.folder / "log"), *words)

    def run(self, name: str, *words: str) -> None:
        """As whoever may: PostgreSQL refuses to run for root."""
        done = subprocess.run(
            [str(self.bin / name), *words], user=self.user, capture_output=True, text=True, cwd="/", timeout=120,
            extra_groups=[] if self.user else None, group=pwd.getpwnam(self.user).pw_gid if self.user else None,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def crash(self) -> None:
        """And come back: it goes without a word to anybody, and reads its journal when it starts."""
        self.control("restart", "-m", "immediate")


def postgres_programs() -> Path:
    """Debian does not put them where others are."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *map(Path, SBIN.split(":"))]
    found = [place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()]
    if not found:
        pytest.skip("the programs of a PostgreSQL server are not installed")
    return max(found, key=lambda place: int((re.findall(r"\d+", str(place)) or ["0"])[0]))


@contextmanager
def a_postgres(**settings: str) -> Iterator[Database]:
    bin = postgres_programs()
    with tempfile.TemporaryDirectory(prefix="picgate-postgres-") as name:
        user = "postgres" if os.getuid() == 0 else None
        if user:
            shutil.chown(name, user)
        server = Database(bin, Path(name, "data"), free_port(), user)
        server.run("initdb", "-D", str(server.folder), "-U", "postgres", "-E", "UTF8", "--locale=C", "-N")
        own = {"listen_addresses": "127.0.0.1", "port": str(server.port), "unix_socket_directories": name} | settings
        with open(server.folder / "postgresql.conf", "a") as config:
            config.writelines(f"{key} = '{value}'\n" for key, value in own.items())
        server.control("start")
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")


# Redis


@contextmanager
def a_redis() -> Iterator[str]:
    server, port = program("redis-server"), free_port()
    with tempfile.TemporaryDirectory(prefix="picgate-redis-") as folder:
        said = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        with running([server, *said]):
            until(lambda: answers(port), "Redis answers")
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


# the S3 store


@dataclass(slots=True)
class Store:
    """An S3 server over plain files, which comes back at the same address."""

    folder: Path
    server: S3Server | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> S3Server:
        self.server = self.stack.enter_context(rclone_server(str(self.folder), self.server))
        return self.server

    def stop(self) -> None:
        self.stack.close()

    def files(self) -> dict[str, Path]:
        """By name, as they lie there."""
        return {file.name: file for file in (self.folder / BUCKET / PREFIX / "media").glob("*/*")}


# nginx


def balancer_block(ports: list[int], port: int) -> str:
    """That of the README, with the ports of this test. Gateways it names and nobody has are left out."""
    text = README.read_text("utf-8").partition("<!-- balancer -->")[2].partition("<!-- /balancer -->")[0]
    lines = text.strip().removeprefix("```nginx").removesuffix("```").splitlines()
    gateways = iter(ports)
    filled = []
    for line in lines:
        if re.match(r" +server \S+:\d+ ", line):
            if not (own := next(gateways, None)):
                continue
            line = re.sub(r"server \S+", f"server 127.0.0.1:{own}", line)
        elif "listen" in line:
            line = f"  listen 127.0.0.1:{port};"
        filled.append(line)
    assert next(gateways, None) is None, "the README has fewer gateways than this test"
    return "\n".join(filled)


@contextmanager
def a_balancer(folder: Path, ports: list[int], port: int) -> Iterator[int]:
    """The pid of an nginx."""
    nginx, config = program("nginx"), folder / "nginx.conf"
    user = "user root;" if os.getuid() == 0 else ""
    config.write_text(NGINX.format(folder=folder, block=balancer_block(ports, port), user=user))
    with running([nginx, "-c", str(config), "-p", str(folder)]) as process:
        until(lambda: answers(port) or process.poll() is not None, "nginx answers")
        assert process.poll() is None, (folder / "error.log").read_text()
        yield process.pid


# all of it


@dataclass(slots=True)
class Cluster:
    """`url` is where people go; `nodes` are the gateways, by the names they have."""

    url: str
    folder: Path
    database: Database
    store: Store
    settings: dict[str, str]
    ports: dict[str, int]
    nodes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    keepers: list[threading.Thread] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    changing: threading.Lock = field(default_factory=threading.Lock)

    def url_of(self, node: str) -> str:
        return f"http://127.0.0.1:{self.ports[node]}"

    def start(self, node: str) -> None:
        """And again whenever it ends, as systemd does: without its stores a gateway does not start."""
        keeper = threading.Thread(target=self.keep_running, args=(node,), name=f"keeper of {node}")
        self.keepers.append(keeper)
        keeper.start()
        until(lambda: answers(self.ports[node]), f"{node} is ready")

    def keep_running(self, node: str) -> None:
        while process := self.launch(node):
            process.wait()
            self.stopping.wait(PAUSE)

    def launch(self, node: str) -> subprocess.Popen[bytes] | None:
        command = [sys.executable, "-m", "gateway", "serve", "--data", str(self.folder / node)]
        command += ["--port", str(self.ports[node]), "--public-url", self.url]
        environment = gateway_environment(**self.settings, GATEWAY_SERVER__NODE=node)
        with self.changing, open(self.folder / f"{node}.log", "a") as log:
            if self.stopping.is_set():
                return None
            self.nodes[node] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            return self.nodes[node]

    def stop(self) -> None:
        with self.changing:
            self.stopping.set()
            for process in self.nodes.values():
                process.terminate()
        for keeper in self.keepers:
            keeper.join(60)

    def is_well(self) -> bool:
        return all(is_ok(self.url_of(node)) for node in self.nodes)

    def query(self, sql: str) -> list[Any]:
        return execute(self.database.url, sql)


def is_ok(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=10).ok
    except requests.RequestException:
        return False


@contextmanager
def a_cluster(folder: Path, **settings: str) -> Iterator[Cluster]:
    """Three gateways that are ready, and everything around them."""
    with ExitStack() as stack:
        port, ports = free_port(), {node: free_port() for node in NODES}
        (folder / "s3" / BUCKET).mkdir(parents=True)
        (folder / "nginx").mkdir()
        database, redis = stack.enter_context(a_postgres()), stack.enter_context(a_redis())
        store = Store(folder / "s3")
        stack.callback(store.stop)
        s3 = store.start()
        places = {"GATEWAY_STORAGE__CATALOG": database.url, "GATEWAY_STORAGE__BLOBS": s3.place(BUCKET, PREFIX)}
        own = {"GATEWAY_LIMITS__STORE": redis, "GATEWAY_SERVER__TRUSTED_PROXIES": "127.0.0.1"}
        told = places | own | s3.environment() | settings
        cluster = Cluster(f"http://127.0.0.1:{port}", folder, database, store, told, ports)
        stack.callback(cluster.stop)
        for node in NODES:
            cluster.start(node)
        stack.enter_context(a_balancer(folder / "nginx", list(ports.values()), port))
        yield cluster


def kill_in_turns(cluster: Cluster, over: threading.Event, pause: float) -> int:
    """One after the other until it is over, each of them at least once, and never the last; how many."""
    kills = 0
    while not over.is_set() or kills < len(NODES):
        threading.Event().wait(pause)
        node = NODES[kills % len(NODES)]
        if any(answers(cluster.ports[other]) for other in NODES if other != node):
            cluster.nodes[node].kill()
            kills += 1
    return kills
