"""JSON Schema in few words: the shapes that fields of `/v1` have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from gateway.web.picora.rendering import both

Schema = dict[str, Any]

TYPES = {str: "string", bool: "boolean", int: "integer"}

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
POSITIVE: Schema = {"type": "integer", "minimum": 1}
FLAG: Schema = {"type": "boolean"}
NULL: Schema = {"type": "null"}
URL: Schema = {"type": "string", "format": "uri"}
TIME: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
    "examples": ["2026-04-27T08:00:00.000Z"],
}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
ID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{21}$"}
MEDIA_ID: Schema = {"type": "string", "pattern": "^([A-Za-z0-9_-]{11}|[A-Za-z0-9_-]{21})$"}
FILE: Schema = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}


def about(schema: Schema, words: str, **more: object) -> Schema:
    return schema | {"description": words} | more


def nullable(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}


def exactly(value: str | bool | int) -> Schema:
    return {"type": TYPES[type(value)], "const": value}


def one_of(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def listed(item: Schema, least: int = 0, most: int | None = None) -> Schema:
    limits = {"minItems": least} | ({"maxItems": most} if most else {})
    return {"type": "array", "items": item} | limits


def record(fields: Mapping[str, Schema], optional: Collection[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": dict(fields),
        "required": [name for name in fields if name not in optional],
    }


def spelled(fields: Mapping[str, Schema]) -> dict[str, Schema]:
    """In camel case and in snake case."""
    return {name: schema for name, schema in both(dict(fields)).items() if isinstance(schema, dict)}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def enveloped(data: Schema) -> Schema:
    return record({"success": exactly(True), "data": data})
