"""Answers of the Picora door: `{success, data}`, or `{success, error, code, meta}` with the status that goes with it.

The one table from our codes to theirs is `REFUSALS`. `error` is text a person can act on, `code` is for programs, and
nothing of the inside of the gateway is in either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Response

from gateway.core.errors import GatewayError

# Our code -> status and code as Picora's clients know them.
REFUSALS: dict[str, tuple[int, str]] = {
    "BAD_REQUEST": (400, "BAD_REQUEST"),
    "KEY_MISSING": (401, "UNAUTHORIZED"),
    "KEY_INVALID": (401, "UNAUTHORIZED"),
    "KEY_REVOKED": (401, "API_KEY_REVOKED"),
    "FORBIDDEN": (403, "FORBIDDEN"),
    "SCOPE_MISSING": (403, "FORBIDDEN"),
    "OWNER_DISABLED": (403, "FORBIDDEN"),
    "QUOTA_EXCEEDED": (403, "QUOTA_EXCEEDED"),
    "NOT_FOUND": (404, "NOT_FOUND"),
    "METHOD_NOT_ALLOWED": (405, "METHOD_NOT_ALLOWED"),
    "CONFLICT": (409, "CONFLICT"),
    "DUPLICATE": (409, "CONFLICT"),
    "PRECONDITION_FAILED": (412, "PRECONDITION_FAILED"),
    "FILE_TOO_BIG": (413, "VALIDATION_ERROR"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "UNSUPPORTED_MEDIA_TYPE"),
    "VALIDATION_ERROR": (422, "VALIDATION_ERROR"),
    "JSON_INVALID": (422, "VALIDATION_ERROR"),
    "FILE_EMPTY": (422, "VALIDATION_ERROR"),
    "FILE_UNKNOWN": (422, "VALIDATION_ERROR"),
    "FILE_BROKEN": (422, "VALIDATION_ERROR"),
    "FORMAT_UNSUPPORTED": (422, "VALIDATION_ERROR"),
    "FORMAT_UNREADABLE": (422, "VALIDATION_ERROR"),
    "FORMAT_OFF": (422, "VALIDATION_ERROR"),
    "LIMIT_EXCEEDED": (422, "VALIDATION_ERROR"),
    "LOCKED": (423, "CONFLICT"),
    "CHECKSUM_MISMATCH": (460, "CHECKSUM_MISMATCH"),
    "RATE_LIMITED": (429, "RATE_LIMITED"),
    "INTERNAL": (500, "INTERNAL"),
    "STORE_UNAVAILABLE": (503, "INTERNAL"),
}
OTHERWISE = (400, "BAD_REQUEST")
META_NAMES = {"retry_after": "retryAfterSec", "limit_bytes": "limit"}
SECONDS_UNTIL_BETTER = 5  # when the store is busy or full
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def success(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return bare({"success": True, "data": data}, status, headers)


def nothing(headers: Mapping[str, str] | None = None) -> Response:
    """Done, and there is nothing to say about it."""
    response = Response(status=204, headers={**HEADERS, **(headers or {})})
    del response.headers["Content-Type"]
    return response


def bare(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON without the envelope, for the few addresses that have none."""
    return ready(json.dumps(body, separators=(",", ":")).encode(), status=status, headers=headers)


def ready(*pieces: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A whole answer, written already. It ends its line, for those who read it in a terminal."""
    return Response([*pieces, b"\n"], status, {**HEADERS, **(headers or {})}, content_type="application/json")


def refusal(error: GatewayError) -> Response:
    status, code = REFUSALS.get(error.code, OTHERWISE)
    meta = {camel(name): value for name, value in error.meta.items()}
    body = {"success": False, "error": text_of(error), "code": code, "meta": meta}
    response = bare(body, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        response.headers["Retry-After"] = str(error.meta.get("retry_after", SECONDS_UNTIL_BETTER))
    return response


def text_of(error: GatewayError) -> str:
    """Desktop clients tell a full quota from a wrong key by this word, and show what is behind the colon."""
    if error.code == "QUOTA_EXCEEDED":
        return f"Quota exceeded: {error.meta.get('type', 'storage')}. {error.message}"
    return error.message


def camel(name: str) -> str:
    first, *others = name.split("_")
    return META_NAMES.get(name) or first + "".join(part.capitalize() for part in others)


def time_text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
