"""What an owner looks for, newest first, each page read by key."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime

from gateway.core.listing import Place
from gateway.core.records import Kind, Listed, Media
from gateway.core.search import Query
from gateway.store.rows import LISTED, Db, time_text
from gateway.store.sql.base import Row
from gateway.store.sql.pages import PageRows

KINDS: tuple[Kind, ...] = ("image", "video", "audio")
NEWEST_FIRST = "ORDER BY created_at DESC, id DESC LIMIT ?"


class Where:
    """Conditions and their values, in the order in which they were asked for."""

    def __init__(self, sql: str, *values: object) -> None:
        self.conditions = [sql]
        self.values = list(values)

    def need(self, sql: str, *values: object) -> None:
        self.conditions.append(sql)
        self.values += values

    def __str__(self) -> str:
        return " AND ".join(self.conditions)

    def within(self, query: Query, after: Place | None, table: str, id: str) -> None:
        """The part of the list that is asked for."""
        if query.since:
            self.need(f"{table}.created_at >= ?", time_text(query.since))
        if query.until:
            self.need(f"{table}.created_at < ?", time_text(query.until))
        if after:
            self.need(f"({table}.created_at, {table}.{id}) < (?, ?)", time_text(after.created_at), after.id)

    def of_kind(self, query: Query) -> None:
        if query.kinds:
            self.need(f"media.kind IN ({', '.join('?' * len(query.kinds))})", *query.kinds)

    def shown(self, query: Query, now: datetime) -> None:
        if query.is_public is not None:
            self.need("media.is_public = ?", int(query.is_public))
        self.need("(media.expires_at IS NULL OR media.expires_at > ?)", time_text(now))


class SearchRows(PageRows):
    def search(self, query: Query, after: Place | None, now: datetime, limit: int) -> list[Listed]:
        tag_id = None
        if query.tag is not None:
            tag = self.row("SELECT id FROM tags WHERE name = ?", query.tag)
            if not tag:
                return []
            tag_id = tag[0]
        find = self.search_text if query.text else self.search_plain
        found = find(query, tag_id, after, now, limit)
        tags = self.tags_of([row[0] for row in found])
        return [LISTED.record(row, tags=tags.get(row[0], ())) for row in found]

    def search_plain(
        self,
        query: Query,
        tag_id: int | None,
        after: Place | None,
        now: datetime,
        limit: int,
        columns: str = LISTED.qualified,
    ) -> list[Row]:
        """Whatever the text."""
        if tag_id is not None:
            return self.search_tag(query, tag_id, after, now, limit, columns)
        sides = [self.side(query, kind, after, now) for kind in kinds_apart(query)]
        if len(sides) == 1:
            return self.rows(f"SELECT {columns} FROM media WHERE {sides[0]} {NEWEST_FIRST}", *sides[0].values, limit)
        merged = " UNION ALL ".join(f"SELECT created_at, id FROM media WHERE {side}" for side in sides)
        values = [value for side in sides for value in side.values]
        page = [row[1] for row in self.rows(f"{merged} {NEWEST_FIRST}", *values, limit)]
        return self.rows_of(page, columns)

    def rows_of(self, ids: Sequence[str], columns: str = LISTED.qualified) -> list[Row]:
        marks = ", ".join("?" * len(ids))
        return self.rows(f"SELECT {columns} FROM media WHERE id IN ({marks}) {NEWEST_FIRST}", *ids, len(ids))

    def side(self, query: Query, kind: Kind | None, after: Place | None, now: datetime) -> Where:
        where = Where("media.owner_id = ?", query.owner_id)
        if kind:
            where.need("media.kind = ?", kind)
        where.within(query, after, "media", "id")
        where.shown(query, now)
        return where

    def search_tag(
        self, query: Query, tag_id: int, after: Place | None, now: datetime, limit: int, columns: str
    ) -> list[Row]:
        where = Where(
            "media.id = media_tags.media_id AND media_tags.tag_id = ? AND media_tags.owner_id = ?",
            tag_id,
            query.owner_id,
        )
        where.within(query, after, "media_tags", "media_id")
        where.of_kind(query)
        where.shown(query, now)
        return self.rows(
            f"SELECT {columns} FROM media_tags CROSS JOIN media WHERE {where}"
            " ORDER BY media_tags.created_at DESC, media_tags.media_id DESC LIMIT ?",
            *where.values,
            limit,
        )

    # how text is found differs between databases

    @abstractmethod
    def search_text(
        self, query: Query, tag_id: int | None, after: Place | None, now: datetime, limit: int
    ) -> list[Row]:
        """What holds the text of the query, newest first."""

    @abstractmethod
    def note_words(self, db: Db, batch: Sequence[Media]) -> None:
        """Titles and file names from now on found by `search_text`."""

    @abstractmethod
    def forget_words(self, db: Db, batch: Sequence[Media]) -> None:
        """Exactly what was noted of them."""


def kinds_apart(query: Query) -> tuple[Kind | None, ...]:
    """Each kind is read in order from an end of its own, and they are merged: a few private videos are not looked for
    among a million pictures. What is asked for whatever it is lies in order as it is."""
    if query.kinds or query.is_public is not None:
        return tuple(dict.fromkeys(query.kinds)) or KINDS
    return (None,)
