"""Whatever texts, numbers and bytes a dump holds, they come out as other readers of SQL understand them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.sources.dump import DumpReader
from migrate.sources.sql import window
from migrate.sources.sql.declarations import Column
from migrate.sources.sql.literals import Charset, converted
from migrate.sources.sql.textfile import TextFile
from migrate.sources.tables import Value

SPECIAL = "'\"\\`(),; \n\rnbZ%_x-#/*é😀"
texts = st.text(st.one_of(st.sampled_from(SPECIAL), st.characters(codec="utf-8")), max_size=30)
bare_texts = texts.map(lambda text: text.replace("\0", ""))  # where nothing would escape it
spellings = st.lists(
    st.sampled_from(["a", "''", "\\'", '\\"', '"', "\\\\", "\\n", "\\0", "\\Z", "\\%", "(", "),", ";", "é"])
)
numbers = st.one_of(st.integers(-(2**63), 2**63 - 1).map(str), st.sampled_from(["1.5", "-0.25", "1e10", "1.5E-7"]))
literals = st.one_of(
    spellings.map(lambda parts: f"'{''.join(parts)}'"),
    numbers,
    st.binary(min_size=1, max_size=9).map(lambda data: f"0x{data.hex()}"),
    st.binary(max_size=9).map(lambda data: f"X'{data.hex().upper()}'"),
    st.just("NULL"),
)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(literals, min_size=width, max_size=width), min_size=1, max_size=4)
)
blanks = st.sampled_from(["", "", " ", "\n", "\r\n\t"])


class Rows:
    """A shelf that takes everything, as values without a declared type."""

    def __init__(self, width: int) -> None:
        self.columns = [Column(str(number), "unknown") for number in range(width)]
        self.rows: list[tuple[Value, ...]] = []

    def wants(self, table: tuple[str, str]) -> bool:
        return table == ("", "t")

    def declare(self, table: tuple[str, str], columns: Sequence[Column], keep: bool) -> None:
        raise AssertionError("there is no CREATE TABLE")

    def columns_of(self, table: tuple[str, str], names: Sequence[str] | None) -> list[Column]:
        return self.columns

    def insert(
        self, table: tuple[str, str], columns: Sequence[Column], rows: Sequence[tuple[str, ...]], charset: Charset
    ) -> None:
        values = [converted(tokens, "unknown", charset) for tokens in zip(*rows, strict=True)]
        self.rows += zip(*values, strict=True)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dump") / "site.sql"


def read(path: Path, sql: str, width: int) -> list[tuple[Value, ...]]:
    path.write_bytes(sql.encode())
    shelf, file = Rows(width), TextFile(path)
    try:
        DumpReader(window.Window(file), shelf).read()
    finally:
        file.close()
    return shelf.rows


def meant(literal: Any) -> Value:
    """What sqlglot makes of a literal."""
    from sqlglot import exp

    match literal:
        case exp.Null():
            return None
        case exp.HexString():
            return bytes.fromhex(literal.this)
        case exp.Neg():
            return number("-" + literal.this.this)
        case exp.Literal(is_string=True):
            return str(literal.this)
        case exp.Literal():
            return number(literal.this)
    raise AssertionError(f"{literal!r} is no literal")


def number(text: str) -> Value:
    return int(text) if text.lstrip("-").isdigit() else text


@settings(deadline=None, max_examples=150)
@given(tables, blanks)
def test_rows_are_what_sqlglot_reads(path: Path, rows: list[list[str]], blank: str) -> None:
    sqlglot = pytest.importorskip("sqlglot")
    body = f",{blank}".join("(" + f",{blank}".join(row) + f"{blank})" for row in rows)
    sql = f"INSERT INTO `t` VALUES{blank or ' '}{body};"
    parsed = sqlglot.parse_one(sql, dialect="mysql").expression.expressions
    assert read(path, sql, len(rows[0])) == [tuple(meant(each) for each in row.expressions) for row in parsed]


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=5))
def test_texts_escaped_by_a_client_come_back(path: Path, values: list[str]) -> None:
    converters = pytest.importorskip("pymysql.converters")
    row = ",".join(f"'{converters.escape_string(value)}'" for value in values)
    assert read(path, f"INSERT INTO t VALUES ({row});\n", len(values)) == [tuple(values)]


@settings(deadline=None)
@given(st.lists(bare_texts, min_size=2, max_size=2), st.integers(1, 40))
def test_pieces_of_any_size_give_the_same(path: Path, values: list[str], size: int) -> None:
    quoted = ["'" + value.replace("\\", "\\\\").replace("'", "''") + "'" for value in values]
    other = f"INSERT INTO other VALUES ({','.join(quoted)});/*{values[0].replace('*/', '')}*/\n"
    sql = f"{other}INSERT INTO t VALUES ({quoted[0]},{quoted[1]});\n{other}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "PIECE_BYTES", size)
        patch.setattr("migrate.sources.dump.HEAD_BYTES", 50)
        assert read(path, sql, 2) == [tuple(values)]


@settings(deadline=None)
@given(bare_texts)
def test_what_is_skipped_ends_where_it_ends(path: Path, text: str) -> None:
    for quote, inside in (("'", text.replace("\\", "\\\\").replace("'", "\\'")), ("`", text.replace("`", "``"))):
        sql = f"ALTER TABLE x COMMENT {quote}{inside}{quote};INSERT INTO t VALUES (1);"
        assert read(path, sql, 1) == [(1,)]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["a", "1,", "\n", "'b;'", "'\\''", "''", '"c"', "`d;`"])),
    st.sampled_from("'\"`;"),
    bare_texts,
)
def test_what_is_open_is_never_taken_for_complete(pieces: list[str], start: str, text: str) -> None:
    before, inside = "".join(pieces), text.replace(start, "").replace("\\", "")
    match = window.outside(";").match(f"{before} {start}{inside}")
    assert match and match.end() == len(before) + 1
