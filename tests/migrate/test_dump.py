"""Every shape in which programs write dumps gives the same tables."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from migrate.sources.sql import window
from tests.migrate.dumps import IMAGES, REST, images, read, rows

ONE_ROW = "INSERT INTO `chv_images` VALUES (1,'x','y');\n"


@pytest.mark.parametrize(
    "insert",
    [
        "INSERT INTO `chv_images` VALUES (1,'x',NULL),(2,'y','z');",
        "INSERT INTO `chv_images` VALUES (1,'x',NULL);\nINSERT INTO `chv_images` VALUES (2,'y','z');",
        "INSERT INTO `chv_images` VALUES\n(1,'x',NULL),\n(2,'y','z');",
        "INSERT INTO `chv_images` VALUES\r\n(1,'x',NULL),\r\n(2,'y','z');\r\n",
        "INSERT INTO `chv_images` (`id`, `a`, `b`) VALUES (1,'x',NULL), (2,'y','z');",
        "INSERT INTO `chv_images` (`b`, `id`, `a`)\nVALUES\n\t(NULL,1,'x'),\n\t('z',2,'y')\n;",
        'INSERT INTO "chv_images" ("id", "a", "b") VALUES (1,\'x\',NULL),(2,\'y\',\'z\');',
        "INSERT INTO chv_images VALUES (1,'x',NULL),(2,'y','z');",
        "insert into chv_images(id,a,b)values(1,'x',null),(2,'y','z');",
        "INSERT  IGNORE INTO `chv_images` VALUES (1,'x',NULL),(2,'y','z');",
        "REPLACE INTO `chv_images` VALUES (1,'x',NULL),(2,'y','z');",
        "INSERT DELAYED IGNORE INTO `chv_images` VALUES (1,'x',NULL),(2,'y','z');",
        "INSERT INTO `chv_images` VALUES (1,\t'x',\tNULL),\n(2,'y','z')\nON DUPLICATE KEY UPDATE `a` = VALUES(`a`);",
        "INSERT INTO `chv_images` VALUES (1,'x',NULL),(2,'y','z') AS new ON DUPLICATE KEY UPDATE a = new.a;",
        'INSERT INTO `chv_images` VALUES ("1","x",NULL),("2","y","z");',
        "INSERT INTO `site`.`chv_images` VALUES (9,'elsewhere','');\n"
        "INSERT INTO `chv_images` VALUES (1,'x',NULL),(2,'y','z');",
    ],
)
def test_every_shape_of_insert_gives_the_same_rows(tmp_path: Path, insert: str) -> None:
    elsewhere = "CREATE TABLE `site`.`chv_images` (`id` int, `a` text, `b` text);\n"
    assert images(tmp_path, elsewhere, insert) == [(1, "x", None), (2, "y", "z")]


@pytest.mark.parametrize(
    "noise",
    [
        "-- INSERT INTO `chv_images` VALUES (2,'x','y');\n",
        "--\n# it's a comment; with 'quotes\n",
        "/* INSERT INTO `chv_images` VALUES (2,'x','y'); ' */",
        "/*M!999999\\- enable the sandbox mode */ \n",
        "/*!40000 ALTER TABLE `chv_images` DISABLE KEYS */;\nLOCK TABLES `chv_images` WRITE;\n",
        "DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER t /* why */ BEGIN\n"
        "INSERT INTO chv_images VALUES (2,'x','y'); END */;;\nDELIMITER ;\n",
        "DELIMITER $$\nCREATE PROCEDURE p() BEGIN\nINSERT INTO chv_images VALUES (2,'x','y'); END$$\nDELIMITER ;\n",
        "DELIMITER //\nCREATE TABLE chv_images (z int); INSERT INTO chv_images VALUES (2);//\nDELIMITER ;\n",
        "/*!50001 CREATE VIEW `v` AS SELECT 1 AS `chv;images` */;\n",
        "CREATE VIEW `v;w` AS SELECT ';' AS \"a;b\", 5--3 AS c; -- done\n",
        "INSERT INTO `other` VALUES (1,'a);INSERT INTO `chv_images` VALUES (2,\\'x\\',\\'y\\');');\n",
        "INSERT INTO `other` VALUES (1,'it''s;'),(2,'\\\\'),(3,\"double;'\"),(-4,'--'),(5,'/*'),(6,'#');\n",
        "CREATE TABLE `other` (`weird``name;` int DEFAULT ';' COMMENT 'it''s); not the end');\n",
        ";;\n;\n",
        "Warning: A partial dump includes all. If you don't want that, do it again\n",
        "mysqldump: [Warning] Using a password on the command line interface can't be secure.\n",
        "mysqldump: Error: 'Access denied; you need PROCESS' when trying to dump tablespaces\n",
        "Enter password: -- MySQL dump 10.13\n",
    ],
)
def test_what_is_not_wanted_is_passed_over(tmp_path: Path, noise: str) -> None:
    assert images(tmp_path, noise, ONE_ROW, noise) == [(1, "x", "y")]


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 11, 64])
def test_nothing_depends_on_where_a_piece_of_the_file_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(window, "PIECE_BYTES", piece)
    monkeypatch.setattr("migrate.sources.sql.textfile.HEAD_BYTES", piece)
    monkeypatch.setattr("migrate.sources.dump.HEAD_BYTES", 100)
    noise = "/* a */ -- b\n# c\nINSERT INTO other VALUES ('it''s \\\\','\\'');\n/*!40101 SET NAMES utf8mb4 */;\n"
    hard = "INSERT INTO `chv_images` VALUES (1,'a);b\\'''', _binary 'é'), (-2 , '' , X'4142' ) ;\n"
    more = "INSERT INTO `chv_images` (`a`,`b`) VALUES (UNHEX('4142'),_binary 0x4344);\n"
    expected = [(1, "a);b''", "é"), (-2, "", "AB"), (None, "AB", "CD")]
    assert images(tmp_path, noise, hard, noise, more) == expected


def test_the_columns_come_from_create_table(tmp_path: Path) -> None:
    create = """CREATE TABLE `chv_images` (
      `id` bigint(32) NOT NULL AUTO_INCREMENT COMMENT 'a, b) (c',
      `odd ``name``` enum('a,b','c)') DEFAULT 'a,b',
      `price` decimal(10,2) DEFAULT 0.00 /*!50606 STORAGE DISK */ /*!50606 COLUMN_FORMAT DYNAMIC */,
      `sum` int(11) GENERATED ALWAYS AS (`id` * (2 + 1)) STORED,
      `old` int(11) AS (`id` + 1) VIRTUAL,
      PRIMARY KEY (`id`,`price`),
      UNIQUE KEY `u` (`odd ``name```(10)),
      CONSTRAINT `c` CHECK (`id` in (1,2)),
      FULLTEXT KEY `f` (`odd ``name```)
    ) ENGINE=InnoDB COMMENT='it''s (new);'; """
    dump = read(tmp_path, REST, create, "INSERT INTO `chv_images` VALUES (1,'c)',1.50,DEFAULT,2);")
    assert dump.columns("images") == {"id", "odd `name`", "price", "old"}
    assert rows(dump, "images", ["id", "odd `name`", "price", "old"]) == [(1, "c)", "1.50", 2)]


def test_generated_columns_that_are_left_out_are_not_there(tmp_path: Path) -> None:
    create = "CREATE TABLE chv_images (id int, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL);"
    dump = read(tmp_path, REST, create, "INSERT INTO chv_images (id) VALUES (1);")
    assert dump.columns("images") == {"id"}
    assert rows(dump, "images", ["id"]) == [(1,)]


def test_a_table_made_again_begins_empty(tmp_path: Path) -> None:
    again = "DROP TABLE IF EXISTS `chv_images`;\nCREATE TABLE `chv_images` (`id` int(11), `a` text, `b` text);\n"
    assert images(tmp_path, ONE_ROW, again, "INSERT INTO chv_images VALUES (2,'p','q');") == [(2, "p", "q")]
    kept = "CREATE TABLE IF NOT EXISTS `chv_images` (`id` int(11));"
    assert images(tmp_path, ONE_ROW, kept) == [(1, "x", "y")]


def test_without_create_table_the_listed_columns_are_enough(tmp_path: Path) -> None:
    others = "INSERT INTO chv_users (id) VALUES (1);\nINSERT INTO chv_settings (id) VALUES (1);\n"
    row = "INSERT INTO chv_images (id, a, b) VALUES (1,'é',0xFF00),(-2,1.50,NULL);"
    dump = read(tmp_path, others, row)
    assert dump.prefix == "chv_"
    assert rows(dump, "images", ["id", "a", "b"]) == [(1, "é", b"\xff\x00"), (-2, "1.50", None)]


def test_how_the_file_is_wrapped_makes_no_difference(tmp_path: Path) -> None:
    text = REST.decode() + IMAGES.decode() + "INSERT INTO `chv_images` VALUES (1,'é😀','y');\n"
    plain = text.encode()
    for wrapped in (
        plain,
        b"\xef\xbb\xbf" + plain,
        gzip.compress(plain),
        gzip.compress(plain[:100]) + gzip.compress(plain[100:]),
        plain.replace(b"\n", b"\r\n"),
        b"\xff\xfe" + text.encode("utf-16-le"),
        b"\xfe\xff" + text.replace("\n", "\r\n").encode("utf-16-be"),
    ):
        assert rows(read(tmp_path, wrapped), "images", ["id", "a", "b"]) == [(1, "é😀", "y")]


def test_utf_16_is_noted(tmp_path: Path) -> None:
    dump = read(tmp_path, b"\xff\xfe" + (REST + IMAGES).decode().encode("utf-16-le"))
    assert "UTF-16" in " ".join(dump.notes)
    dump.close()


def test_texts_are_what_the_dump_says_they_are(tmp_path: Path) -> None:
    row = b"INSERT INTO chv_images VALUES (1,'caf\xe9 \x80','\xc3\xa9');"
    assert images(tmp_path, "/*!40101 SET NAMES latin1 */;", row) == [(1, "café €", "Ã©")]
    assert images(tmp_path, "SET NAMES 'utf8mb4';", row) == [(1, "café €", "é")]


def test_a_text_that_is_no_utf_8_is_noted(tmp_path: Path) -> None:
    dump = read(tmp_path, REST, IMAGES, b"INSERT INTO chv_images VALUES (1,'caf\xe9','\xff'),(2,'\xc3\xa9','');")
    assert list(dump.notes.values()) == [2]
    dump.close()


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    from migrate.sources.staging import Dump

    path = tmp_path / "site.sql.gz"
    path.write_bytes(gzip.compress(REST + IMAGES))
    seen: list[tuple[int, int]] = []
    Dump.open(path, tmp_path, ("images",), progress=lambda *step: seen.append(step)).close()
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
    assert seen == sorted(seen)
