"""How an old path may be written in a link, and which file a rendition's path belongs to.

Nothing here looks anything up: these are the guesses, best first, among which the book of old addresses finds the one
that is true.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from unicodedata import normalize
from urllib.parse import unquote

from gateway.core.formats.registry import FORMATS, KNOWN_EXTENSIONS
from gateway.core.records import Variant

PLAYED = tuple(extension for format in FORMATS if format.kind != "image" for extension in format.extensions)
DOUBTFUL = re.compile(r"[%+]|//|/\.\.?(?:/|$)")
RENDITION = re.compile(r"(.+)\.(th|md|fr)\.([^./]+)", re.DOTALL)


def as_text(path: str) -> str:
    """A path of a character for each byte, read as what it means: UTF-8, or what old servers had before that."""
    if path.isascii():
        return path
    try:
        return path.encode("latin-1").decode()
    except UnicodeError:
        return path


def spellings(path: str) -> list[str]:
    """The path as it was asked for, then without what careless tools do to links: doubled slashes, a `+` for a space,
    escapes that were escaped again, letters composed otherwise."""
    if path.isascii() and not DOUBTFUL.search(path):
        return [path]
    tidy = one_slash(path)
    once = unquote(tidy)
    texts = (path, tidy, once, unquote(once), tidy.replace("+", " "))
    return list(
        dict.fromkeys(form for text in texts for form in (text, normalize("NFC", text), normalize("NFD", text)))
    )


def one_slash(path: str) -> str:
    """As web servers read it: no slash twice, none at the end, and no dots that stand for a folder."""
    return "/" + posixpath.normpath(path).lstrip("/")


def mains(path: str) -> Iterator[tuple[str, Variant]]:
    """`/a/b.th.png` is the thumbnail of `/a/b.png`; those of films and sounds are JPEGs, whatever these are."""
    match = RENDITION.fullmatch(path)
    if not match:
        return
    stem, extension = match[1], match[3]
    variant: Variant = "th" if match[2] == "th" else "md" if match[2] == "md" else "fr"
    if variant != "fr":
        yield f"{stem}.{extension}", variant
    if extension.lower() in ("jpg", "jpeg"):
        for played in PLAYED:
            yield f"{stem}.{played}", variant


def is_file_name(path: str) -> bool:
    """Whether it ends as the files end that are kept here."""
    return path.rpartition(".")[2].lower() in KNOWN_EXTENSIONS
