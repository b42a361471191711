"""What an owner looks for, newest first, each page read by key."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime

from gateway.core.listing import Place
from gateway.core.records import Kind, Listed, Media
from gateway.core.search import Query, fold
from gateway.store.rows import LISTED, Db, time_text
from gateway.store.sql.base import Row
from gateway.store.sql.pages import PageRows

KINDS: tuple[Kind, ...] = ("image", "video", "audio")
NEWEST_FIRST = "ORDER BY created_at DESC, id DESC LIMIT ?"
FEW = 1000


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
        if query.album_id is not None:
            self.need("media.album_id = ?", query.album_id)
        lasting = "" if query.is_expiring else "media.expires_at IS NULL OR "
        self.need(f"({lasting}media.expires_at > ?)", time_text(now))


class SearchRows(PageRows):
    def search(self, query: Query, after: Place | None, now: datetime, limit: int) -> list[Listed]:
        tag_id = None
        if query.tag is not None:
            tag = self.row("SELECT id FROM tags WHERE name = ?", query.tag)
            if not tag:
                return []
            tag_id = tag[0]
        if not query.text:
            found = self.search_plain(query, tag_id, after, now, limit)
        elif self.are_few(query, tag_id):
            found = self.search_few(query, tag_id, after, now, limit)
        else:
            found = self.search_text(query, tag_id, after, now, limit)
        tags = self.tags_of([row[0] for row in found])
        return [LISTED.record(row, tags=tags.get(row[0], ())) for row in found]

    def largest(self, owner_id: str, now: datetime, limit: int) -> list[Listed]:
        found = self.rows(
            f"{LISTED.select} WHERE owner_id = ? AND (expires_at IS NULL OR expires_at > ?)"
            " ORDER BY size_bytes DESC, id LIMIT ?",
            owner_id,
            time_text(now),
            limit,
        )
        return [LISTED.record(row) for row in found]

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
        kinds = kinds_apart(query)
        if len(kinds) == 1:
            side = self.side(query, kinds[0], after, now)
            return self.rows(f"SELECT {columns} FROM media WHERE {side} {NEWEST_FIRST}", *side.values, limit)
        merged, values = self.merged(query, after, now, limit)
        return self.rows_of([row[1] for row in self.rows(merged, *values)], columns)

    def merged(self, query: Query, after: Place | None, now: datetime, limit: int) -> tuple[str, list[object]]:
        """When and which, of all kinds that are asked for. Each is bounded by itself: not every planner merges what is
        in order as it is."""
        sides = [self.side(query, kind, after, now) for kind in kinds_apart(query)]
        sql = " UNION ALL ".join(
            f"SELECT * FROM (SELECT created_at, id FROM media WHERE {side} {NEWEST_FIRST}) AS side" for side in sides
        )
        return f"{sql} {NEWEST_FIRST}", [*(value for side in sides for value in (*side.values, limit)), limit]

    def rows_of(self, ids: Sequence[str], columns: str = LISTED.qualified) -> list[Row]:
        marks = ", ".join("?" * len(ids))
        return self.rows(f"SELECT {columns} FROM media WHERE id IN ({marks}) {NEWEST_FIRST}", *ids, len(ids))

    def side(self, query: Query, kind: Kind | None, after: Place | None, now: datetime) -> Where:
        # Albums, and what is expiring, are in order by themselves: the planner is kept from far longer lists.
        owner = "media.owner_id" if query.album_id is None else "(media.owner_id || '')"
        where = Where(f"{owner} = ?", query.owner_id)
        if kind:
            where.need("media.kind = ?", kind)
        elif query.kinds:
            where.need(f"(media.kind || '') IN ({', '.join('?' * len(query.kinds))})", *query.kinds)
        where.within(query, after, "media", "id")
        where.shown(query, now)
        return where

    def search_tag(
        self, query: Query, tag_id: int, after: Place | None, now: datetime, limit: int, columns: str
    ) -> list[Row]:
        where = self.tagged(query, tag_id, after, now)
        return self.rows(
            f"SELECT {columns} FROM media_tags CROSS JOIN media WHERE {where}"
            " ORDER BY media_tags.created_at DESC, media_tags.media_id DESC LIMIT ?",
            *where.values,
            limit,
        )

    def tagged(self, query: Query, tag_id: int, after: Place | None, now: datetime) -> Where:
        where = Where(
            "media.id = media_tags.media_id AND media_tags.tag_id = ? AND media_tags.owner_id = ?",
            tag_id,
            query.owner_id,
        )
        where.within(query, after, "media_tags", "media_id")
        where.of_kind(query)
        where.shown(query, now)
        return where

    def are_few(self, query: Query, tag_id: int | None) -> bool:
        """Whether reading all that could be it is less work than reading what has the text."""
        if tag_id is not None:
            where = Where("tag_id = ? AND owner_id = ?", tag_id, query.owner_id)
        elif query.album_id is not None:
            where = Where("album_id = ?", query.album_id)
        elif query.is_expiring:
            where = Where("owner_id = ? AND expires_at IS NOT NULL", query.owner_id)
        elif query.is_public is not None:
            where = Where("owner_id = ? AND is_public = ?", query.owner_id, int(query.is_public))
            where.need(f"kind IN ({', '.join('?' * len(query.kinds or KINDS))})", *(query.kinds or KINDS))
        else:
            return False
        table = "media" if tag_id is None else "media_tags"
        return len(self.rows(f"SELECT 1 FROM {table} WHERE {where} LIMIT ?", *where.values, FEW + 1)) <= FEW

    def search_few(self, query: Query, tag_id: int | None, after: Place | None, now: datetime, limit: int) -> list[Row]:
        text = fold(query.text or "")
        few = self.search_plain(query, tag_id, after, now, FEW, "media.id, media.title, media.filename")
        return self.rows_of([media_id for media_id, *said in few if text in folded(*said)][:limit])

    # how text is found differs between databases

    @abstractmethod
    def search_text(
        self, query: Query, tag_id: int | None, after: Place | None, now: datetime, limit: int
    ) -> list[Row]:
        """What holds the text of the query, newest first, among more than a few."""

    @abstractmethod
    def note_words(self, db: Db, batch: Sequence[Media]) -> None:
        """Titles and file names from now on found by `search_text`."""

    @abstractmethod
    def forget_words(self, db: Db, batch: Sequence[Media]) -> None:
        """Exactly what was noted of them."""

    @abstractmethod
    def noted_words(self, batch: Sequence[Media]) -> set[str]:
        """The ids of those that `search_text` finds by what they say."""

    @abstractmethod
    def renew_words(self, db: Db, batch: Sequence[Media]) -> None:
        """As `note_words`, whatever was noted of them before."""


def folded(title: str | None, filename: str) -> str:
    return fold(f"{title or ''}\n{filename}")


def kinds_apart(query: Query) -> tuple[Kind | None, ...]:
    """Each kind is read in order from an end of its own, and they are merged: a few private videos are not looked for
    among a million pictures. What is asked for whatever it is lies in order as it is; so does what is in an album, and
    what is expiring."""
    if query.album_id is None and not query.is_expiring and (query.kinds or query.is_public is not None):
        return tuple(dict.fromkeys(query.kinds)) or KINDS
    return (None,)
