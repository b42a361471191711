"""What an owner does to many media at once, and which tags there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.core.edits import Edit
from gateway.core.errors import GatewayError
from gateway.core.library import not_found
from gateway.core.records import Media, Tombstone
from gateway.store.rows import MEDIA, TOMBSTONE, Db, time_text
from gateway.store.sql.base import of_owner
from gateway.store.sql.counting import count, note_changes
from gateway.store.sql.editing import write
from gateway.store.sql.media import MediaRows, refuse_removed_album

LAST = "\U0010ffff"
TAGS_OF = "SELECT media_id, name FROM media_tags JOIN tags ON tags.id = tag_id WHERE media_id IN"
SOME_TAGS = (
    "SELECT name FROM tags WHERE name >= ? AND name < ?"
    " AND EXISTS (SELECT 1 FROM media_tags WHERE tag_id = tags.id AND owner_id = ?) ORDER BY name LIMIT ?"
)


class BrowsingRows(MediaRows):
    def edit_media(self, owner_id: str, ids: Sequence[str], edit: Edit, at: datetime) -> dict[str, GatewayError | None]:
        outcome: dict[str, GatewayError | None] = {media_id: not_found() for media_id in ids}
        changed: list[tuple[Media, Media]] = []
        with self.transaction() as db:
            self.hold(db, of_owner(owner_id))
            refuse_removed_album(db, edit.album_id, code="ALBUM_GONE")
            for before in self.tagged_of(db, owner_id, ids, at):
                try:
                    after = replace(edit.of(before), updated_at=at)
                    outcome[before.id] = None
                except GatewayError as error:
                    outcome[before.id] = error
                    continue
                if replace(after, updated_at=before.updated_at) != before:
                    changed.append((before, after))
            self.write_all(db, changed, at)
        return outcome

    def write_all(self, db: Db, changed: Sequence[tuple[Media, Media]], at: datetime) -> None:
        for _, after in changed:
            write(db, after, ["is_public", "album_id", "updated_at"])
        retagged = [after for before, after in changed if before.tags != after.tags]
        db.executemany("DELETE FROM media_tags WHERE media_id = ?", [(one.id,) for one in retagged])
        self.add_tags(db, retagged)
        moved = [pair for pair in changed if len({(one.is_public, one.album_id) for one in pair}) == 2]
        count(db, [before for before, _ in moved], -1)
        count(db, [after for _, after in moved], 1)
        note_changes(db, [after for _, after in changed], at)

    def drop_media(self, owner_id: str, ids: Sequence[str], at: datetime) -> list[Media]:
        with self.transaction() as db:
            self.hold(db, of_owner(owner_id))
            found = self.those_of(db, owner_id, ids, at)
            db.executemany("DELETE FROM media WHERE id = ?", [(one.id,) for one in found])
            for media in found:
                TOMBSTONE.insert(db, Tombstone(media.id, media.kind, media.owner_id, at))
            count(db, found, -1)
            self.forget_words(db, found)
            note_changes(db, found, at)
            return found

    def those_of(self, db: Db, owner_id: str, ids: Sequence[str], now: datetime) -> list[Media]:
        """In no order, each once, without tags."""
        if not ids:
            return []
        marks = ", ".join("?" * len(ids))
        where = f"id IN ({marks}) AND owner_id = ? AND (expires_at IS NULL OR expires_at > ?)"
        found = self.rows(f"{MEDIA.select} WHERE {where}", *ids, owner_id, time_text(now), db=db)
        return [MEDIA.record(row) for row in found]

    def tagged_of(self, db: Db, owner_id: str, ids: Sequence[str], now: datetime) -> list[Media]:
        """The same with their tags."""
        tags: dict[str, list[str]] = {}
        found = self.those_of(db, owner_id, ids, now)
        for media in found:
            tags[media.id] = []
        if found:
            marks = ", ".join("?" * len(tags))
            for media_id, name in self.rows(f"{TAGS_OF} ({marks}) ORDER BY tag_id", *tags, db=db):
                tags[media_id].append(name)
        return [replace(media, tags=tuple(tags[media.id])) for media in found]

    def tags_beginning(self, owner_id: str, text: str, limit: int) -> list[str]:
        return [name for (name,) in self.rows(SOME_TAGS, text, text + LAST, owner_id, limit)]
