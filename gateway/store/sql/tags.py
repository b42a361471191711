"""Tags, and which media have them. Their numbers rise in the order in which the catalog meets them."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.records import Media
from gateway.store.rows import Db, time_text
from gateway.store.sql.base import Sql

AT_ONCE = 1000


class TagRows(Sql):
    def tags_of(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Those of all these media at once."""
        if not ids:
            return {}
        among, values = self.among(ids)
        tags: dict[str, list[str]] = {}
        for media_id, name in self.rows(
            f"SELECT media_id, name FROM media_tags JOIN tags ON tags.id = tag_id WHERE media_id {among}"
            " ORDER BY tag_id",
            *values,
        ):
            tags.setdefault(media_id, []).append(name)
        return {media_id: tuple(names) for media_id, names in tags.items()}

    def add_tags(self, db: Db, batch: Sequence[Media]) -> None:
        pairs = [(name, media) for media in batch for name in media.tags]
        if pairs:
            self.share(db, "tags")
            self.make_tags(db, list(dict.fromkeys(name for name, _ in pairs)))
            db.executemany(
                "INSERT INTO media_tags (tag_id, media_id, owner_id, created_at)"
                " SELECT id, ?, ?, ? FROM tags WHERE name = ?",
                [(media.id, media.owner_id, time_text(media.created_at), name) for name, media in pairs],
            )

    def make_tags(self, db: Db, names: Sequence[str]) -> None:
        """Those that are not there yet, by one at a time: nobody has to wait who brings no new ones."""
        known = self.known_tags(db, names)
        if unknown := [(name,) for name in names if name not in known]:
            self.hold(db, "new tags")
            db.executemany(
                "INSERT INTO tags (id, name) SELECT coalesce(max(id), 0) + 1, ? FROM tags WHERE true"
                " ON CONFLICT (name) DO NOTHING",
                unknown,
            )

    def known_tags(self, db: Db, names: Sequence[str]) -> set[str]:
        known: set[str] = set()
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            marks = ", ".join("?" * len(some))
            known |= {row[0] for row in db.execute(f"SELECT name FROM tags WHERE name IN ({marks})", some).fetchall()}
        return known

    def drop_unused_tags(self, db: Db) -> None:
        """Whoever holds `tags`, so that nobody is about to use one of them."""
        db.execute("DELETE FROM tags WHERE NOT EXISTS (SELECT 1 FROM media_tags WHERE tag_id = tags.id)")
