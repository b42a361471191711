"""How long a file may live: seconds, or an ISO 8601 duration such as PT5M, P3D or P1M, counted from now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta

from gateway.core.errors import InvalidInput

NUMBER = r"(\d+(?:[.,]\d+)?)"
DURATION = re.compile(
    rf"P(?:(\d+)Y)?(?:(\d+)M)?(?:{NUMBER}W)?(?:{NUMBER}D)?(?:T(?=\d)(?:{NUMBER}H)?(?:{NUMBER}M)?(?:{NUMBER}S)?)?",
    re.ASCII,
)
SECONDS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


def expiry(text: str | None, now: datetime) -> datetime | None:
    """The moment `text` stands for; None when it is empty or "0". Anything else that is no time ahead is refused."""
    text = (text or "").strip()
    if text in ("", "0"):
        return None
    try:
        if SECONDS.fullmatch(text):
            moment = now + timedelta(seconds=float(text))
        elif match := DURATION.fullmatch(text):
            moment = later(now, [float((part or "0").replace(",", ".")) for part in match.groups()])
        else:
            raise refused(text)
    except OverflowError:
        raise InvalidInput(f"Invalid expiration {text[:60]!r}: that is beyond the year 9999.") from None
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    if moment <= now:
        raise refused(text)
    return moment


def later(now: datetime, parts: list[float]) -> datetime:
    """Years and months go by the calendar (January 31 + P1M is the last of February), the rest by the clock."""
    years, months, weeks, days, hours, minutes, seconds = parts
    clock = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if years * 12 + months > 12 * 9999:
        raise OverflowError
    try:
        return (now + relativedelta(years=int(years), months=int(months)) + clock).astimezone(UTC)
    except ValueError:
        raise OverflowError from None


def refused(text: str) -> InvalidInput:
    return InvalidInput(
        f"Invalid expiration {text[:60]!r}: send seconds (600) or an ISO 8601 duration (PT5M, P3D), or leave it out."
    )
