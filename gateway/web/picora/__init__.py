"""The Picora dialect, `/v1`. One module per family of addresses; each reads, calls the library and renders."""

from __future__ import annotations

from flask import Blueprint

from gateway.web.picora import account, audio, health, images, media, sharing, sync, uploads, videos
from gateway.web.picora.door import Door


def blueprint(door: Door) -> Blueprint:
    bp = Blueprint("picora", __name__, url_prefix="/v1")
    bp.before_app_request(door.answer_preflight)
    bp.after_app_request(door.finish)
    for family in (health, account, images, sharing, media, videos, audio, uploads, sync):
        family.register(bp, door)
    return bp
