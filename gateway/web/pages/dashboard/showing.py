"""What stands around every page of the dashboard, and how it says that something went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, jsonify, make_response, redirect, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.core.errors import GatewayError
from gateway.web.pages.dashboard.desk import TOKEN, Desk, Visitor, texts, visitor
from gateway.web.pages.texts import LANGUAGES, texts_in

STATUSES = {
    "SIGNED_OUT": 401,
    "SIGN_IN_REFUSED": 403,
    "PASSWORD_WRONG": 403,
    "TOKEN_WRONG": 403,
    "FOREIGN_FORM": 403,
    "FORBIDDEN": 403,
    "OWNER_DISABLED": 403,
    "QUOTA_EXCEEDED": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "DUPLICATE": 409,
    "LINK_GONE": 410,
    "PRECONDITION_FAILED": 412,
    "FILE_TOO_BIG": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "LOCKED": 423,
    "RATE_LIMITED": 429,
    "STORE_UNAVAILABLE": 503,
}
NOTICE = "done"  # the question of an address that says what was done before it


@dataclass(frozen=True, slots=True)
class Place:
    """What can be gone to from everywhere."""

    name: str
    path: str
    is_here: bool


# In the order in which they stand; those whose pages are not there are left out.
PLACES = ("library", "albums", "keys", "usage", "moves", "admin")
FOR_ADMINS = ("moves", "admin")


def surroundings(desk: Desk) -> dict[str, object]:
    """What templates find: `t` the texts, `me` who is signed in, `token` for forms, `home`, the places, a notice."""
    if not (here := current_visitor()):
        return {}
    notice = request.args.get(NOTICE, "")
    return {
        "t": here.texts,
        "me": here.owner,
        "token": desk.badges.token(here.badge),
        "token_field_name": TOKEN,
        "home": desk.home,
        "places": places(desk, here) if here.owner else (),
        "here": readable_path(),
        "languages": [(one, texts_in(one)("common.language")) for one in LANGUAGES],
        "notice": here.texts(f"done.{notice}") if f"done.{notice}" in here.texts else "",
        "now": desk.clock.now(),
    }


def readable_path() -> str:
    """Of this page. The answer to a form may be at an address where nothing can be read: then the nearest above it."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    path, routes = request.path, current_app.create_url_adapter(request)
    while routes and routes.match(path, method="GET")[0] == "dashboard.nothing":
        path = path.rpartition("/")[0]
    return path


def current_visitor() -> Visitor | None:
    try:
        return visitor()
    except AttributeError:
        return None


def places(desk: Desk, here: Visitor) -> list[Place]:
    """Where a page of the dashboard is, the first part of its path tells: "/dashboard/keys/…" is in the keys."""
    part = request.path.removeprefix("/dashboard").strip("/").partition("/")[0]
    is_admin = bool(here.owner and here.owner.role == "admin")
    return [
        Place(name, f"{desk.home}/{name}", name == part)
        for name in PLACES
        if f"dashboard.{name}" in current_app.view_functions and (name not in FOR_ADMINS or is_admin)
    ]


def done(desk: Desk, path: str, notice: str = "") -> Response:
    """After a form: to the page at `path`, which says what was done (`done.{notice}` of the texts)."""
    query = f"?{NOTICE}={notice}" if notice else ""
    return make_response(redirect(f"{desk.home}{path}{query}", 303))


def wants_json() -> bool:
    """Scripts of ours ask for it."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def failure(error: GatewayError) -> Response:
    status = STATUSES.get(error.code, 400)
    if wants_json():
        response = jsonify({"error": {"code": error.code, "message": str(texts().error(error))}})
        response.status_code = status
    else:
        response = make_response(render_template("dashboard/failure.html", status=status, error=error), status)
    if wait := error.meta.get("retry_after"):
        response.headers["Retry-After"] = str(wait)
    return response


def too_large(error: RequestEntityTooLarge) -> Response:
    limit = request.max_content_length or 0
    return failure(
        GatewayError("That is more than can be sent here.", code="FILE_TOO_BIG", limit_bytes=limit),
    )
