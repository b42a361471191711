"""A site whose images table holds everything that is hard to write down in SQL, in every type."""

from __future__ import annotations

from typing import Any

from tests.migrate.mysql import execute

IMAGES = """CREATE TABLE px_images (
  id int PRIMARY KEY AUTO_INCREMENT,
  title varchar(500),
  exif longtext,
  raw varbinary(500),
  picture mediumblob,
  fixed binary(4),
  flags bit(12),
  price decimal(10,3),
  ratio double,
  small float,
  big bigint unsigned,
  tiny tinyint(1),
  padded int(6) zerofill,
  kind enum('it''s','b,c);','x'),
  kinds set('a','b'),
  made datetime,
  exact datetime(6),
  stamp timestamp NULL,
  day date,
  span time,
  born year,
  data json,
  old text CHARACTER SET latin1,
  position int,
  doubled int GENERATED ALWAYS AS (id * 2) VIRTUAL,
  slug varchar(600) GENERATED ALWAYS AS (concat(title, ')')) STORED
) ENGINE = {engine} CHARACTER SET utf8mb4"""
COLUMNS = frozenset(
    [
        "id", "title", "exif", "raw", "picture", "fixed", "flags", "price", "ratio", "small", "big", "tiny", "padded",
        "kind", "kinds", "made", "exact", "stamp", "day", "span", "born", "data", "old", "position", "doubled", "slug",
    ]
)  # fmt: skip
TEXTS = (
    "plain", "", " blank ", "it's", '"double"', "`back`", "''", "\\", "\\\\'", "\\'", "%_\\%\\_", "\0", "\0\0'\0",
    "a);b", "(1,'x'),(2,'y');", "'); DROP TABLE px_images; --", "/* no */ -- comment # here", "NULL", "0x41",
    "line\nline\r\n\ttab\x1aend\b", "é ü 中文", "😀👍🏽 4-byte", "\u200b\ufeff", "\U0010ffff",
)  # fmt: skip
LONG = "a);b '\"\\\n😀\0" * 90_000  # more than a megabyte
ROW: dict[str, Any] = {
    "raw": bytes(range(256)),
    "picture": b"\x89PNG\r\n\x1a\n\0'\\\"" * 30,
    "fixed": b"ab",
    "flags": 0b101010101010,
    "price": "-12.500",
    "ratio": "1.5e300",
    "small": "0.1",
    "big": 2**64 - 1,
    "tiny": -1,
    "padded": 42,
    "kind": "b,c);",
    "kinds": "a,b",
    "made": "0000-00-00 00:00:00",
    "exact": "2026-11-21 01:03:58.000001",
    "stamp": "2026-11-21 01:03:58",
    "day": "0000-00-00",
    "span": "-100:10:01",
    "born": 2026,
    "data": '{"a": "it\'s \\"é\\""}',
    "old": "café €",
    "position": -(2**31),
}


def fill(url: str) -> None:
    """Makes the tables `px_…`, a view, a trigger and a routine that mention them, and a table of another prefix."""
    others = [f"CREATE TABLE px_{table} (id int)" for table in ("albums", "users", "settings")]
    execute(url, IMAGES.format(engine="InnoDB"), *others, "CREATE TABLE wp_users (id int, t text)")
    execute(url, "INSERT INTO wp_users VALUES (1, 'INSERT INTO `px_images` VALUES (1);')")
    execute(url, "INSERT INTO px_images () VALUES ()", *(inserted({"title": text, "exif": text}) for text in TEXTS))
    execute(
        url, inserted({**ROW, "title": "all", "exif": LONG}), inserted({"raw": b"", "title": "no bytes", "flags": 0})
    )
    execute(
        url,
        "CREATE VIEW px_view AS SELECT id, 'a;b' AS `x;y` FROM px_images",
        "CREATE TRIGGER px_trigger BEFORE DELETE ON px_users FOR EACH ROW"
        " BEGIN /* why; */ INSERT INTO px_settings VALUES (1); END",
        "CREATE PROCEDURE px_routine() BEGIN INSERT INTO px_images (title) VALUES ('never;'); END",
    )


def inserted(values: dict[str, Any]) -> tuple[str, list[Any]]:
    names = ", ".join(f"`{name}`" for name in values)
    return f"INSERT INTO px_images ({names}) VALUES ({', '.join(['%s'] * len(values))})", list(values.values())
