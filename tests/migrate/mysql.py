"""What tests do to a real server: fill a database, load a dump into it, have a dump written by the real program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest


def execute(url: str, *statements: str | tuple[str, list[Any]]) -> None:
    import pymysql

    parts = urlsplit(url)
    connection = pymysql.connect(
        host=parts.hostname or "",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path[1:],
        autocommit=True,
        sql_mode="",
        max_allowed_packet=64_000_000,
    )
    with connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(*((statement,) if isinstance(statement, str) else statement))


def client(program: str, url: str, *options: str) -> list[str]:
    found = shutil.which(program)
    if not found:
        pytest.skip(f"{program} is not installed")
    parts = urlsplit(url)
    password = [f"--password={unquote(parts.password)}"] if parts.password else []
    place = [f"--host={parts.hostname}", f"--port={parts.port or 3306}", f"--user={unquote(parts.username or '')}"]
    return [found, *place, *password, *options, parts.path[1:]]


def dump(url: str, *options: str) -> bytes:
    return subprocess.run(client("mariadb-dump", url, *options), check=True, capture_output=True).stdout


def load(url: str, path: Path) -> None:
    with path.open("rb") as file:
        subprocess.run(client("mariadb", url), stdin=file, check=True, capture_output=True)
