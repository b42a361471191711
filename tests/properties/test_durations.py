"""Whatever is sent as an expiration: a moment ahead, none, or a refusal. Nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.core.durations import expiry
from gateway.core.errors import InvalidInput

NOWS = st.datetimes(
    datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC)
).map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000))  # fmt: skip
NUMBERS = st.one_of(
    st.integers(0, 400).map(str),
    st.integers(0).map(str),
    st.decimals(0, 10**6, places=4).map(str),
    st.sampled_from(["", "-1", "1,5", "00", "٣", "1e5"]),
)
PARTS = st.tuples(NUMBERS, st.sampled_from("YMWDHMS")).map("".join)
ALMOST = st.builds(
    lambda head, date, time: head + "".join(date) + ("T" + "".join(time) if time else ""),
    st.sampled_from(["P", "P", "p", "-P", " P", ""]),
    st.lists(PARTS, max_size=4),
    st.lists(PARTS, max_size=3),
)


@given(st.one_of(st.text(), NUMBERS, ALMOST), NOWS)
@example("P1Y", datetime(2028, 2, 29, tzinfo=UTC))
@example("\ud800", datetime(2026, 1, 1, tzinfo=UTC))
@example("1", datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC))
def test_it_is_a_moment_ahead_none_or_a_refusal(text: str, now: datetime) -> None:
    try:
        moment = expiry(text, now)
    except InvalidInput:
        return
    if moment is None:
        assert text.strip() in ("", "0")
        return
    assert moment > now
    assert moment.utcoffset() == timedelta(0)
    assert moment.microsecond % 1000 == 0


@given(st.integers(1, 10**9), NOWS.filter(lambda now: now.year < 9900))
def test_seconds_are_seconds(seconds: int, now: datetime) -> None:
    assert expiry(str(seconds), now) == expiry(f"PT{seconds}S", now) == now + timedelta(seconds=seconds)


@given(st.tuples(*[st.integers(0, 99)] * 5).filter(any), NOWS.filter(lambda now: now.year < 9900))
def test_weeks_to_seconds_go_by_the_clock(parts: tuple[int, ...], now: datetime) -> None:
    weeks, days, hours, minutes, seconds = parts
    time = f"T{hours}H{minutes}M{seconds}S"
    ahead = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert expiry(f"P{weeks}W{days}D{time}", now) == now + ahead


@given(st.integers(1, 1200), NOWS.filter(lambda now: now.year < 9800))
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(months: int, now: datetime) -> None:
    moment = expiry(f"P{months}M", now)
    assert moment
    assert (moment.year - now.year) * 12 + moment.month - now.month == months
    assert moment.timetz() == now.timetz()
    assert moment.day == now.day or (moment + timedelta(days=1)).month != moment.month
