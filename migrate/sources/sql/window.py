"""A moving window on a dump: enough of it in memory to recognise what comes next, and never much more.

The bytes are held as text in which each character stands for one byte (latin-1), because slices of text are what all
the rest works with. What the bytes mean is decided value by value, in `literals`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from migrate.items import SourceError
from migrate.sources.sql.textfile import TextFile

PIECE_BYTES = 1_000_000
LARGEST_BYTES = 256_000_000  # of one row or one CREATE TABLE; servers refuse such packets long before
LOOKAHEAD = 16

STRING = r"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+'"
DOUBLE = r'"[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+"'
NAME = r"`[^`]*+(?:``[^`]*+)*+`"
INSIDE = {
    "'": re.compile(r"[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+", re.DOTALL),
    '"': re.compile(r'[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+', re.DOTALL),
    "`": re.compile(r"[^`]*+(?:``[^`]*+)*+"),
}
BLANK = re.compile(r"\s*+")
LINE_COMMENT = re.compile(r"#|--(?=[\s\x00-\x1f]|\Z)")


class Window:
    """`text[at:]` is what comes next. `more()` moves everything, so nobody keeps an index over a call that may."""

    def __init__(self, file: TextFile) -> None:
        self.file = file
        self.text = ""
        self.at = 0
        self.start = 0  # where in the file `text` begins
        self.held: int | None = None  # from here on the text stays, although `at` has passed it

    @property
    def offset(self) -> int:
        return self.start + self.at

    def more(self) -> bool:
        """False at the end of the file. The step grows with what is kept, so that a large value costs no square."""
        first = self.at if self.held is None else self.held
        rest = self.text[first:]
        if len(rest) > LARGEST_BYTES:
            raise self.broken(f"one statement or row has more than {LARGEST_BYTES // 1_000_000} MB")
        piece = self.file.read(max(PIECE_BYTES, len(rest)))
        if not piece:
            return False
        self.text = rest + piece.decode("latin-1")
        self.start += first
        self.at -= first
        if self.held is not None:
            self.held = 0
        return True

    def ensure(self, count: int) -> None:
        while len(self.text) - self.at < count and self.more():
            pass

    def skip_blank(self) -> list[str]:
        """Passes blanks and comments. Returns those that MySQL executes (`/*!40101 … */`)."""
        executed = []
        while True:
            self.at = BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]
            self.ensure(LOOKAHEAD)
            if self.text[self.at : self.at + 1].isspace():
                continue
            if LINE_COMMENT.match(self.text, self.at):
                self.skip_line()
            elif self.text.startswith(("/*!", "/*M!"), self.at):
                executed.append(self.hold(self.skip_comment))
            elif self.text.startswith("/*", self.at):
                self.skip_comment()
            else:
                return executed

    def hold(self, skip: Callable[[], None]) -> str:
        """The text that `skip` passes."""
        self.held = self.at
        skip()
        held, self.held = self.text[self.held : self.at], None
        return held

    def skip_statement(self, delimiter: str) -> None:
        """Passes everything up to and with the delimiter, wherever in the statement this is."""
        harmless = outside(delimiter[0])
        while True:
            self.at = harmless.match(self.text, self.at).end()  # type: ignore[union-attr]
            self.ensure(LOOKAHEAD)
            if self.text.startswith(delimiter, self.at):
                self.at += len(delimiter)
                return
            self.skip_one()

    def skip_one(self) -> None:
        char = self.text[self.at : self.at + 1]
        if not char:
            raise self.cut_short()
        if char in INSIDE:
            self.skip_quoted(char)
        elif self.text.startswith("/*", self.at):
            self.skip_comment()
        elif LINE_COMMENT.match(self.text, self.at):
            self.skip_line()
        else:
            self.at += 1

    def skip_quoted(self, quote: str) -> None:
        """In pieces, so that a value of any size passes. A doubled quote that two pieces share counts as two strings,
        which end at the same place."""
        self.at += 1
        while True:
            self.at = INSIDE[quote].match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.text.startswith(quote, self.at):
                self.at += 1
                return
            if not self.more():
                raise self.cut_short()

    def skip_comment(self) -> None:
        self.at += 2
        while (end := self.text.find("*/", self.at)) < 0:
            self.at = max(self.at, len(self.text) - 1)
            if not self.more():
                raise self.cut_short()
        self.at = end + 2

    def skip_line(self) -> None:
        while (end := self.text.find("\n", self.at)) < 0:
            self.at = len(self.text)
            if not self.more():
                return
        self.at = end + 1

    def cut_short(self) -> SourceError:
        return SourceError(
            f"The dump {self.file.path} is cut short: it ends inside a statement, at byte {self.offset}.\n"
            "Copy it from the old server again, or make a new one: the disk there may have been full."
        )

    def broken(self, what: str) -> SourceError:
        return SourceError(
            f"The dump {self.file.path} cannot be understood near byte {self.offset}: {what}.\n"
            "Make a new one with mysqldump or mariadb-dump, and give the file as it was written."
        )


@cache
def outside(delimiter: str) -> re.Pattern[str]:
    """What is certainly neither a delimiter nor the start of something open: plain text and complete strings, so many
    of them as the matcher may well remember. (A possessive repeat need not, but fails in Python before 3.11.5.)"""
    plain = rf"[^'\"`#/\-{re.escape(delimiter)}]++"
    return re.compile(f"(?:{plain}|{STRING}|{DOUBLE}|{NAME}){{0,1000}}", re.DOTALL)
