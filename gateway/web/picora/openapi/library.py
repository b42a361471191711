"""`/v1/images`, `/v1/videos`, `/v1/audio` and `/v1/media`: the operations on media."""

from __future__ import annotations

from gateway.core.records import VARIANTS, Kind
from gateway.core.signing import LONGEST
from gateway.web.picora import images, media
from gateway.web.picora.asking import KINDS
from gateway.web.picora.openapi import parameters
from gateway.web.picora.openapi.media import SECONDS, page, uploaded
from gateway.web.picora.openapi.pieces import JSON, Answer, Body, Operation
from gateway.web.picora.openapi.refusals import OF_BODY, OF_FILE
from gateway.web.picora.openapi.shapes import (
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
from gateway.web.picora.sharing import DEFAULT_SECONDS

FAMILIES: dict[Kind, str] = {"image": "images", "video": "videos", "audio": "audio"}
NAMES: dict[Kind, str] = {"image": "Image", "video": "Video", "audio": "Audio"}
CHANGE_DETAILS = "What is not sent stays. A name nobody knows is refused, so that a misspelled one is not passed over."


def answered(schema: Schema, says: str = "Done.", status: int = 200) -> tuple[Answer]:
    return (Answer(status, says, {JSON: enveloped(schema)}),)


def operations() -> tuple[Operation, ...]:
    of_kinds = [operation for kind in FAMILIES for operation in of_kind(kind)]
    return (*of_kinds, exists(), remove_images(), video_status(), *of_all())


def of_kind(kind: Kind) -> tuple[Operation, ...]:
    found = (upload(kind), look(kind), change(kind), remove(kind), sign(kind))
    return found if kind == "audio" else (list_of(kind), *found)


def upload(kind: Kind) -> Operation:
    says = "What it became. The same bytes again are answered with the record there is."
    status = 202 if kind == "video" else 201
    answer = Answer(status, says, {JSON: enveloped(uploaded(kind))}, sometimes=("X-Picora-Duplicate",))
    return Operation(
        "post", f"/v1/{FAMILIES[kind]}", f"{kind}_upload", f"Upload {parameters.OF_KIND[kind]}", (answer,),
        FAMILIES[kind], body=parameters.file_form(kind), refusals=OF_FILE, tier="upload", scope="media.write",
    )  # fmt: skip


def list_of(kind: Kind) -> Operation:
    family = FAMILIES[kind]
    answer = Answer(200, "A page.", {JSON: page(ref(NAMES[kind]), family)})
    return Operation(
        "get", f"/v1/{family}", f"{kind}_list", f"List {family}", (answer,), family, parameters=parameters.PAGE,
        refusals=("VALIDATION_ERROR",), tier="read", scope="media.read",
    )  # fmt: skip


def look(kind: Kind) -> Operation:
    return Operation(
        "get", f"/v1/{FAMILIES[kind]}/{{id}}", f"{kind}_get", f"Look at {parameters.OF_KIND[kind]}",
        answered(ref(NAMES[kind]), "The record."), FAMILIES[kind], parameters=(parameters.MEDIA_ID,),
        refusals=("NOT_FOUND",), tier="read", scope="media.read",
    )  # fmt: skip


def change(kind: Kind) -> Operation:
    is_image = kind == "image"
    answers = answered(ref("Image"), "The record as it is now.") if is_image else answered(NULL)
    return Operation(
        "patch", f"/v1/{FAMILIES[kind]}/{{id}}", f"{kind}_change", f"Change {parameters.OF_KIND[kind]}", answers,
        FAMILIES[kind], CHANGE_DETAILS, (parameters.MEDIA_ID,), parameters.change_form(least=int(is_image)),
        refusals=(*OF_BODY, "NOT_FOUND"), tier="mutation", scope="media.write",
    )  # fmt: skip


def remove(kind: Kind) -> Operation:
    answers = answered(NULL) if kind == "video" else (Answer(204, "Gone."),)
    return Operation(
        "delete", f"/v1/{FAMILIES[kind]}/{{id}}", f"{kind}_delete", f"Delete {parameters.OF_KIND[kind]}", answers,
        FAMILIES[kind], "At once and for good; its address is never used again.", (parameters.MEDIA_ID,),
        refusals=("NOT_FOUND",), tier="mutation", scope="media.delete",
    )  # fmt: skip


def sign(kind: Kind) -> Operation:
    seconds = {"type": "integer", "minimum": 1, "maximum": LONGEST, "default": DEFAULT_SECONDS}
    asked = spelled({"expSeconds": about(seconds, "How long it is good for.")})
    asked |= {"variant": about(nullable(TEXT) | {"enum": [*VARIANTS, None]}, "For this rendition alone.")}
    signed = spelled({"signedUrl": URL, "expiresAt": TIME, "exp": about(POSITIVE, "The same in Unix time.")})
    return Operation(
        "post", f"/v1/{FAMILIES[kind]}/{{id}}/sign", f"{kind}_sign", "Make a link that opens it for a while",
        answered(record(signed), "The link. Whoever has it can open what is not public."), FAMILIES[kind],
        parameters=(parameters.MEDIA_ID,),
        body=Body({JSON: record(asked, optional=asked)}, is_required=False, examples={JSON: {"expSeconds": 600}}),
        refusals=(*OF_BODY, "NOT_FOUND"), tier="upload", scope="media.write",
    )  # fmt: skip


def exists() -> Operation:
    hashes = {"hashes": about(listed(SHA256, 1, images.MAX_HASHES), "SHA-256 sums of files.")}
    known = {"type": "object", "additionalProperties": record({"id": MEDIA_ID, "url": URL})}
    found = record({"existing": about(known, "By hash."), "missing": listed(SHA256)})
    return Operation(
        "post", "/v1/images/exists", "images_exist", "Find out which files are here already", answered(found), "images",
        body=parameters.json_body(record(hashes), {"hashes": ["0" * 64]}),
        refusals=("BAD_REQUEST", "FILE_TOO_BIG"), tier="upload", scope="media.write",
    )  # fmt: skip


def remove_images() -> Operation:
    asked = record({"ids": listed(TEXT, 1, images.MAX_REMOVED)})
    return Operation(
        "delete", "/v1/images", "images_delete_many", "Delete several images",
        answered(record({"deleted": NUMBER, "failed": NUMBER}), "How many are gone, and how many are not."), "images",
        "One that cannot be deleted does not keep the others.",
        body=parameters.json_body(asked, {"ids": ["xK9mR2pQ7vB"]}), refusals=OF_BODY, tier="mutation",
        scope="media.delete",
    )  # fmt: skip


def video_status() -> Operation:
    told = {
        "id": MEDIA_ID,
        "status": exactly("ready"),
        "playbackUrl": URL,
        "thumbnailUrl": nullable(URL),
        "durationSeconds": SECONDS,
        "progress": exactly(100),
    }
    return Operation(
        "get", "/v1/videos/{id}/status", "video_status", "Ask whether a video is ready",
        answered(record(spelled(told)), "It is, as soon as it is here."), "videos", parameters=(parameters.MEDIA_ID,),
        refusals=("NOT_FOUND",), tier="read", scope="media.read",
    )  # fmt: skip


def of_all() -> tuple[Operation, ...]:
    item = record({"id": TEXT, "type": TEXT})
    failed = record({"id": TEXT, "type": TEXT, "reason": TEXT})
    done = record({"deleted": listed(TEXT), "failed": listed(failed)})
    asked = record({"items": listed(item, 1, media.MAX_REMOVED)})
    return (
        Operation(
            "get", "/v1/media", "media_list", "List images, videos and sounds",
            (Answer(200, "A page.", {JSON: page(ref("Item"))}),), "media",
            parameters=(parameters.TYPE, *parameters.PAGE), refusals=("VALIDATION_ERROR",), tier="read",
            scope="media.read",
        ),
        Operation(
            "get", "/v1/media/{id}", "media_get", "Look at one, whatever it is", answered(ref("Item"), "The record."),
            "media", parameters=(parameters.MEDIA_ID,), refusals=("NOT_FOUND",), tier="read", scope="media.read",
        ),
        Operation(
            "delete", "/v1/media", "media_delete_many", "Delete several of any kind",
            answered(done, "Which are gone, and why the others are not."), "media",
            f"The kinds are {', '.join(KINDS)}. One that cannot be deleted does not keep the others.",
            body=parameters.json_body(asked, {"items": [{"id": "xK9mR2pQ7vB", "type": "image"}]}), refusals=OF_BODY,
            tier="mutation", scope="media.delete",
        ),
    )  # fmt: skip
