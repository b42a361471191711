"""`/metrics`, for those who run the gateway: from its own machine, or with `metrics.token`.

It counts where a request comes from, and not the proxy that hands it on: one that says it was handed on, by a proxy
nobody told us to trust, comes from elsewhere.
"""

from __future__ import annotations

import hmac
from ipaddress import IPv6Address, ip_address

from flask import Blueprint, Response, request

from gateway.telemetry.metrics import Metrics
from gateway.web.clients import TRUSTED

HANDED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host", "X-Forwarded-Proto")
UNCACHED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def blueprint(metrics: Metrics, token: str) -> Blueprint:
    bp = Blueprint("ops", __name__)
    bp.add_url_rule("/metrics", "metrics", Ops(metrics, token).view)
    return bp


class Ops:
    def __init__(self, metrics: Metrics, token: str) -> None:
        self.metrics = metrics
        self.token = token

    def view(self) -> Response:
        if not (self.has_token() or is_local()):
            return self.refusal()
        text, kind = self.metrics.render(request.headers.get("Accept", ""))
        return Response(text, headers=UNCACHED, content_type=kind)

    def has_token(self) -> bool:
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        is_sent = scheme.lower() == "bearer" and bool(self.token)
        return is_sent and hmac.compare_digest(sent.strip().encode("utf-8", "surrogatepass"), self.token.encode())

    def refusal(self) -> Response:
        text = "The metrics are for the machine of the gateway, and for those who have metrics.token.\n"
        more = {"WWW-Authenticate": "Bearer"} if self.token else {}
        return Response(text, 401 if self.token else 403, UNCACHED | more, content_type="text/plain; charset=utf-8")


def is_local() -> bool:
    """What a proxy on another machine calls its own address is not ours."""
    proxy: str | None = request.environ.get(TRUSTED)
    is_direct = is_loopback(proxy) if proxy else not any(name in request.headers for name in HANDED_ON)
    return is_direct and is_loopback(request.remote_addr or "")


def is_loopback(address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_loopback
