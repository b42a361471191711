"""`/v1/media`: images, videos and sounds in one list."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request

from gateway.core.errors import InvalidInput, NotFound, StoreUnavailable
from gateway.core.records import Owner
from gateway.web.picora import envelope
from gateway.web.picora.asking import KINDS, asked_kinds, listed, sent
from gateway.web.picora.door import Door
from gateway.web.picora.lists import list_answer
from gateway.web.picora.reading import json_object
from gateway.web.picora.rendering import Json, Rendering

MAX_REMOVED = 100


def register(bp: Blueprint, door: Door) -> None:
    media = AllMedia(door)
    bp.add_url_rule("/media", "media_list", media.list)
    bp.add_url_rule("/media", "media_delete_many", media.delete_many, methods=["DELETE"])
    bp.add_url_rule("/media/<media_id>", "media_get", media.get)


class AllMedia:
    def __init__(self, door: Door) -> None:
        self.door = door
        self.rendering = Rendering(door.urls)

    def list(self) -> Response:
        owner = self.door.admit("read", "media.read").owner
        return list_answer(self.door, owner, self.rendering, asked_kinds(sent(request.args, "type")))

    def get(self, media_id: str) -> Response:
        owner = self.door.admit("read", "media.read").owner
        return envelope.success(json.loads(self.rendering.item(self.door.holdings.own(owner, media_id))))

    def delete_many(self) -> Response:
        """One that cannot be deleted does not keep the others."""
        owner = self.door.admit("mutation", "media.delete").owner
        items = [asked_item(one) for one in listed(json_object(), "items", MAX_REMOVED)]
        deleted: list[str] = []
        failed: list[Json] = []
        for media_id, type in items:
            reason = self.failure(owner, media_id, type)
            if reason:
                failed.append({"id": media_id, "type": type, "reason": reason})
            else:
                deleted.append(media_id)
        return envelope.success({"deleted": deleted, "failed": failed})

    def failure(self, owner: Owner, media_id: str, type: str) -> str | None:
        """Delete it; else what hindered that."""
        if type not in KINDS:
            return f"There is no type {type[:40]!r} here; there are {', '.join(KINDS)}."
        try:
            self.door.holdings.remove(owner, media_id, (KINDS[type],))
        except (NotFound, StoreUnavailable) as error:
            return error.message
        return None


def asked_item(item: Any) -> tuple[str, str]:
    if not isinstance(item, dict) or not all(isinstance(item.get(name), str) for name in ("id", "type")):
        raise InvalidInput('Each of items must be an object such as {"id": "…", "type": "image"}.', field="items")
    return item["id"], item["type"]
