"""Is it well? `/health` and `/v1/health`, without the envelope: load balancers and clients ask for different ones.

`features` tells clients what to offer: knowledge bases there are none, one list of all media there is. `ill` tells a
balancer whether another gateway would do better: one that is ill by itself has to be passed over, and for a store that
is ill the others are no better off.
"""

from __future__ import annotations

from flask import Blueprint, Response

from gateway import __version__
from gateway.telemetry.health import Health
from gateway.web.picora import envelope
from gateway.web.picora.door import Door

FEATURES = {"kb": False, "mediaListingV2": True}


def register(bp: Blueprint, door: Door, health: Health, node: str) -> None:
    bp.add_url_rule("/health", "health", lambda: answer(door, health, node))
    # Outside the prefix of the blueprint, too.
    bp.record_once(lambda state: state.app.add_url_rule("/health", "health", lambda: answer(door, health, node)))


def answer(door: Door, health: Health, node: str) -> Response:
    report = health.report()
    facts = {
        "ts": envelope.time_text(door.clock.now()),
        "version": __version__,
        "features": FEATURES,
        "node": node,
        "checks": report.words,
    }
    if not report.ill:
        return envelope.bare({"ok": True} | facts)
    retry = {"Retry-After": str(envelope.SECONDS_UNTIL_BETTER)}
    return envelope.bare({"ok": False, "ill": report.ill, "error": report.sentence} | facts, 503, retry)
