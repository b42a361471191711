"""A database of one's own on a real server, and a place for journals, for those who ask."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrate.journal_files import FileJournals
from migrate.journal_tables import SharedJournals
from migrate.journals import Journals
from migrate.machines import SharedTables
from tests.migrate.mysql import execute
from tests.stores import a_database

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


@pytest.fixture(scope="session")
def postgres_tables() -> Iterator[SharedTables]:
    with a_database() as url:
        from gateway.store.postgres import PostgresCatalog

        catalog = PostgresCatalog(url)
        yield catalog
        catalog.close()


@pytest.fixture
def shared_journals(postgres_tables: SharedTables) -> Iterator[SharedJournals]:
    yield SharedJournals(postgres_tables)
    with postgres_tables.transaction() as db:
        db.execute("DROP SCHEMA IF EXISTS imports CASCADE")


@pytest.fixture(params=["file", "database"])
def journals(request: pytest.FixtureRequest, tmp_path: Path) -> Journals:
    """Both places there are, one after the other."""
    if request.param == "database":
        shared: SharedJournals = request.getfixturevalue("shared_journals")
        return shared
    return FileJournals(tmp_path / "data" / "imports")
