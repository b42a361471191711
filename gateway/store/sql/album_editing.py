"""What an owner changes about albums."""

from __future__ import annotations

from datetime import datetime

from gateway.core.errors import InvalidInput
from gateway.core.records import Album
from gateway.store.rows import MEDIA, Db, time_text
from gateway.store.sql.base import Sql, of_owner
from gateway.store.sql.counting import note_changes

EDITED = ("name", "description", "privacy", "password_hash", "parent_id", "cover_id")
LEADS = ("origins", "addresses")


class AlbumEditingRows(Sql):
    def change_album(self, album: Album) -> bool:
        columns = ", ".join(f"{name} = ?" for name in EDITED)
        with self.transaction() as db:
            self.hold(db, of_owner(album.owner_id))
            refuse_loop(db, album)
            changed = db.execute(
                f"UPDATE albums SET {columns} WHERE id = ?", (*(getattr(album, name) for name in EDITED), album.id)
            )
            return changed.rowcount > 0

    def empty_album(self, album_id: str, at: datetime, limit: int) -> int:
        with self.transaction() as db:
            self.hold_owner_of(db, album_id)
            return take_out(self, db, album_id, at, limit)

    def remove_album(self, album_id: str, at: datetime) -> bool:
        with self.transaction() as db:
            self.hold_owner_of(db, album_id)
            row = db.execute("SELECT parent_id FROM albums WHERE id = ?", (album_id,)).fetchone()
            if not row:
                return False
            while take_out(self, db, album_id, at, 500):
                pass
            db.execute("UPDATE albums SET parent_id = ? WHERE parent_id = ?", (row[0], album_id))
            for table in LEADS:
                db.execute(f"DELETE FROM {table} WHERE target_id = ?", (album_id,))
            db.execute("DELETE FROM albums WHERE id = ?", (album_id,))
            return True

    def hold_owner_of(self, db: Db, album_id: str) -> None:
        owners = self.rows("SELECT owner_id FROM albums WHERE id = ?", album_id, db=db)
        self.hold(db, *(of_owner(owner_id) for (owner_id,) in owners))


def take_out(catalog: Sql, db: Db, album_id: str, at: datetime, limit: int) -> int:
    """The owner's sums stay as they are; whoever follows the owner's changes is told."""
    rows = catalog.rows(f"{MEDIA.select} WHERE album_id = ? ORDER BY created_at, id LIMIT ?", album_id, limit, db=db)
    found = [MEDIA.record(row) for row in rows]
    db.executemany(
        "UPDATE media SET album_id = NULL, updated_at = ? WHERE id = ?", [(time_text(at), one.id) for one in found]
    )
    db.execute("UPDATE albums SET media_count = media_count - ? WHERE id = ?", (len(found), album_id))
    if found:
        note_changes(db, found, at)
    return len(found)


def refuse_loop(db: Db, album: Album) -> None:
    """Also one that is there already, and does not have the album in it, ends the walk."""
    above, seen = album.parent_id, set[str]()
    while above and above not in seen:
        if above == album.id:
            raise InvalidInput("An album cannot lie in itself. Choose another one.", code="ALBUM_LOOP")
        seen.add(above)
        row = db.execute("SELECT parent_id, owner_id FROM albums WHERE id = ?", (above,)).fetchone()
        if above == album.parent_id and (not row or row[1] != album.owner_id):
            raise InvalidInput("There is no such album of yours to put it into.", code="ALBUM_PARENT")
        above = row[0] if row else None
