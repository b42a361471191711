"""A PostgreSQL catalog of a million pictures like that of `list.py`, written the quick way, and how much room it takes.

Rows are copied in without their indexes, which are made afterwards, as `pg_restore` does. Each picture has the delete
token that an upload has; none has Exif.
"""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from list import PAGE, a_picture, another

from gateway.core.clock import SystemClock
from gateway.core.keys import Keys
from gateway.core.owners import Owners
from gateway.core.records import Media, Owner
from gateway.store.postgres import PostgresCatalog
from gateway.store.postgres_words import said_of
from gateway.store.rows import MEDIA, time_text
from gateway.web.picora.cursor import cursor_after

TABLES = ("media", "texts", "changes", "delete_tokens", "media_tags")
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Made:
    """The catalog, and where its last page begins."""

    url: str
    owner_id: str
    key: str
    deepest: str


@dataclass(frozen=True, slots=True)
class Room:
    """What a table or an index takes. `per_page` is None where nobody counts."""

    name: str
    table: str
    is_index: bool
    rows: int
    bytes: int
    per_page: float | None

    @property
    def per_row(self) -> float:
        return self.bytes / max(1, self.rows)


def make(url: str, rows: int) -> Made:
    """Made before, it is used again: a note of it stands beside the tables."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("CREATE SCHEMA IF NOT EXISTS bench")
        db.execute("CREATE TABLE IF NOT EXISTS bench.made (note TEXT)")
        if noted := db.execute("SELECT note FROM bench.made").fetchone():
            return Made(url, **json.loads(noted[0]))
        catalog, clock = PostgresCatalog(url), SystemClock()
        owner = Owners(catalog, clock).add("bench")
        key = Keys(catalog, clock, lambda secret, stored: False).issue(owner, "bench")[1]
        fill(db, owner, rows)
        catalog.recount()
        oldest = catalog.row("SELECT id FROM media ORDER BY created_at, id LIMIT 1 OFFSET ?", PAGE)
        assert oldest
        media = catalog.media(oldest[0])
        assert media
        catalog.close()
        made = {"owner_id": owner.id, "key": key, "deepest": cursor_after(media)}
        db.execute("INSERT INTO bench.made VALUES (%s)", [json.dumps(made)])
        return Made(url, **made)


def fill(db: psycopg.Connection[Any], owner: Owner, rows: int) -> None:
    began = time.perf_counter()
    db.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
    indexes = db.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)",
        [list(TABLES)],
    ).fetchall()
    untold = db.execute(
        "SELECT attrelid::regclass::text, attnum FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relkind = 'i' AND attstattarget = 0 AND attrelid::regclass::text = ANY(%s)",
        [[name for name, _ in indexes]],
    ).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    db.execute("INSERT INTO tags (id, name) VALUES (1, 'tenth')")
    media = pictures(owner, rows)
    while batch := list(islice(media, BATCH)):
        copy(db, "media", MEDIA.columns, map(MEDIA.values, batch))
        copy(db, "texts", (), map(said_of, batch))
        copy(db, "changes", (), ((one.id, owner.id, one.kind, time_text(one.updated_at)) for one in batch))
        copy(db, "delete_tokens", (), ((secrets.token_hex(32), one.id, "sha256") for one in batch))
        tagged = (one for one in batch if one.tags)
        copy(db, "media_tags", (), ((one.id, 1, owner.id, time_text(one.created_at)) for one in tagged))
    print(f"{rows} rows in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    for _, statement in indexes:
        db.execute(statement)
    for name, column in untold:
        db.execute(f"ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS 0")
    db.execute("VACUUM (ANALYZE)")
    print(f"with indexes in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


def pictures(owner: Owner, rows: int) -> Iterator[Media]:
    chance, one = random.Random(1), a_picture(owner)
    for number in range(rows):
        yield another(one, number, rows, chance)


def copy(db: psycopg.Connection[Any], table: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    named = f" ({', '.join(columns)})" if columns else ""
    with db.cursor().copy(f"COPY {table}{named} FROM STDIN") as into:
        for row in rows:
            into.write_row([int(value) if isinstance(value, bool) else value for value in row])


# how much room


def room(url: str) -> list[Room]:
    """Of tables with a thousand rows or more."""
    sql = (
        "SELECT one.relname, coalesce(own.relname, one.relname), one.relkind = 'i', one.reltuples::bigint,"
        " pg_table_size(one.oid), one.reltuples / nullif(one.relpages, 0), am.amname FROM pg_class AS one"
        " LEFT JOIN pg_index ON indexrelid = one.oid LEFT JOIN pg_class AS own ON own.oid = indrelid"
        " LEFT JOIN pg_am AS am ON am.oid = one.relam WHERE one.relnamespace = 'public'::regnamespace"
        " AND one.relkind IN ('r', 'i') AND one.reltuples > 0"
        " AND coalesce(own.reltuples, one.reltuples) >= 1000 ORDER BY 2, 3, 5 DESC"
    )
    with psycopg.connect(url) as db:
        return [
            Room(name, table, is_index, rows, bytes_, None if kind == "gin" else per_page)
            for name, table, is_index, rows, bytes_, per_page, kind in db.execute(sql)
        ]


def room_in_sqlite(file: Path) -> list[Room]:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
        counts = {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in TABLES}
        sql = (
            "SELECT dbstat.name, coalesce(tbl_name, dbstat.name), coalesce(type = 'index', 0), sum(pgsize),"
            " sum(pagetype = 'leaf') FROM dbstat LEFT JOIN sqlite_master ON sqlite_master.name = dbstat.name"
            " GROUP BY 1 HAVING sum(pgsize) > 1000000 ORDER BY 2, 3, 4 DESC"
        )
        return [
            Room(name, table, bool(is_index), counts.get(table, counts["media"]), size,
                 counts.get(table, counts["media"]) / max(1, leaves))
            for name, table, is_index, size, leaves in db.execute(sql)
        ]  # fmt: skip


def print_room(title: str, found: list[Room]) -> None:
    print(f"\n{title:38} {'rows':>10} {'MB':>8} {'bytes/row':>10} {'rows/page':>10}")
    for one in found:
        name = f"  {one.name}" if one.is_index else one.name
        per_page = "" if one.per_page is None else f"{one.per_page:10.1f}"
        print(f"{name:38} {one.rows:10} {one.bytes / 1e6:8.1f} {one.per_row:10.1f} {per_page:>10}")
    media = max(one.rows for one in found)
    whole = sum(one.bytes for one in found)
    print(f"{'all of it':38} {media:10} {whole / 1e6:8.1f} {whole / media:10.1f}")
