"""Albums and categories."""

from __future__ import annotations

from gateway.core.errors import InvalidInput
from gateway.core.records import Album, Category
from gateway.store.rows import ALBUM, CATEGORY
from gateway.store.sql.base import Sql


class PlaceRows(Sql):
    def add_album(self, album: Album) -> None:
        with self.transaction() as db:
            ALBUM.insert(db, album)

    def album(self, album_id: str) -> Album | None:
        return self.read(ALBUM, "id = ?", album_id)

    def albums(self) -> list[Album]:
        return [ALBUM.record(row) for row in self.rows(f"{ALBUM.select} ORDER BY created_at, id")]

    def albums_of(self, owner_id: str) -> list[Album]:
        found = self.rows(f"{ALBUM.select} WHERE owner_id = ? ORDER BY created_at, id", owner_id)
        return [ALBUM.record(row) for row in found]

    def albums_in(self, album_id: str) -> list[Album]:
        found = self.rows(f"{ALBUM.select} WHERE parent_id = ? ORDER BY created_at, id", album_id)
        return [ALBUM.record(row) for row in found]

    def set_album_cover(self, album_id: str, media_id: str) -> None:
        with self.transaction() as db:
            db.execute("UPDATE albums SET cover_id = ? WHERE id = ?", (media_id, album_id))

    def count_album_view(self, album_id: str) -> None:
        with self.transaction() as db:
            db.execute("UPDATE albums SET views = views + 1 WHERE id = ?", (album_id,))

    def add_category(
        self, name: str, url_key: str, description: str | None = None, category_id: int | None = None
    ) -> Category:
        with self.transaction() as db:
            self.hold(db, "categories")
            if db.execute("SELECT 1 FROM categories WHERE url_key = ?", (url_key,)).fetchone():
                raise InvalidInput(f"There is a category with the key {url_key} already.")
            added = db.execute(
                "INSERT INTO categories (id, name, url_key, description)"
                " SELECT coalesce(?, max(id) + 1, 1), ?, ?, ? FROM categories RETURNING id",
                (category_id, name, url_key, description),
            ).fetchone()
            return Category(added[0], name, url_key, description)

    def category(self, category_id: int) -> Category | None:
        return self.read(CATEGORY, "id = ?", category_id)

    def category_named(self, url_key: str) -> Category | None:
        return self.read(CATEGORY, "url_key = ?", url_key)

    def categories(self) -> list[Category]:
        return [CATEGORY.record(row) for row in self.rows(f"{CATEGORY.select} ORDER BY id")]
