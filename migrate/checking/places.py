"""Albums, categories, keys, and what is gone: is it here as it was, and found under its old addresses?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gateway.core.ids import digest
from gateway.core.keys import lookup_prefix, secret_of
from gateway.core.records import PRIVACIES, Album, ApiKey, Privacy
from gateway.core.titles import clean
from gateway.store.passwords import matches_password
from migrate.bringing import in_batches
from migrate.checking.findings import Plain
from migrate.checking.standing import AlbumHere, Standing
from migrate.items import Gone, OldAlbum, OldCategory, OldKey


class CheckPlaces:
    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.catalog = standing.catalog
        self.findings = standing.findings
        self.covers: dict[str, str] = {}

    # albums

    def check_albums(self, albums: Iterator[OldAlbum]) -> None:
        for old in albums:
            album_id = old.id or self.standing.target_of("album", old)
            album = self.catalog.album(album_id) if album_id else None
            if not album:
                self.findings.differ("album", old.name, "album", Plain("here"), None)
                continue
            here = self.standing.albums[old.key] = AlbumHere(album.id, privacy_of(old))
            self.same_album(old, album)
            self.album_pages(old, here)

    def same_album(self, old: OldAlbum, album: Album) -> None:
        standing = self.standing
        expected: dict[str, object] = {
            "description": clean(old.description or "") or None,
            "privacy": privacy_of(old),
            "likes": old.likes,
            "created_local": old.created_local,
        }
        if old.name:
            expected["name"] = clean(old.name)
        if old.created_at:
            expected["created_at"] = old.created_at
        if old.owner in standing.owners:
            expected["owner_id"] = standing.owners[old.owner]
        if old.parent is None or old.parent in standing.albums:
            expected["parent_id"] = standing.albums[old.parent].id if old.parent else None
        if old.password_hash:
            expected["password_hash"] = old.password_hash
        self.findings.compare("album", old.name, expected, album)
        if old.password and not (album.password_hash and matches_password(old.password, album.password_hash)):
            self.findings.differ("album", old.name, "password", old.password, album.password_hash)
        if album.views < old.views:
            self.findings.differ("album", old.name, "views", old.views, album.views)
        if old.cover:
            self.covers[album.id] = old.cover

    def album_pages(self, old: OldAlbum, here: AlbumHere) -> None:
        paths = self.standing.paths[self.standing.site.id]
        asked = [(self.standing.host_of(address), address.path) for address in old.addresses]
        asked += [(paths.host, path) for path in paths.of_album(old.key, old.name)]
        asked += [(paths.host, f"/album/{here.id}")]
        for host, path in asked:
            wanted, is_locked = None if here.privacy == "private" else here.id, here.privacy == "password"
            self.standing.expect_page("album", old.name, host, path, wanted, is_locked=is_locked)

    def check_counts(self, brought: Counter[str]) -> None:
        """When the items were seen: an album holds at least what came into it."""
        for album_id, count in brought.items():
            album = self.catalog.album(album_id)
            if album and album.media_count < count:
                self.findings.differ("album", album.name, "files", count, album.media_count)

    def check_covers(self) -> None:
        """A cover that was not brought is none."""
        for album_id, key in self.covers.items():
            album = self.catalog.album(album_id)
            wanted = self.cover_of(key)
            if album and wanted and album.cover_id != wanted:
                self.findings.differ("album", album.name, "cover", Plain(wanted), album.cover_id)

    def cover_of(self, key: str) -> str | None:
        origin = self.catalog.origins(self.standing.site.id, "media", [key]).get(key)
        wanted = origin.target_id if origin else key
        return wanted if wanted and self.catalog.media(wanted) else None

    # categories

    def check_categories(self, categories: Iterator[OldCategory]) -> None:
        made = {number for number, _ in self.standing.journal.added("category")}
        for old in categories:
            category = self.catalog.category_named(old.url_key)
            if not category:
                self.findings.differ("category", old.name, "category", Plain("here"), None)
                continue
            self.standing.categories[old.key] = category.id
            if str(category.id) in made:
                expected = {"name": clean(old.name), "description": old.description}
                self.findings.compare("category", old.name, expected, category)
            for address in old.addresses:
                host = self.standing.host_of(address)
                self.standing.expect_page("category", old.name, host, address.path, category.url_key)

    # keys

    def check_keys(self, keys: Iterator[OldKey]) -> None:
        for old in keys:
            if self.standing.options.owner:
                self.findings.note("API keys that were left out, as everything was given to one owner")
                continue
            prefix = lookup_prefix(old.text) if old.text else old.prefix
            sha256 = digest(secret_of(old.text)) if old.text else old.sha256
            for key, _ in self.catalog.keys_with_prefix(prefix):
                # One that was used since has both.
                if key.legacy_hash == old.legacy_hash and sha256 in (None, key.sha256):
                    self.same_key(old, key)
                    break
            else:
                self.findings.differ("key", old.name, "key", Plain("here"), None)

    def same_key(self, old: OldKey, key: ApiKey) -> None:
        expected: dict[str, object] = {"name": clean(old.name)}
        if old.owner in self.standing.owners:
            expected["owner_id"] = self.standing.owners[old.owner]
        if old.scopes:
            expected["scopes"] = old.scopes
        if old.revoked_at:
            expected["revoked_at"] = old.revoked_at
        self.findings.compare("key", old.name, expected, key)

    # what is gone

    def check_gone(self, gone: Iterator[Gone]) -> None:
        for batch in in_batches(gone, 500):
            buried = self.catalog.tombstones_among([one.key for one in batch if one.tombstone])
            for one in batch:
                if one.tombstone:
                    if one.key not in buried:
                        self.findings.differ("deleted file", one.key, "tombstone", Plain("here"), None)
                else:
                    self.check_number(one)

    def check_number(self, one: Gone) -> None:
        site = one.site or self.standing.site.id
        origin = self.catalog.origins(site, one.kind, [one.key]).get(one.key)
        name = f"{one.kind} {one.key}"
        if not origin:
            self.findings.differ("deleted", name, "number", Plain("known as gone"), None)
        elif origin.target_id:
            self.findings.note("Deleted at the source after an import had brought it, and still here")
        elif one.kind != "owner":
            paths = self.standing.paths[site]
            numbered = paths.of_media(one.key, "image", "") if one.kind == "media" else paths.of_album(one.key, "")
            for path in dict.fromkeys(numbered):
                answer = self.standing.asker.page(paths.host, path)
                if answer.status != 410:
                    self.findings.differ("deleted", name, f"address {path}", Plain("410"), Plain(answer))


def privacy_of(old: OldAlbum) -> Privacy:
    """What is not known, or locked without a key, is for nobody."""
    if old.privacy == "password" and not (old.password or old.password_hash):
        return "private"
    return next((one for one in PRIVACIES if one == old.privacy), "private")
