"""`/v1/sync/state`: the change feed."""

from __future__ import annotations

from gateway.web.picora.asking import KINDS
from gateway.web.picora.openapi.parameters import limit
from gateway.web.picora.openapi.pieces import JSON, Answer, Operation, Parameter
from gateway.web.picora.openapi.shapes import (
    FLAG,
    MEDIA_ID,
    NUMBER,
    SHA256,
    TEXT,
    TIME,
    URL,
    about,
    enveloped,
    exactly,
    listed,
    nullable,
    one_of,
    record,
)
from gateway.web.picora.sync import DEFAULT_LIMIT, EVERYTHING, MAX_LIMIT

FACTS = {"type": one_of(KINDS), "id": MEDIA_ID, "updatedAt": TIME}
UPSERT = record(
    {
        "op": exactly("upsert"),
        **FACTS,
        "url": URL,
        "contentHash": SHA256,
        "sizeBytes": NUMBER,
        "mimeType": TEXT,
        "filename": TEXT,
        "isPublic": FLAG,
    }
)
DELETE = record({"op": exactly("delete"), **FACTS})
STATE = record(
    {
        "changes": about(listed({"oneOf": [UPSERT, DELETE]}, 0, MAX_LIMIT), "In the order in which they happened."),
        "nextCursor": about(nullable(TEXT), "Send it as `since` next time. null: nothing changed."),
        "hasMore": FLAG,
    }
)
SINCE = "`nextCursor` of the answer before, or a time such as 2026-04-27T08:00:00Z; without it, everything there is."
PARAMETERS = (
    Parameter("type", "query", one_of((*KINDS, EVERYTHING)), "Of this kind alone."),
    Parameter("since", "query", TEXT, SINCE),
    Parameter("cursor", "query", TEXT, "The same as `since`."),
    limit(DEFAULT_LIMIT, MAX_LIMIT),
)


def operations() -> tuple[Operation, ...]:
    return (
        Operation(
            "get", "/v1/sync/state", "sync_state", "What changed since last time",
            (Answer(200, "A piece of the feed.", {JSON: enveloped(STATE)}),), "sync",
            "Deletions are told for 30 days.", PARAMETERS, refusals=("VALIDATION_ERROR",), tier="read",
            scope="media.read",
        ),
    )  # fmt: skip
