"""What a check asks: records in the order of their ids, sums beside what they count, and what leads nowhere."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from gateway.core.checking.rows import Broken, Structure, WrongSum
from gateway.core.errors import CatalogDamaged
from gateway.core.moving import Target
from gateway.core.records import Media
from gateway.store.rows import MEDIA
from gateway.store.sql.base import Row
from gateway.store.sql.counting import TALLIES
from gateway.store.sql.search import SearchRows

MOST_BROKEN = 1_000  # of one column
# Also those that no database watches over.
REFERENCES = (
    ("api_keys", "owner_id", "owners"),
    ("albums", "owner_id", "owners"),
    ("albums", "parent_id", "albums"),
    ("albums", "cover_id", "media"),
    ("assets", "owner_id", "owners"),
    ("owners", "avatar_id", "assets"),
    ("owners", "background_id", "assets"),
    ("media", "owner_id", "owners"),
    ("media", "album_id", "albums"),
    ("media_tags", "media_id", "media"),
    ("media_tags", "tag_id", "tags"),
    ("delete_tokens", "media_id", "media"),
    ("totals", "owner_id", "owners"),
    ("upload_days", "owner_id", "owners"),
    ("password_links", "owner_id", "owners"),
)
TARGETS: dict[Target, str] = {
    "media": "media",
    "album": "albums",
    "owner": "owners",
    "category": "categories",
    "key": "api_keys",
    "asset": "assets",
}
COUNTED = "SELECT {by} AS id, count(*) AS number, sum(size_bytes) AS size FROM media GROUP BY {by}"
WRONG_OWNERS = (
    "SELECT owners.id, username, media_count, storage_used_bytes, coalesce(number, 0), coalesce(size, 0) FROM owners"
    f" LEFT JOIN ({COUNTED.format(by='owner_id')}) AS counted ON counted.id = owners.id"
    " WHERE media_count != coalesce(number, 0) OR storage_used_bytes != coalesce(size, 0) ORDER BY owners.id"
)
WRONG_ALBUMS = (
    "SELECT albums.id, name, media_count, coalesce(number, 0) FROM albums"
    f" LEFT JOIN ({COUNTED.format(by='album_id')}) AS counted ON counted.id = albums.id"
    " WHERE media_count != coalesce(number, 0) ORDER BY albums.id"
)
# What is kept and what is counted stand in one list, so that either may lack what the other has.
WRONG_TALLIES = (
    "SELECT owner_id, kind, is_public, sum(kept), sum(kept_size), sum(counted), sum(counted_size) FROM ("
    "SELECT owner_id, kind, is_public, number AS kept, size_bytes AS kept_size, 0 AS counted, 0 AS counted_size"
    " FROM totals UNION ALL"
    f" SELECT owner_id, kind, is_public, 0, 0, number, size FROM ({TALLIES}) AS tallies) AS both_sides"
    " GROUP BY owner_id, kind, is_public HAVING sum(kept) != sum(counted) OR sum(kept_size) != sum(counted_size)"
    " ORDER BY 1, 2, 3"
)


class CheckingRows(SearchRows):
    @abstractmethod
    def structure(self, *, thorough: bool) -> Structure:
        """As `core.checking.rows` promises it."""

    def try_out(self) -> None:
        if damage := self.structure(thorough=False).damage:
            raise CatalogDamaged(f"The catalog is damaged: {damage[0]}")

    def media_after(self, after: str, limit: int) -> list[Media]:
        found = self.rows(f"{MEDIA.select} WHERE id > ? ORDER BY id LIMIT ?", after, limit)
        return [MEDIA.record(row) for row in found]

    def media_among(self, ids: Sequence[str]) -> list[Media]:
        marks = ", ".join("?" * len(ids))
        return [MEDIA.record(row) for row in self.rows(f"{MEDIA.select} WHERE id IN ({marks}) ORDER BY id", *ids)]

    def wrong_sums(self) -> list[WrongSum]:
        with self.snapshot() as db:
            owners = [WrongSum("owner", row[0], row[1], row[2:4], row[4:6]) for row in self.rows(WRONG_OWNERS, db=db)]
            kinds = [wrong_tally(row) for row in self.rows(WRONG_TALLIES, db=db)]
            albums = [WrongSum("album", row[0], row[1], row[2:3], row[3:4]) for row in self.rows(WRONG_ALBUMS, db=db)]
            return owners + kinds + albums

    def broken_references(self) -> list[Broken]:
        with self.snapshot() as db:
            return [
                Broken(table, column, target, str(missing), number)
                for table, column, target in REFERENCES
                for missing, number in self.rows(broken(table, column, target), MOST_BROKEN, db=db)
            ]

    def targets_among(self, kind: Target, ids: Sequence[str]) -> set[str]:
        marks = ", ".join("?" * len(ids))
        if kind == "category":
            known = {str(row[0]) for row in self.rows("SELECT id FROM categories")}
            return known.intersection(ids)
        sql = f"SELECT id FROM {TARGETS[kind]} WHERE id IN ({marks})"
        if kind == "media":
            sql += f" UNION ALL SELECT id FROM tombstones WHERE id IN ({marks})"
            return {row[0] for row in self.rows(sql, *ids, *ids)}
        return {row[0] for row in self.rows(sql, *ids)}

    def unsearchable(self, ids: Sequence[str]) -> set[str]:
        media = self.media_among(ids)
        return {one.id for one in media} - self.noted_words(media)

    def note_again(self, ids: Sequence[str]) -> None:
        marks = ", ".join("?" * len(ids))
        with self.transaction() as db:
            self.hold_owners_of(db, ids)
            rows = self.rows(f"{MEDIA.select} WHERE id IN ({marks}) ORDER BY id", *ids, db=db)
            self.renew_words(db, [MEDIA.record(row) for row in rows])


def wrong_tally(row: Row) -> WrongSum:
    owner_id, kind, is_public, *sums = row
    name = f"{owner_id} ({'public' if is_public else 'private'} {kind})"
    return WrongSum("owner", name, name, tuple(sums[:2]), tuple(sums[2:]))


def broken(table: str, column: str, target: str) -> str:
    """A cover may have been deleted: then the newest media stands in for it."""
    gone = f" AND NOT EXISTS (SELECT 1 FROM tombstones WHERE tombstones.id = {table}.{column})"
    return (
        f"SELECT {column}, count(*) FROM {table} WHERE {column} IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM {target} AS target WHERE target.id = {table}.{column})"
        f"{gone if column == 'cover_id' else ''} GROUP BY {column} ORDER BY {column} LIMIT ?"
    )
