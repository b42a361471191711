"""Every spelling of a value means what the server would make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.sources.tables import Value
from tests.migrate.dumps import REST, images, read, rows


def value(folder: Path, type_name: str, literal: str) -> Value:
    create = f"CREATE TABLE `chv_images` (`x` {type_name});"
    [(found,)] = rows(read(folder, REST, create, f"INSERT INTO `chv_images` VALUES ({literal});"), "images", ["x"])
    return found


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        (r"'it\'s'", "it's"),
        ("'it''s'", "it's"),
        (r"'\'''\''", "'''"),
        ("''''", "'"),
        (r"'\\'", "\\"),
        (r"'\\\\''\\'", "\\\\'\\"),
        (r"'\\n\n\\\n'", "\\n\n\\\n"),
        (r"'\0\b\r\t\Z\q\%\_'", "\0\b\r\t\x1aq\\%\\_"),
        (r"""'{\"a\":\"b\\\"c\"}'""", '{"a":"b\\"c"}'),
        ('''"it's ""so"" \\"here\\""''', 'it\'s "so" "here"'),
        ("'a\nb'", "a\nb"),
        ("''", ""),
        ("'NULL'", "NULL"),
        ("NULL", None),
        ("null", None),
        ("DEFAULT", None),
        ("_utf8mb4'é'", "é"),
        ("_binary 'é'", "é"),
        ("N'é'", "é"),
        ("X'C3A9'", "é"),
        ("0xc3a9", "é"),
        ("12", "12"),
    ],
)
def test_texts(tmp_path: Path, literal: str, text: str | None) -> None:
    assert value(tmp_path, "text", literal) == text


@pytest.mark.parametrize(
    ("literal", "number"),
    [
        ("1", 1),
        ("-1", -1),
        ("00042", 42),
        ("'7'", 7),
        ("TRUE", 1),
        ("false", 0),
        ("NULL", None),
        ("0x10", 16),
        ("b'101'", 5),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551615", "18446744073709551615"),
        ("'18446744073709551615'", "18446744073709551615"),
    ],
)
def test_integers(tmp_path: Path, literal: str, number: Value) -> None:
    assert value(tmp_path, "bigint(20) unsigned NOT NULL", literal) == number


@pytest.mark.parametrize("literal", ["1.500", "-0.0", "1e300", "1.5E-10", "NULL", "18446744073709551616"])
def test_other_numbers_are_kept_as_they_are_written(tmp_path: Path, literal: str) -> None:
    assert value(tmp_path, "double", literal) == (None if literal == "NULL" else literal)
    assert value(tmp_path, "decimal(30,3)", literal) == (None if literal == "NULL" else literal)


@pytest.mark.parametrize("literal", ["b'101010101'", "0b101010101", "0x0155", "X'0155'", "'\x01U'", "341"])
def test_bits_are_a_number(tmp_path: Path, literal: str) -> None:
    assert value(tmp_path, "bit(12)", literal) == 341


@pytest.mark.parametrize(
    ("literal", "data"),
    [
        ("0x00FF27", b"\0\xff'"),
        ("0xF", b"\x0f"),
        ("x'00ff27'", b"\0\xff'"),
        ("''", b""),
        ("0x", b""),
        ("NULL", None),
        (r"_binary '\0é\''", b"\0\xc3\xa9'"),
        (r"'\0\\'", b"\0\\"),
        ("_binary 0x00ff", b"\0\xff"),
        ("UNHEX('00ff')", b"\0\xff"),
    ],
)
def test_binaries_stay_bytes(tmp_path: Path, literal: str, data: bytes | None) -> None:
    for type_name in ("blob", "varbinary(300)", "LONGBLOB NOT NULL"):
        assert value(tmp_path, type_name, literal) == data


def test_zero_dates_are_texts_like_all_others(tmp_path: Path) -> None:
    assert value(tmp_path, "datetime", "'0000-00-00 00:00:00'") == "0000-00-00 00:00:00"


def test_a_quote_inside_a_string_does_not_end_it(tmp_path: Path) -> None:
    assert images(tmp_path, r"INSERT INTO chv_images VALUES (1,'a\');b','c'');(d');") == [(1, "a');b", "c');(d")]


def test_a_value_of_megabytes_is_read(tmp_path: Path) -> None:
    text = "\\'\\\\\n''x" * 400_000
    [(number, found, after)] = images(tmp_path, f"INSERT INTO chv_images VALUES (1,'{text}','y');")
    assert (number, found, after) == (1, "'\\\n'x" * 400_000, "y")
