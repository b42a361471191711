"""Any page may call `/v1` with a key of its own: there are no cookies to protect, so no origin is refused."""

from __future__ import annotations

from flask import Response, request

ALLOWED_METHODS = "GET, HEAD, POST, PATCH, DELETE, OPTIONS"
ALLOWED_HEADERS = ("Authorization", "Content-Type", "Accept", "Accept-Language", "Cache-Control", "X-Picora-Client",
                   "X-Request-Id", "X-Requested-With", "X-HTTP-Method-Override", "Tus-Resumable", "Tus-Version",
                   "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm", "Upload-Length", "Upload-Offset",
                   "Upload-Metadata", "Upload-Defer-Length", "Upload-Concat", "Upload-Checksum")  # fmt: skip
EXPOSED_HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-RateLimit-Limit",
                   "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After", "X-Request-Id", "X-Picora-Duplicate",
                   "X-Picora-Id", "X-Picora-Url", "Location", "Upload-Offset", "Upload-Length", "Upload-Expires",
                   "Upload-Metadata", "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size",
                   "Tus-Checksum-Algorithm")  # fmt: skip
SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS),
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": ALLOWED_METHODS,
    "Access-Control-Allow-Headers": ", ".join(ALLOWED_HEADERS),
    "Access-Control-Max-Age": "86400",
}


def is_preflight() -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def add(response: Response) -> None:
    response.headers.update(SHARED)
    if is_preflight():
        response.headers.update(PREFLIGHT)
