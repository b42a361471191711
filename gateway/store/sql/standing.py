"""The one row that says that a catalog is not the one that counts. Every transaction looks at it first."""

from __future__ import annotations

from gateway.core.errors import StoreUnavailable
from gateway.core.standing import Standing
from gateway.store.rows import Db, Table
from gateway.store.sql.search import SearchRows

STANDING = Table("standing", Standing)


class StandingRows(SearchRows):
    def standing(self, db: Db | None = None) -> Standing | None:
        rows = self.rows(STANDING.select, db=db)
        return STANDING.record(rows[0]) if rows else None


def refuse_standing(db: Db) -> None:
    if row := db.execute(STANDING.select).fetchone():
        raise StoreUnavailable(STANDING.record(row).sentence())


def set_standing(db: Db, standing: Standing | None) -> None:
    """None: from now on this is the catalog that counts."""
    db.execute("DELETE FROM standing")
    if standing:
        STANDING.insert(db, standing)
