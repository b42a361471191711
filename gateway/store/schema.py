"""The SQLite schema as a list of steps. A step that was released is never edited: the next change is a new step."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from gateway.store import words

steps = Migrations("picgate")


@steps()
def library(db: Database) -> None:
    db.table("owners").create(
        {
            "id": str,
            "username": str,
            "username_key": str,
            "email": str,
            "email_key": str,
            "role": str,
            "is_active": int,
            "quota_bytes": int,
            "storage_used_bytes": int,
            "media_count": int,
            "password_hash": str,
            "created_at": str,
        },
        pk="id",
        not_null={"username", "username_key", "role", "is_active", "storage_used_bytes", "media_count", "created_at"},
        strict=True,
    )
    db.table("owners").create_index(["username_key"], unique=True)
    db.table("owners").create_index(["email_key"], unique=True)

    db.table("api_keys").create(
        {
            "id": str,
            "owner_id": str,
            "name": str,
            "prefix": str,
            "last4": str,
            "sha256": str,
            "legacy_hash": str,
            "scopes": str,
            "created_at": str,
            "last_used_at": str,
            "revoked_at": str,
        },
        pk="id",
        not_null={"owner_id", "name", "prefix", "last4", "scopes", "created_at"},
        foreign_keys=[("owner_id", "owners", "id")],
        strict=True,
    )
    db.table("api_keys").create_index(["prefix"])

    db.table("albums").create(
        {"id": str, "owner_id": str, "name": str, "created_at": str},
        pk="id",
        not_null={"owner_id", "name", "created_at"},
        foreign_keys=[("owner_id", "owners", "id")],
        strict=True,
    )
    db.table("categories").create(
        {"id": int, "name": str, "url_key": str}, pk="id", not_null={"name", "url_key"}, strict=True
    )
    db.table("categories").create_index(["url_key"], unique=True)

    db.table("media").create(
        {
            "id": str,
            "kind": str,
            "owner_id": str,
            "filename": str,
            "title": str,
            "description": str,
            "mime": str,
            "extension": str,
            "size_bytes": int,
            "width": int,
            "height": int,
            "sha256": str,
            "md5": str,
            "source_sha256": str,
            "source_md5": str,
            "is_resized": int,
            "exif_json": str,
            "is_animated": int,
            "is_360": int,
            "is_public": int,
            "is_nsfw": int,
            "album_id": str,
            "category_id": int,
            "views": int,
            "thumb_bytes": int,
            "medium_bytes": int,
            "medium_width": int,
            "medium_height": int,
            "created_at": str,
            "updated_at": str,
            "expires_at": str,
            "frame_bytes": int,
            "duration": float,
            "bitrate": int,
        },
        pk="id",
        not_null={
            "kind", "owner_id", "filename", "mime", "extension", "size_bytes", "width", "height", "sha256", "md5",
            "is_resized", "is_animated", "is_360", "is_public", "is_nsfw", "views", "thumb_bytes", "medium_bytes",
            "medium_width", "medium_height", "created_at", "updated_at", "frame_bytes", "duration",
        },
        # A category is only a number to the tools that send it: what they send is kept, known or not.
        foreign_keys=[("owner_id", "owners", "id"), ("album_id", "albums", "id")],
        strict=True,
    )  # fmt: skip
    db.table("media").create_index(["owner_id", "created_at", "id"])
    db.table("media").create_index(["owner_id", "sha256"])
    db.execute("CREATE INDEX media_converted ON media (owner_id, source_sha256) WHERE source_sha256 IS NOT NULL")
    db.execute("CREATE INDEX media_expiring ON media (expires_at) WHERE expires_at IS NOT NULL")
    db.create_view("img_images", "SELECT * FROM media WHERE kind = 'image'")

    db.table("tags").create({"id": int, "name": str}, pk="id", not_null={"name"}, strict=True)
    db.table("tags").create_index(["name"], unique=True)
    db.execute(
        "CREATE TABLE media_tags (media_id TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,"
        " tag_id INTEGER NOT NULL REFERENCES tags (id), PRIMARY KEY (media_id, tag_id)) STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE INDEX media_tags_tag ON media_tags (tag_id)")
    db.execute(
        "CREATE TABLE delete_tokens (token_hash TEXT NOT NULL PRIMARY KEY,"
        " media_id TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE) STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE INDEX delete_tokens_media ON delete_tokens (media_id)")
    db.table("tombstones").create(
        {"id": str, "kind": str, "owner_id": str, "deleted_at": str},
        pk="id",
        not_null={"kind", "owner_id", "deleted_at"},
        strict=True,
    )
    db.table("claims").create(
        {"task": str, "holder": str, "until_at": str}, pk="task", not_null={"holder", "until_at"}, strict=True
    )


@steps()
def moving_in(db: Database) -> None:
    """What imported libraries bring: albums with privacy, profiles, and the book of old addresses."""
    add_columns(
        db, "owners",
        name="TEXT", bio="TEXT", website="TEXT", time_zone="TEXT", language="TEXT",
        is_private="INTEGER NOT NULL DEFAULT 0", avatar_id="TEXT", background_id="TEXT",
    )  # fmt: skip
    # Nobody had a page so far, and nobody asked for one.
    db.execute("UPDATE owners SET is_private = 1")
    add_columns(
        db, "albums",
        description="TEXT", parent_id="TEXT", privacy="TEXT NOT NULL DEFAULT 'public'", password_hash="TEXT",
        cover_id="TEXT", views="INTEGER NOT NULL DEFAULT 0", likes="INTEGER NOT NULL DEFAULT 0", created_local="TEXT",
        media_count="INTEGER NOT NULL DEFAULT 0",
    )  # fmt: skip
    db.execute("UPDATE albums SET media_count = (SELECT count(*) FROM media WHERE album_id = albums.id)")
    add_columns(db, "categories", description="TEXT")
    add_columns(db, "media", likes="INTEGER NOT NULL DEFAULT 0", created_local="TEXT")
    add_columns(db, "delete_tokens", scheme="TEXT NOT NULL DEFAULT 'sha256'")
    # What a view shows is settled when it is made.
    db.execute("DROP VIEW img_images")
    db.execute("CREATE VIEW img_images AS SELECT * FROM media WHERE kind = 'image'")
    db.execute("CREATE INDEX media_album ON media (album_id, created_at, id) WHERE album_id IS NOT NULL")
    db.execute("CREATE INDEX media_category ON media (category_id, created_at, id) WHERE category_id IS NOT NULL")
    db.execute("CREATE INDEX albums_owner ON albums (owner_id, created_at, id)")
    db.execute("CREATE INDEX albums_parent ON albums (parent_id) WHERE parent_id IS NOT NULL")

    db.table("assets").create(
        {
            "id": str,
            "owner_id": str,
            "mime": str,
            "extension": str,
            "size_bytes": int,
            "sha256": str,
            "created_at": str,
        },
        pk="id",
        not_null={"owner_id", "mime", "extension", "size_bytes", "sha256", "created_at"},
        foreign_keys=[("owner_id", "owners", "id")],
        strict=True,
    )
    db.table("legacy_sites").create(
        {
            "id": str,
            "kind": str,
            "name": str,
            "url": str,
            "salt": str,
            "padding": int,
            "time_zone": str,
            "routes": str,
            "created_at": str,
            "run_id": str,
        },
        pk="id",
        not_null={"kind", "name", "padding", "routes", "created_at", "run_id"},
        strict=True,
    )
    db.execute(
        "CREATE TABLE origins (site_id TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, target_id TEXT,"
        " run_id TEXT NOT NULL, PRIMARY KEY (site_id, kind, key)) STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE INDEX origins_target ON origins (target_id) WHERE target_id IS NOT NULL")
    db.execute(
        "CREATE TABLE addresses (path TEXT NOT NULL, site_id TEXT NOT NULL, kind TEXT NOT NULL,"
        " target_id TEXT NOT NULL, variant TEXT, mime TEXT, PRIMARY KEY (path, site_id)) STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE INDEX addresses_target ON addresses (target_id)")


@steps()
def picora(db: Database) -> None:
    """What `/v1` asks for: plans, referers, sums by kind, tags in order of time, the feed, words, secrets."""
    add_columns(db, "owners", plan="TEXT")
    add_columns(db, "media", allowed_referers="TEXT")
    db.execute("DROP VIEW img_images")
    db.execute("CREATE VIEW img_images AS SELECT * FROM media WHERE kind = 'image'")
    db.execute("CREATE INDEX media_kind ON media (owner_id, kind, created_at, id)")
    db.execute("CREATE INDEX media_apart ON media (owner_id, kind, is_public, created_at, id)")
    db.execute(
        "CREATE TABLE totals (owner_id TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE, kind TEXT NOT NULL,"
        " is_public INTEGER NOT NULL, number INTEGER NOT NULL, size_bytes INTEGER NOT NULL,"
        " PRIMARY KEY (owner_id, kind, is_public)) STRICT, WITHOUT ROWID"
    )
    db.execute(
        "INSERT INTO totals SELECT owner_id, kind, is_public, count(*), sum(size_bytes) FROM media"
        " GROUP BY owner_id, kind, is_public"
    )
    db.execute(
        "CREATE TABLE upload_days (owner_id TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE, day TEXT NOT NULL,"
        " number INTEGER NOT NULL, PRIMARY KEY (owner_id, day)) STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE TABLE secrets (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID")
    order_tags(db)
    begin_feed(db)
    for sql in words.TABLES:
        db.execute(sql)
    words.note_all(db.conn)


@steps()
def sessions(db: Database) -> None:
    """Uploads that come in pieces."""
    db.table("upload_sessions").create(
        {
            "id": str,
            "owner_id": str,
            "kind": str,
            "length_bytes": int,
            "offset_bytes": int,
            "metadata": str,
            "created_at": str,
            "expires_at": str,
            "media_id": str,
        },
        pk="id",
        not_null={"owner_id", "offset_bytes", "metadata", "created_at", "expires_at"},
        strict=True,
    )
    db.execute("CREATE INDEX upload_sessions_owner ON upload_sessions (owner_id)")
    db.execute("CREATE INDEX upload_sessions_expiring ON upload_sessions (expires_at)")


@steps()
def standing(db: Database) -> None:
    """Catalogs that have moved away, and copies that are not finished."""
    db.execute(
        "CREATE TABLE standing (library TEXT NOT NULL, state TEXT NOT NULL, place TEXT NOT NULL,"
        " PRIMARY KEY (library)) STRICT, WITHOUT ROWID"
    )


@steps()
def accounts(db: Database) -> None:
    """Signing in: the stamp that ends sign-ins, links that set a password; and which files are largest."""
    add_columns(db, "owners", stamp="INTEGER NOT NULL DEFAULT 0")
    db.execute(
        "CREATE TABLE password_links (hash TEXT NOT NULL PRIMARY KEY, owner_id TEXT NOT NULL"
        " REFERENCES owners (id) ON DELETE CASCADE, expires_at TEXT NOT NULL) STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE INDEX password_links_owner ON password_links (owner_id)")
    db.execute("CREATE INDEX api_keys_owner ON api_keys (owner_id, created_at, id)")
    db.execute("CREATE INDEX media_size ON media (owner_id, size_bytes DESC, id)")


@steps()
def browsing(db: Database) -> None:
    """What will be gone some day, in the order in which it is shown."""
    db.execute("CREATE INDEX media_passing ON media (owner_id, created_at, id) WHERE expires_at IS NOT NULL")


def order_tags(db: Database) -> None:
    """Owner and time stand beside the tag, so that a page of one tag is read as it will be shown."""
    db.execute("ALTER TABLE media_tags RENAME TO old_tags")
    db.execute(
        "CREATE TABLE media_tags (media_id TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,"
        " tag_id INTEGER NOT NULL REFERENCES tags (id), owner_id TEXT NOT NULL, created_at TEXT NOT NULL,"
        " PRIMARY KEY (media_id, tag_id)) STRICT, WITHOUT ROWID"
    )
    db.execute(
        "INSERT INTO media_tags SELECT media_id, tag_id, owner_id, created_at FROM old_tags"
        " JOIN media ON media.id = media_id"
    )
    db.execute("DROP TABLE old_tags")
    db.execute("CREATE INDEX media_tags_tag ON media_tags (tag_id, owner_id, created_at, media_id)")


def begin_feed(db: Database) -> None:
    db.execute(
        "CREATE TABLE changes (media_id TEXT NOT NULL PRIMARY KEY, owner_id TEXT NOT NULL, kind TEXT NOT NULL,"
        " changed_at TEXT NOT NULL) STRICT, WITHOUT ROWID"
    )
    db.execute("INSERT INTO changes SELECT id, owner_id, kind, updated_at FROM media")
    db.execute(
        "INSERT INTO changes SELECT id, owner_id, kind, deleted_at FROM tombstones WHERE true ON CONFLICT DO NOTHING"
    )
    db.execute("CREATE INDEX changes_owner ON changes (owner_id, changed_at, media_id)")


def add_columns(db: Database, table: str, **columns: str) -> None:
    for name, definition in columns.items():
        db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {definition}")
