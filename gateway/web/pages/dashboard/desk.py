"""What every page of the dashboard works with: the parts of the gateway, and who is in front of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from flask import g, request

from gateway.core.accounts import Accounts
from gateway.core.albums import Albums
from gateway.core.browsing import Browsing
from gateway.core.details import Details
from gateway.core.holdings import Holdings
from gateway.core.keys import Keys
from gateway.core.library import Library
from gateway.core.moves import Moves
from gateway.core.owners import Owners
from gateway.core.plans import Plans
from gateway.core.ports import Clock, Fetcher
from gateway.core.records import Owner
from gateway.core.sessions import Sessions
from gateway.core.signing import Signing
from gateway.telemetry.health import Health
from gateway.telemetry.recent import Recent
from gateway.urls import Urls
from gateway.web.limits import GuessLimit, RateLimits
from gateway.web.pages.dashboard.badges import Badge, Badges
from gateway.web.pages.texts import Texts

LANGUAGE = "picgate-language"  # the cookie of those who chose one without being signed in
TOKEN = "token"  # the field of every form
TOKEN_HEADER = "X-CSRF-Token"


@dataclass(frozen=True, slots=True)
class Desk:
    """`guesses` counts wrong passwords of a household, `names` those for an account, from wherever."""

    accounts: Accounts
    owners: Owners
    keys: Keys
    library: Library
    holdings: Holdings
    browsing: Browsing
    albums: Albums
    details: Details
    signing: Signing
    sessions: Sessions
    fetcher: Fetcher
    moves: Moves
    health: Health
    recent: Recent
    plans: Plans
    rates: RateLimits
    guesses: GuessLimit
    names: GuessLimit
    badges: Badges
    urls: Urls
    clock: Clock
    url_sources: bool

    @property
    def home(self) -> str:
        return f"{self.urls.root}/dashboard"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `owner` is None for somebody who is not signed in."""

    badge: Badge
    owner: Owner | None
    texts: Texts


def visitor() -> Visitor:
    return cast(Visitor, g.visitor)


def me() -> Owner:
    """In views that only those see who are signed in."""
    owner = visitor().owner
    assert owner
    return owner


def texts() -> Texts:
    return visitor().texts


def wear(badge: Badge, owner: Owner | None = None) -> None:
    """From this answer on the browser shows this badge, which is the one of `owner`."""
    g.new_badge = badge
    g.visitor = replace(visitor(), badge=badge, owner=owner)


def client_address() -> str:
    return request.remote_addr or ""
