"""Addresses of the web: what is one, under which path its host served it, and what the file there is called."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

from gateway.core.titles import clean

MAX_LENGTH = 8000


def split_address(text: str) -> SplitResult:
    """Raises `ValueError` with a sentence for what is no complete http or https address."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"An address has at most {MAX_LENGTH} characters, and this one {len(text)}.")
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError(f"An address has no blanks in it: {hidden(text)[:100]!r}.")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{hidden(text)[:100]!r} is no address: its host or its port cannot be read.") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"{hidden(text)[:100]!r} is no address that begins with http:// or https:// and a host.")
    return parts


def without_user(text: str) -> str:
    """A password in an address is for nobody who reads a report, and is never sent. What is no address loses all that
    could be one."""
    try:
        split_address(text)
    except ValueError:
        return hidden(text)
    return re.sub(r"(?<=//)[^/?#]*@", "", text)


def hidden(text: str) -> str:
    return re.sub(r"(?<=//).*@", "", text)


def old_path(link: str) -> str:
    """The path of an address or of a link without its host, percent-decoded. What follows a question mark belongs to it
    only where it alone tells what is meant."""
    parts = urlsplit(link)
    path = "/" + clean(unquote(parts.path)).lstrip("/")
    if parts.query and path.endswith(("/", ".php")):
        return f"{path}?{clean(parts.query)}"
    return path


def file_name(parts: SplitResult) -> str:
    return unquote(parts.path).rstrip("/").rpartition("/")[2]
