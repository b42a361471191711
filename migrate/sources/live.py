"""The tables of a running MySQL or MariaDB server, read as streams and never written.

Values are asked for as the server prints them and become ours by the rules that hold for dumps, so that both ways give
the same rows. The old site may go on serving: the server copies each result before sending it (SQL_BUFFER_RESULT), so
that no table stays locked for as long as an import takes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from migrate.items import SourceError
from migrate.sources.sql.declarations import Column, Kind, kind_of
from migrate.sources.sql.installation import choose
from migrate.sources.sql.literals import Charset, fitting
from migrate.sources.tables import Value

if TYPE_CHECKING:
    from migrate.sources.sql.server import Row, Server

COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
)


class LiveTables:
    """Implements `migrate.sources.tables.Tables`."""

    def __init__(self, server: Server, prefix: str, tables: dict[str, dict[str, Column]]) -> None:
        self.server = server
        self.prefix = prefix
        self.tables = tables
        self.charset = Charset()
        self.streams: set[Generator[Row, None, None]] = set()

    @classmethod
    def open(cls, url: str, prefix: str | None = None) -> LiveTables:
        try:
            from migrate.sources.sql.server import Server
        except ImportError:
            raise SourceError(
                "Reading a live database needs PyMySQL, which is not installed.\n"
                "Install it with pip install 'picgate[mysql]', or import from a dump."
            ) from None
        server = Server(url)
        tables: dict[str, dict[str, Column]] = {}
        for answer in server.ask(COLUMNS):
            table, name, type_name = ((each or b"").decode() for each in answer)
            tables.setdefault(table, {})[name] = Column(name, kind_of(type_name))
        _, prefix = choose(((server.database, table) for table in tables), prefix, f"database {server}")
        return cls(server, prefix, tables)

    def columns(self, table: str) -> frozenset[str]:
        return frozenset(self.tables.get(self.prefix + table, ()))

    def count(self, table: str) -> int:
        if self.prefix + table not in self.tables:
            return 0
        return sum(int(rows or 0) for (rows,) in self.server.ask(f"SELECT count(*) FROM {self.named(table)}"))

    def rows(self, table: str, columns: Sequence[str], order: Sequence[str] = ()) -> Iterator[tuple[Value, ...]]:
        declared = self.tables[self.prefix + table]
        kinds = [declared[name].kind for name in columns]
        query = f"SELECT SQL_BUFFER_RESULT {', '.join(map(quoted, columns))} FROM {self.named(table)}"
        if order:
            query += f" ORDER BY {', '.join(sort_key(declared[name]) for name in order)}"
        stream = self.server.ask(query)
        self.streams.add(stream)
        try:
            for row in stream:
                yield tuple(self.value(raw, kind) for raw, kind in zip(row, kinds, strict=True))
        finally:
            stream.close()
            self.streams.discard(stream)

    def named(self, table: str) -> str:
        return quoted(self.prefix + table)

    def value(self, raw: bytes | None, kind: Kind) -> Value:
        if raw is None or kind == "binary":
            return raw
        if kind == "integer":
            return fitting(int(raw))
        if kind == "bit":
            return fitting(int.from_bytes(raw, "big"))
        return self.charset.decode(raw.decode("latin-1"))

    def close(self) -> None:
        for stream in list(self.streams):
            stream.close()
        self.streams.clear()


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def sort_key(column: Column) -> str:
    """Texts byte by byte, as SQLite sorts those of a dump, and not by the rules of some language."""
    name = quoted(column.name)
    return f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)" if column.kind == "text" else name
