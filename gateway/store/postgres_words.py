"""Which media have a text in their title or file name, for the PostgreSQL catalog.

Promises: any piece of a text is found, of one letter or of many, in whatever script, and nothing has to be installed in
the database for it. A text that many have is found among the newest; one that few have, in an index of all runs of one,
two or three letters. What is neither is looked for in stretches of time, each four times as long as the one before: the
index knows the hours of a text beside its letters, so that what lies outside of a stretch costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gateway.core.listing import Place
from gateway.core.records import Kind, Media
from gateway.core.search import Query, fold
from gateway.store.rows import Db, time_text
from gateway.store.sql.base import Row
from gateway.store.sql.search import KINDS, SearchRows, Where, folded

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(milliseconds=1 << 22)  # and ten minutes
SIZES = range(0, 20, 2)  # stretches are of 2**0, 2**2, 2**4 ... hours
NEWEST = 500
HITS = 5000
EVERY = 1 << 62
MOST_ASKED = 16  # pieces of a long question; the texts themselves decide in the end
TABLES = """
CREATE TABLE texts (
    media_id TEXT PRIMARY KEY,
    mark TEXT NOT NULL,
    hour BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    text TEXT NOT NULL
);

CREATE FUNCTION words_of(mark text, hour bigint, said text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
COST 1000 AS $$
    SELECT ARRAY[mark]
        || ARRAY(SELECT mark || ' ' || size || ' ' || (hour >> size) FROM generate_series(0, 18, 2) AS size)
        || (
            SELECT array_agg(substr(said, at, 1)) || array_agg(substr(said, at, 2)) || array_agg(substr(said, at, 3))
            FROM generate_series(1, length(said)) AS at
        )
$$;

-- Some hundred texts are taken in at once, at a third of the cost; who looks for something reads them until then.
-- Without statistics the planner takes this index whatever is asked.
CREATE INDEX texts_words ON texts USING gin (words_of(mark, hour, text)) WITH (gin_pending_list_limit = 256);
ALTER INDEX texts_words ALTER COLUMN 1 SET STATISTICS 0;
"""
WORDS = "words_of(mark, hour, text)"


class PostgresWordRows(SearchRows):
    def search_text(
        self, query: Query, tag_id: int | None, after: Place | None, now: datetime, limit: int
    ) -> list[Row]:
        text = fold(query.text or "")
        number, latest, ids = self.among_newest(self.newest(query, tag_id, after, now), text, limit)
        if len(ids) == limit or number < NEWEST:
            return self.rows_of(ids)
        asked = Asked(text, [mark(query.owner_id, kind) for kind in query.kinds or KINDS], limit)
        asked.range.within(query, after, "texts", "media_id")
        asked.wanted.of_kind(query)
        asked.wanted.shown(query, now)
        if tag_id is not None:
            asked.wanted.need("EXISTS (SELECT 1 FROM media_tags WHERE media_id = media.id AND tag_id = ?)", tag_id)
        number, ids = self.among_hits(asked, asked.marks, HITS + 1, limit)
        return self.rows_of(
            ids if number <= HITS else self.by_stretches(asked, hour_of(datetime.fromisoformat(latest)))
        )

    def newest(self, query: Query, tag_id: int | None, after: Place | None, now: datetime) -> tuple[str, list[object]]:
        """When and which, whatever the text."""
        if tag_id is None:
            return self.merged(query, after, now, NEWEST)
        where = self.tagged(query, tag_id, after, now)
        sql = (
            f"SELECT media.created_at, media.id FROM media_tags CROSS JOIN media WHERE {where}"
            " ORDER BY media_tags.created_at DESC, media_tags.media_id DESC LIMIT ?"
        )
        return sql, [*where.values, NEWEST]

    def among_newest(self, newest: tuple[str, list[object]], text: str, limit: int) -> tuple[int, str, list[str]]:
        """How many there are to look at, when the first of them is from, and which of them have the text."""
        sql, values = newest
        row = self.row(
            f"WITH newest AS MATERIALIZED ({sql}) SELECT (SELECT count(*) FROM newest),"
            " (SELECT max(created_at) FROM newest), ARRAY("
            "SELECT newest.id FROM newest JOIN texts ON texts.media_id = newest.id WHERE strpos(texts.text, ?) > 0"
            " ORDER BY newest.created_at DESC, newest.id DESC LIMIT ?)",
            *values,
            text,
            limit,
        )
        return row or (0, "", [])

    def among_hits(self, asked: Asked, words: Sequence[str], most: int, limit: int) -> tuple[int, list[str]]:
        """How many have the text and one of these words, up to `most`, and which are wanted of those."""
        row = self.row(
            f"WITH hits AS MATERIALIZED (SELECT media_id, created_at FROM texts WHERE {asked.range} LIMIT ?)"
            " SELECT (SELECT count(*) FROM hits), ARRAY("
            "SELECT hits.media_id FROM (SELECT * FROM hits ORDER BY created_at DESC, media_id DESC) AS hits"
            f" CROSS JOIN LATERAL (SELECT 1 FROM media WHERE {asked.wanted} OFFSET 0) AS wanted"
            " ORDER BY hits.created_at DESC, hits.media_id DESC LIMIT ?)",
            list(words),
            *asked.range.values,
            most,
            *asked.wanted.values,
            limit,
        )
        return row or (0, [])

    def by_stretches(self, asked: Asked, hour: int) -> list[str]:
        """Back from this hour."""
        ids: list[str] = []
        for size in SIZES:
            last = hour >> size
            first = last & ~3
            words = [f"{one} {size} {number}" for one in asked.marks for number in range(first, last + 1)]
            ids += self.among_hits(asked, words, EVERY, asked.limit - len(ids))[1]
            if len(ids) == asked.limit:
                return ids
            hour = (first << size) - 1
        asked.range.need("hour <= ?", hour)
        return ids + self.among_hits(asked, asked.marks, EVERY, asked.limit - len(ids))[1]

    def note_words(self, db: Db, batch: Sequence[Media]) -> None:
        db.executemany("INSERT INTO texts VALUES (?, ?, ?, ?, ?)", map(said_of, batch))

    def forget_words(self, db: Db, batch: Sequence[Media]) -> None:
        db.executemany("DELETE FROM texts WHERE media_id = ?", [(one.id,) for one in batch])

    def renew_words(self, db: Db, batch: Sequence[Media]) -> None:
        self.forget_words(db, batch)
        self.note_words(db, batch)

    def noted_words(self, batch: Sequence[Media]) -> set[str]:
        """What the index knows follows from the texts."""
        marks = ", ".join("?" * len(batch))
        noted = set(self.rows(f"SELECT * FROM texts WHERE media_id IN ({marks})", *(one.id for one in batch)))
        return {one.id for one in batch if said_of(one) in noted}


class Asked:
    """What is looked for: `range` is asked of texts, with the words that bound it first; `wanted`, of their media."""

    def __init__(self, text: str, marks: Sequence[str], limit: int) -> None:
        size = min(len(text), 3)
        pieces = dict.fromkeys(text[at : at + size] for at in range(len(text) - size + 1))
        self.marks = marks
        self.limit = limit
        self.range = Where(f"{WORDS} && ?")
        self.range.need(f"{WORDS} @> ?", list(pieces)[:MOST_ASKED])
        self.range.need("strpos(text, ?) > 0", text)
        self.wanted = Where("media.id = hits.media_id")


def mark(owner_id: str, kind: Kind) -> str:
    """A word that is in all media of this kind of this owner, and in no other. No piece is as long."""
    return f"{kind} {owner_id}"


def hour_of(time: datetime) -> int:
    return (time - EPOCH) // HOUR


def said_of(media: Media) -> tuple[str, str, int, str, str]:
    """A row of texts."""
    said = folded(media.title, media.filename)
    at = media.created_at
    return media.id, mark(media.owner_id, media.kind), hour_of(at), time_text(at), said
