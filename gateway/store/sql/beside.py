"""What comes right before a media in a list that is read newest first; and how long it stays."""

from __future__ import annotations

from datetime import datetime

from gateway.core.listing import Place
from gateway.core.records import Kind
from gateway.core.search import Query
from gateway.store.rows import MEDIA, time_text, to_column
from gateway.store.sql.base import Row
from gateway.store.sql.counting import note_changes
from gateway.store.sql.search import SearchRows, Where, kinds_apart


class BesideRows(SearchRows):
    def newer(self, query: Query, place: Place, now: datetime) -> str | None:
        if query.tag is not None:
            return self.newer_tagged(query, place, now)
        found = [row for kind in kinds_apart(query) if (row := self.newer_of(query, kind, place, now))]
        return min(found)[1] if found else None

    def newer_of(self, query: Query, kind: Kind | None, place: Place, now: datetime) -> Row | None:
        where = Where("media.owner_id = ?", query.owner_id)
        where.need("(media.created_at, media.id) > (?, ?)", time_text(place.created_at), place.id)
        if kind:
            where.need("media.kind = ?", kind)
        else:
            where.of_kind(query)
        where.shown(query, now)
        return self.row(
            f"SELECT created_at, id FROM media WHERE {where} ORDER BY created_at, id LIMIT 1", *where.values
        )

    def newer_tagged(self, query: Query, place: Place, now: datetime) -> str | None:
        where = Where("media.id = media_tags.media_id AND media_tags.owner_id = ?", query.owner_id)
        where.need("media_tags.tag_id = (SELECT id FROM tags WHERE name = ?)", query.tag)
        where.need("(media_tags.created_at, media_tags.media_id) > (?, ?)", time_text(place.created_at), place.id)
        where.of_kind(query)
        where.shown(query, now)
        row = self.row(
            f"SELECT media.id FROM media_tags CROSS JOIN media WHERE {where}"
            " ORDER BY media_tags.created_at, media_tags.media_id LIMIT 1",
            *where.values,
        )
        return str(row[0]) if row else None

    def set_expiry(self, media_id: str, expires_at: datetime | None, at: datetime) -> bool:
        with self.transaction() as db:
            self.hold_owners_of(db, [media_id])
            media = self.read(MEDIA, "id = ?", media_id, db=db)
            if not media:
                return False
            db.execute(
                "UPDATE media SET expires_at = ?, updated_at = ? WHERE id = ?",
                (to_column(expires_at), time_text(at), media_id),
            )
            note_changes(db, [media], at)
            return True
