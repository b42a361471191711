"""`/v1/videos`: kept and sent as they came, and so ready as soon as they are there."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.core.records import Kind
from gateway.web.picora import envelope
from gateway.web.picora.door import Door
from gateway.web.picora.editing import asked_changes
from gateway.web.picora.lists import list_answer
from gateway.web.picora.reading import json_object
from gateway.web.picora.rendering import Rendering, both
from gateway.web.picora.uploading import add_upload, added_answer

VIDEO: tuple[Kind, ...] = ("video",)
FINISHED = 100


def register(bp: Blueprint, door: Door) -> None:
    videos = Videos(door)
    bp.add_url_rule("/videos", "videos_upload", videos.upload, methods=["POST"])
    bp.add_url_rule("/videos", "videos_list", videos.list)
    bp.add_url_rule("/videos/<media_id>", "video_get", videos.get)
    bp.add_url_rule("/videos/<media_id>/status", "video_status", videos.status)
    bp.add_url_rule("/videos/<media_id>", "video_change", videos.change, methods=["PATCH"])
    bp.add_url_rule("/videos/<media_id>", "video_delete", videos.delete, methods=["DELETE"])


class Videos:
    def __init__(self, door: Door) -> None:
        self.door = door
        self.rendering = Rendering(door.urls)

    def upload(self) -> Response:
        added = add_upload(self.door, "video")
        rendered = self.rendering.media(added.media) | both({"videoId": added.media.id})
        return added_answer(added, rendered, 202)

    def list(self) -> Response:
        owner = self.door.admit("read", "media.read").owner
        return list_answer(self.door, owner, self.rendering, VIDEO, "videos")

    def get(self, media_id: str) -> Response:
        owner = self.door.admit("read", "media.read").owner
        return envelope.success(self.rendering.media(self.door.holdings.own(owner, media_id, VIDEO)))

    def status(self, media_id: str) -> Response:
        owner = self.door.admit("read", "media.read").owner
        video = self.rendering.media(self.door.holdings.own(owner, media_id, VIDEO))
        told = {name: video[name] for name in ("id", "status", "playbackUrl", "thumbnailUrl", "durationSeconds")}
        return envelope.success(both(told | {"progress": FINISHED}))

    def change(self, media_id: str) -> Response:
        """Unlike an image, it may be asked for no change at all."""
        owner = self.door.admit("mutation", "media.write").owner
        changes = asked_changes(json_object())
        if changes.given():
            self.door.holdings.change(owner, media_id, changes, VIDEO)
        else:
            self.door.holdings.own(owner, media_id, VIDEO)
        return envelope.success(None)

    def delete(self, media_id: str) -> Response:
        self.door.holdings.remove(self.door.admit("mutation", "media.delete").owner, media_id, VIDEO)
        return envelope.success(None)
