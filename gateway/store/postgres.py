"""The catalog in a PostgreSQL database, for any number of gateways on any number of machines.

Transactions run at the same time: what a rule reads before it writes is held by name until the commit, as the rules in
`sql` ask for it. Reading goes on whoever writes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from typing import Any

import psycopg

from gateway.core.checking.rows import Structure
from gateway.core.errors import InvalidInput, OutcomeUnknown, StoreUnavailable
from gateway.store.postgres_connections import Connection, Connections, lock_keys
from gateway.store.postgres_failures import (
    BUSY,
    FAILED,
    LOST,
    NO_ADDRESS,
    Where,
    not_opened,
    refuse_unfit,
    trouble,
    unavailable,
)
from gateway.store.postgres_schema import migrate
from gateway.store.postgres_words import PostgresWordRows
from gateway.store.rows import Db, Rows
from gateway.store.sql.accounts import CredentialRows
from gateway.store.sql.album_editing import AlbumEditingRows
from gateway.store.sql.base import Row
from gateway.store.sql.beside import BesideRows
from gateway.store.sql.browsing import BrowsingRows
from gateway.store.sql.checking import CheckingRows
from gateway.store.sql.claims import ClaimRows
from gateway.store.sql.counting import CountingRows
from gateway.store.sql.editing import EditingRows
from gateway.store.sql.feed import FeedRows
from gateway.store.sql.moving import MovingRows
from gateway.store.sql.owners import OwnerRows
from gateway.store.sql.places import PlaceRows
from gateway.store.sql.sessions import SessionRows
from gateway.store.sql.standing import StandingRows, refuse_standing

log = logging.getLogger(__name__)

HOLD = "SELECT pg_advisory_xact_lock(key) FROM unnest(?::bigint[]) AS key"
SHARE = "SELECT pg_advisory_xact_lock_shared(key) FROM unnest(?::bigint[]) AS key"


class Spoken:
    """A connection in a transaction, spoken to as SQLite is."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Rows:
        return self.connection.execute(spelled(sql), values)

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> Rows:
        cursor = self.connection.cursor()
        cursor.executemany(spelled(sql), values)
        return cursor


class PostgresCatalog(
    PostgresWordRows, CheckingRows, OwnerRows, CredentialRows, PlaceRows, EditingRows, BrowsingRows, BesideRows,
    AlbumEditingRows, MovingRows, CountingRows, FeedRows, SessionRows, StandingRows, ClaimRows,
):  # fmt: skip
    def __init__(self, url: str) -> None:
        """Raises `StoreUnavailable`, and `NewerCatalog`."""
        try:
            self.where = where = Where.of(url)
            self.connections = Connections(url)
        except psycopg.ProgrammingError:
            raise StoreUnavailable(NO_ADDRESS) from None
        try:
            with self.connections.own() as connection:
                refuse_unfit(connection, where)
                migrate(connection, where)
            self.connections.open()
        except psycopg.Error as error:
            raise not_opened(error, where) from error

    @contextmanager
    def transaction(self, *, checked: bool = True) -> Iterator[Db]:
        """Nothing is written when this raises, unless it is `OutcomeUnknown`."""
        with self.begun() as connection:
            db = Spoken(connection)
            if checked:
                refuse_standing(db)
            yield db

    @contextmanager
    def frozen(self) -> Iterator[Db]:
        """Every writer looks into this table first. It may take as long as it takes."""
        with self.begun() as connection:
            connection.execute("LOCK TABLE standing IN ACCESS EXCLUSIVE MODE")
            connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
            yield Spoken(connection)

    @contextmanager
    def begun(self) -> Iterator[Connection]:
        try:
            connection = self.begin()
            try:
                yield connection
                commit(connection)
            except BaseException:
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
                raise
            finally:
                self.connections.put(connection)
        except FAILED as error:
            raise self.failed(error) from error
        except psycopg.DataError as error:
            raise InvalidInput(
                "There is a text or a number in this that cannot be kept, such as one with NUL."
            ) from error

    def begin(self, *, again: bool = True) -> Connection:
        """A connection may have died since it was used last."""
        connection = self.connections.take()
        try:
            connection.execute("BEGIN")
            return connection
        except LOST:
            self.connections.put(connection)
            if not again:
                raise
        self.connections.renew()
        return self.begin(again=False)

    @contextmanager
    def snapshot(self) -> Iterator[Db]:
        try:
            with self.connections.own() as connection:
                connection.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
                connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                connection.execute("SELECT 1")  # the moment is that of the first statement
                yield Spoken(connection)
        except FAILED as error:
            raise self.failed(error) from error

    def try_out(self) -> None:
        """The operator, who starts it, is told which right is missing."""
        super().try_out()
        try:
            self.probe()
        except StoreUnavailable as error:
            if not isinstance(error.__cause__, psycopg.Error):
                raise
            raise StoreUnavailable(trouble(error.__cause__, self.where)) from error

    def failed(self, error: psycopg.Error) -> StoreUnavailable:
        """Whoever asked is told little; the log has the rest."""
        if not isinstance(error, BUSY):
            log.warning("%s", trouble(error, self.where).replace("\n", " "))
        return unavailable(error)

    def hold(self, db: Db, *names: str) -> None:
        db.execute(HOLD, [lock_keys(names)])

    def share(self, db: Db, *names: str) -> None:
        db.execute(SHARE, [lock_keys(names)])

    def rows(self, sql: str, *values: object, db: Db | None = None) -> list[Row]:
        try:
            return db.execute(sql, values).fetchall() if db else self.ask(spelled(sql), values)
        except (UnicodeEncodeError, psycopg.DataError):
            return []  # half a character, a NUL or a number of a hundred digits, which no row can hold
        except FAILED as error:
            raise self.failed(error) from error

    def among(self, ids: Sequence[str]) -> tuple[str, list[str]]:
        """One value, however many there are: a statement with more than fifty is read anew each time it is asked."""
        return "= ANY(string_to_array(?, ' '))", [" ".join(ids)]

    def ask(self, sql: bytes, values: Sequence[object], *, again: bool = True) -> list[Row]:
        """Once more, where a connection died of it: the next one may be better."""
        connection = self.connections.take()
        try:
            return connection.execute(sql, values).fetchall()
        except LOST:
            if not again or not connection.closed:
                raise
        finally:
            self.connections.put(connection)
        self.connections.renew()
        return self.ask(sql, values, again=False)

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """The server lets go of it as soon as the connection ends, in whatever way."""
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(self.connections.own())
                row = connection.execute("SELECT pg_try_advisory_lock(%s)", lock_keys([name])).fetchone()
            except FAILED as error:
                raise self.failed(error) from error
            try:
                yield row == (True,)
            finally:
                with suppress(psycopg.Error):  # the next one need not wait until the server has noticed
                    connection.execute("SELECT pg_advisory_unlock_all()")

    def structure(self, *, thorough: bool) -> Structure:
        """Of damage the server speaks by itself, whoever reads what is damaged."""
        row = self.row("SELECT name FROM schema_steps ORDER BY applied_at DESC, name DESC LIMIT 1")
        return Structure(row[0] if row else "")

    def close(self) -> None:
        self.connections.close()


def commit(connection: Connection) -> None:
    """A transaction in which something failed is rolled back by this, and the server has no word of complaint."""
    try:
        said = connection.execute("COMMIT").statusmessage
    except LOST as error:
        if connection.closed:
            raise OutcomeUnknown(
                "The catalog went away while it was keeping this. Look whether it is there before you send it again."
            ) from error
        raise
    if said != "COMMIT":
        raise StoreUnavailable("The catalog could not keep this. Nothing was changed.")


@lru_cache(maxsize=1024)
def spelled(sql: str) -> bytes:
    """The same for PostgreSQL, which has no empty lists."""
    return sql.replace("%", "%%").replace("IN ()", "IN (NULL)").replace("?", "%s").encode()
