"""A database of one's own on a real server, for those who ask."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest

from tests.migrate.mysql import execute

SERVER = os.environ.get("PICGATE_TEST_MYSQL", "mysql://root@127.0.0.1:3306")


@pytest.fixture(scope="session")
def mysql_server() -> str:
    pymysql = pytest.importorskip("pymysql")
    try:
        execute(f"{SERVER}/information_schema", "SELECT 1")
    except pymysql.MySQLError as error:
        pytest.skip(f"there is no database server at PICGATE_TEST_MYSQL or its default: {error}")
    return SERVER


@pytest.fixture
def mysql(mysql_server: str) -> Iterator[str]:
    """The address of a fresh and empty database, dropped afterwards."""
    name = f"picgate_test_{secrets.token_hex(6)}"
    execute(f"{mysql_server}/information_schema", f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield f"{mysql_server}/{name}"
    execute(f"{mysql_server}/information_schema", f"DROP DATABASE {name}")
