"""`/v1/uploads`: the operations of TUS 1.0.0."""

from __future__ import annotations

from gateway.core.sessions import CHECKSUMS
from gateway.web.picora import tus
from gateway.web.picora.openapi.pieces import JSON, Answer, Body, Operation, Parameter
from gateway.web.picora.openapi.refusals import OF_FILE
from gateway.web.picora.openapi.shapes import (
    FILE,
    ID,
    MEDIA_ID,
    NUMBER,
    POSITIVE,
    TEXT,
    enveloped,
    exactly,
    nullable,
    one_of,
    record,
)

PATH = "/v1/uploads"
ONE = "/v1/uploads/{id}"
TAG = "uploads"
SCOPE = "media.write"
SPEAKS = ("Tus-Resumable",)
SETTLED = ("Upload-Offset", "Upload-Expires")
MAYBE = ("Upload-Length", "Upload-Defer-Length", "Upload-Metadata", "X-Picora-Id", "X-Picora-Url")
BECAME = (*MAYBE, "X-Picora-Duplicate")
OFFER = ("Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm")

SESSION = Parameter("id", "path", TEXT, "The last part of the `Location` the upload was given.")
VERSION = Parameter("Tus-Resumable", "header", exactly(tus.VERSION), "The version spoken here.", True)
LENGTH = Parameter("Upload-Length", "header", POSITIVE, "How many bytes there will be in all.", example=12345)
DEFERRED = Parameter("Upload-Defer-Length", "header", one_of(("1",)), "Instead: it will be told later.")
OFFSET = Parameter("Upload-Offset", "header", NUMBER, "How many bytes are here already.", True, 0)
CHECKSUM = Parameter(
    "Upload-Checksum", "header", TEXT, f"Of this piece: {', '.join(CHECKSUMS)}, a space, and the sum in base64."
)
METADATA = Parameter(
    "Upload-Metadata", "header", TEXT,
    "Names and values in base64: filename, contentType, resourceType (image, video or audio), title, tags, isPublic, "
    "albumId.", example="filename Y2F0LnBuZw==",
)  # fmt: skip
OVERRIDE = Parameter(
    "X-HTTP-Method-Override", "header", one_of(("PATCH", "DELETE")), "What is meant, with the headers it needs.", True
)
PIECE = Body({tus.PIECE_TYPE: FILE})
OF_PIECE = (*OF_FILE, "CONFLICT", "PRECONDITION_FAILED", "UNSUPPORTED_MEDIA_TYPE", "LOCKED", "CHECKSUM_MISMATCH")


def operations() -> tuple[Operation, ...]:
    return (options(PATH, "uploads_options"), begin(), options(ONE, "upload_options", SESSION), *state(), append(),
            abandon(), override())  # fmt: skip


def options(path: str, name: str, *parameters: Parameter) -> Operation:
    answer = Answer(204, "What is offered.", headers=(*SPEAKS, *OFFER))
    return Operation("options", path, name, "Ask what of TUS there is", (answer,), TAG, parameters=parameters,
                     keys=())  # fmt: skip


def begin() -> Operation:
    answer = Answer(
        201, "Send the pieces to `Location`.", {JSON: enveloped(record({"id": ID}))},
        headers=(*SPEAKS, "Location", *SETTLED), sometimes=BECAME,
    )  # fmt: skip
    return Operation(
        "post", PATH, "upload_begin", "Begin an upload that can be resumed", (answer,), TAG,
        "With a body, that is the first piece. Room for the whole file is kept free until it is done or expires.",
        (VERSION, LENGTH, DEFERRED, METADATA, CHECKSUM), Body(PIECE.content, is_required=False), OF_PIECE, "upload",
        SCOPE,
    )  # fmt: skip


def state() -> tuple[Operation, ...]:
    facts = {"id": ID, "offset": NUMBER, "length": nullable(POSITIVE), "mediaId": nullable(MEDIA_ID)}
    headers = (*SPEAKS, *SETTLED)
    told = Answer(200, "How far.", {JSON: enveloped(record(facts))}, headers, MAYBE)
    head = Answer(200, "How far.", {}, headers, MAYBE)
    return (
        Operation("get", ONE, "upload_state", "How far an upload is", (told,), TAG, parameters=(SESSION,),
                  refusals=("NOT_FOUND",), tier="read", scope=SCOPE),
        Operation("head", ONE, "upload_offset", "Where an upload goes on", (head,), TAG, "Refused while a piece is on "
                  "its way.", (SESSION, VERSION), refusals=("NOT_FOUND", "PRECONDITION_FAILED", "LOCKED"), tier="read",
                  scope=SCOPE),
    )  # fmt: skip


def append() -> Operation:
    answer = Answer(204, "It is here. The last one makes a media of it.", {}, (*SPEAKS, *SETTLED), BECAME)
    return Operation(
        "patch", ONE, "upload_append", "Send a piece", (answer,), TAG, "Costs nothing, and may have any size.",
        (SESSION, VERSION, OFFSET, LENGTH, CHECKSUM), PIECE, OF_PIECE, scope=SCOPE,
    )  # fmt: skip


def abandon() -> Operation:
    return Operation(
        "delete", ONE, "upload_abandon", "Give an upload up", (Answer(204, "Gone.", headers=SPEAKS),), TAG,
        parameters=(SESSION, VERSION), refusals=("NOT_FOUND", "PRECONDITION_FAILED", "LOCKED"), tier="mutation",
        scope=SCOPE,
    )  # fmt: skip


def override() -> Operation:
    answer = Answer(204, "Done.", headers=SPEAKS, sometimes=(*SETTLED, *BECAME))
    return Operation(
        "post", ONE, "upload_override", "PATCH and DELETE for those who can send neither", (answer,), TAG,
        parameters=(SESSION, OVERRIDE, VERSION, OFFSET, LENGTH, CHECKSUM), body=Body(PIECE.content, is_required=False),
        refusals=(*OF_PIECE, "METHOD_NOT_ALLOWED"), scope=SCOPE,
    )  # fmt: skip
