"""What every view of `/v1` shares: who is let in, how often, and what goes with every answer.

A view begins with `door.admit(…)` and raises what the envelope translates; the rest is between it and the library.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, g, request

from gateway.core.errors import KeyMissing, KeyRefused
from gateway.core.holdings import Holdings
from gateway.core.keys import Caller, Keys
from gateway.core.library import Library
from gateway.core.plans import Plans
from gateway.core.ports import Clock
from gateway.core.sessions import Sessions
from gateway.core.signing import Signing
from gateway.urls import Urls
from gateway.web.auth import bearer_caller
from gateway.web.limits import Budget, RateLimits, Tier
from gateway.web.picora import cors, envelope


@dataclass(frozen=True, slots=True)
class Door:
    library: Library
    holdings: Holdings
    signing: Signing
    sessions: Sessions
    keys: Keys
    plans: Plans
    rates: RateLimits
    urls: Urls
    clock: Clock
    max_bytes: int

    def admit(self, tier: Tier, scope: str | None = None) -> Caller:
        """Whose key it is, with one request less to go. Raises `KeyMissing`, `KeyRefused`, `NotAllowed`, and
        `RateLimited`."""
        caller = self.identify()
        spend(self.rates.take(caller, tier, client_address()))
        if scope:
            caller.require(scope)
        return caller

    def identify(self) -> Caller:
        """As `admit`, at no cost. Keys that are not good cost their sender something: nobody may try many."""
        try:
            return bearer_caller(self.keys, request.environ)
        except (KeyMissing, KeyRefused):
            spend(self.rates.take_stranger(client_address()))
            raise

    def answer_preflight(self) -> Response | None:
        """Before anything is asked of a view; what else asks for OPTIONS is told the methods."""
        if not is_picora() or request.method != "OPTIONS":
            return None
        rule = request.url_rule
        is_ours = bool(rule and getattr(rule, "provide_automatic_options", False))
        if not is_ours and not cors.is_preflight():
            return None
        methods = sorted(current_app.make_default_options_response().allow) if rule else ()
        return envelope.nothing({"Allow": ", ".join(methods)} if methods else None)

    def finish(self, response: Response) -> Response:
        """Every answer says how much is left and lets pages of other sites read it."""
        if is_picora():
            budget: Budget = g.get("budget") or self.rates.look_at_stranger(client_address())
            response.headers.update(budget.headers())
            cors.add(response)
        return response


def spend(budget: Budget) -> None:
    g.budget = budget
    budget.require()


def client_address() -> str:
    return request.remote_addr or ""


def is_picora() -> bool:
    return speaks_picora(request.path)


def speaks_picora(path: str) -> bool:
    """Whether answers at this path are the envelope, whatever goes wrong."""
    return path in ("/v1", "/health") or path.startswith("/v1/")
