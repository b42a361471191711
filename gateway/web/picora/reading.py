"""Reads what a request to `/v1` carries: nothing is believed to be what it says it is."""

from __future__ import annotations

from typing import Any

from flask import request

from gateway.core.errors import InvalidInput

MAX_JSON_BYTES = 1_000_000  # a file may be longer, but nobody writes so much about one


def json_object() -> dict[str, Any]:
    """The body, whatever type the client gave it. Raises `InvalidInput`."""
    request.max_content_length = MAX_JSON_BYTES
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:  # brackets without end
        body = None
    if not isinstance(body, dict):
        raise InvalidInput('The body must be a JSON object, such as {"title": "Cat"}.', code="JSON_INVALID")
    return body
