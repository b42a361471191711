"""Who may see a page of the dashboard, and whether a form is one of ours.

Promises: a view is seen by nobody who is not signed in unless it is marked with `for_all`, and what changes something
is done for nobody who does not bring the token of their badge. What somebody typed in is not lost over that: it is
shown again and sent with one press, unless it was a password or a file, or came from another site.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.core.errors import GatewayError, NotFound
from gateway.web.bodies import StreamingRequest
from gateway.web.pages.dashboard import again
from gateway.web.pages.dashboard.badges import COOKIE
from gateway.web.pages.dashboard.desk import LANGUAGE, TOKEN, TOKEN_HEADER, Desk, Visitor, me, visitor
from gateway.web.pages.dashboard.showing import current_visitor, failure, surroundings, too_large, wants_json
from gateway.web.pages.texts import spoken, texts_in

P = ParamSpec("P")
R = TypeVar("R")

MAX_FORM = 200_000


def for_all(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view that also those see who are not signed in."""
    return marked(view, "is_for_all")


def with_files(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view that takes uploads, of any size the gateway takes; of several in a form each is refused by itself.
    The token should come in the header, so that nothing of a forged request is read."""
    return marked(view, "takes_files")


def for_admins(view: Callable[P, R]) -> Callable[P, R]:
    """To everybody else there is nothing here."""

    @wraps(view)
    def guarded(*args: P.args, **options: P.kwargs) -> R:
        if me().role != "admin":
            raise NotFound("There is no such page.")
        return view(*args, **options)

    return guarded


def marked(view: Callable[P, R], mark: str) -> Callable[P, R]:
    @wraps(view)
    def same(*args: P.args, **options: P.kwargs) -> R:
        return view(*args, **options)

    setattr(same, mark, True)
    return same


class Guard:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.badges = desk.badges

    def protect(self, bp: Blueprint) -> None:
        bp.before_request(self.admit)
        bp.after_request(self.see_out)
        bp.context_processor(lambda: surroundings(self.desk))
        bp.register_error_handler(GatewayError, self.fail)
        bp.register_error_handler(RequestEntityTooLarge, too_large)

    def admit(self) -> Response | None:
        self.recognise()
        view = current_app.view_functions[request.endpoint or ""]
        owner = visitor().owner
        if owner and getattr(view, "takes_files", False):
            cast(StreamingRequest, request).takes_several = not wants_json()
        else:
            request.max_content_length = MAX_FORM
        if not owner and not getattr(view, "is_for_all", False):
            return again.sign_in_first(self.desk.home)
        if request.method not in ("GET", "HEAD", "OPTIONS") and not self.is_ours():
            return again.refuse(self.desk.home)
        return None

    def recognise(self) -> None:
        """First as a stranger, so that it can be said in a page when the catalog does not answer."""
        g.visitor = self.stranger()
        badge = self.badges.read(request.cookies.get(COOKIE))
        owner = self.desk.accounts.still_in(badge.owner_id, badge.stamp) if badge and badge.owner_id else None
        if not badge or (badge.owner_id and not owner):
            badge = g.new_badge = self.badges.visitor()
        elif owner and (used := self.badges.used(badge)) is not badge:
            badge = g.new_badge = used
        language, zone = (owner.language, owner.time_zone) if owner else (None, None)
        g.visitor = Visitor(badge, owner, texts_in(spoken((language, *asked_languages()))).at(zone))

    def stranger(self) -> Visitor:
        return Visitor(self.badges.visitor(), None, texts_in(spoken(asked_languages())))

    def fail(self, error: GatewayError) -> Response:
        """What is refused before anybody is recognised, as forms of other sites are, is said to a stranger. The badge
        of whoever that is stays what it is."""
        if not current_visitor():
            g.visitor = self.stranger()
        return failure(error)

    def is_ours(self) -> bool:
        """The header first: who sends it does not have the body read for it."""
        token = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN, "")
        return self.badges.knows(visitor().badge, token)

    def see_out(self, response: Response) -> Response:
        """Nothing of the dashboard is kept anywhere, and a new badge goes along."""
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if badge := g.pop("new_badge", None):
            self.badges.pin(response, badge)
        return response


def asked_languages() -> tuple[str | None, ...]:
    """The one that was chosen first."""
    return (request.cookies.get(LANGUAGE), *request.accept_languages.values())
