"""The style rules of a drawing: what remains fetches nothing, runs nothing, and reads the same to every parser.

Text without a backslash, a comment or a string next to a function leaves no room for two opinions; where all of it is
allowed it stays as written. Everything else is taken apart by tinycss2 and written anew from the parts that pass.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import tinycss2

from gateway.core.errors import FileRefused
from gateway.core.formats.svg_rules import FUNCTIONS, PROPERTIES, SELECTORS

OUTSIDE = "outside references"
STYLES = "style rules"
FONTS = "embedded fonts"
_DEEPEST = 24  # brackets in brackets
MAX_PARTS = 300_000  # words, numbers and signs

_FRAGMENT = re.compile(r"#[^\s\"'()\\<>\x00-\x20\x7f]+")
_DATA = re.compile(r"data:(?:image/[a-z0-9.+-]+)?(?:;[a-z0-9=-]+)*;base64,", re.IGNORECASE)
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"))

_PART = re.compile(r"\.?[\w+/=%-]+|[^\w\s]")
_TRICKY = re.compile(r"[\\@{}<>\[\]]|/\*|\([^()]*\([^()]*\([^()]*\(")
_QUOTE = re.compile(r"[\"']")
_CALL = re.compile(r"([^\s,:;()]{0,40})\(\s*(#[^\s\"'()\\<>]+\s*\))?")
# Some of it is harmless where it may still stand, in quotes or behind a digit. Who looks for it cannot always tell.
_BANNED = re.compile(
    r"(?:java|vb|live)script:|data:(?:text/|application/)|expression\(|-moz-binding|behavior:|@import|@namespace"
    r"|image-set\(|cross-fade\(|src\(|url\((?!#|data:image/(?:png|jpeg|gif|webp);base64,)|</"
)
_STARTER = re.compile(r"[:(@<]|-moz-", re.IGNORECASE)
_IGNORED = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff]")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_NAME = re.compile(r"[\w-]+")

_GROUPS = frozenset({"media", "supports", "layer"})
_FRAMES = frozenset({"keyframes", "-webkit-keyframes", "-moz-keyframes", "-o-keyframes"})


@dataclass(slots=True)
class Tally:
    """What one pass over a drawing took away, and how much style it has taken apart: that is slow work."""

    removed: Counter[str] = field(default_factory=Counter)
    parts: int = 0

    def lose(self, what: str) -> None:
        self.removed[what] += 1

    def take_apart(self, text: str) -> str:
        self.parts += len(_PART.findall(text))
        if self.parts > MAX_PARTS:
            raise FileRefused("This drawing has more style rules than are allowed.", code="LIMIT_EXCEEDED")
        return text


def fragment(text: str) -> str | None:
    """`#id` if that is all the text refers to."""
    text = text.strip()
    return text if _FRAGMENT.fullmatch(text) else None


def picture(text: str) -> str | None:
    """An embedded image, called what its bytes are; None for anything but PNG, JPEG, GIF and WebP."""
    match = _DATA.match(text := text.strip())
    if not match:
        return None
    body = "".join(text[match.end() :].split())
    body = "".join(unquote(body).split()) if "%" in body else body
    body = body.rstrip("=")
    try:
        image = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    kind = next((name for magic, name in _MAGIC if image.startswith(magic)), None)
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        kind = "webp"
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}" if kind else None


def is_suspicious(text: str) -> bool:
    """Words that start something somewhere. No drawing needs them in an attribute, whatever the attribute is."""
    return bool(_STARTER.search(text) and _BANNED.search(_IGNORED.sub("", text).lower()))


def clean_value(text: str, tally: Tally) -> str | None:
    """The value of one property, as it stands in an attribute; None if it must go."""
    if _is_plain(text):
        return text
    try:
        nodes = tinycss2.parse_component_value_list(tally.take_apart(text), skip_comments=True)
    except ValueError:  # a number with more digits than Python converts
        nodes = None
    why = STYLES if nodes is None else _objection(nodes)
    if why or is_suspicious(written := _written(nodes)):
        tally.lose(why or STYLES)
        return None
    return text if "(" not in text and not _TRICKY.search(text) else written


def clean_declarations(text: str, tally: Tally) -> str:
    """A `style` attribute; empty if nothing of it may stay."""
    if _is_plain(text) and not _QUOTE.search(text) and "--" not in text:
        parts = [part for part in text.split(";") if part.strip()]
        kept = [part for part in parts if _is_property(part.partition(":")[0].strip().lower())]
        if all(part.count("(") == part.count(")") for part in parts):
            return text if len(kept) == len(parts) else ";".join(kept)
    try:
        nodes = tinycss2.parse_blocks_contents(tally.take_apart(text), skip_comments=True, skip_whitespace=True)
    except ValueError:
        tally.lose(STYLES)
        return ""
    before = tally.removed.total()
    declarations = [written for node in nodes if (written := _declaration(node, tally))]
    is_whole = len(declarations) == len(nodes) and tally.removed.total() == before
    if is_whole and "(" not in text and not _TRICKY.search(text) and not _NOT_XML.search(text):
        return text
    return ";".join(declarations)


def clean_sheet(text: str, tally: Tally) -> str:
    """The text of a `style` element."""
    try:
        return "".join(_rules(tinycss2.parse_stylesheet(tally.take_apart(text), True, True), tally, 0))
    except ValueError:
        tally.lose(STYLES)
        return ""


def references(text: str) -> list[str]:
    """The ids named by `url(#…)` in text that has been cleaned."""
    return [name for _, name in re.findall(r"url\(\s*(['\"]?)#([^\s\"')]+)\1\s*\)", text, re.IGNORECASE)]


def _is_plain(text: str) -> bool:
    """Whether every parser reads this alike and finds in it nothing but allowed functions and fragments."""
    if _TRICKY.search(text) or ("(" in text and _QUOTE.search(text)) or is_suspicious(text):
        return False
    return all(name.lower() in FUNCTIONS or (name.lower() == "url" and target) for name, target in _CALL.findall(text))


def _is_property(name: str) -> bool:
    return name in PROPERTIES or name.startswith("--") or name.removeprefix("-webkit-") in PROPERTIES


def _declaration(node: Any, tally: Tally) -> str | None:
    if node.type != "declaration":
        return None
    why = _objection(node.value)
    # One custom property made of others, ten at a time, is a bomb like any other.
    if not why and node.name.startswith("--") and "var(" in tinycss2.serialize(node.value).lower():
        why = STYLES
    if why or node.lower_name in ("behavior", "-moz-binding", "-ms-behavior"):
        tally.lose(why or STYLES)
        return None
    if not _is_property(node.lower_name):
        return None
    name = node.name if node.name.startswith("--") else node.lower_name
    written = f"{name}:{_written(node.value)}{'!important' if node.important else ''}"
    if not _NAME.fullmatch(name) or is_suspicious(written):
        tally.lose(STYLES)
        return None
    return written


def _rules(nodes: list[Any], tally: Tally, depth: int) -> Iterable[str]:
    """Each rule that may stay, written out. Inside a rule there may be declarations too."""
    if depth > _DEEPEST and nodes:
        tally.lose(STYLES)
        return
    for node in nodes:
        if node.type == "declaration":
            if written := _declaration(node, tally):
                yield written + ";"
        elif node.type == "qualified-rule":
            yield from _block(node, "", tally, depth)
        elif node.type == "at-rule" and node.lower_at_keyword in _GROUPS | _FRAMES:
            yield from _block(node, f"@{node.lower_at_keyword} ", tally, depth)
        elif node.type == "at-rule" and node.lower_at_keyword != "charset":
            tally.lose(FONTS if node.lower_at_keyword == "font-face" else STYLES)


def _block(node: Any, keyword: str, tally: Tally, depth: int) -> Iterable[str]:
    why = _objection(node.prelude, FUNCTIONS | SELECTORS)
    if why or is_suspicious(prelude := _written(node.prelude)):
        tally.lose(why or STYLES)
        return
    if node.content is None:
        yield f"{keyword}{prelude};"
        return
    # Only inside a rule of its own can a group hold declarations; read both ways, they come out alike.
    content = tinycss2.parse_blocks_contents(node.content, True, True)
    body = "".join(_rules(content, tally, depth + 1)).removesuffix(";")
    yield f"{keyword}{prelude}{{{body}}}"


def _objection(nodes: Iterable[Any], functions: frozenset[str] = FUNCTIONS, depth: int = 0) -> str | None:
    """Why these parts cannot stay. Addresses that may stay are rewritten in place, in their one safe spelling."""
    if depth > _DEEPEST:
        return STYLES
    for node in nodes:
        why = None
        if node.type == "url":
            target = fragment(node.value) or picture(node.value)
            node.representation = f"url({target})"
            why = None if target else OUTSIDE
        elif node.type == "function" and node.lower_name == "url":
            why = _objection_to_quoted(node)
        elif node.type == "function":
            is_known = node.lower_name in functions
            why = _objection(node.arguments, functions, depth + 1) if is_known else _unknown(node.lower_name)
        elif node.type in ("() block", "[] block"):
            why = _objection(node.content, functions, depth + 1)
        elif node.type == "string":
            why = STYLES if is_suspicious(node.value) or _NOT_XML.search(node.value) else None
            if "'" not in node.value and '"' not in node.value:
                # In an attribute the other quote would take six bytes.
                node.representation = f"'{node.representation[1:-1]}'"
        elif node.type in ("{} block", "error", "at-keyword", "unicode-range"):
            why = STYLES
        elif node.type in ("ident", "hash", "dimension"):
            why = STYLES if _NOT_XML.search(str(node.value) + getattr(node, "unit", "")) else None
        elif node.type == "literal":
            why = STYLES if node.value in ("<!--", "-->", "\\") else None
        if why:
            return why
    return None


def _objection_to_quoted(url: Any) -> str | None:
    """`url("#a")` comes apart as a function of a string; it is put together as `url(#a)`."""
    words = [node for node in url.arguments if node.type != "whitespace"]
    target = fragment(words[0].value) or picture(words[0].value) if [w.type for w in words] == ["string"] else None
    if not target:
        return OUTSIDE
    words[0].representation = target
    url.name, url.arguments[:] = "url", words
    return None


def _unknown(function: str) -> str:
    return OUTSIDE if function in ("url", "src", "image", "image-set", "-webkit-image-set", "cross-fade") else STYLES


def _written(nodes: list[Any]) -> str:
    """Without the space around, but with the one that may end an escape."""
    first, last = 0, len(nodes)
    while first < last and nodes[first].type == "whitespace":
        first += 1
    while last > first and nodes[last - 1].type == "whitespace":
        last -= 1
    text: str = tinycss2.serialize(nodes[first:last])
    return text
