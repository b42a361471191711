"""Of a dump's tables the right ones are staged, sorted, counted, and gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.items import SourceError
from migrate.sources.staging import Dump
from tests.migrate.dumps import IMAGES, REST, WANTED, read, rows
from tests.shared import SHARED, needs_shared

SITE = (REST + IMAGES).decode()
OTHER_SITE = SITE.replace("chv_", "old_")


@pytest.mark.parametrize("prefix", ["", "x", "chv_chv_", "my site.", "é`", "images"])
def test_any_prefix_is_found(tmp_path: Path, prefix: str) -> None:
    site = REST.decode() + IMAGES.decode()
    for table in WANTED:
        site = site.replace(f"`chv_{table}`", f"chv_{table}").replace(
            f"chv_{table}", f"`{(prefix + table).replace('`', '``')}`"
        )
    dump = read(tmp_path, "CREATE TABLE `wp_users` (id int);", site)
    assert dump.prefix == prefix
    assert dump.columns("images") == {"id", "a", "b"}
    dump.close()


def test_of_two_installations_one_has_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'chv_', 'old_'.\n.*--prefix"):
        read(tmp_path, SITE, OTHER_SITE)
    dump = read(tmp_path, SITE, OTHER_SITE, "INSERT INTO old_images VALUES (7,'x','y');", prefix="old_")
    assert (dump.prefix, rows(dump, "images", ["id"])) == ("old_", [(7,)])


def test_a_prefix_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"with the prefix 'new_'.\nIt has some with 'chv_'"):
        read(tmp_path, SITE, prefix="new_")


def test_of_several_databases_the_one_with_the_tables_is_taken(tmp_path: Path) -> None:
    blog = "USE `blog`;\nCREATE TABLE `chv_images` (`z` int);\n"
    dump = read(tmp_path, blog, "USE `site`;\n", SITE, "INSERT INTO `chv_images` VALUES (1,'x','y');\n", blog)
    assert rows(dump, "images", ["id"]) == [(1,)]


def test_of_two_databases_with_a_site_none_is_taken(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="'one', 'two'"):
        read(tmp_path, "USE `one`;\n", SITE, "USE two;\n", SITE)


def test_rows_are_sorted_as_what_they_are(tmp_path: Path) -> None:
    create = "CREATE TABLE chv_images (n int, d decimal(10,2), t text);"
    insert = "INSERT INTO chv_images VALUES (10,9.50,'b'),(9,10.25,'a'),(-1,-3.00,'B'),(NULL,NULL,NULL);"
    dump = read(tmp_path, REST, create, insert)
    assert [n for (n,) in dump.rows("images", ["n"], ["n"])] == [None, -1, 9, 10]
    assert [d for (d,) in dump.rows("images", ["d"], ["d"])] == [None, "-3.00", "9.50", "10.25"]
    assert [t for (t,) in dump.rows("images", ["t"], ["t"])] == [None, "B", "a", "b"]
    assert [n for (n,) in dump.rows("images", ["n"])] == [10, 9, -1, None]
    dump.close()


def test_several_streams_can_be_read_at_the_same_time(tmp_path: Path) -> None:
    values = ",".join(f"({number},'a','b')" for number in range(3000))
    dump = read(tmp_path, SITE, f"INSERT INTO chv_images VALUES {values};")
    up = dump.rows("images", ["id"], ["id"])
    first = [next(up) for _ in range(10)]
    again = [number for (number,) in dump.rows("images", ["id"], ["b", "id"])]
    assert [number for (number,) in [*first, *up]] == again == list(range(3000))
    dump.close()


def test_what_is_not_there_has_no_columns_and_no_rows(tmp_path: Path) -> None:
    dump = read(tmp_path, SITE, "INSERT INTO chv_images VALUES (1,'x','y');")
    assert (dump.count("images"), dump.count("users"), dump.count("tags")) == (1, 0, 0)
    assert dump.columns("tags") == frozenset()
    with pytest.raises(KeyError):
        list(dump.rows("images", ["nsfw"]))
    dump.close()


def test_tables_nobody_wants_are_not_staged(tmp_path: Path) -> None:
    dump = read(tmp_path, SITE, "CREATE TABLE chv_stats (id int);\nINSERT INTO chv_stats VALUES (now());")
    assert dump.columns("stats") == frozenset()
    dump.close()


def test_nothing_is_left_in_the_work_folder(tmp_path: Path) -> None:
    dump = read(tmp_path, SITE)
    assert list((tmp_path / "work").iterdir()) == []  # not even meanwhile, for a process that is killed
    dump.close()
    with pytest.raises(SourceError):
        read(tmp_path, "CREATE TABLE x (id int);")
    assert list((tmp_path / "work").iterdir()) == []


@needs_shared("golden")
@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("golden/v4/chevereto-v4.2.0.sql", {"images": 116, "tags": 14, "api_keys": 2, "users": 2}),
        ("golden/v3/chevereto-free-1.6.2.sql", {"images": 14, "tags": 0, "redirects": 2, "users": 2}),
    ],
)
def test_recorded_sites_are_read(tmp_path: Path, path: str, counts: dict[str, int]) -> None:
    dump = Dump.open(SHARED / path, tmp_path, {*counts, "albums", "settings"})
    assert dump.prefix == "chv_"
    assert {table: dump.count(table) for table in counts} == counts
    ids = [number for (number,) in dump.rows("images", ["image_id"], ["image_id"])]
    assert len(ids) == counts["images"] and all(isinstance(number, int) for number in ids)
    dump.close()
