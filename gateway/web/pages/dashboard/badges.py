"""The cookie by which the dashboard knows who is there.

A badge is signed with a secret of the catalog, so that it is good on every gateway over the same catalog, and with no
other. It is made anew at every sign-in, ends when nobody used it for a week, and after a month in any case; the stamp
of its owner ends it before that. Visitors who are not signed in wear one too, without a name: their forms are no safer
from other sites than those of people who are.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from flask import Response
from itsdangerous import BadSignature, URLSafeSerializer

from gateway.core.credentials import SignedIn
from gateway.core.ports import Clock
from gateway.urls import Urls

COOKIE = "picgate"
IDLE = timedelta(days=7)
LIFE = timedelta(days=30)
SEEN_EVERY = timedelta(hours=1)  # how exact "used" is; finer would send a cookie with every picture


@dataclass(frozen=True, slots=True)
class Badge:
    """`owner_id` is "" for a visitor. `nonce` is in no other badge."""

    owner_id: str
    stamp: int
    nonce: str
    made_at: datetime
    seen_at: datetime


class Badges:
    def __init__(self, secret: Callable[[], bytes], clock: Clock, urls: Urls) -> None:
        self.read_secret = secret
        self.clock = clock
        self.path = f"{urls.root}/dashboard"
        self.is_secure = urls.base.startswith("https:")

    @cached_property
    def secret(self) -> bytes:
        return self.read_secret()

    @cached_property
    def serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(
            self.secret, salt="badge", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )

    def visitor(self) -> Badge:
        now = self.clock.now()
        return Badge("", 0, secrets.token_urlsafe(16), now, now)

    def issue(self, signed_in: SignedIn) -> Badge:
        return replace(self.visitor(), owner_id=signed_in.owner.id, stamp=signed_in.stamp)

    def read(self, text: str | None) -> Badge | None:
        """None for what is no badge of ours, or not any more."""
        try:
            owner_id, stamp, nonce, made, seen = self.serializer.loads(text or "")
            badge = Badge(str(owner_id), int(stamp), str(nonce), moment(made), moment(seen))
        except (BadSignature, ValueError, TypeError, OverflowError, OSError):
            return None
        now = self.clock.now()
        return badge if now - badge.seen_at < IDLE and now - badge.made_at < LIFE else None

    def used(self, badge: Badge) -> Badge:
        """The same one when it was used a moment ago."""
        now = self.clock.now()
        return replace(badge, seen_at=now) if now - badge.seen_at >= SEEN_EVERY else badge

    def pin(self, response: Response, badge: Badge) -> None:
        text = self.serializer.dumps(
            [badge.owner_id, badge.stamp, badge.nonce, seconds(badge.made_at), seconds(badge.seen_at)]
        )
        response.set_cookie(
            COOKIE,
            str(text),
            max_age=seconds(badge.made_at + LIFE) - seconds(self.clock.now()) if badge.owner_id else None,
            path=self.path,
            secure=self.is_secure,
            httponly=True,
            samesite="Lax",
        )

    def token(self, badge: Badge) -> str:
        """What every form of this badge brings along: nobody can tell it who does not see the page."""
        return hmac.new(self.secret, f"token\n{badge.nonce}".encode(), hashlib.sha256).hexdigest()

    def knows(self, badge: Badge, token: str) -> bool:
        return hmac.compare_digest(self.token(badge).encode(), token.encode("utf-8", "replace"))


def seconds(time: datetime) -> int:
    return int(time.timestamp())


def moment(number: int) -> datetime:
    return datetime.fromtimestamp(number, UTC)
