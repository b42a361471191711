"""What a SQL catalog stands on: transactions and reads, spelled so that every database we know takes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any

from gateway.store.rows import Db, T, Table

Row = tuple[Any, ...]


class Sql(ABC):
    @abstractmethod
    def transaction(self) -> AbstractContextManager[Db]:
        """All of it or nothing, and one at a time among all processes."""

    @abstractmethod
    def rows(self, sql: str, *values: object, db: Db | None = None) -> list[Row]:
        """Read through `db` to see what the running transaction sees."""

    def row(self, sql: str, *values: object, db: Db | None = None) -> Row | None:
        rows = self.rows(sql, *values, db=db)
        return rows[0] if rows else None

    def read(self, table: Table[T], where: str, *values: object, db: Db | None = None) -> T | None:
        rows = self.rows(f"{table.select} WHERE {where}", *values, db=db)
        return table.record(rows[0]) if rows else None
