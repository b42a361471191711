"""Media with their tags and delete tokens. Counters change in the transaction that changes what they count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Any

from gateway.core.errors import InvalidInput
from gateway.core.plans import UNLIMITED, Plan
from gateway.core.records import FileEntry, Media, Tombstone, Usage, Variant
from gateway.store.rows import ASSET, FILE_ENTRY, MEDIA, TOMBSTONE, Db, time_text
from gateway.store.sql.base import of_owner
from gateway.store.sql.counting import count, count_upload, note_changes
from gateway.store.sql.quotas import refuse_upload
from gateway.store.sql.search import SearchRows

TAG_NAMES = "SELECT tags.name FROM media_tags JOIN tags ON tags.id = tag_id WHERE media_id = ? ORDER BY tag_id"
# The oldest of them is picked here: asked to sort, a database may walk through all that an owner has.
AS_STORED = f"{MEDIA.select} WHERE expires_at IS NULL AND owner_id = ? AND sha256"
AS_SENT = f"{MEDIA.select} WHERE expires_at IS NULL AND owner_id = ? AND is_resized = 0 AND source_sha256"
AGE = itemgetter(MEDIA.columns.index("created_at"), MEDIA.columns.index("id"))


class MediaRows(SearchRows):
    def add_media(self, media: Media, delete_token_hash: str, *, reuse: bool, plan: Plan = UNLIMITED) -> Media | None:
        with self.transaction() as db:
            self.hold(db, of_owner(media.owner_id))
            if reuse and (same := self.find_same(media.owner_id, media.source_sha256 or media.sha256, db)):
                add_token(db, delete_token_hash, same.id)
                return same
            refuse_upload(db, media, plan)
            [media] = without_removed_albums(db, [media])
            MEDIA.insert(db, media)
            self.add_tags(db, [media])
            count(db, [media], 1)
            count_upload(db, media)
            self.note_words(db, [media])
            note_changes(db, [media], media.updated_at)
            add_token(db, delete_token_hash, media.id)
            return None

    def add_delete_token(self, media_id: str, token_hash: str) -> bool:
        with self.transaction() as db:
            self.hold_owners_of(db, [media_id])
            if not db.execute("SELECT 1 FROM media WHERE id = ?", (media_id,)).fetchone():
                return False
            add_token(db, token_hash, media_id)
            return True

    def media(self, media_id: str) -> Media | None:
        return self.one_media("id = ?", media_id)

    def file_entry(self, media_id: str) -> FileEntry | None:
        return self.read(FILE_ENTRY, "id = ?", media_id) or self.asset_entry(media_id)

    def asset_entry(self, asset_id: str) -> FileEntry | None:
        asset = self.read(ASSET, "id = ?", asset_id)
        if not asset:
            return None
        return FileEntry(
            asset.id, "image", asset.owner_id, asset.mime, asset.extension, 0, 0, asset.sha256, False, True, None
        )

    def find_same(self, owner_id: str, sha256: str, db: Db | None = None) -> Media | None:
        found = self.rows(f"{AS_STORED} = ? UNION ALL {AS_SENT} = ?", owner_id, sha256, owner_id, sha256, db=db)
        return self.with_tags(min(found, key=AGE), db) if found else None

    def legacy_token_hashes(self, media_id: str) -> list[str]:
        found = self.rows("SELECT token_hash FROM delete_tokens WHERE media_id = ? AND scheme != 'sha256'", media_id)
        return [token_hash for (token_hash,) in found]

    def media_with_token(self, media_id: str, token_hash: str) -> Media | None:
        return self.one_media(
            "id = (SELECT media_id FROM delete_tokens WHERE token_hash = ?) AND id = ?", token_hash, media_id
        )

    def one_media(self, where: str, *values: object, db: Db | None = None) -> Media | None:
        """Read through `db` to see what the running transaction sees."""
        row = self.row(f"{MEDIA.select} WHERE {where}", *values, db=db)
        return self.with_tags(row, db) if row else None

    def with_tags(self, row: tuple[Any, ...], db: Db | None = None) -> Media:
        return MEDIA.record(row, tags=tuple(name for (name,) in self.rows(TAG_NAMES, row[0], db=db)))

    def count_view(self, media_id: str) -> None:
        with self.transaction() as db:
            db.execute("UPDATE media SET views = views + 1 WHERE id = ?", (media_id,))

    def set_rendition(self, media_id: str, variant: Variant, size_bytes: int, size: tuple[int, int]) -> bool:
        changes: dict[str, int] = {
            "th": {"thumb_bytes": size_bytes},
            "md": {"medium_bytes": size_bytes, "medium_width": size[0], "medium_height": size[1]},
            "fr": {"frame_bytes": size_bytes},
        }[variant]
        columns = ", ".join(f"{column} = ?" for column in changes)
        with self.transaction() as db:
            changed = db.execute(f"UPDATE media SET {columns} WHERE id = ?", (*changes.values(), media_id))
            return changed.rowcount > 0

    def remove_media(self, media_id: str, at: datetime) -> bool:
        with self.transaction() as db:
            self.hold_owners_of(db, [media_id])
            row = db.execute(
                f"DELETE FROM media WHERE id = ? RETURNING {', '.join(MEDIA.columns)}", (media_id,)
            ).fetchone()
            if not row:
                return False
            media = MEDIA.record(row)
            TOMBSTONE.insert(db, Tombstone(media.id, media.kind, media.owner_id, at))
            count(db, [media], -1)
            self.forget_words(db, [media])
            note_changes(db, [media], at)
            return True

    def expired(self, now: datetime, limit: int) -> list[Media]:
        found = self.rows(
            f"{MEDIA.select} WHERE expires_at <= ? ORDER BY expires_at, id LIMIT ?", time_text(now), limit
        )
        return [self.with_tags(row) for row in found]

    def media_ids(self, ids: Sequence[str]) -> set[str]:
        marks = ", ".join("?" * len(ids))
        sql = f"SELECT id FROM media WHERE id IN ({marks}) UNION ALL SELECT id FROM assets WHERE id IN ({marks})"
        return {row[0] for row in self.rows(sql, *ids, *ids)}

    def usage(self, now: datetime) -> Usage:
        row = self.row(
            "SELECT coalesce(sum(media_count), 0), coalesce(sum(storage_used_bytes), 0), count(*),"
            " (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL), (SELECT count(*) FROM albums),"
            " (SELECT count(*) FROM media WHERE expires_at <= ?) FROM owners",
            time_text(now),
        )
        assert row
        return Usage(*row)


def without_removed_albums(db: Db, batch: Sequence[Media]) -> list[Media]:
    """An album may have been removed since somebody looked for it: what was to be in it is in none."""
    albums = sorted({one.album_id for one in batch if one.album_id})
    if not albums:
        return list(batch)
    marks = ", ".join("?" * len(albums))
    here = {row[0] for row in db.execute(f"SELECT id FROM albums WHERE id IN ({marks})", albums).fetchall()}
    return [one if one.album_id in here else replace(one, album_id=None) for one in batch]


def refuse_removed_album(db: Db, album_id: object, **facts: Any) -> None:
    """The same for what is there already, and stays where it is. Anything but an id is no album to look for."""
    if isinstance(album_id, str) and not db.execute("SELECT 1 FROM albums WHERE id = ?", (album_id,)).fetchone():
        raise InvalidInput("There is no such album of yours, or not any more.", **facts)


def add_token(db: Db, token_hash: str, media_id: str) -> None:
    scheme = "bcrypt" if token_hash.startswith("$2") else "sha256"
    db.execute("INSERT INTO delete_tokens VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (token_hash, media_id, scheme))
