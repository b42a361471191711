"""What an owner changes about a media."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.core.changes import Changes
from gateway.core.records import Media
from gateway.store.rows import Db, to_column
from gateway.store.sql.counting import count, note_changes
from gateway.store.sql.media import MediaRows, refuse_removed_album


class EditingRows(MediaRows):
    def change_media(self, media_id: str, changes: Changes, at: datetime) -> Media | None:
        with self.transaction() as db:
            self.hold_owners_of(db, [media_id])
            before = self.one_media("id = ?", media_id, db=db)
            if not before:
                return None
            refuse_removed_album(db, changes.album_id, field="album_id")
            given: dict[str, Any] = changes.given() | {"updated_at": at}
            after = replace(before, **given)
            write(db, after, [name for name in given if name != "tags"])
            if after.tags != before.tags:
                db.execute("DELETE FROM media_tags WHERE media_id = ?", (media_id,))
                self.add_tags(db, [after])
            if (after.is_public, after.album_id) != (before.is_public, before.album_id):
                count(db, [before], -1)
                count(db, [after], 1)
            if after.title != before.title:
                self.forget_words(db, [before])
                self.note_words(db, [after])
            note_changes(db, [after], at)
            return self.one_media("id = ?", media_id, db=db)


def write(db: Db, media: Media, names: list[str]) -> None:
    columns = ", ".join(f"{name} = ?" for name in names)
    values = [to_column(getattr(media, name)) for name in names]
    db.execute(f"UPDATE media SET {columns} WHERE id = ?", [*values, media.id])
