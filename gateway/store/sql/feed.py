"""What happened lately, which bytes are here, and what only this installation knows."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from gateway.core.feed import DELETED_FOR, Change
from gateway.core.records import Kind, Media
from gateway.store.rows import MEDIA, time_text
from gateway.store.sql.media import AGE, AS_SENT, AS_STORED
from gateway.store.sql.pages import PageRows
from gateway.store.sql.search import Where


class FeedRows(PageRows):
    def changes(
        self,
        owner_id: str,
        kinds: Sequence[Kind],
        after: tuple[datetime, str] | None,
        now: datetime,
        limit: int,
    ) -> list[Change]:
        where = Where("changes.owner_id = ?", owner_id)
        if after:
            where.need("(changes.changed_at, changes.media_id) > (?, ?)", time_text(after[0]), after[1])
        if kinds:
            where.need(f"changes.kind IN ({', '.join('?' * len(kinds))})", *kinds)
        where.need(
            "(media.id IS NULL AND changes.changed_at > ?"
            " OR media.id IS NOT NULL AND (media.expires_at IS NULL OR media.expires_at > ?))",
            time_text(now - DELETED_FOR),
            time_text(now),
        )
        found = self.rows(
            f"SELECT changes.changed_at, changes.media_id, changes.kind, {MEDIA.qualified} FROM changes"
            f" LEFT JOIN media ON media.id = changes.media_id WHERE {where}"
            " ORDER BY changes.changed_at, changes.media_id LIMIT ?",
            *where.values,
            limit,
        )
        tags = self.tags_of([row[1] for row in found if row[3]])
        return [
            Change(
                datetime.fromisoformat(at),
                media_id,
                kind,
                MEDIA.record(media, tags=tags.get(media_id, ())) if media[0] else None,
            )
            for at, media_id, kind, media in ((*row[:3], row[3:]) for row in found)
        ]

    def existing(self, owner_id: str, sha256s: Sequence[str]) -> dict[str, Media]:
        marks = ", ".join("?" * len(sha256s))
        found = self.rows(
            f"{AS_STORED} IN ({marks}) UNION {AS_SENT} IN ({marks})",
            *(owner_id, *sha256s),
            *(owner_id, *sha256s),
        )
        tags = self.tags_of([row[0] for row in found])
        first: dict[str, Media] = {}
        for row in sorted(found, key=AGE):
            media = MEDIA.record(row, tags=tags.get(row[0], ()))
            first.setdefault(media.sha256, media)
            if media.source_sha256 and not media.is_resized:
                first.setdefault(media.source_sha256, media)
        return {sha256: first[sha256] for sha256 in sha256s if sha256 in first}

    def secret(self, name: str) -> bytes:
        found = self.row("SELECT value FROM secrets WHERE name = ?", name)
        if not found:
            with self.transaction() as db:
                db.execute("INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING", (name, secrets.token_hex(32)))
                found = self.row("SELECT value FROM secrets WHERE name = ?", name, db=db)
        assert found
        return bytes.fromhex(found[0])
