"""The columns of a CREATE TABLE, and what kind of values each type has. Servers name types in the same words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from migrate.sources.sql.window import DOUBLE, NAME, STRING

Kind = Literal["integer", "number", "bit", "binary", "text", "unknown"]

INTEGERS = ("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "serial", "bool", "boolean", "year")
NUMBERS = ("decimal", "dec", "numeric", "fixed", "float", "double", "real")
BINARIES = (
    "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point", "linestring", "polygon",
    "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection", "vector",
)  # fmt: skip
KINDS: dict[str, Kind] = {
    "bit": "bit",
    **dict.fromkeys(INTEGERS, "integer"),
    **dict.fromkeys(NUMBERS, "number"),
    **dict.fromkeys(BINARIES, "binary"),
}
NO_COLUMN = re.compile(
    r"(?:PRIMARY|UNIQUE|FULLTEXT|SPATIAL|FOREIGN|KEY|INDEX|CONSTRAINT|CHECK|PERIOD)\b", re.IGNORECASE
)
PART = re.compile(rf"{STRING}|{NAME}|{DOUBLE}|[(),]|/\*!?\d*|\*/|[^'`\"(),/*]++|[/*]", re.DOTALL)
COLUMN = re.compile(rf"\s*({NAME}|{DOUBLE}|[^\s`\"(),]+)\s+(\w+)", re.DOTALL)
GENERATED = re.compile(r"\bAS\s*\(", re.IGNORECASE)
QUOTED = re.compile(rf"{STRING}|{NAME}|{DOUBLE}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Column:
    """A generated column is not always in a dump: MySQL leaves its values out, MariaDB writes them."""

    name: str
    kind: Kind
    is_generated: bool = False


def kind_of(type_name: str) -> Kind:
    return KINDS.get(type_name.lower(), "text")


def bare_name(name: str) -> str:
    """A name as it is meant: without its quotes, in the dump's own UTF-8."""
    if name[:1] in ("`", '"'):
        name = name[1:-1].replace(name[0] * 2, name[0])
    return name.encode("latin-1").decode("utf-8", "replace")


def declared_columns(statement: str) -> list[Column]:
    """Of a CREATE TABLE. None where it has no list of its own, as in CREATE TABLE … LIKE."""
    return [column for part in definitions(statement) if (column := declared(part))]


def definitions(statement: str) -> list[str]:
    """The parts of the outermost parentheses, which commas at that level separate."""
    parts, depth = [""], 0
    for match in PART.finditer(statement):
        piece = match[0]
        if piece == ")":
            depth -= 1
            if not depth:
                break
        if depth == 1 and piece == ",":
            parts.append("")
        elif depth and not piece.startswith("/*") and piece != "*/":
            parts[-1] += piece
        if piece == "(":
            depth += 1
    return parts


def declared(definition: str) -> Column | None:
    match = COLUMN.match(definition)
    if not match or NO_COLUMN.match(match[1]):
        return None
    attributes = QUOTED.sub("", definition[match.end() :])
    return Column(bare_name(match[1]), kind_of(match[2]), bool(GENERATED.search(attributes)))
