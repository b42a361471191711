"""`/openapi.json`: what the gateway serves to programs, in OpenAPI 3.1.

It is written by hand, from the same constants the doors use, and kept true by tests: they compare its paths with the
routes there are, and real answers with its schemas.
"""

from __future__ import annotations

from typing import Any

from gateway import __version__
from gateway.urls import Urls
from gateway.web.picora.openapi import account, headers, legacy, library, media, refusals, syncing, uploads
from gateway.web.picora.openapi.pieces import BEARER, Operation

ABOUT = """\
Send your key as `Authorization: Bearer sk_live_…`; `gateway key add` makes one.

Every answer below `/v1` is `{"success": true, "data": …}`, or `{"success": false, "error": …, "code": …, "meta": …}`:
`error` is for people, `code` for programs. A path there is not is 404 `NOT_FOUND` in the same form, and a method there
is not 405 `METHOD_NOT_ALLOWED` with the header `Allow`; what cannot be read as a request at all is 400 `BAD_REQUEST`.
HEAD may be sent wherever GET may, and OPTIONS anywhere: pages of any site may call this with a key of their own.

Fields are answered in camel case and in snake case, and taken in either; when both are sent, camel case counts.
Fields may be added to answers later.
"""
TAGS = {
    "images": "Pictures.",
    "videos": "Films, which are kept and sent as they came.",
    "audio": "Sounds. Their list is that of all media.",
    "media": "Images, videos and sounds in one list.",
    "uploads": "Uploads in pieces, which go on where they broke off: TUS 1.0.0. Every answer, a refusal too, has the "
    "header Tus-Resumable; one of 412 has Tus-Version.",
    "sync": "For programs that keep a copy.",
    "account": "Who the caller is, and what they have left.",
    "health": "For load balancers.",
    "legacy": "For tools that know Chevereto or imgBB.",
}
KEYS = {
    BEARER: {"type": "http", "scheme": "bearer", "description": "An API key: `sk_live_…`."},
    legacy.HEADER: {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    legacy.QUERY: {"type": "apiKey", "in": "query", "name": "key"},
}
FAMILIES = (library, uploads, syncing, account, legacy)


def operations() -> list[Operation]:
    return [operation for family in FAMILIES for operation in family.operations()]


def document(urls: Urls) -> dict[str, Any]:
    known = operations()
    paths: dict[str, Any] = {}
    for operation in known:
        paths.setdefault(operation.path, {})[operation.method] = operation.render()
    return {
        "openapi": "3.1.0",
        "info": {"title": "Picgate", "version": __version__, "description": ABOUT},
        "servers": [{"url": urls.base}],
        "tags": [{"name": name, "description": says} for name, says in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": media.schemas() | legacy.schemas(),
            "responses": refusals.components(operation.codes() for operation in known),
            "headers": headers.components(),
            "securitySchemes": KEYS,
        },
    }
