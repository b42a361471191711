"""How long a file may live: what is understood, what is refused, and what the calendar does to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.core.durations import expiry
from gateway.core.errors import InvalidInput

NOW = datetime(2026, 11, 21, 12, 0, 0, 123000, tzinfo=UTC)

UNDERSTOOD = {
    "1": timedelta(seconds=1),
    "600": timedelta(minutes=10),
    "007": timedelta(seconds=7),
    "600.5": timedelta(minutes=10, milliseconds=500),
    "0.001": timedelta(milliseconds=1),
    "31536000": timedelta(days=365),
    "94608000": timedelta(days=3 * 365),
    " 600 ": timedelta(minutes=10),
    "\t600\r\n": timedelta(minutes=10),
    "PT1S": timedelta(seconds=1),
    "PT5M": timedelta(minutes=5),
    "PT90M": timedelta(minutes=90),
    "PT12H": timedelta(hours=12),
    "PT0H5M": timedelta(minutes=5),
    "PT1H30M": timedelta(hours=1, minutes=30),
    "PT1H2M3S": timedelta(hours=1, minutes=2, seconds=3),
    "PT0.5S": timedelta(milliseconds=500),
    "PT1,5H": timedelta(minutes=90),
    "P3D": timedelta(days=3),
    "P0.5D": timedelta(hours=12),
    "P1W": timedelta(weeks=1),
    "P3W": timedelta(weeks=3),
    "P1W2D": timedelta(days=9),
    "P1DT2H": timedelta(days=1, hours=2),
    "P0DT5M": timedelta(minutes=5),
    "P2DT3H4M5S": timedelta(days=2, hours=3, minutes=4, seconds=5),
    "P1000D": timedelta(days=1000),
    " P3D ": timedelta(days=3),
}

NONSENSE = [
    "tomorrow", "never", "none", "null", "NaN", "inf", "infinity", "true", "-", ".", ",", "5 minutes", "10m",
    "2027-01-01", "2027-01-01T00:00:00Z", "P0001-00-04T05:06:07", "5.", ".5", "1e3", "1_000", "1,5", "0x10", "+600",
    "P", "PT", "P1", "P1DT", "PT5", "P5H", "PT5D", "P1H", "T5M", "PT5M3H", "P2D1M", "P1D1D", "P1.5M", "P1.5Y", "PTM",
    "P 3D", "P3 D", "PT5M PT5M", "PT5M\nPT5M", "PT5M;", "P1S", "PD", "P1Y2", "P.5D", "P5.D", "P1_0D",
    "pt5m", "Pt5M", "PT5m", "p3d", "P3d", "p1Y",
    "٦٠٠", "\uff16\uff10\uff10", "P٣D", "PT\uff15M", "Ⅷ", "½", "²", "\U0001d7dd", "\uff303D", "6\u200b00",
    "\x00", "600\x00", "\ud83d", "P3D\ud83d",
]  # fmt: skip
NEGATIVE = ["-1", "-600", "-0.5", "-PT5M", "P-3D", "PT-5M", "-P1D", "P+3D"]
NO_TIME = ["00", "0.0", "000", "0.0001", "P0D", "PT0S", "P0Y", "P0W", "PT0H0M0S", "P0Y0M0W0DT0H0M0S", "PT0.0004S"]
TOO_FAR = [
    "251700000000", "9" * 30, "9" * 400, "P8000Y", "P7974Y", "P99999Y", "P96000M", "P3000000D", "P9999999999W",
    "PT99999999999H", f"P{'9' * 400}D", f"P{'9' * 400}Y", f"P{'9' * 400}M", f"PT{'9' * 400}S", "P7973Y2M",
]  # fmt: skip


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_it_works(text: str) -> None:
    assert expiry(text, NOW) == NOW + UNDERSTOOD[text]


@pytest.mark.parametrize("text", [None, "", "0", " ", "\t\n", " 0 ", "\u3000"])
def test_nothing_and_zero_mean_for_ever(text: str | None) -> None:
    assert expiry(text, NOW) is None


@pytest.mark.parametrize("text", NONSENSE + NEGATIVE + NO_TIME)
def test_what_is_no_time_ahead_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        expiry(text, NOW)
    assert repr(text.strip()) in refused.value.message
    assert refused.value.code == "VALIDATION_ERROR"
    refused.value.message.encode()  # can be sent, whatever the text was


@pytest.mark.parametrize("text", TOO_FAR, ids=lambda text: text[:20])
def test_what_lies_beyond_the_year_9999_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="beyond the year 9999"):
        expiry(text, NOW)


def test_the_last_moment_of_the_year_9999_is_fine() -> None:
    assert expiry("P7973Y", NOW) == NOW.replace(year=9999)
    assert expiry("P7973Y1M9D", NOW) == datetime(9999, 12, 30, 12, 0, 0, 123000, tzinfo=UTC)


def test_the_presets_of_the_old_host_are_honoured_exactly() -> None:
    for text in [
        "PT5M",
        "PT15M",
        "PT30M",
        "PT1H",
        "PT3H",
        "PT6H",
        "PT12H",
        "P1D",
        "P2D",
        "P3D",
        "P4D",
        "P5D",
        "P6D",
        "P1W",
        "P2W",
        "P3W",
        "P1M",
        "P2M",
        "P3M",
        "P6M",
        "P1Y",
    ]:
        assert expiry(text, NOW)


@pytest.mark.parametrize(
    ("today", "text", "then"),
    [
        ((2026, 11, 21), "P1M", (2026, 12, 21)),
        ((2026, 12, 21), "P1M", (2027, 1, 21)),
        ((2026, 11, 21), "P14M", (2028, 1, 21)),
        ((2026, 11, 21), "P1Y2M", (2028, 1, 21)),
        ((2026, 1, 31), "P1M", (2026, 2, 28)),
        ((2028, 1, 31), "P1M", (2028, 2, 29)),
        ((2026, 1, 31), "P2M", (2026, 3, 31)),
        ((2026, 1, 31), "P3M", (2026, 4, 30)),
        ((2026, 12, 31), "P2M", (2027, 2, 28)),
        ((2028, 2, 29), "P1Y", (2029, 2, 28)),
        ((2028, 2, 29), "P4Y", (2032, 2, 29)),
        ((2096, 2, 29), "P4Y", (2100, 2, 28)),
        ((2028, 2, 28), "P1D", (2028, 2, 29)),
        ((2027, 2, 28), "P1D", (2027, 3, 1)),
        ((2026, 1, 31), "P1M1D", (2026, 3, 1)),
        ((2026, 1, 31), "P1Y1M1W1D", (2027, 3, 8)),
    ],
)
def test_months_and_years_go_by_the_calendar(
    today: tuple[int, int, int], text: str, then: tuple[int, int, int]
) -> None:
    clock = {"hour": 23, "minute": 59, "second": 59, "tzinfo": UTC}
    assert expiry(text, datetime(*today, **clock)) == datetime(*then, **clock)  # type: ignore[arg-type]


def test_everything_in_one_text() -> None:
    assert expiry("P1Y2M3W4DT5H6M7S", NOW) == datetime(2028, 2, 15, 17, 6, 7, 123000, tzinfo=UTC)


def test_the_answer_is_in_utc_to_the_millisecond() -> None:
    then = expiry("PT0.0129S", NOW)
    assert then == NOW + timedelta(milliseconds=12)
    assert then and then.utcoffset() == timedelta(0)


def test_a_clock_of_another_zone_changes_nothing() -> None:
    there = timezone(timedelta(hours=5, minutes=45))
    assert expiry("PT5M", NOW.astimezone(there)) == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("text", ["1", "P1", "PT1.1", "P1D", ".", "T", " "])
def test_a_text_without_end_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(InvalidInput):
        expiry(text * 300_000 + "x", NOW)
    with pytest.raises(InvalidInput):
        expiry("P1" + text * 300_000, NOW)
