"""Styles, scripts and the description of the API are sent packed to whoever takes them so. Pages are not: tokens are in
them, which could be guessed from how small they get beside what somebody else put there (BREACH)."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Response, request

SAME_FOR_ALL = ("static", "docs.")  # how these endpoints begin
PACKED = frozenset({"text/css", "text/javascript", "application/json"})


def pack_static(response: Response) -> Response:
    """For `after_request`."""
    if not (request.endpoint or "").startswith(SAME_FOR_ALL) or response.status_code not in (200, 304):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 200 and response.mimetype in PACKED and request.accept_encodings["gzip"] > 0:
        response.direct_passthrough = False
        response.set_data(packed(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
        # The same text, but other bytes: caches may not put pieces of both together.
        if etag := response.get_etag()[0]:
            response.set_etag(etag, weak=True)
        response.headers.pop("Accept-Ranges", None)
    return response


@lru_cache(maxsize=64)
def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
