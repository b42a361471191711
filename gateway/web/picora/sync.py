"""`/v1/sync/state`: what came, changed and was deleted since last time, for programs that keep a copy."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, request

from gateway.core.errors import InvalidInput
from gateway.core.feed import Change
from gateway.web.picora import envelope
from gateway.web.picora.asking import asked_kinds, limit, sent
from gateway.web.picora.cursor import decode, encode, moment, whole_id
from gateway.web.picora.door import Door
from gateway.web.picora.envelope import time_text
from gateway.web.picora.rendering import Json

EVERYTHING = "all"
DEFAULT_LIMIT = 100
MAX_LIMIT = 500

Moment = tuple[datetime, str]


def register(bp: Blueprint, door: Door) -> None:
    bp.add_url_rule("/sync/state", "sync_state", Sync(door).state)


class Sync:
    def __init__(self, door: Door) -> None:
        self.door = door

    def state(self) -> Response:
        """`nextCursor` is where to go on next time, also when there is no more now; null only with no changes."""
        owner = self.door.admit("read", "media.read").owner
        kind, since = sent(request.args, "type"), sent(request.args, "since") or sent(request.args, "cursor")
        most = limit(sent(request.args, "limit"), DEFAULT_LIMIT, MAX_LIMIT)
        kinds = asked_kinds(None if kind == EVERYTHING else kind)
        found = self.door.holdings.changes(owner, kinds, read_since(since) if since else None, most + 1)
        shown = found[:most]
        return envelope.success(
            {
                "changes": [self.rendered(change) for change in shown],
                "nextCursor": cursor_after(shown[-1]) if shown else None,
                "hasMore": len(found) > most,
            }
        )

    def rendered(self, change: Change) -> Json:
        told: Json = {
            "op": "upsert" if change.media else "delete",
            "type": change.kind,
            "id": change.id,
            "updatedAt": time_text(change.at),
        }
        if not (media := change.media):
            return told
        return told | {
            "url": self.door.urls.file(media),
            "contentHash": media.sha256,
            "sizeBytes": media.size_bytes,
            "mimeType": media.mime,
            "filename": media.filename,
            "isPublic": media.is_public,
        }


def cursor_after(change: Change) -> str:
    return encode({"ts": time_text(change.at), "id": change.id})


def read_since(text: str) -> Moment:
    """A cursor of ours, or a time, from which on changes are told, those of that very moment included."""
    try:
        return moment(text), ""
    except (ValueError, OverflowError):
        pass
    try:
        place = decode(text)
        return moment(place["ts"]), whole_id(place["id"])
    except (ValueError, TypeError, KeyError, OverflowError):
        raise InvalidInput(
            "since cannot be read. Send nextCursor of the answer before as it is, or a time such as"
            " 2026-04-27T08:00:00Z.",
            field="since",
        ) from None
