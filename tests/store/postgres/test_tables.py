"""The PostgreSQL catalog by itself: its tables, its statements, and what fails in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="psycopg is not installed")

import psycopg

from gateway.core.errors import InvalidInput, StoreUnavailable
from gateway.core.records import Owner
from gateway.store.postgres import PostgresCatalog, spelled
from gateway.store.sqlite import SqliteCatalog
from tests.contract.samples import a_media, a_token
from tests.stores import execute


def columns(rows: list[tuple[str, str]]) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for table, column in rows:
        tables.setdefault(table, []).append(column)
    return tables


def test_tables_and_columns_are_those_of_sqlite(catalog: PostgresCatalog, tmp_path: Path) -> None:
    """Statements are written once, and some name no columns. Each finds texts in a way of its own."""
    sqlite = SqliteCatalog(tmp_path / "catalog.db")
    theirs = columns(
        sqlite.rows(
            "SELECT tables.name, columns.name FROM pragma_table_list AS tables, pragma_table_info(tables.name) columns"
            " WHERE tables.schema = 'main' AND tables.type IN ('table', 'view') AND tables.name NOT LIKE '%sqlite%'"
            " ORDER BY tables.name, columns.cid"
        )
    )
    ours = columns(
        catalog.rows(
            "SELECT table_name::text, column_name::text FROM information_schema.columns"
            " WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
        )
    )
    sqlite.close()
    assert {name: ours[name] for name in ours.keys() - {"schema_steps", "texts"}} == {
        name: theirs[name] for name in theirs.keys() - {"texts", "pieces"}
    }


def test_all_text_is_compared_by_code_point(catalog: PostgresCatalog) -> None:
    other = catalog.rows(
        "SELECT table_name::text, column_name::text FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
    )
    assert {table for table, _ in other} <= {"schema_steps"}


@pytest.mark.parametrize(
    ("sql", "ours"),
    [
        ("a = ? AND b LIKE '%'", b"a = %s AND b LIKE '%%'"),
        ("id IN () OR id IN (?, ?)", b"id IN (NULL) OR id IN (%s, %s)"),
    ],
)
def test_statements_are_spelled_anew(sql: str, ours: bytes) -> None:
    assert spelled(sql) == ours


def test_what_is_written_survives_a_power_cut(catalog: PostgresCatalog, url: str) -> None:
    name = url.rpartition("/")[2]
    execute(url, f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        careless = PostgresCatalog(url)
        assert careless.rows("SELECT current_setting('synchronous_commit')") == [("on",)]
        careless.close()
    finally:
        execute(url, f"ALTER DATABASE {name} RESET synchronous_commit")


# failing in the middle


def test_a_failure_in_the_middle_takes_everything_back(catalog: PostgresCatalog, alice: Owner) -> None:
    catalog.add_media(media := a_media(alice), a_token(), reuse=False)
    before = catalog.owner(alice.id)
    with pytest.raises(psycopg.IntegrityError):
        catalog.add_media(media, a_token(), reuse=False)
    assert catalog.owner(alice.id) == before
    catalog.add_media(a_media(alice), a_token(), reuse=False)


def test_a_failure_that_nobody_minded_keeps_nothing(catalog: PostgresCatalog, alice: Owner) -> None:
    """The server ends such a transaction without a word."""
    with pytest.raises(StoreUnavailable, match="Nothing was changed"), catalog.transaction() as db:
        db.execute("UPDATE owners SET username = 'carol'")
        with pytest.raises(psycopg.Error):
            db.execute("SELECT 1 / 0")
    assert catalog.owners() == [alice]


def test_what_cannot_be_kept_is_told_and_nothing_is(catalog: PostgresCatalog, alice: Owner) -> None:
    with pytest.raises(InvalidInput, match="NUL"):
        catalog.add_media(media := a_media(alice, title="a\0b"), a_token(), reuse=False)
    assert catalog.media(media.id) is None
    assert catalog.owner(alice.id) == alice


def test_what_has_moved_away_is_not_written(catalog: PostgresCatalog, alice: Owner, url: str) -> None:
    execute(url, "INSERT INTO standing VALUES ('1', 'moved', 'another house')")
    for write in (lambda: catalog.set_owner_active(alice.id, False), catalog.recount, catalog.probe):
        with pytest.raises(StoreUnavailable, match="has moved to another house"):
            write()
    assert catalog.owners() == [alice]
