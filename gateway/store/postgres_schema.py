"""The PostgreSQL schema as a list of steps, each applied once, one process at a time. A step that was released is never
edited: the next change is a new step.

Tables and columns are those of the SQLite catalog, in the same order: a test compares them. Text is compared by code
point, whatever the collation of the database. Flags are small integers, so that one statement fits both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import LiteralString

from gateway.store.postgres_connections import Connection, lock_keys
from gateway.store.postgres_failures import Where
from gateway.store.postgres_words import TABLES
from gateway.store.rows import time_text
from gateway.store.sql.base import NewerCatalog

PATIENCE = "10min"  # another process may be at it, and has a large library to go through

LIBRARY = """
CREATE TABLE owners (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    email TEXT,
    email_key TEXT UNIQUE,
    role TEXT NOT NULL,
    is_active SMALLINT NOT NULL,
    quota_bytes BIGINT,
    storage_used_bytes BIGINT NOT NULL,
    media_count BIGINT NOT NULL,
    password_hash TEXT,
    created_at TEXT NOT NULL,
    name TEXT,
    bio TEXT,
    website TEXT,
    time_zone TEXT,
    language TEXT,
    is_private SMALLINT NOT NULL DEFAULT 0,
    avatar_id TEXT,
    background_id TEXT,
    plan TEXT
);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES owners (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    last4 TEXT NOT NULL,
    sha256 TEXT,
    legacy_hash TEXT,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at TEXT
);
CREATE INDEX api_keys_prefix ON api_keys (prefix);
CREATE INDEX api_keys_owner ON api_keys (owner_id);

CREATE TABLE albums (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES owners (id),
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    description TEXT,
    parent_id TEXT,
    privacy TEXT NOT NULL DEFAULT 'public',
    password_hash TEXT,
    cover_id TEXT,
    views BIGINT NOT NULL DEFAULT 0,
    likes BIGINT NOT NULL DEFAULT 0,
    created_local TEXT,
    media_count BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX albums_owner ON albums (owner_id, created_at, id);
CREATE INDEX albums_parent ON albums (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE categories (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    url_key TEXT NOT NULL UNIQUE,
    description TEXT
);

-- A category is only a number to the tools that send it: what they send is kept, known or not.
-- The room left on each page is for counting views: such a change then touches no index.
CREATE TABLE media (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    owner_id TEXT NOT NULL REFERENCES owners (id),
    filename TEXT NOT NULL,
    title TEXT,
    description TEXT,
    mime TEXT NOT NULL,
    extension TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    md5 TEXT NOT NULL,
    source_sha256 TEXT,
    source_md5 TEXT,
    is_resized SMALLINT NOT NULL,
    exif_json TEXT,
    is_animated SMALLINT NOT NULL,
    is_360 SMALLINT NOT NULL,
    is_public SMALLINT NOT NULL,
    is_nsfw SMALLINT NOT NULL,
    album_id TEXT REFERENCES albums (id),
    category_id BIGINT,
    views BIGINT NOT NULL,
    thumb_bytes BIGINT NOT NULL,
    medium_bytes BIGINT NOT NULL,
    medium_width BIGINT NOT NULL,
    medium_height BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    expires_at TEXT,
    frame_bytes BIGINT NOT NULL,
    duration DOUBLE PRECISION NOT NULL,
    bitrate BIGINT,
    likes BIGINT NOT NULL DEFAULT 0,
    created_local TEXT,
    allowed_referers TEXT
) WITH (fillfactor = 90);
CREATE INDEX media_owner ON media (owner_id, created_at, id);
CREATE INDEX media_kind ON media (owner_id, kind, created_at, id);
CREATE INDEX media_apart ON media (owner_id, kind, is_public, created_at, id);
CREATE INDEX media_sha256 ON media (owner_id, sha256);
CREATE INDEX media_converted ON media (owner_id, source_sha256) WHERE source_sha256 IS NOT NULL;
CREATE INDEX media_expiring ON media (expires_at, id) WHERE expires_at IS NOT NULL;
CREATE INDEX media_album ON media (album_id, created_at, id) WHERE album_id IS NOT NULL;
CREATE INDEX media_category ON media (category_id, created_at, id) WHERE category_id IS NOT NULL;
CREATE VIEW img_images AS SELECT * FROM media WHERE kind = 'image';

CREATE TABLE tags (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- Owner and time stand beside the tag, so that a page of one tag is read as it will be shown.
CREATE TABLE media_tags (
    media_id TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    tag_id BIGINT NOT NULL REFERENCES tags (id),
    owner_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (media_id, tag_id)
);
CREATE INDEX media_tags_tag ON media_tags (tag_id, owner_id, created_at, media_id);

CREATE TABLE delete_tokens (
    token_hash TEXT PRIMARY KEY,
    media_id TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    scheme TEXT NOT NULL DEFAULT 'sha256'
);
CREATE INDEX delete_tokens_media ON delete_tokens (media_id);

CREATE TABLE tombstones (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    deleted_at TEXT NOT NULL
);

CREATE TABLE claims (
    task TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until_at TEXT NOT NULL
);

CREATE TABLE assets (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES owners (id),
    mime TEXT NOT NULL,
    extension TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL
);

CREATE TABLE legacy_sites (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT,
    salt TEXT,
    padding BIGINT NOT NULL,
    time_zone TEXT,
    routes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    run_id TEXT NOT NULL
);

CREATE TABLE origins (
    site_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    target_id TEXT,
    run_id TEXT NOT NULL,
    PRIMARY KEY (site_id, kind, key)
);
CREATE INDEX origins_target ON origins (target_id) WHERE target_id IS NOT NULL;

CREATE TABLE addresses (
    path TEXT NOT NULL,
    site_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    variant TEXT,
    mime TEXT,
    PRIMARY KEY (path, site_id)
);
CREATE INDEX addresses_target ON addresses (target_id);

CREATE TABLE totals (
    owner_id TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    is_public SMALLINT NOT NULL,
    number BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    PRIMARY KEY (owner_id, kind, is_public)
);

CREATE TABLE upload_days (
    owner_id TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (owner_id, day)
);

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE changes (
    media_id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE INDEX changes_owner ON changes (owner_id, changed_at, media_id);

CREATE TABLE upload_sessions (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL,
    kind TEXT,
    length_bytes BIGINT,
    offset_bytes BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    media_id TEXT
);
CREATE INDEX upload_sessions_owner ON upload_sessions (owner_id);
CREATE INDEX upload_sessions_expiring ON upload_sessions (expires_at);

CREATE TABLE standing (
    library TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    place TEXT NOT NULL
);
"""

ACCOUNTS = """
ALTER TABLE owners ADD COLUMN stamp BIGINT NOT NULL DEFAULT 0;
CREATE TABLE password_links (
    hash TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
);
CREATE INDEX password_links_owner ON password_links (owner_id);
DROP INDEX api_keys_owner;
CREATE INDEX api_keys_owner ON api_keys (owner_id, created_at, id);
CREATE INDEX media_size ON media (owner_id, size_bytes DESC, id);
"""

BROWSING = """
CREATE INDEX media_passing ON media (owner_id, created_at, id) WHERE expires_at IS NOT NULL;
"""

STEPS = {"library": LIBRARY + TABLES, "accounts": ACCOUNTS, "browsing": BROWSING}


def migrate(connection: Connection, where: Where) -> None:
    """Raises `NewerCatalog` for what a newer version wrote; nothing is changed then."""
    with connection.transaction():
        connection.execute(f"SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '{PATIENCE}'")
        if set(applied(connection)) == set(STEPS):
            return
        connection.execute("SELECT pg_advisory_xact_lock(%s)", lock_keys(["schema"]))
        done = applied(connection)
        if unknown := [name for name in done if name not in STEPS]:
            raise NewerCatalog(
                f"The {where} was written by a newer version of Picgate (it has the schema step {unknown[-1]!r}):"
                " install that version or a later one."
            )
        if not done:
            connection.execute("CREATE TABLE schema_steps (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)")
        for name in [name for name in STEPS if name not in done]:
            connection.execute(by_code_point(STEPS[name]))
            connection.execute("INSERT INTO schema_steps VALUES (%s, %s)", [name, time_text(datetime.now(UTC))])


def applied(connection: Connection) -> list[str]:
    # Asked of the table of tables: what a session remembers of names may be older than the lock it has waited for.
    if not connection.execute(
        "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_steps'"
    ).fetchone():
        return []
    return [name for (name,) in connection.execute("SELECT name FROM schema_steps ORDER BY applied_at, name")]


def by_code_point(sql: LiteralString) -> LiteralString:
    return sql.replace(" TEXT", ' TEXT COLLATE "C"')
