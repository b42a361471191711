"""`/v1/images`: upload, list, look, change, delete, and what is known by its hash."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from gateway.core.errors import InvalidInput
from gateway.core.records import Kind
from gateway.web.picora import envelope
from gateway.web.picora.asking import listed, text_list
from gateway.web.picora.door import Door
from gateway.web.picora.editing import asked_changes
from gateway.web.picora.lists import list_answer
from gateway.web.picora.reading import json_object
from gateway.web.picora.rendering import Rendering
from gateway.web.picora.uploading import add_upload, added_answer

IMAGE: tuple[Kind, ...] = ("image",)
MAX_REMOVED = 50
MAX_HASHES = 200
HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


def register(bp: Blueprint, door: Door) -> None:
    images = Images(door)
    bp.add_url_rule("/images", "images_upload", images.upload, methods=["POST"])
    bp.add_url_rule("/images", "images_list", images.list)
    bp.add_url_rule("/images", "images_delete_many", images.delete_many, methods=["DELETE"])
    bp.add_url_rule("/images/exists", "images_exist", images.exist, methods=["POST"])
    bp.add_url_rule("/images/<media_id>", "image_get", images.get)
    bp.add_url_rule("/images/<media_id>", "image_change", images.change, methods=["PATCH"])
    bp.add_url_rule("/images/<media_id>", "image_delete", images.delete, methods=["DELETE"])


class Images:
    def __init__(self, door: Door) -> None:
        self.door = door
        self.rendering = Rendering(door.urls)

    def upload(self) -> Response:
        added = add_upload(self.door, "image")
        return added_answer(added, self.rendering.media(added.media), 201)

    def list(self) -> Response:
        owner = self.door.admit("read", "media.read").owner
        return list_answer(self.door, owner, self.rendering, IMAGE, "images")

    def get(self, media_id: str) -> Response:
        owner = self.door.admit("read", "media.read").owner
        return envelope.success(self.rendering.media(self.door.holdings.own(owner, media_id, IMAGE)))

    def change(self, media_id: str) -> Response:
        owner = self.door.admit("mutation", "media.write").owner
        changed = self.door.holdings.change(owner, media_id, asked_changes(json_object()), IMAGE)
        return envelope.success(self.rendering.media(changed))

    def delete(self, media_id: str) -> Response:
        self.door.holdings.remove(self.door.admit("mutation", "media.delete").owner, media_id, IMAGE)
        return envelope.nothing()

    def delete_many(self) -> Response:
        owner = self.door.admit("mutation", "media.delete").owner
        done = self.door.holdings.remove_many(owner, text_list(json_object(), "ids", MAX_REMOVED), IMAGE)
        return envelope.success({"deleted": len(done.removed), "failed": len(done.failed)})

    def exist(self) -> Response:
        owner = self.door.admit("upload", "media.write").owner
        hashes = asked_hashes()
        known = self.door.holdings.existing(owner, hashes)
        existing = {one: self.rendering.known(media) for one, media in known.items() if media.kind == "image"}
        return envelope.success({"existing": existing, "missing": [one for one in hashes if one not in existing]})


def asked_hashes() -> list[str]:
    """What is wrong here is a bad request, as the clients' contract has it, and not an invalid value as elsewhere."""
    try:
        hashes = listed(json_object(), "hashes", MAX_HASHES)
    except InvalidInput as error:
        raise InvalidInput(error.message, code="BAD_REQUEST", field="hashes") from None
    if not all(isinstance(one, str) and HASH.fullmatch(one) for one in hashes):
        message = "hashes must be SHA-256 sums, each of 64 characters 0-9 and a-f in lower case."
        raise InvalidInput(message, code="BAD_REQUEST", field="hashes")
    return list(dict.fromkeys(hashes))
