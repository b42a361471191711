"""What an import brings and another machine has brought already, seen in the transaction that would add it again."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.errors import Conflict
from gateway.core.moving import Arrived
from gateway.store.rows import Db


def known_among(db: Db, batch: Sequence[Arrived]) -> dict[str, Conflict]:
    """By id, those of which one of the origins leads somewhere, or whose id stands for the same bytes."""
    known = origins_among(db, batch)
    marks = ", ".join("?" * len(batch))
    stored = dict(
        db.execute(f"SELECT id, sha256 FROM media WHERE id IN ({marks})", [one.media.id for one in batch]).fetchall()
    )
    return {
        one.media.id: Conflict(f"{one.media.filename} is here already.", code="ALREADY_HERE")
        for one in batch
        if stored.get(one.media.id) == one.media.sha256
        or any((origin.site_id, origin.key) in known for origin in one.origins)
    }


def origins_among(db: Db, batch: Sequence[Arrived]) -> set[tuple[str, str]]:
    wanted: dict[str, list[str]] = {}
    for one in batch:
        for origin in one.origins:
            wanted.setdefault(origin.site_id, []).append(origin.key)
    return {
        (site_id, key)
        for site_id, keys in wanted.items()
        for (key,) in db.execute(
            f"SELECT key FROM origins WHERE site_id = ? AND kind = 'media' AND key IN ({', '.join('?' * len(keys))})",
            (site_id, *keys),
        ).fetchall()
    }
