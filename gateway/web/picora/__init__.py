"""The Picora dialect, `/v1`. One module per family of addresses; each reads, calls the library and renders."""

from __future__ import annotations

from flask import Blueprint

from gateway.telemetry.health import Health
from gateway.web.picora import account, audio, health, images, media, sharing, sync, uploads, videos
from gateway.web.picora.door import Door


def blueprint(door: Door, well: Health, node: str) -> Blueprint:
    bp = Blueprint("picora", __name__, url_prefix="/v1")
    bp.before_app_request(door.answer_preflight)
    bp.after_app_request(door.finish)
    health.register(bp, door, well, node)
    for family in (account, images, sharing, media, videos, audio, uploads, sync):
        family.register(bp, door)
    return bp
