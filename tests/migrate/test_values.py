"""Dates and hashes as people, cameras, spreadsheets and databases write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from migrate.sources.values import Fields, moment_of

WHEN = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2020-02-03T04:05:06Z",
        "2020-02-03 04:05:06",
        "2020-02-03 04:05:06 UTC",
        "2020-02-03T04:05:06.000+00:00",
        "2020-02-03T01:35:06-0230",
        "2020:02:03 04:05:06",
        "2020/2/3 4:05:06",
        "Mon, 03 Feb 2020 05:05:06 +0100",
        "1580702706",
        1580702706,
        1580702706.0,
        1580702706000,
    ],
)
def test_one_moment_is_written_in_many_ways(written: object) -> None:
    assert moment_of(written) == WHEN


def test_a_day_begins_at_midnight() -> None:
    assert moment_of("2020-02-03") == datetime(2020, 2, 3, tzinfo=UTC)


def test_milliseconds_are_kept() -> None:
    assert moment_of("2020-02-03T04:05:06.123Z") == WHEN.replace(microsecond=123_000)


def test_the_zero_date_of_a_database_is_none() -> None:
    assert moment_of("0000-00-00 00:00:00") is None


@pytest.mark.parametrize("written", ["", "soon", "03/02/2020", "2020-02-30", "2020-02-03 25:00", True, "99999-01-01"])
def test_what_is_no_date_is_refused_and_never_guessed(written: object) -> None:
    with pytest.raises(ValueError):
        moment_of(written)


@pytest.mark.parametrize("name, length", [("md5", 32), ("source_md5", 32), ("sha256", 64), ("source_sha256", 64)])
def test_a_hash_has_the_length_of_its_kind(name: str, length: int) -> None:
    good, bad = Fields({name: "AB" * (length // 2)}), Fields({name: "ab" * (length // 2) + "c"})
    assert good.digest(name) == "ab" * (length // 2)
    assert bad.digest(name) is None
    assert len(bad.notes) == 1
