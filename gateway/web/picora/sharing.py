"""`/v1/images/{id}/sign`: an address that opens a file for a while, whoever has it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gateway.core.errors import InvalidInput
from gateway.core.records import VARIANTS, Kind, Variant
from gateway.web.picora import envelope
from gateway.web.picora.door import Door
from gateway.web.picora.reading import json_object
from gateway.web.picora.rendering import both

DEFAULT_SECONDS = 3600
FAMILIES: dict[str, Kind] = {"images": "image", "videos": "video", "audio": "audio"}


def register(bp: Blueprint, door: Door) -> None:
    sharing = Sharing(door)
    for family, kind in FAMILIES.items():
        rule = f"/{family}/<media_id>/sign"
        bp.add_url_rule(rule, f"{kind}_sign", sharing.sign, defaults={"kind": kind}, methods=["POST"])


class Sharing:
    def __init__(self, door: Door) -> None:
        self.door = door

    def sign(self, media_id: str, kind: Kind) -> Response:
        """`variant` is a rendition's: its address alone is good then."""
        owner = self.door.admit("upload", "media.write").owner
        body = json_object() if request.content_length else {}
        media = self.door.holdings.own(owner, media_id, (kind,))
        variant = asked_variant(body.get("variant"))
        signature = self.door.signing.sign(media.id, asked_seconds(body), variant or "")
        url = f"{self.door.urls.file(media, variant)}?sig={signature.sig}&exp={signature.exp}"
        expires_at = envelope.time_text(signature.expires_at)
        return envelope.success(both({"signedUrl": url, "expiresAt": expires_at, "exp": signature.exp}))


def asked_seconds(body: dict[str, object]) -> int:
    seconds = body.get("expSeconds", body.get("exp_seconds", DEFAULT_SECONDS))
    if isinstance(seconds, float) and seconds.is_integer():  # JSON knows no difference
        return int(seconds)
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise InvalidInput("expSeconds must be a whole number of seconds.", field="exp_seconds")
    return seconds


def asked_variant(name: object) -> Variant | None:
    variant = next((one for one in VARIANTS if one == name), None)
    if name is not None and not variant:
        raise InvalidInput(f"variant must be one of {', '.join(VARIANTS)}, or left out.", field="variant")
    return variant
