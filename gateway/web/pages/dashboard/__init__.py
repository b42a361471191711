"""`/dashboard`: where people look after what is theirs. Every page works without a script.

A page is a module with `register(bp, desk)`, its templates in `templates/dashboard/`, and its texts in
`texts/*/<page>.toml`.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, redirect

from gateway.core.errors import NotFound
from gateway.web.pages.dashboard import (
    account,
    admin,
    admin_owners,
    albums,
    keys,
    library,
    media,
    moves,
    pieces,
    signing_in,
    uploading,
    usage,
)
from gateway.web.pages.dashboard.desk import Desk
from gateway.web.pages.dashboard.guard import Guard, for_all
from gateway.web.pages.dashboard.showing import PLACES

__all__ = ["Desk", "blueprint"]

PAGES = (signing_in, account, keys, usage, library, albums, media, uploading, pieces, moves, admin, admin_owners)


def blueprint(desk: Desk) -> Blueprint:
    bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")
    Guard(desk).protect(bp)

    def front() -> Response:
        first = next(name for name in PLACES if f"dashboard.{name}" in current_app.view_functions)
        return make_response(redirect(f"{desk.home}/{first}", 302))

    @for_all
    def nothing(rest: str) -> Response:
        raise NotFound("There is no such page.")

    bp.add_url_rule("", "front", front, strict_slashes=False)
    for page in PAGES:
        page.register(bp, desk)
    bp.add_url_rule("/<path:rest>", "nothing", nothing)
    return bp
