"""Media as `/v1` shows them: the object of each kind, and pages of them."""

from __future__ import annotations

from gateway.core.records import Kind
from gateway.web.picora.openapi.shapes import (
    FLAG,
    ID,
    MEDIA_ID,
    NULL,
    NUMBER,
    POSITIVE,
    SHA256,
    TEXT,
    TIME,
    URL,
    Schema,
    about,
    enveloped,
    exactly,
    listed,
    nullable,
    record,
    ref,
    spelled,
)

SECONDS: Schema = {"type": "number", "minimum": 0}
WARNINGS = about(listed(TEXT, 1), "What was left out of the file or of what was said about it; sent when anything was.")
CURSOR = about(nullable(TEXT), "Send it as `cursor` for the next page. null: there is none.")


def fields(kind: Kind) -> dict[str, Schema]:
    size = about(NUMBER, "Bytes of the stored file.")
    pixels = NULL if kind == "audio" else nullable(POSITIVE)
    return {
        "id": about(MEDIA_ID, "11 characters for an image, 21 for anything else."),
        "type": exactly(kind),
        "userId": about(ID, "Whose it is."),
        **addresses(kind),
        "filename": about(TEXT, "As it was called when it was uploaded."),
        "title": nullable(TEXT),
        "description": nullable(TEXT),
        "mimeType": about(TEXT, "What the stored file is, by its content."),
        "sizeBytes": size,
        "size": size,
        "width": pixels,
        "height": pixels,
        "durationSeconds": NULL if kind == "image" else SECONDS,
        "bitrate": nullable(POSITIVE),
        "status": exactly("ready"),
        "tags": listed(TEXT),
        "isPublic": about(FLAG, "Whether the file is sent to whoever asks for it."),
        "isNsfw": FLAG,
        "allowedReferers": about(
            listed(TEXT) | {"type": ["array", "null"]},
            "The sites that may show it: `self`, a host, or `*.` and a host. null: any. Empty: none.",
        ),
        "albumId": nullable(TEXT),
        "contentHash": about(SHA256, "SHA-256 of the stored file."),
        "createdAt": TIME,
        "updatedAt": TIME,
        "expiresAt": about(nullable(TIME), "When it deletes itself. null: never."),
    }


def addresses(kind: Kind) -> dict[str, Schema]:
    shown = about(URL if kind == "image" else nullable(URL), "A small picture of it.")
    if kind == "video":
        return {"url": URL, "playbackUrl": URL, "thumbnailUrl": shown}
    return {"url": URL, "thumbnailUrl": shown}


def whole(kind: Kind) -> Schema:
    return record(spelled(fields(kind)))


def uploaded(kind: Kind) -> Schema:
    more = {"videoId": MEDIA_ID} if kind == "video" else {}
    return record(spelled(fields(kind) | more) | {"warnings": WARNINGS}, optional=("warnings",))


def film_item() -> Schema:
    return record(spelled({name: schema for name, schema in fields("video").items() if name != "url"}))


def page(item: Schema, name: str | None = None) -> Schema:
    """`name` is what the list is called besides `items`."""
    items = about(listed(item, 0, 100), "The newest first.")
    named = {name: about(listed(item, 0, 100), "The same as `items`.")} if name else {}
    facts = {
        "nextCursor": CURSOR,
        "hasMore": FLAG,
        "total": about(NUMBER, "How many there are in your whole library, whatever was asked for."),
    }
    return enveloped(record({"items": items} | named | spelled(facts)))


def schemas() -> dict[str, Schema]:
    return {
        "Image": whole("image"),
        "Video": whole("video"),
        "Audio": whole("audio"),
        "VideoItem": about(film_item(), "A video in a list of all kinds, where it has no `url`."),
        "Item": {"oneOf": [ref("Image"), ref("VideoItem"), ref("Audio")]},
    }
