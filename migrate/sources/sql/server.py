"""A MySQL or MariaDB server asked over the network, one connection for each question, so that answers can be streams.

Values come back as the bytes the server sent. Whatever goes wrong is a `SourceError` that never shows the password.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.cursors import SSCursor

from migrate.items import SourceError

Row = tuple[bytes | None, ...]

SCHEMES = ("mysql", "mariadb")
CHARSETS = ("utf8mb4", "utf8mb3", "utf8")
CONNECT_SECONDS = 15
ANSWER_SECONDS = 600
PATIENCE_SECONDS = 30 * 86_400  # how long the server waits while files are imported between two rows
SESSION = (
    "SET SESSION sql_mode = ''",
    "SET SESSION time_zone = '+00:00'",  # as dumps have it
    "SET SESSION TRANSACTION READ ONLY",
    f"SET SESSION net_write_timeout = {PATIENCE_SECONDS}",
)
SIGN_IN = "Check the user name and the password; special characters in them are percent-encoded (@ is %40)."
GRANT = "Give that account the right to read it: GRANT SELECT ON name.* TO user."
LOST = "See why the server ended the connection, then start again: what is done is not done twice."
ADVICE = {
    1040: "It has too many connections at the moment. Try again later.",
    1044: GRANT,
    1045: SIGN_IN,
    1049: "Check the name of the database at the end of the address.",
    1142: GRANT,
    1143: GRANT,
    1698: SIGN_IN,
    2003: "Check host and port, that the server listens there, and that it lets this machine in.",
    2006: LOST,
    2013: LOST,
}
OTHERWISE = "See what the server's log says about it, or import from a dump of this database instead."


class Stream(SSCursor):
    _result: Any  # PyMySQL's answer in progress, which its types leave out

    def give_up(self) -> None:
        """Nothing more is read, not even by close()."""
        if self._result:
            self._result.unbuffered_active = False


class Server:
    """`url` is mysql://user:password@host:port/database, also with ?unix_socket=PATH."""

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise wrong_url("host or port cannot be read") from None
        if parts.scheme not in SCHEMES:
            raise wrong_url("it does not begin with mysql://")
        self.host = unquote(parts.hostname or "localhost")
        self.port = port or 3306
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self.database = unquote(parts.path.removeprefix("/"))
        if not self.user or not self.database:
            raise wrong_url("it names no user" if self.database else "it names no database")
        self.unix_socket: str | None = None
        self.charset = CHARSETS[0]
        for name, value in parse_qsl(parts.query):
            self.set_parameter(name, value)

    def set_parameter(self, name: str, value: str) -> None:
        if name == "unix_socket":
            if not Path(value).is_socket():
                raise wrong_url(f"there is no socket at {value}")
            self.unix_socket = value
        elif name == "charset" and value in CHARSETS:
            self.charset = value
        else:
            raise wrong_url(f"its parameter {name} is not known, or has a value that is not")

    def __str__(self) -> str:
        return f"{self.database} on {self.unix_socket or f'{self.host}:{self.port}'}"

    def ask(self, query: str) -> Generator[Row, None, None]:
        """The answer as a stream. Closed early, it ends its connection, as the server would go on sending all of it."""
        with self.understood():
            connection = self.connect()
            cursor = connection.cursor()
            try:
                cursor.execute(query)
                yield from cursor
            finally:
                cursor.give_up()
                connection.close()

    def connect(self) -> pymysql.Connection[Stream]:
        connection = pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=self.database,
            unix_socket=self.unix_socket,
            charset=self.charset,
            use_unicode=False,
            conv={},
            cursorclass=Stream,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            autocommit=True,
        )
        with connection.cursor() as cursor:
            for statement in SESSION:
                cursor.execute(statement)
        return connection

    @contextmanager
    def understood(self) -> Iterator[None]:
        try:
            yield
        except pymysql.MySQLError as error:
            code, text = error.args if len(error.args) == 2 else (0, str(error))
            what = f"The database {self} cannot be read: {text} ({code})."
            raise SourceError(f"{what}\n{ADVICE.get(code, OTHERWISE)}") from error
        except RuntimeError as error:  # a way to sign in that needs a library which is not there
            raise SourceError(
                f"The database {self} cannot be read: {error}.\nInstall what it names: pip install 'picgate[mysql]'"
            ) from error


def wrong_url(why: str) -> SourceError:
    return SourceError(
        f"The address of the database cannot be used: {why}.\n"
        "It looks like mysql://user:password@host/database, with special characters percent-encoded (@ is %40)."
    )
