"""What there is to copy of a catalog. A test compares it with the tables of a real one.

Left out are the words of texts, which each catalog makes for itself, claims, which last for minutes, and what a catalog
says of itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.store.rows import ADDRESS, ALBUM, API_KEY, ASSET, CATEGORY, MEDIA, ORIGIN, OWNER, SITE, TOMBSTONE
from gateway.store.sql.base import Row
from gateway.store.sql.sessions import SESSION

NOT_COPIED = ("claims", "standing", "texts", "pieces")


@dataclass(frozen=True, slots=True)
class Copied:
    """A table. The key comes in the order of its index. `freed` says what to put, until the row is written anew, into
    columns of a row that another one may want first."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    freed: Mapping[str, str] = field(default_factory=dict)

    @property
    def places(self) -> tuple[int, ...]:
        return tuple(self.columns.index(name) for name in self.key)

    def key_of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[at] for at in self.places)

    @property
    def is_key(self) -> str:
        return " AND ".join(f"{name} = ?" for name in self.key)

    def within(self, after: Sequence[Any] | None, last: Sequence[Any] | None) -> tuple[str, list[Any]]:
        """Keys above `after`, up to `last`."""
        key, marks = ", ".join(self.key), ", ".join("?" * len(self.key))
        conditions: list[str] = []
        values: list[Any] = []
        for sign, bound in ((">", after), ("<=", last)):
            if bound is not None:
                conditions.append(f"({key}) {sign} ({marks})" if len(self.key) > 1 else f"{key} {sign} ?")
                values += bound
        return " AND ".join(conditions) or "1 = 1", values

    @property
    def select(self) -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.name}"

    @property
    def order(self) -> str:
        return f"ORDER BY {', '.join(self.key)}"

    @property
    def upsert(self) -> str:
        others = [name for name in self.columns if name not in self.key]
        changes = ", ".join(f"{name} = excluded.{name}" for name in others)
        return (
            f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({', '.join('?' * len(self.columns))})"
            f" ON CONFLICT ({', '.join(self.key)}) DO {f'UPDATE SET {changes}' if others else 'NOTHING'}"
        )

    @property
    def free(self) -> str:
        return f"UPDATE {self.name} SET {', '.join(f'{name} = {sql}' for name, sql in self.freed.items())}"


# Whatever is spoken of comes before what speaks of it.
TABLES = (
    Copied(
        "owners",
        (*OWNER.columns, "username_key", "email_key", "stamp"),
        ("id",),
        {"username_key": "'was ' || id", "email_key": "NULL"},
    ),
    Copied("api_keys", tuple(API_KEY.columns), ("id",)),
    Copied("password_links", ("hash", "owner_id", "expires_at"), ("hash",)),
    Copied("categories", tuple(CATEGORY.columns), ("id",), {"url_key": "'was ' || id"}),
    Copied("albums", tuple(ALBUM.columns), ("id",)),
    Copied("assets", tuple(ASSET.columns), ("id",)),
    Copied("media", tuple(MEDIA.columns), ("id",), {"album_id": "NULL"}),
    Copied("tags", ("id", "name"), ("id",), {"name": "'was #' || id"}),
    Copied("media_tags", ("media_id", "tag_id", "owner_id", "created_at"), ("media_id", "tag_id")),
    Copied("delete_tokens", ("token_hash", "media_id", "scheme"), ("token_hash",)),
    Copied("tombstones", tuple(TOMBSTONE.columns), ("id",)),
    Copied("changes", ("media_id", "owner_id", "kind", "changed_at"), ("media_id",)),
    Copied("totals", ("owner_id", "kind", "is_public", "number", "size_bytes"), ("owner_id", "kind", "is_public")),
    Copied("upload_days", ("owner_id", "day", "number"), ("owner_id", "day")),
    Copied("legacy_sites", tuple(SITE.columns), ("id",)),
    Copied("origins", tuple(ORIGIN.columns), ("site_id", "kind", "key")),
    Copied("addresses", tuple(ADDRESS.columns), ("path", "site_id")),
    Copied("secrets", ("name", "value"), ("name",)),
    Copied("upload_sessions", tuple(SESSION.columns), ("id",)),
)
