"""A catalog as the first version left it, with rows in every table; and what any catalog holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from gateway.store.schema import steps

FIRST = "library"
AT = "2025-02-03T04:05:06.789Z"
OWNER, ALBUM, PICTURE, FILM = "aliceAliceAliceAlice1", "albumAlbumAlbumAlbum1", "xK9mR2pQ7vB", "filmFilmFilmFilmFilm1"
ROWS: dict[str, list[dict[str, object]]] = {
    "owners": [
        {
            "id": OWNER, "username": "Alice", "username_key": "alice", "email": "alice@example.org",
            "email_key": "alice@example.org", "role": "admin", "is_active": 1, "quota_bytes": 5_000_000_000,
            "storage_used_bytes": 3000, "media_count": 2, "password_hash": "$2b$12$hash", "created_at": AT,
        }
    ],
    "api_keys": [
        {
            "id": "keyKeyKeyKeyKeyKeyKey", "owner_id": OWNER, "name": "ShareX", "prefix": "sk_live_abcd",
            "last4": "wxyz", "sha256": "ab" * 32, "legacy_hash": None, "scopes": "upload read", "created_at": AT,
            "last_used_at": AT, "revoked_at": None,
        }
    ],
    "albums": [{"id": ALBUM, "owner_id": OWNER, "name": "Straße am See", "created_at": AT}],
    "categories": [{"id": 7, "name": "Animals", "url_key": "animals"}],
    "media": [
        {
            "id": id, "kind": kind, "owner_id": OWNER, "filename": f"{kind}.{extension}", "title": "Über den See",
            "description": "zwei\nZeilen", "mime": f"{kind}/{extension}", "extension": extension, "size_bytes": size,
            "width": 640, "height": 480, "sha256": f"{size:064x}", "md5": f"{size:032x}", "source_sha256": "cd" * 32,
            "source_md5": "cd" * 16, "is_resized": 0, "exif_json": '{"Model": "X100"}', "is_animated": 0, "is_360": 0,
            "is_public": 1, "is_nsfw": 0, "album_id": album, "category_id": 7, "views": 12, "thumb_bytes": 300,
            "medium_bytes": 400, "medium_width": 500, "medium_height": 375, "created_at": AT, "updated_at": AT,
            "expires_at": None, "frame_bytes": 0, "duration": 0.0, "bitrate": None,
        }
        for id, kind, extension, size, album in (
            (PICTURE, "image", "png", 1000, ALBUM), (FILM, "video", "mp4", 2000, None),
        )
    ],
    "tags": [{"id": 1, "name": "cat"}, {"id": 2, "name": "Über"}],
    "media_tags": [{"media_id": id, "tag_id": tag} for id, tag in ((FILM, 1), (PICTURE, 1), (PICTURE, 2))],
    "delete_tokens": [{"token_hash": "ef" * 32, "media_id": PICTURE}],
    "tombstones": [{"id": "goneImage01", "kind": "image", "owner_id": OWNER, "deleted_at": AT}],
    "claims": [{"task": "sweep", "holder": "somebody", "until_at": AT}],
}  # fmt: skip


def make_first(file: Path) -> Path:
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        steps.apply(Database(db), stop_before=steps._migrations[1].name)
        for table, rows in ROWS.items():
            for row in rows:
                marks = ", ".join("?" * len(row))
                db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    return file


def contents(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables that the first version had, in the order of their keys."""
    with closing(sqlite3.connect(file)) as db:
        db.row_factory = sqlite3.Row
        return {
            table: sorted(map(dict, db.execute(f"SELECT * FROM {table}")), key=lambda row: str(list(row.items())[:2]))
            for table in ROWS
        }
