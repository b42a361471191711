"""Lists of media, newest first, read by key and never by offset: a page deep down costs what the first one costs."""

from __future__ import annotations

from datetime import datetime

from gateway.core.listing import Listing, Place
from gateway.core.records import Media
from gateway.store.rows import MEDIA, time_text
from gateway.store.sql.tags import TagRows

SHOWN = "is_public = 1 AND (expires_at IS NULL OR expires_at > ?)"
IN_THE_OPEN = " AND (album_id IS NULL OR album_id IN (SELECT id FROM albums WHERE privacy = 'public'))"
BY_SOMEBODY_SHOWN = f"{IN_THE_OPEN} AND owner_id IN (SELECT id FROM owners WHERE is_private = 0)"
WHERE = {
    "album": "album_id = ?",
    "owner": f"owner_id = ?{IN_THE_OPEN}",
    "category": f"category_id = ?{BY_SOMEBODY_SHOWN}",
    "tag": "id IN (SELECT media_id FROM media_tags JOIN tags ON tags.id = tag_id WHERE name = ?)" + BY_SOMEBODY_SHOWN,
}


class PageRows(TagRows):
    def media_page(self, listing: Listing, after: Place | None, now: datetime, limit: int) -> list[Media]:
        where, values = f"{WHERE[listing.by]} AND {SHOWN}", [listing.value, time_text(now)]
        if after:
            where += " AND (created_at, id) < (?, ?)"
            values += [time_text(after.created_at), after.id]
        found = self.rows(f"{MEDIA.select} WHERE {where} ORDER BY created_at DESC, id DESC LIMIT ?", *values, limit)
        tags = self.tags_of([row[0] for row in found])
        return [MEDIA.record(row, tags=tags.get(row[0], ())) for row in found]

    def media_number(self, listing: Listing, now: datetime, at_most: int) -> int:
        some = f"SELECT 1 FROM media WHERE {WHERE[listing.by]} AND {SHOWN} LIMIT ?"
        row = self.row(f"SELECT count(*) FROM ({some}) AS shown", listing.value, time_text(now), at_most)
        return int(row[0]) if row else 0
