"""Holds answers against `/openapi.json`: status, headers and body have to be described, with nothing besides."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from gateway.urls import Urls
from gateway.web.picora.openapi import document
from tests.conftest import PUBLIC_URL

DOCUMENT = document(Urls(PUBLIC_URL))
OPERATIONS: dict[tuple[str, str], Any] = {
    (method.upper(), path): operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
# Literal paths before those with a place for an id. What old tools and TUS clients ask for may end in a slash.
PATTERNS = [
    (path, re.compile(re.sub(r"\\{.*?\\}", "[^/]+", re.escape(path)) + "/?" * path.startswith(("/api", "/v1/uploads"))))
    for path in sorted(DOCUMENT["paths"], key=lambda path: path.count("{"))
]
UNKNOWN = {"404": {"$ref": "#/components/responses/404.NOT_FOUND"},
           "405": {"$ref": "#/components/responses/405.METHOD_NOT_ALLOWED"}}  # fmt: skip


def check(answer: TestResponse) -> str:
    """The name of the operation that answered."""
    method, path = answer.request.method, answer.request.path
    operation = operation_of(method, path)
    assert operation or answer.status_code in (204, 404, 405), (method, path, answer.status)
    if not operation and answer.status_code == 204:  # OPTIONS of something else
        return ""
    responses = operation["responses"] if operation else UNKNOWN
    assert str(answer.status_code) in responses, (method, path, answer.status, answer.text)
    response = resolved(responses[str(answer.status_code)])
    check_headers(response, answer)
    if method != "HEAD":
        check_body(response, answer)
    return operation["operationId"] if operation else ""


def operation_of(method: str, path: str) -> Any:
    known = next((known for known, pattern in PATTERNS if pattern.fullmatch(path)), None)
    if not known:
        return None
    return OPERATIONS.get((method, known)) or (OPERATIONS.get(("GET", known)) if method == "HEAD" else None)


def resolved(part: Any) -> Any:
    if "$ref" not in part:
        return part
    found = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def check_headers(response: Any, answer: TestResponse) -> None:
    for name, header in response["headers"].items():
        described = resolved(header)
        if name in answer.headers:
            validate(typed(described["schema"], answer.headers[name]), described["schema"])
        else:
            assert not described.get("required"), (name, answer.request.path, answer.headers)


def typed(schema: Any, text: str) -> object:
    return int(text) if schema.get("type") == "integer" else text


def check_body(response: Any, answer: TestResponse) -> None:
    content = response.get("content", {})
    if not content:
        assert answer.data == b"", answer.text
        return
    assert answer.mimetype in content, (answer.mimetype, list(content))
    schema = content[answer.mimetype]["schema"]
    if answer.mimetype == "application/json":
        validate(answer.json, schema)


def validate(value: object, schema: Any) -> None:
    error = next(validator(json.dumps(schema)).iter_errors(value), None)
    assert not error, f"{error.json_path}: {error.message}"


@lru_cache
def validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({"components": COMPONENTS} | closed(json.loads(schema)))


def closed(schema: Any) -> Any:
    """No fields but those it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: closed(part) for name, part in schema.items()}
    is_record = schema.get("type") == "object" and "properties" in schema
    return {"additionalProperties": False} | parts if is_record else parts


COMPONENTS = {"schemas": closed(DOCUMENT["components"]["schemas"])}
