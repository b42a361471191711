"""Is it well? `/health` and `/v1/health`, without the envelope: load balancers and clients ask for different ones.

`features` tells clients what to offer: knowledge bases there are none, one list of all media there is.
"""

from __future__ import annotations

from flask import Blueprint, Response

from gateway import __version__
from gateway.core.errors import StoreUnavailable
from gateway.web.picora import envelope
from gateway.web.picora.door import Door

FEATURES = {"kb": False, "mediaListingV2": True}


def register(bp: Blueprint, door: Door) -> None:
    bp.add_url_rule("/health", "health", lambda: health(door))
    # Outside the prefix of the blueprint, too.
    bp.record_once(lambda state: state.app.add_url_rule("/health", "health", lambda: health(door)))


def health(door: Door) -> Response:
    facts = {"ts": envelope.time_text(door.clock.now()), "version": __version__, "features": FEATURES}
    try:
        door.library.usage()
    except StoreUnavailable as error:
        return envelope.bare({"ok": False, "error": error.message} | facts, 503)
    return envelope.bare({"ok": True} | facts)
