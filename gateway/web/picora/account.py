"""Who the caller is and what they have left: connection tests of clients, and the figures their settings pages show.

Clients parse these strictly: every figure is an integer, also where nothing limits it, and a block of a thing that does
not exist here is null.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response

from gateway.core.plans import Plan
from gateway.core.records import Kind, Owner
from gateway.core.scopes import tier_of
from gateway.core.totals import Totals
from gateway.web.limits import Budget
from gateway.web.picora import envelope
from gateway.web.picora.door import Door, client_address

WITHOUT_LIMIT = 2**53 - 1  # the largest integer that JavaScript can tell from its neighbours


def register(bp: Blueprint, door: Door) -> None:
    account = Account(door)
    bp.add_url_rule("/auth/verify", "verify", account.verify)
    bp.add_url_rule("/user/me", "me", account.me)
    bp.add_url_rule("/user/me/usage", "usage", account.usage)
    bp.add_url_rule("/user/me/rate-limits", "rate_limits", account.rate_limits)


class Account:
    def __init__(self, door: Door) -> None:
        self.door = door

    def verify(self) -> Response:
        caller = self.door.admit("read")
        return envelope.success(
            {
                "valid": True,
                "userId": caller.owner.id,
                "plan": self.door.plans.of(caller.owner).name,
                "authType": "apiKey",
                "apiKeyId": caller.key.id,
                "scope": tier_of(caller.key.scopes),
                "scopesV2": list(caller.key.scopes),
                "scopeVersion": 2,
            }
        )

    def me(self) -> Response:
        owner = self.door.admit("read", "account.read").owner
        avatar = self.door.library.file_entry(owner.avatar_id) if owner.avatar_id else None
        return envelope.success(
            {
                "id": owner.id,
                "email": owner.email,
                "nickname": owner.name or owner.username,
                "avatarUrl": self.door.urls.file(avatar) if avatar else None,
                "plan": self.door.plans.of(owner).name,
                "role": "admin" if owner.role == "admin" else "user",
                "emailVerified": False,
                "locale": owner.language or "en",
                "isActive": owner.is_active,
                "createdAt": envelope.time_text(owner.created_at),
            }
        )

    def usage(self) -> Response:
        owner = self.door.admit("read", "usage.read").owner
        plan, totals = self.door.plans.of(owner), self.door.holdings.totals(owner)
        uploads = self.door.holdings.uploads(owner)
        counted = {"uploadCountToday": uploads.day, "uploadCountMonth": uploads.month}
        return envelope.success(
            {
                "plan": plan.name,
                "planLimits": plan_limits(plan, owner),
                "images": block(totals, "image") | counted,
                "videos": block(totals, "video"),
                "audio": block(totals, "audio"),
                "docs": None,
                "kbs": None,
                "updatedAt": envelope.time_text(self.door.clock.now()),
            }
        )

    def rate_limits(self) -> Response:
        caller = self.door.identify()
        budgets = self.door.rates.look(caller, client_address())
        return envelope.success({name: budget_facts(budget) for name, budget in budgets.items()})


def plan_limits(plan: Plan, owner: Owner) -> dict[str, int]:
    """There are no documents and no knowledge bases."""
    return {
        "imgStorageBytes": tightest(plan.image_bytes, owner.quota_bytes),
        "imgUploadMonth": tightest(plan.uploads_per_month),
        "docCount": 0,
        "audioStorageBytes": tightest(plan.audio_bytes, owner.quota_bytes),
        "videoStorageBytes": tightest(plan.video_bytes, owner.quota_bytes),
        "kbCount": 0,
    }


def tightest(*limits: int | None) -> int:
    return min((limit for limit in limits if limit is not None), default=WITHOUT_LIMIT)


def block(totals: Totals, kind: Kind) -> dict[str, int]:
    """Bandwidth is not counted here: nobody pays for it by the byte."""
    return {
        "storageUsed": totals.size_bytes((kind,)),
        "bandwidthUsed": 0,
        "totalCount": totals.number((kind,)),
        "publicCount": totals.number((kind,), True),
        "privateCount": totals.number((kind,), False),
    }


def budget_facts(budget: Budget) -> dict[str, object]:
    return {
        "limit": budget.limit,
        "remaining": budget.remaining,
        "resetSeconds": budget.seconds,
        "resetAt": envelope.time_text(datetime.fromtimestamp(budget.reset_at, UTC)),
    }
