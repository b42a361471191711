"""Which media have a text in their title or file name, for the SQLite catalog.

Promises: any piece of a text is found, of one letter or of many, in whatever script. Every run of one, two or three
letters is a word of a full-text index whose rows are numbered by time and id, so that the newest hits are read first
and reading stops when a page is full: a word that is in every name costs what one costs that is in few.

Media of which time and the beginning of the id are the same share a row of the index; what is found there is compared
with the texts themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from gateway.core.listing import Place
from gateway.core.records import Kind, Media
from gateway.core.search import Query, fold
from gateway.store.rows import LISTED, MEDIA, Db
from gateway.store.sql.base import Row
from gateway.store.sql.search import KINDS, NEWEST_FIRST, SearchRows, Where, folded

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MS = (1 << 42) - 1  # the years 1831 to 2109 are told apart; what is before or after them shares one moment
SIZES = (1, 2, 3)
FIRST, LAST = -LAST_MS << 21, ((LAST_MS + 1) << 21) - 1
MOST_HITS = 1000
PROBE = 32
COMMON = 32  # times as many media as the rarest: more trouble than it is worth
MOST_ASKED = 16  # pieces of a long question; the texts themselves decide in the end
# The index takes ASCII punctuation for the space between words.
AS_LETTERS = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}
HITS = "SELECT rowid FROM pieces WHERE pieces MATCH ? AND rowid >= ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?"
TABLES = (
    "CREATE TABLE texts (place INTEGER NOT NULL, media_id TEXT NOT NULL, mark TEXT NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (place, media_id)) STRICT, WITHOUT ROWID",
    "CREATE VIRTUAL TABLE pieces USING fts5 (words, content='', detail='none', tokenize='ascii')",
)


def place(created_at: datetime, media_id: str = "") -> int:
    """A number that never falls as time, and then the id, rises."""
    ms = (created_at - EPOCH) // timedelta(milliseconds=1)
    number = min(max(ms, -LAST_MS), LAST_MS)
    for letter in media_id[:3].ljust(3, "\0") if number == ms else "\0\0\0":
        number = number << 7 | min(ord(letter), 127)
    return number


def mark(owner_id: str, kind: Kind) -> str:
    """A word that is in all media of this kind of this owner, and in no other."""
    return f"\uf8ff{kind}{owner_id}".translate(AS_LETTERS)


def mark_of(media: Media) -> str:
    return mark(media.owner_id, media.kind)


def text_of(media: Media) -> str:
    return folded(media.title, media.filename)


def pieces(text: str, size: int) -> list[str]:
    """Each once, in order."""
    letters = text.translate(AS_LETTERS)
    return list(dict.fromkeys(letters[at : at + size] for at in range(len(letters) - size + 1)))


def questions(owner_id: str, kinds: Iterable[Kind], text: str) -> list[str]:
    """What all media of one of these kinds with a folded text have in the index."""
    marks = " OR ".join(f'"{mark(owner_id, kind)}"' for kind in kinds)
    asked = pieces(text, min(len(text), max(SIZES)))[:MOST_ASKED]
    return [f"({marks})", *(f'"{piece}"' for piece in asked)]


def note(db: Db, batch: Iterable[Media]) -> None:
    for media in batch:
        here = place(media.created_at, media.id)
        before = words_at(db, here)
        put_text(db, here, media)
        put(db, here, before)


def renew(db: Db, batch: Iterable[Media]) -> None:
    for media in batch:
        here = place(media.created_at, media.id)
        is_indexed = db.execute("SELECT rowid FROM pieces WHERE rowid = ?", (here,)).fetchone()
        before = words_at(db, here) if is_indexed else ""
        db.execute("DELETE FROM texts WHERE place = ? AND media_id = ?", (here, media.id))
        put_text(db, here, media)
        put(db, here, before)


def forget(db: Db, batch: Iterable[Media]) -> None:
    for media in batch:
        here = place(media.created_at, media.id)
        before = words_at(db, here)
        db.execute("DELETE FROM texts WHERE place = ? AND media_id = ?", (here, media.id))
        put(db, here, before)


def note_all(db: Db) -> None:
    """Everything there is, into empty tables."""
    after = ""
    while found := db.execute(f"{MEDIA.select} WHERE id > ? ORDER BY id LIMIT 1000", (after,)).fetchall():
        note(db, map(MEDIA.record, found))
        after = found[-1][0]


def put_text(db: Db, here: int, media: Media) -> None:
    db.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", (here, media.id, mark_of(media), text_of(media)))


def words_at(db: Db, here: int) -> str:
    """What the index has to know of the media in one of its rows."""
    words: dict[str, None] = {}
    for marked, text in db.execute(
        "SELECT mark, text FROM texts WHERE place = ? ORDER BY media_id", (here,)
    ).fetchall():
        words[marked] = None
        for size in SIZES:
            words |= dict.fromkeys(pieces(text, size))
    return " ".join(words)


def put(db: Db, here: int, before: str) -> None:
    """The index keeps no texts: to forget one it has to be told what it was."""
    if before:
        db.execute("INSERT INTO pieces (pieces, rowid, words) VALUES ('delete', ?, ?)", (here, before))
    if after := words_at(db, here):
        db.execute("INSERT INTO pieces (rowid, words) VALUES (?, ?)", (here, after))


class WordRows(SearchRows):
    def search_text(
        self, query: Query, tag_id: int | None, after: Place | None, now: datetime, limit: int
    ) -> list[Row]:
        text = fold(query.text or "")
        first, last = bounds(query, after)
        asked = " AND ".join(self.telling(questions(query.owner_id, query.kinds or KINDS, text), first, last))
        found: list[Row] = []
        size = limit
        while len(found) < limit:
            hits = self.rows(HITS, asked, first, last, size)
            if not hits:
                break
            where = Where(f"place IN ({', '.join('?' * len(hits))})", *(here for (here,) in hits))
            where.need("instr(text, ?) > 0 AND media.id = texts.media_id AND media.owner_id = ?", text, query.owner_id)
            if tag_id is not None:
                where.need("EXISTS (SELECT 1 FROM media_tags WHERE media_id = texts.media_id AND tag_id = ?)", tag_id)
            where.within(query, after, "media", "id")
            where.of_kind(query)
            where.shown(query, now)
            sql = f"SELECT {LISTED.qualified} FROM texts CROSS JOIN media WHERE {where} {NEWEST_FIRST}"
            found += self.rows(sql, *where.values, limit - len(found))
            last, size = hits[-1][0] - 1, min(2 * size, MOST_HITS)
        return found

    def telling(self, asked: list[str], first: int, last: int) -> list[str]:
        """Leaves out what so many more media have than the rarest that it would only take time to ask for it. How rare
        something is shows in how far back its newest hits reach."""
        if len(asked) == 1:
            return asked
        newest, reach = first, {}
        for one in asked:
            hits = self.rows(HITS, one, first, last, PROBE)
            if not hits:
                return [one]
            newest = max(newest, hits[0][0])
            reach[one] = hits[-1][0] if len(hits) == PROBE else first
        furthest = newest - min(reach.values())
        return [one for one in asked if (newest - reach[one]) * COMMON >= furthest]

    def note_words(self, db: Db, batch: Sequence[Media]) -> None:
        note(db, batch)

    def forget_words(self, db: Db, batch: Sequence[Media]) -> None:
        forget(db, batch)

    def noted_words(self, batch: Sequence[Media]) -> set[str]:
        said = {(place(one.created_at, one.id), one.id): (mark_of(one), text_of(one)) for one in batch}
        marks = ", ".join("?" * len(said))
        places = sorted(here for here, _ in said)
        sql = f"SELECT place, media_id, mark, text FROM texts WHERE place IN ({marks})"
        noted = {row[:2]: row[2:] for row in self.rows(sql, *places)}
        indexed = {here for (here,) in self.rows(f"SELECT rowid FROM pieces WHERE rowid IN ({marks})", *places)}
        return {id for (here, id), words in said.items() if noted.get((here, id)) == words and here in indexed}

    def renew_words(self, db: Db, batch: Sequence[Media]) -> None:
        renew(db, batch)


def bounds(query: Query, after: Place | None) -> tuple[int, int]:
    """The first and the last row of the index that may hold what is asked for."""
    first = place(query.since) if query.since else FIRST
    until = place(query.until) if query.until else LAST
    return first, min(until, place(after.created_at, after.id)) if after else until
