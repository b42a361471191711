"""What imports write, many rows in one transaction, and take back; and the book of old addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from gateway.core.errors import GatewayError
from gateway.core.moving import Address, Arrived, Leads, Origin, Site, Target
from gateway.core.records import Asset, Media, Tombstone
from gateway.store.rows import ADDRESS, ASSET, MEDIA, ORIGIN, SITE, TOMBSTONE, Db, T, Table
from gateway.store.sql.base import Row, of_owner
from gateway.store.sql.counting import count, note_changes
from gateway.store.sql.media import without_removed_albums
from gateway.store.sql.meeting import known_among
from gateway.store.sql.quotas import refuse_arrivals
from gateway.store.sql.search import SearchRows

V = TypeVar("V")
TOKENS = "SELECT media_id, token_hash FROM delete_tokens WHERE media_id IN"


class MovingRows(SearchRows):
    # sites, origins, addresses

    def add_site(self, site: Site) -> None:
        with self.transaction() as db:
            SITE.insert_new(db, [site])

    def sites(self) -> list[Site]:
        return [SITE.record(row) for row in self.rows(f"{SITE.select} ORDER BY created_at, id")]

    def add_origins(self, origins: Sequence[Origin]) -> None:
        with self.transaction() as db:
            ORIGIN.insert_new(db, origins)

    def origins(self, site_id: str, kind: Target, keys: Sequence[str]) -> dict[str, Origin]:
        marks = ", ".join("?" * len(keys))
        found = self.rows(f"{ORIGIN.select} WHERE site_id = ? AND kind = ? AND key IN ({marks})", site_id, kind, *keys)
        return {origin.key: origin for origin in map(ORIGIN.record, found)}

    def origins_to(self, targets: Sequence[str]) -> list[Origin]:
        return self.leading_to(ORIGIN, targets, "site_id, kind, key")

    def origins_of(self, kind: Target, after: tuple[str, str], limit: int) -> list[Origin]:
        where = "kind = ? AND target_id IS NOT NULL AND (site_id, key) > (?, ?)"
        found = self.rows(f"{ORIGIN.select} WHERE {where} ORDER BY site_id, key LIMIT ?", kind, *after, limit)
        return [ORIGIN.record(row) for row in found]

    def origins_by_run(self, run_id: str, kind: Target, after: tuple[str, str], limit: int) -> list[Origin]:
        where = "run_id = ? AND kind = ? AND target_id IS NOT NULL AND (site_id, key) > (?, ?)"
        found = self.rows(f"{ORIGIN.select} WHERE {where} ORDER BY site_id, key LIMIT ?", run_id, kind, *after, limit)
        return [ORIGIN.record(row) for row in found]

    def gone_origins(self, after: tuple[str, str, str], limit: int) -> list[Origin]:
        where = "target_id IS NULL AND (site_id, kind, key) > (?, ?, ?)"
        found = self.rows(f"{ORIGIN.select} WHERE {where} ORDER BY site_id, kind, key LIMIT ?", *after, limit)
        return [ORIGIN.record(row) for row in found]

    def add_addresses(self, addresses: Sequence[Address]) -> None:
        with self.transaction() as db:
            ADDRESS.insert_new(db, addresses)

    def addresses_at(self, paths: Sequence[str]) -> list[Address]:
        marks = ", ".join("?" * len(paths))
        return [ADDRESS.record(row) for row in self.rows(f"{ADDRESS.select} WHERE path IN ({marks})", *paths)]

    def addresses_to(self, targets: Sequence[str]) -> list[Address]:
        return self.leading_to(ADDRESS, targets, "path, site_id")

    def addresses_of(self, kind: Target, after: tuple[str, str], limit: int) -> list[Address]:
        where = "kind = ? AND (path, site_id) > (?, ?)"
        found = self.rows(f"{ADDRESS.select} WHERE {where} ORDER BY path, site_id LIMIT ?", kind, *after, limit)
        return [ADDRESS.record(row) for row in found]

    def leading_to(self, table: Table[T], targets: Sequence[str], order: str) -> list[T]:
        marks = ", ".join("?" * len(targets))
        found = self.rows(f"{table.select} WHERE target_id IN ({marks}) ORDER BY {order}", *targets)
        return [table.record(row) for row in found]

    def tombstones(self, after: str, limit: int) -> list[Tombstone]:
        found = self.rows(f"{TOMBSTONE.select} WHERE id > ? ORDER BY id LIMIT ?", after, limit)
        return [TOMBSTONE.record(row) for row in found]

    def add_tombstones(self, tombstones: Sequence[Tombstone]) -> None:
        with self.transaction() as db:
            TOMBSTONE.insert_new(db, tombstones)

    def tombstones_among(self, ids: Sequence[str]) -> set[str]:
        marks = ", ".join("?" * len(ids))
        return {row[0] for row in self.rows(f"SELECT id FROM tombstones WHERE id IN ({marks})", *ids)}

    # what arrives

    def add_asset(self, asset: Asset) -> None:
        with self.transaction() as db:
            ASSET.insert(db, asset)

    def assets(self) -> list[Asset]:
        return [ASSET.record(row) for row in self.rows(f"{ASSET.select} ORDER BY id")]

    def add_arrived(self, batch: Sequence[Arrived]) -> list[GatewayError | None]:
        sites = {f"site {origin.site_id}" for one in batch for origin in one.origins}
        with self.transaction() as db:
            self.hold(db, *{of_owner(one.media.owner_id) for one in batch}, *sites)
            known = known_among(db, batch)
            judged = iter(refuse_arrivals(db, [one.media for one in batch if one.media.id not in known]))
            refusals = [known.get(one.media.id) or next(judged) for one in batch]
            kept = [one for one, refusal in zip(batch, refusals, strict=True) if not refusal]
            media = without_removed_albums(db, [one.media for one in kept])
            db.executemany(MEDIA.insertion(), map(MEDIA.values, media))
            self.add_tags(db, media)
            db.executemany(
                "INSERT INTO delete_tokens VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                sorted(
                    (token, one.media.id, "bcrypt" if token.startswith("$2") else "sha256")
                    for one in kept
                    for token in one.token_hashes
                ),
            )
            ORIGIN.insert_new(db, (origin for one in kept for origin in one.origins))
            ADDRESS.insert_new(db, (address for one in kept for address in one.addresses))
            count(db, media, 1)
            self.note_words(db, media)
            if media:
                note_changes(db, media, max(one.updated_at for one in media))
            return refusals

    def export_media(self, after: str, limit: int) -> list[Arrived]:
        return self.with_leads(self.rows(f"{MEDIA.select} WHERE id > ? ORDER BY id LIMIT ?", after, limit))

    def arrived(self, ids: Sequence[str]) -> list[Arrived]:
        marks = ", ".join("?" * len(ids))
        return self.with_leads(self.rows(f"{MEDIA.select} WHERE id IN ({marks}) ORDER BY id", *ids))

    def with_leads(self, found: Sequence[Row]) -> list[Arrived]:
        ids = [row[0] for row in found]
        tags = self.tags_of(ids)
        tokens: dict[str, list[str]] = grouped(
            self.rows(f"{TOKENS} ({', '.join('?' * len(ids))}) ORDER BY token_hash", *ids)
        )
        origins = grouped((origin.target_id or "", origin) for origin in self.origins_to(ids))
        addresses = grouped((address.target_id, address) for address in self.addresses_to(ids))
        return [
            Arrived(
                MEDIA.record(row, tags=tags.get(row[0], ())),
                tuple(origins.get(row[0], ())),
                tuple(addresses.get(row[0], ())),
                tuple(tokens.get(row[0], ())),
            )
            for row in found
        ]

    # taking back

    def withdraw_media(self, ids: Sequence[str]) -> list[Media]:
        marks = ", ".join("?" * len(ids))
        with self.transaction() as db:
            self.hold_owners_of(db, ids, "tags")
            found = [MEDIA.record(row) for row in self.rows(f"{MEDIA.select} WHERE id IN ({marks})", *ids, db=db)]
            db.execute(f"DELETE FROM media WHERE id IN ({marks})", ids)
            self.drop_unused_tags(db)
            forget(db, ids)
            count(db, found, -1)
            self.forget_words(db, found)
            # Whoever copied them meanwhile is told.
            if found:
                note_changes(db, found, max(one.updated_at for one in found))
            return found

    def withdraw(self, kind: Target, ids: Sequence[str | int]) -> set[str]:
        """An owner, album or category goes only when nothing is left in it, and a site when nothing leads to it."""
        gone = set()
        with self.transaction() as db:
            self.hold(db, *map(of_owner, owners_in(db, kind, ids)))
            for one in ids:
                if db.execute(WITHDRAW[kind], (one,)).rowcount:
                    gone.add(str(one))
            forget(db, sorted(gone))
        return gone

    def withdraw_leads(self, leads: Leads) -> None:
        with self.transaction() as db:
            db.executemany(
                "DELETE FROM origins WHERE site_id = ? AND kind = ? AND key = ?",
                [(one.site_id, one.kind, one.key) for one in leads.origins],
            )
            db.executemany("DELETE FROM addresses WHERE path = ? AND site_id = ?", leads.addresses)
            db.executemany("DELETE FROM delete_tokens WHERE media_id = ? AND token_hash = ?", leads.tokens)
            db.executemany("DELETE FROM tombstones WHERE id = ?", [(one,) for one in leads.tombstones])

    def withdraw_site(self, site_id: str, run_id: str) -> None:
        with self.transaction() as db:
            db.execute("DELETE FROM origins WHERE site_id = ? AND run_id = ? AND target_id IS NULL", (site_id, run_id))
            db.execute(
                "DELETE FROM legacy_sites WHERE id = ? AND run_id = ?"
                " AND NOT EXISTS (SELECT 1 FROM origins WHERE site_id = legacy_sites.id)"
                " AND NOT EXISTS (SELECT 1 FROM addresses WHERE site_id = legacy_sites.id)",
                (site_id, run_id),
            )


WITHDRAW: dict[Target, str] = {
    "owner": "DELETE FROM owners WHERE id = ? AND media_count = 0"
    " AND NOT EXISTS (SELECT 1 FROM albums WHERE owner_id = owners.id)"
    " AND NOT EXISTS (SELECT 1 FROM assets WHERE owner_id = owners.id)"
    " AND NOT EXISTS (SELECT 1 FROM api_keys WHERE owner_id = owners.id)",
    "album": "DELETE FROM albums WHERE id = ? AND media_count = 0"
    " AND NOT EXISTS (SELECT 1 FROM albums AS child WHERE child.parent_id = albums.id)",
    "category": "DELETE FROM categories WHERE id = ?"
    " AND NOT EXISTS (SELECT 1 FROM media WHERE category_id = categories.id)",
    "key": "DELETE FROM api_keys WHERE id = ?",
    "asset": "DELETE FROM assets WHERE id = ?",
}


def owners_in(db: Db, kind: Target, ids: Sequence[str | int]) -> list[str]:
    """Whose uploads might come to be in one of these just now."""
    if kind == "owner":
        return [str(one) for one in ids]
    if kind != "album":
        return []
    marks = ", ".join("?" * len(ids))
    return [row[0] for row in db.execute(f"SELECT owner_id FROM albums WHERE id IN ({marks})", ids).fetchall()]


def forget(db: Db, targets: Sequence[str]) -> None:
    """What led to these, as if they had never been here."""
    marks = ", ".join("?" * len(targets))
    db.execute(f"DELETE FROM origins WHERE target_id IN ({marks})", targets)
    db.execute(f"DELETE FROM addresses WHERE target_id IN ({marks})", targets)


def grouped(pairs: Iterable[tuple[str, V]]) -> dict[str, list[V]]:
    groups: dict[str, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
