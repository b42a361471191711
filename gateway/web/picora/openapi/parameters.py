"""Parameters and fields that several operations take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.core.changes import MAX_DESCRIPTION, MAX_TAGS, MAX_TITLE
from gateway.core.records import Kind
from gateway.core.referers import MOST as MAX_SITES
from gateway.core.tags import MAX_LENGTH as MAX_TAG
from gateway.web.picora.asking import DEFAULT_LIMIT, KINDS, MAX_LIMIT
from gateway.web.picora.openapi.pieces import FORM, JSON, Body, Parameter
from gateway.web.picora.openapi.shapes import FILE, FLAG, TEXT, Schema, about, listed, nullable, one_of, record, spelled
from gateway.web.picora.rendering import snake

TAG: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_TAG, "pattern": "^[^,/#]*$"}
TAGS = about(listed(TAG, 0, MAX_TAGS), "They replace those there are.", examples=[["travel", "2026"]])
TAGS_TEXT: Schema = {
    "type": "string",
    "contentMediaType": "application/json",
    "contentSchema": listed(TAG, 0, MAX_TAGS),
    "description": "A JSON array of texts.",
    "examples": ['["travel","2026"]'],
}
TITLE: Schema = {"type": "string", "maxLength": MAX_TITLE}
DESCRIPTION: Schema = {"type": "string", "maxLength": MAX_DESCRIPTION}
SITES = about(
    listed({"type": "string", "examples": ["self", "example.org", "*.example.org"]}, 0, MAX_SITES)
    | {"type": ["array", "null"]},
    "The sites that may show the file. null: any. Empty: none, it needs a signed link.",
)

OF_KIND = {"image": "an image", "video": "a video", "audio": "a sound"}
MEDIA_ID = Parameter("id", "path", TEXT, "The `id` of what it is about.", example="xK9mR2pQ7vB")
CURSOR = Parameter("cursor", "query", TEXT, "`nextCursor` of the page before; without it, the first page.")
TYPE = Parameter("type", "query", one_of(KINDS), "Of this kind alone.")


def limit(default: int = DEFAULT_LIMIT, most: int = MAX_LIMIT) -> Parameter:
    schema: Schema = {"type": "integer", "minimum": 1, "default": default}
    return Parameter("limit", "query", schema, f"How many at most. More than {most} is taken for {most}.")


def twice(parameter: Parameter) -> tuple[Parameter, Parameter]:
    """In camel case, which wins, and in snake case."""
    return parameter, replace(parameter, name=snake(parameter.name), says=f"The same as `{parameter.name}`.")


FILTERS = (
    Parameter("tag", "query", TEXT, "With this tag."),
    Parameter("q", "query", TEXT, "With this in title or filename."),
    *twice(Parameter("startDate", "query", TEXT, "Since this day or time.", example="2026-04-27")),
    *twice(Parameter("endDate", "query", TEXT, "Until this day or time, which is included.", example="2026-04-30")),
    *twice(Parameter("isPublic", "query", FLAG, "`true`: those anybody may see; `false`: the others.")),
)
PAGE = (CURSOR, limit(), *FILTERS)


def file_form(kind: Kind) -> Body:
    beside: Mapping[str, Schema] = {
        "isPublic": about(one_of(("true", "false", "1", "0")), "false: whoever asks for the file needs your key or a "
                          "signed link.", default="true"),
        "tags": TAGS_TEXT,
        "title": about(TITLE, "Without it, one is made of the filename."),
        "albumId": about(TEXT, "One of your albums."),
    }  # fmt: skip
    file = about(FILE, f"The file, which has to be {OF_KIND[kind]}; its content says what it is.")
    form = record({"file": file} | spelled(beside), optional=spelled(beside))
    return Body({FORM: form})


def change_form(*, least: int) -> Body:
    """`least` is how many fields there have to be."""
    changes = spelled(
        {
            "title": nullable(TITLE),
            "description": nullable(DESCRIPTION),
            "tags": TAGS,
            "isPublic": FLAG,
            "isNsfw": FLAG,
            "albumId": about(nullable(TEXT), "One of your albums. null: in none."),
            "allowedReferers": SITES,
        }
    )
    schema = record(changes, optional=changes) | {"additionalProperties": False}
    schema |= {"minProperties": least} if least else {}
    return json_body(schema, example={"title": "Cat", "tags": ["travel", "2026"], "isPublic": True})


def json_body(schema: Schema, example: object) -> Body:
    return Body({JSON: schema}, examples={JSON: example})
