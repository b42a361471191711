"""What is said when PostgreSQL cannot be opened, or fails later. No sentence shows the password, and those said later
may be read by anybody: they name no machine."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

import psycopg
from psycopg import errors, pq
from psycopg.conninfo import conninfo_to_dict

from gateway.core.errors import StoreUnavailable

OLDEST = 13
LOST = (psycopg.OperationalError, psycopg.InterfaceError)
FAILED = (*LOST, errors.ReadOnlySqlTransaction, errors.InsufficientPrivilege)
BUSY = (errors.LockNotAvailable, errors.QueryCanceled, errors.DeadlockDetected, errors.SerializationFailure)
NO_ADDRESS = (
    "storage.catalog is no address of a database.\nIt looks like postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
)


@dataclass(frozen=True, slots=True)
class Where:
    """What an address says, but for the password."""

    host: str
    port: str
    user: str
    database: str

    @classmethod
    def of(cls, info: str) -> Where:
        """Raises `psycopg.ProgrammingError` for what is no address."""
        usual = {option.keyword.decode(): option.val.decode() for option in pq.Conninfo.get_defaults() if option.val}
        said = usual | {name: str(value) for name, value in conninfo_to_dict(info).items()}
        user = said.get("user", "")
        return cls(said.get("host", "localhost"), said.get("port", "5432"), user, said.get("dbname", user))

    def __str__(self) -> str:
        return f"database {self.database} on {self.host}:{self.port}"

    @property
    def makes_it(self) -> str:
        """A command line."""
        return f"{self.makes_another.removesuffix('NAME')}{shlex.quote(self.database)}"

    @property
    def makes_another(self) -> str:
        words = ("createdb", "-h", self.host, "-p", self.port, "-U", self.user, "-T", "template0", "-E", "UTF8")
        return f"{shlex.join(words)} NAME"


def not_opened(error: psycopg.Error, where: Where) -> StoreUnavailable:
    """What is wrong, and what to do about it."""
    return StoreUnavailable(sentence(error, where))


def sentence(error: psycopg.Error, where: Where) -> str:
    server, said = f"PostgreSQL on {where.host}:{where.port}", str(error)
    if re.search("password authentication failed|no password supplied", said):
        return f"{server} refuses the password of {where.user}.\nCorrect it in storage.catalog."
    if re.search(r'database ".*" does not exist', said):
        return (
            f"There is no database {where.database} on {where.host}:{where.port}.\n"
            f"Make it with: {where.makes_it}\nor name another in storage.catalog."
        )
    if re.search(r'role ".*" does not exist', said):
        return f"{server} knows nobody of the name {where.user}.\nName somebody else in storage.catalog."
    if isinstance(error, errors.InsufficientPrivilege | errors.InvalidSchemaName):
        return (
            f"{where.user} may not make tables in {where}.\nLet the owner of the database run:"
            f' GRANT CREATE, USAGE ON SCHEMA public TO "{where.user}"'
        )
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return f"The {where} may only be read: is it a standby?\nName the primary in storage.catalog."
    if isinstance(error, errors.DuplicateTable | errors.DuplicateObject | errors.DuplicateFunction):
        return (
            f"There are tables of something else in {where}.\n"
            f"Make one for Picgate alone, and name it in storage.catalog: {where.makes_another}"
        )
    if re.search("too many (clients|connections)|connection slots are reserved", said):
        return (
            f"{server} has no connection left for {where.user}: {last_line(said)}.\n"
            "Each gateway opens up to 16: raise max_connections there, or what the role or the database may have, or"
            " correct storage.catalog."
        )
    if "no pg_hba.conf entry" in said:
        return (
            f"{server} does not let {where.user} in: {last_line(said)}.\n"
            "Add a line to its pg_hba.conf, or correct storage.catalog."
        )
    if isinstance(error, LOST) and not error.sqlstate:
        return f"{server} cannot be reached: {last_line(said)}.\nStart it, or correct storage.catalog."
    return f"The {where} (storage.catalog) cannot be used: {last_line(said)}."


def trouble(error: psycopg.Error, where: Where) -> str:
    """What happened to a catalog that was opened, for the log."""
    if isinstance(error, errors.InsufficientPrivilege):
        return (
            f"{where.user} may not do all that is needed in {where} (storage.catalog): {last_line(str(error))}.\n"
            "Let the owner of its tables run: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public"
            f' TO "{where.user}"'
        )
    if isinstance(error, errors.DiskFull):
        return f"The disk of the {where} (storage.catalog) is full.\nMake room there."
    return sentence(error, where)


def last_line(said: str) -> str:
    """Of what may go on for a paragraph, the part that tells something."""
    line = said.strip().splitlines()[0] if said.strip() else "it says nothing"
    return re.sub(r"^.*(failed: |FATAL:\s+)", "", line).rstrip(".")


def refuse_unfit(connection: psycopg.Connection[tuple[object, ...]], where: Where) -> None:
    """Raises `StoreUnavailable`."""
    if connection.info.server_version < OLDEST * 10_000:
        raise StoreUnavailable(
            f"PostgreSQL on {where.host}:{where.port} is version {connection.info.server_version // 10_000}, and"
            f" Picgate needs {OLDEST} or later.\nUpgrade it, or name another server in storage.catalog."
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreUnavailable(
            f"The {where} keeps its text as {encoding}, in which not everything can be written.\n"
            f"Make another one, and name it in storage.catalog: {where.makes_another}"
        )


def unavailable(error: psycopg.Error) -> StoreUnavailable:
    """What doors may tell anybody."""
    if isinstance(error, BUSY):
        return StoreUnavailable("The catalog is busy. Nothing was changed; try again in a moment.")
    if isinstance(error, errors.DiskFull):
        return StoreUnavailable("The disk of the catalog is full. Nothing was changed.")
    return StoreUnavailable("The catalog cannot be written or read just now. Nothing was changed.")
