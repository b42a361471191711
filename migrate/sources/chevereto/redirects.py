"""The V3 table of addresses that its owner had sent on to a picture, an album or a user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from urllib.parse import unquote

from migrate.sources.chevereto.rows import select
from migrate.sources.tables import Tables


def redirects(tables: Tables, kind: str) -> Iterator[tuple[int, str]]:
    """The id of an "image", "album" or "user", and the path or `/?query` that led to it, in the order of the ids."""
    rows = select(tables, "redirects", "redirect_", ("content_id", "content_type", "from"), ("content_id",))
    for row in rows:
        if row.text("content_type") == kind and (asked := row.text("from")):
            yield row.number("content_id"), as_looked_up(asked)


def redirects_by_id(tables: Tables, kind: str) -> Mapping[int, list[str]]:
    """For albums and users, of which there are few."""
    return {id: [path for _, path in pairs] for id, pairs in groupby(redirects(tables, kind), itemgetter(0))}


def as_looked_up(asked: str) -> str:
    """The path percent-decoded and with its leading slash, the query as it was written."""
    path, mark, query = asked.partition("?")
    return f"/{unquote(path).lstrip('/')}{mark}{query}"
