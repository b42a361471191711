"""What a SQL catalog stands on: transactions and reads, spelled so that every database we know takes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from gateway.store.rows import Db, T, Table

Row = tuple[Any, ...]


def of_owner(owner_id: str) -> str:
    """What to hold for as long as something is counted, compared or told about what is one owner's."""
    return f"owner {owner_id}"


class NewerCatalog(Exception):
    """The catalog was written by a newer version of this program."""


class Sql(ABC):
    @abstractmethod
    def transaction(self, *, checked: bool = True) -> AbstractContextManager[Db]:
        """All of it or nothing. What is read and then written holds the names of what it reads: others may be at it at
        the same time. Refused where the catalog has moved away or is not all here, unless `checked` is False."""

    @abstractmethod
    def hold(self, db: Db, *names: str) -> None:
        """Until the transaction ends, nobody else goes past this for any of these names. First thing in a transaction,
        and all names at once: then nobody waits for somebody who waits for him."""

    @abstractmethod
    def share(self, db: Db, *names: str) -> None:
        """The same for those who may be at it together, but not while somebody holds it. After what is held."""

    def hold_owners_of(self, db: Db, media_ids: Sequence[str], *names: str) -> None:
        """And these names with them."""
        marks = ", ".join("?" * len(media_ids))
        owners = self.rows(f"SELECT DISTINCT owner_id FROM media WHERE id IN ({marks})", *media_ids, db=db)
        self.hold(db, *(of_owner(owner_id) for (owner_id,) in owners), *names)

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Db]:
        """What was there at one moment, for reading only, while others go on writing."""

    @abstractmethod
    def frozen(self) -> AbstractContextManager[Db]:
        """A transaction in which nobody else writes anything; they may wait until it is over."""

    @abstractmethod
    def rows(self, sql: str, *values: object, db: Db | None = None) -> list[Row]:
        """Read through `db` to see what the running transaction sees."""

    def among(self, ids: Sequence[str]) -> tuple[str, list[str]]:
        """What is said of a column that holds one of these ids, and its values."""
        return f"IN ({', '.join('?' * len(ids))})", list(ids)

    def row(self, sql: str, *values: object, db: Db | None = None) -> Row | None:
        rows = self.rows(sql, *values, db=db)
        return rows[0] if rows else None

    def read(self, table: Table[T], where: str, *values: object, db: Db | None = None) -> T | None:
        rows = self.rows(f"{table.select} WHERE {where}", *values, db=db)
        return table.record(rows[0]) if rows else None

    def probe(self) -> None:
        with self.transaction() as db:
            db.execute("UPDATE claims SET until_at = until_at WHERE task = ''")
