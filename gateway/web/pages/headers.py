"""The headers of every page: nothing runs, loads or frames that is not ours."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from gateway.urls import Urls
from gateway.web.pages.site import Site


def harden(urls: Urls) -> Callable[[Response], Response]:
    """For `after_request`. What a view has set already stays."""
    headers = {
        "Content-Security-Policy": content_security_policy(Site.at(urls).origin),
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }

    def add(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if response.mimetype == "text/html":
            for name, value in headers.items():
                response.headers.setdefault(name, value)
        return response

    return add


def content_security_policy(origin: str) -> str:
    """Pictures have their public address even where the page was opened by another, such as the one in the LAN."""
    return "; ".join(
        (
            "default-src 'none'",
            f"img-src 'self' {origin}",
            f"media-src 'self' {origin}",
            "style-src 'self'",
            "script-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
