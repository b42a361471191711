"""Who the caller is, what they have left, and whether the gateway is well."""

from __future__ import annotations

from gateway.core.scopes import SCOPES, TIERS
from gateway.web.picora.openapi.headers import OF_PICORA
from gateway.web.picora.openapi.pieces import JSON, Answer, Operation
from gateway.web.picora.openapi.shapes import (
    FLAG,
    ID,
    NULL,
    NUMBER,
    TEXT,
    TIME,
    URL,
    about,
    enveloped,
    exactly,
    listed,
    nullable,
    one_of,
    record,
)

TAG = "account"
SCOPE = record(
    {
        "valid": exactly(True),
        "userId": ID,
        "plan": TEXT,
        "authType": exactly("apiKey"),
        "apiKeyId": ID,
        "scope": about(one_of(TIERS), "What the key may do, in one word."),
        "scopesV2": listed(one_of(SCOPES)),
        "scopeVersion": exactly(2),
    }
)
ME = record(
    {
        "id": ID,
        "email": nullable(TEXT),
        "nickname": TEXT,
        "avatarUrl": nullable(URL),
        "plan": TEXT,
        "role": one_of(("admin", "user")),
        "emailVerified": FLAG,
        "locale": TEXT,
        "isActive": FLAG,
        "createdAt": TIME,
    }
)
STORED = {name: NUMBER for name in ("storageUsed", "bandwidthUsed", "totalCount", "publicCount", "privateCount")}
LIMITS = ("imgStorageBytes", "imgUploadMonth", "docCount", "audioStorageBytes", "videoStorageBytes", "kbCount")
USAGE = record(
    {
        "plan": TEXT,
        "planLimits": about(record(dict.fromkeys(LIMITS, NUMBER)), "2^53 - 1 stands for no limit."),
        "images": record(STORED | {"uploadCountToday": NUMBER, "uploadCountMonth": NUMBER}),
        "videos": record(STORED),
        "audio": record(STORED),
        "docs": NULL,
        "kbs": NULL,
        "updatedAt": TIME,
    }
)
STORE_WORD = one_of(("ok", "unreachable", "silent"))
BUDGET = record({"limit": NUMBER, "remaining": NUMBER, "resetSeconds": NUMBER, "resetAt": TIME})
RATES = record(dict.fromkeys(("read", "upload", "mutation", "hourly"), BUDGET))
CHECKS = record(
    {
        "catalog": about(STORE_WORD, "Whether records can be read and written."),
        "files": about(STORE_WORD, "Whether files can be read and kept."),
        "disk": about(one_of(("ok", "full", "unreachable")), "Whether there is room where uploads arrive."),
        "sweeper": about(one_of(("ok", "late")), "Whether what is past its time is removed."),
        "limits": about(
            one_of(("ok", "lost")),
            "Whether rate limits are counted together with other gateways; if "
            "not, this one counts for itself, and is well.",
        ),
    },
    optional=("sweeper", "limits"),
)
FACTS = {
    "ts": TIME,
    "version": TEXT,
    "features": record({"kb": exactly(False), "mediaListingV2": exactly(True)}),
    "node": about(TEXT, "Which gateway answers, where there are several."),
    "checks": about(CHECKS, "What was looked at, within about the last second."),
}
ILL = about(
    one_of(("gateway", "store")),
    "What is ill: this gateway, so that another may do better, or a store that it shares with all others.",
)
WELL = record({"ok": exactly(True)} | FACTS)
UNWELL = record({"ok": exactly(False), "ill": ILL, "error": TEXT} | FACTS)


def operations() -> tuple[Operation, ...]:
    return (
        Operation(
            "get", "/v1/auth/verify", "verify", "Try a key", (Answer(200, "It is good.", {JSON: enveloped(SCOPE)}),),
            TAG, tier="read",
        ),
        Operation(
            "get", "/v1/user/me", "me", "Who I am", (Answer(200, "The account.", {JSON: enveloped(ME)}),), TAG,
            tier="read", scope="account.read",
        ),
        Operation(
            "get", "/v1/user/me/usage", "usage", "What I have stored",
            (Answer(200, "Bytes and numbers.", {JSON: enveloped(USAGE)}),), TAG, tier="read", scope="usage.read",
        ),
        Operation(
            "get", "/v1/user/me/rate-limits", "rate_limits", "What is left of my limits",
            (Answer(200, "Each limit.", {JSON: enveloped(RATES)}),), TAG, "Costs nothing.",
        ),
        health("/health", "health"),
        health("/v1/health", "health_v1"),
    )  # fmt: skip


def health(path: str, name: str) -> Operation:
    """Without the envelope, and what is wrong is said in the same words."""
    answers = (
        Answer(200, "It is well.", {JSON: WELL}),
        Answer(503, "It cannot take uploads.", {JSON: UNWELL}, ("Retry-After",), usual=OF_PICORA),
    )
    return Operation("get", path, name, "Is it well?", answers, "health", keys=())
