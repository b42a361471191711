"""Reads a Chevereto site from its database and its folder of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from migrate.items import Gone, Item, OldAlbum, OldCategory, OldKey, OldOwner, OldSite
from migrate.sources.chevereto.albums import read_albums, read_categories
from migrate.sources.chevereto.cipher import Cipher
from migrate.sources.chevereto.folders import find_folders
from migrate.sources.chevereto.images import Rules, read_items
from migrate.sources.chevereto.install import Install
from migrate.sources.chevereto.keys import read_gone, read_keys
from migrate.sources.chevereto.layout import Layout
from migrate.sources.chevereto.people import read_owners
from migrate.sources.chevereto.rows import require_known_schema
from migrate.sources.chevereto.settings import read_settings
from migrate.sources.tables import Tables

LEFT_BEHIND = {
    "follows": "Who follows whom is not kept.",
    "login_connections": "Signing in with another service is not kept.",
    "two_factors": "Second factors for signing in are not kept.",
    "pages": "Pages of text, such as terms and privacy, are not kept.",
    "ip_bans": "Banned network addresses are not kept.",
}
# What a database has to hold for this reader, by the names without prefix; other tables need not be staged.
TABLES = frozenset(
    {
        "albums", "api_keys", "categories", "deletions", "images", "images_hash", "likes", "login_passwords", "logins",
        "redirects", "settings", "storages", "tags", "tags_files", "users", "variables", *LEFT_BEHIND,
    }
)  # fmt: skip


class CheveretoSource:
    """`files` is the site's folder or its upload folder; one that holds none of its files is refused at once."""

    def __init__(
        self,
        tables: Tables,
        files: Path,
        *,
        encryption_key: str | None = None,
        old_url: str | None = None,
        keep_expired: bool = False,
        fetch_remote: bool = False,
        now: datetime | None = None,
    ) -> None:
        self.notes: Counter[str] = Counter()
        self.tables = tables
        self.rules = Rules(now or datetime.now(UTC), keep_expired, fetch_remote)
        require_known_schema(tables)
        cipher = Cipher(encryption_key)
        settings = read_settings(tables, old_url, self.notes)
        folders = find_folders(tables, files, settings.uploads)
        self.old = Install(tables, settings, Layout(tables, settings, folders, cipher), cipher)
        for table, sentence in LEFT_BEHIND.items():
            if tables.columns(table) and (count := tables.count(table)):
                self.notes[sentence] = count

    def sites(self) -> list[OldSite]:
        return [self.old.settings.site(self.tables.prefix)]

    def owners(self) -> Iterator[OldOwner]:
        return read_owners(self.old, self.notes)

    def categories(self) -> Iterator[OldCategory]:
        return read_categories(self.old)

    def albums(self) -> Iterator[OldAlbum]:
        return read_albums(self.old, self.notes)

    def keys(self) -> Iterator[OldKey]:
        return read_keys(self.old, self.notes)

    def gone(self) -> Iterator[Gone]:
        return read_gone(self.old)

    def count(self) -> int:
        return self.tables.count("images")

    def items(self) -> Iterator[Item]:
        return read_items(self.old, self.rules)

    def close(self) -> None:
        self.tables.close()
