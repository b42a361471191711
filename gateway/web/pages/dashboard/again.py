"""What becomes of a form that came too late: from somebody who is not signed in any more, or with an old token.

What was typed in is kept in the page that says so, and sent again with one press. It is kept for forms alone that came
from a page of this very site: what another site made a browser send is not shown as if its reader had written it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import Response, make_response, redirect, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.core.errors import GatewayError
from gateway.web.pages.access import IN_A_QUERY, LOCAL
from gateway.web.pages.dashboard.desk import TOKEN
from gateway.web.pages.dashboard.showing import failure, wants_json

MOST_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that can be sent again. `path` is where to."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def written(self) -> str:
        return json.dumps([self.path, self.fields])


def sign_in_first(home: str) -> Response:
    error = GatewayError("You are not signed in, or not any more. Sign in and try again.", code="SIGNED_OUT")
    if wants_json():
        return failure(error)
    if request.method in ("GET", "HEAD"):
        return make_response(redirect(f"{home}/sign-in?back={quote(own_path(home), safe='')}", 303))
    kept = typed(home)
    page = render_template("dashboard/sign_in.html", back=home, kept=kept and kept.written(), error=error, name="")
    return make_response(page, 403)


def refuse(home: str) -> Response:
    error = GatewayError(
        "The form was not sent from a page that is still good. Nothing was done; check it and send it again.",
        code="TOKEN_WRONG",
    )
    return failure(error) if wants_json() else ask(typed(home), error)


def ask(kept: Kept | None, error: GatewayError | None = None) -> Response:
    """Whether to send it again."""
    return make_response(render_template("dashboard/again.html", kept=kept, error=error), 403 if error else 200)


def typed(home: str) -> Kept | None:
    """None when nothing can be kept."""
    if request.method != "POST" or not is_from_here() or request.mimetype != "application/x-www-form-urlencoded":
        return None
    try:
        fields = tuple((name, text) for name, text in request.form.items(multi=True) if name != TOKEN)
    except RequestEntityTooLarge:
        return None
    if not fields or any("password" in name for name, _ in fields) or sum(len(text) for _, text in fields) > MOST_KEPT:
        return None
    return Kept(own_path(home), fields)


def read_kept(text: str, home: str) -> Kept | None:
    try:
        path, fields = json.loads(text)
        kept = Kept(str(path), tuple((str(name), str(value)) for name, value in fields))
    except (ValueError, TypeError):
        return None
    return kept if safe_back(kept.path, home) == kept.path else None


def is_from_here() -> bool:
    """What the browser says about the page the form was on; nothing said is not enough."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host


def own_path(home: str) -> str:
    """The address that was asked for, as a path of the public URL."""
    path = home.removesuffix("/dashboard") + quote(request.path, safe="/-._~")
    query = quote(request.query_string, safe=IN_A_QUERY)
    return f"{path}?{query}" if query else path


def safe_back(path: str, home: str) -> str:
    """`path` if it is one of the dashboard, and else its front page."""
    inside = path == home or path.startswith((f"{home}/", f"{home}?"))
    return path if inside and LOCAL.fullmatch(path) else home
