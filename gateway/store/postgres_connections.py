"""Connections to PostgreSQL: how they are opened, pooled and replaced.

Promises: nobody waits longer than `BUSY_SECONDS` for a connection, a lock or an answer; where there is no server, that
is known after a moment; one that was restarted is found again by itself. Usable after a fork, by both sides.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

Connection: TypeAlias = "psycopg.Connection[TupleRow]"

BUSY_SECONDS = 20.0
LOOK_SECONDS = 2.0  # how long to wait for a connection before finding out whether there is a server at all
MOST = 16
DEFAULTS: dict[str, Any] = {
    "application_name": "picgate",
    "client_encoding": "UTF8",
    "connect_timeout": 5,
    # A machine that vanished without a word is noticed, here and there.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}
# Whoever is stopped in the middle of a transaction keeps others waiting. To compile what is asked costs more than it
# saves. And what was acknowledged survives a power cut, even where the server was told not to care.
SETTLE = """
SELECT set_config('statement_timeout', %(ms)s, false), set_config('lock_timeout', %(ms)s, false),
    set_config('idle_in_transaction_session_timeout', '60s', false), set_config('jit', 'off', false),
    set_config('default_transaction_isolation', 'read committed', false),
    set_config('synchronous_commit', CASE now WHEN 'off' THEN 'on' ELSE now END, false)
FROM current_setting('synchronous_commit') AS now
"""


class FlagDumper(Dumper):
    """A flag is a number in our tables, as it is in SQLite's."""

    oid = psycopg.adapters.types["int2"].oid

    def dump(self, obj: bool) -> bytes:
        return b"1" if obj else b"0"


class WholeLoader(Loader):
    """The sum of whole numbers is one."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


class Connections:
    def __init__(self, url: str) -> None:
        """Raises `psycopg.ProgrammingError` for what is no address."""
        self.info = make_conninfo(**(DEFAULTS | conninfo_to_dict(url)))
        # Whoever waits for a connection is told what is wrong; the pool need not say it again for each attempt.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        self.left_behind: list[ConnectionPool[Connection]] = []

    def open(self) -> None:
        self.process = os.getpid()
        self.pool: ConnectionPool[Connection] = ConnectionPool(
            self.info,
            kwargs={"autocommit": True},
            configure=settle,
            min_size=1,
            max_size=MOST,
            num_workers=1,
            reconnect_timeout=LOOK_SECONDS,
            name="catalog",
            open=True,
        )

    def take(self) -> Connection:
        """To be put back. Raises `OperationalError` when there is none to be had."""
        if self.process != os.getpid():  # a fork has not the threads of the pool, and may not touch its connections
            self.left_behind.append(self.pool)
            self.open()
        end = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return self.pool.getconn(LOOK_SECONDS)
            except PoolTimeout:
                with self.own():  # which says what is wrong
                    if time.monotonic() > end:
                        raise

    def put(self, connection: Connection) -> None:
        self.pool.putconn(connection)

    def renew(self) -> None:
        """Where one was dead, others may be."""
        self.pool.check()

    @contextmanager
    def own(self) -> Iterator[Connection]:
        """One beside the pool, for as long as it takes."""
        connection = psycopg.connect(self.info, autocommit=True)
        try:
            settle(connection)
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        if self.process == os.getpid():
            self.pool.close()


def settle(connection: Connection) -> None:
    connection.adapters.register_dumper(bool, FlagDumper)
    connection.adapters.register_loader("numeric", WholeLoader)
    connection.prepared_max = 400  # more than there are different ones
    connection.execute(SETTLE, {"ms": f"{BUSY_SECONDS * 1000:.0f}"})


def lock_keys(names: Iterable[str]) -> list[int]:
    """In an order that is the same for everybody."""
    digests = (hashlib.sha256(f"picgate {name}".encode()).digest() for name in sorted(set(names)))
    return [int.from_bytes(digest[:8], "big", signed=True) for digest in digests]
