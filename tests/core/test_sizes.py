"""Sizes as people write and read them."""

from __future__ import annotations

import pytest

from gateway.core.sizes import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1", 1),
        ("1000 b", 1000),
        ("50 MB", 50_000_000),
        ("50MB", 50_000_000),
        ("50m", 50_000_000),
        ("2 GB", 2_000_000_000),
        ("1.5 GB", 1_500_000_000),
        ("0.5 kb", 500),
        ("1.9 b", 1),
        (" 7 tb ", 7_000_000_000_000),
        ("3 PB", 3_000_000_000_000_000),
        ("1 KiB", 1024),
        ("16 mib", 16 * 1024**2),
        ("1.5GiB", 1536 * 1024**2),
        ("1 TiB", 1024**4),
        ("9007199254740993", 9_007_199_254_740_993),
        ("4.35 GB", 4_350_000_000),
        ("1.001 MB", 1_001_000),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_it_works(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", " ", "MB", "-1", "-5 MB", "+5", "5 XB", "5 MBB", "5 MB 3", "1,5 GB", "1e3", ".5 MB", "5. MB", "5 M B",
             "0x10", "inf", "nan", "five", "5\0", "1_000", "٣ MB", "\uff15 MB"],
)  # fmt: skip
def test_what_is_no_size_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size such as 500 MB"):
        parse_size(text)


@pytest.mark.parametrize("text", ["9223372036854775808", "9300 PB", "9" * 400, "1" + "0" * 5000 + " PiB"], ids=len)
def test_what_no_disk_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="more than any disk holds"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 KB"),
        (22_000, "22 KB"),
        (52_313, "52.3 KB"),
        (999_949, "999.9 KB"),
        (999_950, "1 MB"),
        (999_999, "1 MB"),
        (1_000_000, "1 MB"),
        (50_000_000, "50 MB"),
        (1_550_000_000, "1.6 GB"),
        (999_999_999_999, "1 TB"),
        (2_000_000_000_000_000, "2 PB"),
        (5_000_000_000_000_000_000, "5000 PB"),
    ],
)
def test_a_size_is_written_with_one_decimal_at_most(size: int, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize("power", range(19))
def test_round_sizes_are_read_as_they_are_written(power: int) -> None:
    assert parse_size(format_size(10**power)) == 10**power
