"""Reading a MySQL or MariaDB dump: which statements it consists of, and the rows of the tables that are wanted.

Everything mysqldump, mariadb-dump, phpMyAdmin, Adminer and HeidiSQL write is understood, whatever their options. What
is not wanted is passed over without being taken apart; what is cut short is an error, never a table with fewer rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from migrate.items import SourceError
from migrate.sources.sql.declarations import Column, bare_name, declared_columns
from migrate.sources.sql.literals import Charset, last_row_pattern, row_pattern, why_no_row
from migrate.sources.sql.window import DOUBLE, NAME, Window

HEAD_BYTES = 100_000  # of an INSERT, up to its VALUES: the names of all columns
ROWS_AT_ONCE = 500

ANY_NAME = rf"(?:{NAME}|{DOUBLE}|[^\s`\"(),.;]++)"
TABLE_NAME = rf"({ANY_NAME})(?:\s*+\.\s*+({ANY_NAME}))?"
WORD = re.compile(r"[A-Za-z]*+")
CREATE = re.compile(
    rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMPORARY\s+)?TABLE\s+(IF\s+NOT\s+EXISTS\s+)?{TABLE_NAME}",
    re.IGNORECASE | re.DOTALL,
)
INSERT = re.compile(
    rf"(?:INSERT|REPLACE)\s+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\s+)*(?:INTO\s+)?{TABLE_NAME}",
    re.IGNORECASE | re.DOTALL,
)
VALUES = re.compile(
    rf"\s*+(?:\((\s*+{ANY_NAME}\s*+(?:,\s*+{ANY_NAME}\s*+)*)\)\s*+)?VALUES?\b", re.IGNORECASE | re.DOTALL
)
LISTED_NAME = re.compile(ANY_NAME, re.DOTALL)
USE = re.compile(rf"USE\s+({ANY_NAME})", re.IGNORECASE | re.DOTALL)
DELIMITER = re.compile(r"DELIMITER[ \t]+(\S+)", re.IGNORECASE)
SET_NAMES = re.compile(r"\bSET\s+NAMES\s+['\"]?(\w+)", re.IGNORECASE)
SAVED = re.compile(r"\bSET\s+@OLD_\w+\s*=", re.IGNORECASE)
RESTORED = re.compile(r"=\s*(?:IFNULL\()?@OLD_", re.IGNORECASE)
# What the dumping program said to the terminal, when that was led into the file too (2>&1).
SQL = ("ALTER", "BEGIN", "CREATE", "DROP", "INSERT", "LOCK", "REPLACE", "SET", "START", "UNLOCK", "USE")
CHATTER = ("MYSQLDUMP", "MARIADB", "WARNING", "ENTER")
UTF_8 = ("utf8", "utf8mb3", "utf8mb4", "binary", "ascii")

TableName = tuple[str, str]  # its database, "" where the dump does not say, and its name


class Shelf(Protocol):
    """Where the tables of a dump go."""

    def wants(self, table: TableName) -> bool: ...

    def declare(self, table: TableName, columns: Sequence[Column], keep: bool) -> None:
        """A CREATE TABLE, of any table. `keep` leaves alone what is there."""
        ...

    def columns_of(self, table: TableName, names: Sequence[str] | None) -> list[Column]:
        """Those that an INSERT with these names fills; raises LookupError in words if that cannot be known."""
        ...

    def insert(
        self, table: TableName, columns: Sequence[Column], rows: Sequence[tuple[str, ...]], charset: Charset
    ) -> None:
        """Rows of literals; raises ValueError if one is not of its column's type."""
        ...


class DumpReader:
    def __init__(self, window: Window, shelf: Shelf) -> None:
        self.window = window
        self.shelf = shelf
        self.charset = Charset()
        self.database = ""
        self.delimiter = ";"
        self.is_sql = False  # as far as was read
        self.is_closed = True  # the settings that the dump saved at its beginning have been restored

    def read(self) -> None:
        while True:
            for comment in self.window.skip_blank():
                self.heed(comment)
                self.is_sql = True
            self.window.ensure(HEAD_BYTES)
            if self.window.at == len(self.window.text):
                break
            self.read_statement()
            self.is_sql = True
        if not self.is_closed:
            raise SourceError(
                f"The dump {self.window.file.path} is cut short: the lines that end a dump are missing.\n"
                "Copy it from the old server again, or make a new one: the disk there may have been full."
            )

    def read_statement(self) -> None:
        window = self.window
        word = WORD.match(window.text, window.at)[0].upper()  # type: ignore[index]
        if word == "DELIMITER" and (delimiter := DELIMITER.match(window.text, window.at)):
            self.delimiter = delimiter[1]
            window.skip_line()
        elif word in CHATTER:
            window.skip_line()
        elif self.delimiter != ";":  # a trigger or a routine, whose statements are nobody's rows
            window.skip_statement(self.delimiter)
        elif word in ("INSERT", "REPLACE"):
            self.read_insert()
        elif word == "CREATE" and (create := CREATE.match(window.text, window.at)):
            self.read_create(create)
        elif word in ("SET", "USE"):
            self.heed(window.hold(self.skip_statement))
        else:
            self.pass_over(word)

    def pass_over(self, word: str) -> None:
        """A statement that is nobody's rows. The end of a text that is no SQL is missing nowhere."""
        try:
            self.skip_statement()
        except SourceError:
            if self.is_sql or word in SQL:
                raise
            raise SourceError(
                f"{self.window.file.path} is no dump: it is a text, and not one of SQL.\n"
                "Give the .sql or .sql.gz that mysqldump wrote."
            ) from None

    def skip_statement(self) -> None:
        self.window.skip_statement(self.delimiter)

    def heed(self, setting: str) -> None:
        if names := SET_NAMES.search(setting):
            self.set_charset(names[1].lower())
        if SAVED.search(setting):
            self.is_closed = False
        elif RESTORED.search(setting):
            self.is_closed = True
        if use := USE.match(setting):
            self.database = bare_name(use[1])

    def set_charset(self, name: str) -> None:
        if name not in (*UTF_8, "latin1"):
            raise SourceError(
                f"The dump {self.window.file.path} is written in the character set {name}, which is not read.\n"
                "Make a new one with --default-character-set=utf8mb4."
            )
        self.charset.is_latin1 = name == "latin1"

    def named(self, match: re.Match[str], first: int) -> TableName:
        if match[first + 1]:
            return bare_name(match[first]), bare_name(match[first + 1])
        return self.database, bare_name(match[first])

    def read_create(self, create: re.Match[str]) -> None:
        table, keep = self.named(create, 2), bool(create[1])
        self.shelf.declare(table, declared_columns(self.window.hold(self.skip_statement)), keep)

    def read_insert(self) -> None:
        window = self.window
        if not (insert := INSERT.match(window.text, window.at)):
            raise self.not_understood("this INSERT names no table")
        table = self.named(insert, 1)
        if not self.shelf.wants(table):
            self.skip_statement()
            return
        if not (values := VALUES.match(window.text, insert.end())):
            raise self.not_understood(f"an INSERT into {table[1]} has no VALUES")
        names = [bare_name(name) for name in LISTED_NAME.findall(values[1])] if values[1] else None
        try:
            columns = self.shelf.columns_of(table, names)
        except LookupError as error:
            raise window.broken(error.args[0]) from error
        head = window.text[window.at : values.end()]
        window.at = values.end()
        for rows in self.rows(table, len(columns), head):
            try:
                self.shelf.insert(table, columns, rows, self.charset)
            except ValueError as error:
                raise window.broken(f"a value for {table[1]} is not of its column's type ({error})") from error

    def not_understood(self, what: str) -> SourceError:
        """Unless it is the end that is missing, which is said instead."""
        error = self.window.broken(what)
        self.skip_statement()
        return error

    def rows(self, table: TableName, width: int, head: str) -> Iterator[list[tuple[str, ...]]]:
        """What follows VALUES, a piece at a time, up to the end of the last statement that begins with `head`."""
        window = self.window
        row, last_row = row_pattern(width, head), last_row_pattern(width)
        while True:
            rows: list[tuple[str, ...]] = []
            while len(rows) < ROWS_AT_ONCE and (match := row.match(window.text, window.at)):
                rows.append(match.groups())
                window.at = match.end()
            if rows:
                yield rows
            elif match := last_row.match(window.text, window.at):
                yield [match.groups()[:-1]]
                window.at = match.end()
                if not match[width + 1]:
                    self.skip_statement()
                return
            elif reason := why_no_row(window.text, window.at, width):
                raise window.broken(f"in the table {table[1]}, {reason}")
            elif not window.more():
                raise window.cut_short()
