"""The values of a dump: rows of SQL literals recognised, and turned into what the server would have said.

A row is recognised as a whole by one compiled pattern, a column is converted as a whole. That is what makes a dump of
gigabytes readable in Python; only what is unusual is looked at value by value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from migrate.sources.sql.declarations import Kind
from migrate.sources.sql.window import DOUBLE, STRING
from migrate.sources.tables import Value

QUOTED = rf"(?:{STRING}|{DOUBLE})"
PLAIN = r"[^\s'\"(),;]"
# A string, a word or number, a word with a string or number (_binary '…', X'…', _binary 0x…), and Adminer's UNHEX('…').
VALUE = rf"(?:{QUOTED}|UNHEX\({STRING}\)|{PLAIN}++(?:\s*+{QUOTED}|\s++0x{PLAIN}++)?)"
OPEN_STRING = r"(?:'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+|\"[^\"\\]*+(?:(?:\\.|\"\")[^\"\\]*+)*+)\\?+"
UNFINISHED = re.compile(
    rf"(?:(?:UNHEX\(|{PLAIN}*+\s*+)(?:{OPEN_STRING}|{PLAIN}*+)|UNHEX\({STRING}|{VALUE}\s*+)\Z", re.DOTALL
)
FIRST, NEXT = re.compile(r"\s*+\(\s*+"), re.compile(rf"({VALUE})\s*+([,)])\s*+", re.DOTALL)
PREFIXED = re.compile(r"([^\s'\"(]*+)[\s(]*+(['\"])(.*)\2\)?", re.DOTALL)

INTEGER = re.compile(r"-?\d+")

ESCAPES = {"'": "'", '"': '"', "n": "\n", "r": "\r", "t": "\t", "0": "\0", "b": "\b", "Z": "\x1a",
           "%": "\\%", "_": "\\_"}  # fmt: skip
BACKSLASH = "\u0100"  # no byte of a dump
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
WORDS = {"NULL": None, "DEFAULT": None, "TRUE": "1", "FALSE": "0"}  # only generated columns are written as DEFAULT
LARGEST, SMALLEST, SAFE_LENGTH = 2**63 - 1, -(2**63), 19
# MySQL's latin1 is Windows' code page 1252, and itself where that has holes.
LATIN1 = {code: char for code in range(0x80, 0xA0) if (char := bytes([code]).decode("cp1252", "ignore"))}


class Charset:
    """What the bytes of texts mean. `misfits` counts the texts that are not what the dump says."""

    def __init__(self) -> None:
        self.is_latin1 = False
        self.misfits = 0

    def decode(self, text: str) -> str:
        if text.isascii():
            return text
        if not self.is_latin1:
            try:
                return text.encode("latin-1").decode("utf-8")
            except UnicodeDecodeError:
                self.misfits += 1
        return text.translate(LATIN1)


# rows


@cache
def row_pattern(width: int, head: str) -> re.Pattern[str]:
    """A row of so many values, and what leads to the next: a comma, or the end of the statement and another one that
    begins in the same way, as --skip-extended-insert has it."""
    return re.compile(rf"{whole_row(width)}(?:,|;\s*+{re.escape(head)})", re.DOTALL)


@cache
def last_row_pattern(width: int) -> re.Pattern[str]:
    """A row and the end of the list: a semicolon (the last group), or a word of what follows (ON DUPLICATE KEY)."""
    return re.compile(rf"{whole_row(width)}(?:(;)|(?=[A-Za-z]))", re.DOTALL)


def whole_row(width: int) -> str:
    return r"\s*+\(\s*+" + r"\s*+,\s*+".join([f"({VALUE})"] * width) + r"\s*+\)\s*+"


def why_no_row(text: str, at: int, width: int) -> str | None:
    """What is wrong with the row at `at`, or None if it may be a good one that goes on after the end of `text`."""
    if not (start := FIRST.match(text, at)):
        return None if not text[at:].strip() else "a row does not begin with a parenthesis"
    at, count = start.end(), 0
    while value := NEXT.match(text, at):
        at, count = value.end(), count + 1
        if value[2] == ")":
            if count != width:
                return f"a row has {count} values for {width} columns"
            return None if at == len(text) else "a row is followed by neither a comma nor a semicolon"
    return None if UNFINISHED.match(text, at) else f"value {count + 1} of a row is none that can be read"


# values


def converted(tokens: Sequence[str], kind: Kind, charset: Charset) -> Sequence[Value]:
    """A column of literals as values."""
    if kind == "integer":
        return integers(tokens)
    if kind == "text":
        return texts(tokens, charset)
    return [None if token == "NULL" else ONE[kind](token, charset) for token in tokens]


def integers(tokens: Sequence[str]) -> Sequence[Value]:
    try:
        values = [None if token == "NULL" else int(token) for token in tokens]
    except ValueError:
        return [one_integer(token) for token in tokens]
    if max(map(len, tokens)) < SAFE_LENGTH:
        return values
    return [value if value is None or SMALLEST <= value <= LARGEST else str(value) for value in values]


def texts(tokens: Sequence[str], charset: Charset) -> Sequence[Value]:
    everything = ",".join(tokens)
    if everything.isascii() and "\\" not in everything and "''" not in everything:
        return [
            token[1:-1] if token[0] == "'" else None if token == "NULL" else one_text(token, charset)
            for token in tokens
        ]
    return [None if token == "NULL" else one_text(token, charset) for token in tokens]


def one_text(token: str, charset: Charset) -> str | None:
    content = literal(token)
    return None if content is None else charset.decode(content)


def one_integer(token: str) -> Value:
    content = literal(token)
    if content is None:
        return None
    return fitting(number_of(content) if is_binary(token) else int(content))


def one_bit(token: str, charset: Charset) -> Value:
    content = literal(token)
    if content is None:
        return None
    is_number = token[0] not in "'\"" and not is_binary(token)
    return fitting(int(content) if is_number else number_of(content))


def one_binary(token: str, charset: Charset) -> Value:
    content = literal(token)
    return None if content is None else content.encode("latin-1")


def one_unknown(token: str, charset: Charset) -> Value:
    """Where nothing declares the column, the spelling tells."""
    if token[0] in "'\"":
        return one_text(token, charset)
    if is_binary(token):
        return one_binary(token, charset)
    content = literal(token)
    return fitting(int(content)) if content is not None and INTEGER.fullmatch(content) else content


ONE: dict[Kind, Callable[[str, Charset], Value]] = {
    "number": lambda token, charset: literal(token),
    "bit": one_bit,
    "binary": one_binary,
    "unknown": one_unknown,
}


def fitting(number: int) -> int | str:
    return number if SMALLEST <= number <= LARGEST else str(number)


def number_of(content: str) -> int:
    return int.from_bytes(content.encode("latin-1"), "big")


def is_binary(token: str) -> bool:
    return token[:2].lower() in ("0x", "0b", "x'", "b'") or token.startswith(("_binary", "UNHEX"))


def literal(token: str) -> str | None:
    """What a literal contains, a character for each byte; for numbers their digits. None is NULL."""
    if token[0] in "'\"":
        return unescaped(token[1:-1], token[0])
    if quoted := PREFIXED.fullmatch(token):
        return prefixed(quoted[1].lower(), quoted[2], quoted[3])
    if token[:1] == "_":  # a character set (`_binary`, `_utf8mb4`), which the column knows better
        token = token.split(None, 1)[-1]
    if token[:2].lower() == "0x":
        return hexadecimal(token[2:])
    if token[:2].lower() == "0b":
        return bits(token[2:])
    return WORDS.get(token.upper(), token)


def prefixed(word: str, quote: str, content: str) -> str:
    if word in ("x", "unhex"):
        return hexadecimal(content)
    if word == "b":
        return bits(content)
    return unescaped(content, quote)


def hexadecimal(digits: str) -> str:
    return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits).decode("latin-1")


def bits(digits: str) -> str:
    return int(digits or "0", 2).to_bytes((len(digits) + 7) // 8, "big").decode("latin-1")


def unescaped(content: str, quote: str) -> str:
    """While escaped backslashes are something else, every backslash that is left escapes what follows it."""
    content = content.replace(quote * 2, quote)
    if "\\" not in content:
        return content
    content = content.replace("\\\\", BACKSLASH).replace('\\"', '"').replace("\\'", "'")  # most are the quotes of JSON
    if "\\" in content:
        content = ESCAPE.sub(lambda match: ESCAPES.get(match[1], match[1]), content)
    return content.replace(BACKSLASH, "\\")
