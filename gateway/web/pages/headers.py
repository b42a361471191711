"""The headers of every page: nothing runs, loads or frames that is not ours, and cookies stay on encrypted lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Response, request

from gateway.urls import Urls, origin_of
from gateway.web.pages.site import Site

# What pages may do that ours never ask for.
UNUSED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")


def harden(urls: Urls, origins: Iterable[str] = ()) -> Callable[[Response], Response]:
    """For `after_request`. What a view has set already stays. `origins` are other places that send our files."""
    site = Site.at(urls)
    places = " ".join(dict.fromkeys((site.origin, origin_of(urls.files), *origins)))
    headers = {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED),
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Frame-Options": "DENY",
    }
    policy = content_security_policy(places)
    policy_of_dashboard = content_security_policy(places, scripts_ask=True)
    is_encrypted = site.origin.startswith("https:")

    def add(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if response.mimetype == "text/html":
            is_dashboard = request.blueprint == "dashboard"
            response.headers.setdefault("Content-Security-Policy", policy_of_dashboard if is_dashboard else policy)
            for name, value in headers.items():
                response.headers.setdefault(name, value)
        # At another name, such as that in the LAN, there may be no encryption, and such a cookie would never come back.
        if is_encrypted and request.host == site.name and "Set-Cookie" in response.headers:
            response.headers.setlist("Set-Cookie", map(encrypted, response.headers.getlist("Set-Cookie")))
        return response

    return add


def encrypted(cookie: str) -> str:
    return cookie if "; secure" in cookie.lower() else f"{cookie}; Secure"


def strict_transport(urls: Urls) -> tuple[tuple[str, str], ...]:
    """For every answer, where the public URL is an encrypted one: browsers come back by no other. For this name alone,
    as others below it may be somebody else's."""
    return (("Strict-Transport-Security", "max-age=31536000"),) if urls.base.startswith("https:") else ()


def content_security_policy(origin: str, *, scripts_ask: bool = False) -> str:
    """Pictures have their public address even where the page was opened by another, such as the one in the LAN. With
    `scripts_ask` scripts may talk to us, and show pictures that are about to be sent."""
    return "; ".join(
        (
            "default-src 'none'",
            *(["connect-src 'self'"] if scripts_ask else []),
            f"img-src 'self' {origin}{' blob:' if scripts_ask else ''}",
            f"media-src 'self' {origin}",
            "style-src 'self'",
            "script-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
