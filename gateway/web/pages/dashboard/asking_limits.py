"""What a form says about how much somebody may use."""

from __future__ import annotations

from flask import request

from gateway.core.errors import InvalidInput
from gateway.core.plans import Plans
from gateway.core.sizes import format_size, parse_size


def asked_quota() -> int | None:
    """None for any number of bytes."""
    text = request.form.get("quota", "").strip()
    try:
        return parse_size(text.replace(",", ".")) if text else None
    except ValueError:
        raise InvalidInput(f"{text!r} is no size. Write it like 5 GB.", code="QUOTA_UNREADABLE", text=text) from None


def quota_text(quota: int | None) -> str:
    """So that saving it again changes nothing."""
    if quota is None:
        return ""
    text = format_size(quota)
    return text if parse_size(text) == quota else str(quota)


def asked_plan(plans: Plans, before: str | None = None) -> str | None:
    """None for none. A plan that the settings know no longer may stay with whoever is on it."""
    name = request.form.get("plan", "")
    if name and name not in plans.by_name and name != before:
        raise InvalidInput(f"There is no plan {name!r}.", code="PLAN_UNKNOWN", name=name)
    return name or None
