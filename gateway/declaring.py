"""How a setting is declared, understood and written: a field with a type, a default and a help sentence."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from gateway.core.sizes import format_size, parse_size

WORDS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


class SettingsError(Exception):
    """What is wrong with which setting, and what would be right."""


class Bytes(int):
    """A size: a number of bytes, or text such as "50 MB"."""


def setting(default: Any, help: str, example: object = None) -> Any:
    return field(default=default, metadata={"help": help, "example": example})


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting as declared: `name` is "server.port", `kind` its type."""

    name: str
    kind: Any
    default: Any
    help: str
    example: Any

    def toml(self, value: object) -> str:
        """`value` as it would stand in a settings file."""
        exact = self.kind is Bytes and parse_size(size := format_size(int(str(value)))) == value
        return f'"{size}"' if exact else as_toml(value)


def declared_in(section: str, kind: type[Any]) -> Iterator[Declared]:
    """The settings of one section, which is a dataclass."""
    kinds = get_type_hints(kind)
    for item in fields(kind):
        name, (help, example) = f"{section}.{item.name}", (item.metadata["help"], item.metadata["example"])
        yield Declared(name, without_none(kinds[item.name]), item.default, help, example)


def without_none(kind: Any) -> Any:
    """A setting that may be left out has no spelling for that."""
    return next(one for one in get_args(kind) if one is not NoneType) if isinstance(kind, UnionType) else kind


def nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" Did you mean {close[0]}?" if close else " `gateway config` lists all settings."


def understand(item: Declared, raw: object, origin: str) -> object:
    """The value of the declared type that `raw`, from TOML or as environment text, stands for."""
    try:
        return convert(item.kind, raw)
    except ValueError as problem:
        raise SettingsError(f"{item.name} in {origin} is {raw!r}, but must be {problem}.") from None


def convert(kind: Any, raw: object) -> object:
    if get_origin(kind) is Literal:
        if raw in get_args(kind):
            return raw
        raise ValueError("one of " + ", ".join(map(repr, get_args(kind))))
    if kind is bool:
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, str) and raw.lower() in WORDS:
            return WORDS[raw.lower()]
        raise ValueError("true or false")
    if kind is Bytes:
        if isinstance(raw, (int, str)) and not isinstance(raw, bool):
            try:
                return Bytes(parse_size(str(raw)))
            except ValueError:
                pass
        raise ValueError('a size such as "50 MB"')
    if kind is int:
        if isinstance(raw, (int, str)) and not isinstance(raw, bool) and re.fullmatch(r"[0-9]{1,18}", str(raw)):
            return int(raw)
        raise ValueError("a whole number, 0 or more")
    if kind is str:
        if isinstance(raw, str):
            return raw
        raise ValueError("text")
    if isinstance(raw, str):
        raw = listed(raw)
    if isinstance(raw, (list, tuple)) and all(isinstance(part, str) for part in raw):
        return tuple(raw)
    raise ValueError('a list of texts such as ["a", "b"]')


def listed(text: str) -> object:
    """A list in the environment: as a settings file has it, or its texts with commas between them."""
    if not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tomllib.loads(f"list = {text.strip()}")["list"]
    except tomllib.TOMLDecodeError:
        return None


def as_toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(as_toml(part) for part in value) + "]"
    assert isinstance(value, (str, NoneType))
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
