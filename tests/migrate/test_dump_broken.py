"""A dump that is cut short, damaged or something else is said to be so, with the place and the advice. Rows that are
missing without a word are the one thing that must not happen."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from migrate.items import SourceError
from migrate.sources.staging import Dump
from tests.migrate.dumps import IMAGES, REST, WANTED, images, read, rows

HEADER = b"/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n"
FOOTER = b"/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n"
INSERTS = (
    b"INSERT INTO `chv_images` VALUES (1,'a);b','it''s'),\n(2,'\\'','\xc3\xa9');\n"
    b"INSERT INTO `chv_images` (`id`,`a`) VALUES (3,'c');\n"
)
ALL_ROWS = [(1, "a);b", "it's"), (2, "'", "é"), (3, "c", None)]


def refusal(folder: Path, *parts: str | bytes) -> str:
    with pytest.raises(SourceError) as refused:
        read(folder, *parts)
    what, advice = str(refused.value).split("\n")
    assert what and advice
    return what


def test_cut_at_any_byte_it_never_gives_fewer_rows(tmp_path: Path) -> None:
    whole = HEADER + REST + IMAGES + INSERTS + FOOTER
    data_ends = len(whole) - len(FOOTER)
    for end in range(len(whole)):
        if end <= data_ends:
            refusal(tmp_path, whole[:end])
            continue
        try:
            found = rows(read(tmp_path, whole[:end]), "images", ["id", "a", "b"])
        except SourceError:
            continue
        assert found == ALL_ROWS
    assert rows(read(tmp_path, whole), "images", ["id", "a", "b"]) == ALL_ROWS


def test_cut_at_any_byte_without_header_it_never_gives_half_a_statement(tmp_path: Path) -> None:
    whole = REST + IMAGES + INSERTS
    complete = {len(REST + IMAGES) + at for at in (0, INSERTS.index(b"INSERT", 1) - 1, len(INSERTS) - 1)}
    for end in range(len(REST + IMAGES) + 1, len(whole)):
        if any(end in (at, at + 1) for at in complete):
            continue
        assert "cut short" in refusal(tmp_path, whole[:end]), whole[:end]


@pytest.mark.parametrize("lost", [1, 8, 20, 60])
def test_a_gzip_cut_short_is_said_to_be(tmp_path: Path, lost: int) -> None:
    assert "cut short" in refusal(tmp_path, gzip.compress(REST + IMAGES + INSERTS)[:-lost])


def test_a_damaged_gzip_is_said_to_be(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(REST + IMAGES + INSERTS))
    packed[-6] ^= 0xFF  # in the checksum
    assert "damaged" in refusal(tmp_path, bytes(packed))
    packed = bytearray(gzip.compress(REST + IMAGES + INSERTS, mtime=0))
    packed[20:40] = b"\xff" * 20
    assert "damaged" in refusal(tmp_path, bytes(packed))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"PK\x03\x04 and so on", "packed with zip"),
        (b"BZh91AY", "packed with bzip2"),
        (b"\x28\xb5\x2f\xfd12", "packed with zstd"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is no text"),
        (b"SQLite format 3\0", "is no text"),
        (b"\n<!DOCTYPE html><p>Log in; it's free", "XML, HTML or JSON"),
        (b"Dear reader, it's no SQL", "is no dump"),
        (b"-- nothing in here\n", "there is no table at all"),
        (b"CREATE TABLE wp_posts (id int);\nCREATE TABLE wp_users (id int);", "found were wp_posts, wp_users."),
        (b"SET NAMES gbk;" + REST + IMAGES, "character set gbk"),
    ],
)
def test_something_else_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in refusal(tmp_path, data)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"missing\.sql cannot be opened"):
        Dump.open(tmp_path / "missing.sql", tmp_path, WANTED)


@pytest.mark.parametrize(
    ("insert", "said"),
    [
        ("VALUES (1,'x','y'),(2,'x');", "a row has 2 values for 3 columns"),
        ("VALUES (1,'x','y','z');", "a row has 4 values for 3 columns"),
        ("(id, a) VALUES (1,'x','y');", "a row has 3 values for 2 columns"),
        ("(id, a, z) VALUES (1,'x','y');", "chv_images has no column z"),
        ("VALUES ('one','x','y');", "not of its column's type"),
        ("VALUES (0xZZ,'x','y');", "not of its column's type"),
        ("VALUES (1,'x' 'y','z');", "value 2 of a row"),
        ("VALUES (1,now(),'z');", "value 2 of a row"),
        ("VALUES (1,'x','y') (2,'x','y');", "neither a comma nor a semicolon"),
        ("VALUES 1,'x','y';", "does not begin with a parenthesis"),
        ("SELECT 1, 'x', 'y';", "has no VALUES"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(tmp_path: Path, insert: str, said: str) -> None:
    refused = refusal(tmp_path, REST, IMAGES, "INSERT INTO `chv_images` ", insert)
    assert said in refused
    assert "near byte" in refused


def test_rows_without_any_column_names_are_refused(tmp_path: Path) -> None:
    assert "--no-create-info" in refusal(tmp_path, "INSERT INTO `chv_images` VALUES (1,'x','y');")


def test_a_work_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "work").write_bytes(b"")
    assert "cannot be kept in" in refusal(tmp_path, REST, IMAGES)


def test_a_work_folder_that_is_full_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import migrate.sources.staging as staging

    opened = staging.open_unnamed

    def tiny(work: Path) -> object:
        db = opened(work)
        db.execute("PRAGMA max_page_count = 5")
        return db

    monkeypatch.setattr(staging, "open_unnamed", tiny)
    many = ",".join(f"({number},'{'x' * 900}','y')" for number in range(50))
    with pytest.raises(SourceError, match=r"cannot be kept in .*full"):
        images(tmp_path, f"INSERT INTO chv_images VALUES {many};")
