"""What may go wrong with an operation: each status it can answer instead, and what the body says then.

Operations name the codes the gateway has inside; status and code of the answer are the envelope's, from its own table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.web.picora.envelope import REFUSALS
from gateway.web.picora.openapi.headers import OF_PICORA, OF_STATUS, used
from gateway.web.picora.openapi.shapes import NUMBER, POSITIVE, TEXT, Schema, about, exactly, listed, one_of, record

WITH_KEY = ("KEY_MISSING", "KEY_INVALID", "KEY_REVOKED", "OWNER_DISABLED", "RATE_LIMITED")
ANYWHERE = ("INTERNAL", "STORE_UNAVAILABLE")
OF_BODY = ("BAD_REQUEST", "FILE_TOO_BIG", "VALIDATION_ERROR")
OF_FILE = (*OF_BODY, "QUOTA_EXCEEDED", "DUPLICATE", "FORMAT_UNSUPPORTED", "NOT_FOUND")

SAYS = {
    400: "The request cannot be understood.",
    401: "No key, one that is not good, or one that was revoked.",
    403: "The key or its account may not do this, or there is no room left.",
    404: "There is no such thing of yours.",
    405: "There is something at this path, but not with this method.",
    409: "What is here is not what you went by.",
    412: "Another version of TUS is spoken here.",
    413: "Too large.",
    415: "Another type of body is needed.",
    422: "A value or a file cannot be used; the text says which, and why.",
    423: "Another request is at it just now.",
    429: "Too many requests.",
    460: "The bytes are not those the checksum was made of; none of them was kept.",
    500: "Something went wrong inside the gateway.",
    503: "The catalog or the disk cannot take it just now.",
}
# What `meta` may hold, by the code inside.
META: dict[str, dict[str, Schema]] = {
    "BAD_REQUEST": {"field": about(TEXT, "Which value it is about.")},
    "SCOPE_MISSING": {"required": about(TEXT, "The scope the key lacks.")},
    "QUOTA_EXCEEDED": {
        "type": about(TEXT, "What is full: storage, img_storage, video_storage, audio_storage, or uploads_per_day."),
        "used": NUMBER,
        "limit": NUMBER,
        "needed": NUMBER,
    },
    "CONFLICT": {"offset": about(NUMBER, "Where the upload goes on.")},
    "DUPLICATE": {"id": about(TEXT, "What these bytes are here already, where they may not be here twice.")},
    "FILE_TOO_BIG": {"limit": about(NUMBER, "The most bytes.")},
    "VALIDATION_ERROR": {
        "field": about(TEXT, "Which value it is about."),
        "fields": about(listed(TEXT), "Names nobody knows."),
    },
    "FORMAT_UNSUPPORTED": {"format": TEXT},
    "LIMIT_EXCEEDED": {"setting": about(TEXT, "The setting of the gateway that has this limit.")},
    "RATE_LIMITED": {"retryAfterSec": POSITIVE},
    "INTERNAL": {"requestId": about(TEXT, "Finds the reason in the log of the gateway.")},
}


def responses(codes: Iterable[str]) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{name(status, said)}"} for status, said in grouped(codes)}


def components(operations: Iterable[Iterable[str]]) -> dict[str, Any]:
    groups = {group for codes in operations for group in grouped(codes)}
    return {name(status, said): response(status, said) for status, said in sorted(groups)}


def grouped(codes: Iterable[str]) -> list[tuple[int, tuple[str, ...]]]:
    """The codes of the answer by status."""
    found: dict[int, dict[str, None]] = {}
    for status, code in map(REFUSALS.__getitem__, codes):
        found.setdefault(status, {})[code] = None
    return [(status, tuple(sorted(found[status]))) for status in sorted(found)]


def name(status: int, codes: Iterable[str]) -> str:
    return ".".join((str(status), *codes))


def response(status: int, codes: tuple[str, ...]) -> dict[str, Any]:
    fields: dict[str, Schema] = {}
    for inside, answered in REFUSALS.items():
        if answered[0] == status and answered[1] in codes:
            fields |= META.get(inside, {})
    body = record(
        {
            "success": exactly(False),
            "error": about(TEXT, "What happened and what to do, for people."),
            "code": about(one_of(codes), "The same for programs."),
            "meta": record(fields, optional=fields),
        }
    )
    return {
        "description": SAYS[status],
        "headers": used((*OF_PICORA, *OF_STATUS.get(status, ()))),
        "content": {"application/json": {"schema": body}},
    }
