"""Everything that is kept as a sum, and the moment of each change: in the transaction that changes what they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from gateway.core.records import Media
from gateway.core.totals import Tally, Totals, Uploads
from gateway.store.rows import Db, time_text
from gateway.store.sql.base import Sql
from gateway.store.sql.standing import refuse_standing

TALLIES = (
    "SELECT owner_id, kind, is_public, count(*) AS number, sum(size_bytes) AS size FROM media"
    " GROUP BY owner_id, kind, is_public"
)
OWNERS = "SELECT id, storage_used_bytes, media_count FROM owners ORDER BY id"
ALBUMS = "SELECT id, media_count FROM albums ORDER BY id"
KEPT = "SELECT owner_id, kind, is_public, number, size_bytes FROM totals WHERE number > 0 ORDER BY 1, 2, 3"


class CountingRows(Sql):
    def totals(self, owner_id: str) -> Totals:
        found = self.rows(
            "SELECT kind, is_public, number, size_bytes FROM totals WHERE owner_id = ? AND number > 0"
            " ORDER BY kind, is_public",
            owner_id,
        )
        return Totals(tuple(Tally(kind, bool(is_public), *sums) for kind, is_public, *sums in found))

    def uploads(self, owner_id: str, day: date) -> Uploads:
        with_that_day = self.rows(UPLOADS, *upload_days(owner_id, day))
        return Uploads(*with_that_day[0])

    def uploads_by_day(self, owner_id: str, since: date, until: date) -> dict[date, int]:
        found = self.rows(
            "SELECT day, number FROM upload_days WHERE owner_id = ? AND day >= ? AND day <= ? ORDER BY day",
            owner_id,
            since.isoformat(),
            until.isoformat(),
        )
        return {date.fromisoformat(day): number for day, number in found}

    def recount(self) -> bool:
        with self.frozen() as db:
            refuse_standing(db)
            before = [db.execute(sql).fetchall() for sql in (KEPT, OWNERS, ALBUMS)]
            db.execute("DELETE FROM totals")
            db.execute(f"INSERT INTO totals {TALLIES}")
            db.execute(
                "UPDATE owners SET"
                " storage_used_bytes = (SELECT coalesce(sum(size_bytes), 0) FROM totals WHERE owner_id = owners.id),"
                " media_count = (SELECT coalesce(sum(number), 0) FROM totals WHERE owner_id = owners.id)"
            )
            db.execute("UPDATE albums SET media_count = (SELECT count(*) FROM media WHERE album_id = albums.id)")
            return before != [db.execute(sql).fetchall() for sql in (KEPT, OWNERS, ALBUMS)]


UPLOADS = (
    "SELECT coalesce(sum(CASE WHEN day = ? THEN number ELSE 0 END), 0), coalesce(sum(number), 0)"
    " FROM upload_days WHERE owner_id = ? AND day >= ? AND day <= ?"
)


def upload_days(owner_id: str, day: date) -> tuple[str, str, str, str]:
    """The values of `UPLOADS`."""
    return day.isoformat(), owner_id, day.replace(day=1).isoformat(), day.isoformat()


def count(db: Db, batch: Sequence[Media], step: int) -> None:
    """The sums of owners and albums, each once."""
    owners: Counter[str] = Counter(one.owner_id for one in batch)
    used: Counter[str] = Counter()
    tallies = Counter((one.owner_id, one.kind, one.is_public) for one in batch)
    sizes: Counter[tuple[str, str, bool]] = Counter()
    for one in batch:
        used[one.owner_id] += one.size_bytes
        sizes[one.owner_id, one.kind, one.is_public] += one.size_bytes
    db.executemany(
        "UPDATE owners SET storage_used_bytes = storage_used_bytes + ?, media_count = media_count + ? WHERE id = ?",
        [(step * used[owner], step * number, owner) for owner, number in sorted(owners.items())],
    )
    db.executemany(
        "INSERT INTO totals VALUES (?, ?, ?, ?, ?) ON CONFLICT (owner_id, kind, is_public) DO UPDATE"
        " SET number = totals.number + excluded.number, size_bytes = totals.size_bytes + excluded.size_bytes",
        [(*one[:2], int(one[2]), step * number, step * sizes[one]) for one, number in sorted(tallies.items())],
    )
    albums = Counter(one.album_id for one in batch if one.album_id)
    db.executemany(
        "UPDATE albums SET media_count = media_count + ? WHERE id = ?",
        [(step * number, album) for album, number in sorted(albums.items())],
    )


def count_upload(db: Db, media: Media) -> None:
    db.execute(
        "INSERT INTO upload_days VALUES (?, ?, 1) ON CONFLICT (owner_id, day) DO UPDATE"
        " SET number = upload_days.number + 1",
        (media.owner_id, media.updated_at.date().isoformat()),
    )


def note_changes(db: Db, batch: Sequence[Media], at: datetime) -> None:
    """All of an owner's media that one transaction changes share a moment, which is later than that of any other: a
    clock may stand still or go back, and what is written first may have been begun last."""
    moments = {owner_id: next_moment(db, owner_id, at) for owner_id in {one.owner_id for one in batch}}
    db.executemany(
        "INSERT INTO changes VALUES (?, ?, ?, ?) ON CONFLICT (media_id) DO UPDATE"
        " SET owner_id = excluded.owner_id, kind = excluded.kind, changed_at = excluded.changed_at",
        [(one.id, one.owner_id, one.kind, moments[one.owner_id]) for one in batch],
    )


def next_moment(db: Db, owner_id: str, at: datetime) -> str:
    row = db.execute("SELECT max(changed_at) FROM changes WHERE owner_id = ?", (owner_id,)).fetchone()
    last, moment = row[0], time_text(at)
    if last is None or last < moment:
        return moment
    return time_text(datetime.fromisoformat(last) + timedelta(milliseconds=1))
