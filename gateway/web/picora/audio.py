"""`/v1/audio`: sounds. Their list is that of all media."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.core.records import Kind
from gateway.web.picora import envelope
from gateway.web.picora.door import Door
from gateway.web.picora.editing import asked_changes
from gateway.web.picora.reading import json_object
from gateway.web.picora.rendering import Rendering
from gateway.web.picora.uploading import add_upload, added_answer

AUDIO: tuple[Kind, ...] = ("audio",)


def register(bp: Blueprint, door: Door) -> None:
    audio = Audio(door)
    bp.add_url_rule("/audio", "audio_upload", audio.upload, methods=["POST"])
    bp.add_url_rule("/audio/<media_id>", "audio_get", audio.get)
    bp.add_url_rule("/audio/<media_id>", "audio_change", audio.change, methods=["PATCH"])
    bp.add_url_rule("/audio/<media_id>", "audio_delete", audio.delete, methods=["DELETE"])


class Audio:
    def __init__(self, door: Door) -> None:
        self.door = door
        self.rendering = Rendering(door.urls)

    def upload(self) -> Response:
        added = add_upload(self.door, "audio")
        return added_answer(added, self.rendering.media(added.media), 201)

    def get(self, media_id: str) -> Response:
        owner = self.door.admit("read", "media.read").owner
        return envelope.success(self.rendering.media(self.door.holdings.own(owner, media_id, AUDIO)))

    def change(self, media_id: str) -> Response:
        """Unlike an image, it may be asked for no change at all."""
        owner = self.door.admit("mutation", "media.write").owner
        changes = asked_changes(json_object())
        if changes.given():
            self.door.holdings.change(owner, media_id, changes, AUDIO)
        else:
            self.door.holdings.own(owner, media_id, AUDIO)
        return envelope.success(None)

    def delete(self, media_id: str) -> Response:
        self.door.holdings.remove(self.door.admit("mutation", "media.delete").owner, media_id, AUDIO)
        return envelope.nothing()
