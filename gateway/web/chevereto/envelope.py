"""Answers of the legacy door: its JSON as the old host wrote it, its plain text, and its numbers for every refusal."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Response

from gateway.core.errors import GatewayError
from gateway.core.sizes import format_size
from gateway.web.chevereto.reading import Format

HEADERS = {
    "Cache-Control": "no-store, no-cache, must-revalidate",
    "Pragma": "no-cache",
    "Expires": "0",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After, X-Request-Id",
}

# Our code -> the old host's number, and its words where tools may look for them.
REFUSALS: dict[str, tuple[int, str | None]] = {
    "VERSION_MISSING": (100, None),
    "ACTION_MISSING": (100, None),
    "KEY_MISSING": (100, "No key provided"),
    "KEY_INVALID": (100, "Invalid API key."),
    "KEY_REVOKED": (100, "Invalid API key."),
    "VERSION_INVALID": (110, None),
    "ACTION_INVALID": (120, None),
    "BASE64_INVALID": (120, None),
    "BASE64_BY_GET": (130, None),
    "SOURCE_MISSING": (130, None),
    "FORBIDDEN": (401, "Request denied"),
    "SCOPE_MISSING": (401, "Request denied"),
    "OWNER_DISABLED": (401, "Request denied"),
    "URL_OFF": (403, "URL uploading is disabled"),
    "URL_SCHEME": (400, None),
    "URL_HOST": (400, None),
    "URL_FAILED": (400, None),
    "VALIDATION_ERROR": (400, None),
    "JSON_INVALID": (400, None),
    "ARRAY_SENT": (0, None),
    "FILE_EMPTY": (0, None),
    "FILE_UNKNOWN": (610, "Can't get target upload source info"),
    "FORMAT_UNSUPPORTED": (613, "Unavailable image format"),
    "FORMAT_UNREADABLE": (613, None),
    "FORMAT_OFF": (614, "Disabled image format ({format})"),
    "FILE_TOO_BIG": (400, "File too big - max {limit}"),
    "FILE_BROKEN": (425, None),
    "LIMIT_EXCEEDED": (400, None),
    "WIDTH_TOO_LARGE": (610, None),
    "WIDTH_INVALID": (1, None),
    "DUPLICATE": (101, "Duplicated upload"),
    "QUOTA_EXCEEDED": (104, "No space left on storage"),
}
STATUSES = {"RATE_LIMITED": 429, "STORE_UNAVAILABLE": 503, "METHOD_NOT_ALLOWED": 405, "INTERNAL": 500}


def success(body: dict[str, object]) -> Response:
    return Response(php_json(body), 200, HEADERS, content_type="application/json; charset=UTF-8")


def text(body: str, status: int = 200) -> Response:
    return Response(body, status, HEADERS, content_type="text/plain; charset=utf-8")


def redirect(path: str) -> Response:
    return Response("", 302, HEADERS | {"Location": path}, content_type="text/html; charset=UTF-8")


def refusal(error: GatewayError, format: Format) -> Response:
    status = STATUSES.get(error.code, 400)
    number, words = REFUSALS.get(error.code, (status, None))
    message = words.format(**phrases(error)) if words else error.message
    if format == "json":
        body = failure_body(status, message, number)
        response = Response(body, status, HEADERS, content_type="application/json; charset=UTF-8")
    else:
        response = text(message, status)
    if status in (429, 503):
        response.headers["Retry-After"] = str(error.meta.get("retry_after", 5))
    if status == 405:
        response.headers["Allow"] = "GET, POST, OPTIONS"
    return response


def failure_body(status: int, message: str, number: int) -> str:
    body = {
        "status_code": status,
        "error": {"message": message, "code": number},
        "status_txt": HTTPStatus(status).phrase,
    }
    return php_json(body)


def phrases(error: GatewayError) -> dict[str, object]:
    limit = error.meta.get("limit_bytes")
    return {**error.meta, "limit": format_size(limit) if isinstance(limit, int) else ""}


def php_json(body: object) -> str:
    """JSON as PHP writes it: one line, slashes escaped."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/")
