"""A visit to a page counts once: the cookie lives as long as the browser session and is sent to this page alone."""

from __future__ import annotations

from flask import Response, request

SEEN = "seen"


def is_new() -> bool:
    return request.method == "GET" and SEEN not in request.cookies


def remember(response: Response, path: str) -> None:
    response.set_cookie(SEEN, "1", path=path, httponly=True, samesite="Lax")
