"""How fast a dump is read, and how much memory that takes.

    python tests/bench/dump.py [--size 2000] [--gzip] [--folder DIR] [--json FILE]

Writes a dump of a large site as mariadb-dump would (photos with EXIF text, screenshots, delete tokens, tags, likes, and
tables nobody wants), and reads it in a process of its own. The goals: 30 MB/s on one core, under 200 MB of memory.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

MB = 1_000_000
GOAL_MB_PER_SECOND, GOAL_MEMORY_MB = 30, 200
WANTED = ("images", "images_hash", "albums", "users", "settings", "tags_files", "likes")
STATEMENT_BYTES = 1_000_000  # mysqldump's net_buffer_length, about
IMAGES_AT_ONCE = 5000

INTEGERS = "size width height user_id album_id views category_id chain thumb_size medium_size frame_size likes nsfw \
is_animated is_approved is_360 duration storage_id type"
TEXTS = "name extension title description uploader_ip storage_mode path md5 source_md5 original_filename \
original_exifdata"
DATES = "date date_gmt expiration_date_gmt"
TABLES = {
    "albums": "`album_id` bigint(32) NOT NULL, `album_name` varchar(100) NOT NULL",
    "images": ", ".join(
        ["`image_id` bigint(32) NOT NULL"]
        + [f"`image_{name}` bigint(32) DEFAULT NULL" for name in INTEGERS.split()]
        + [f"`image_{name}` mediumtext DEFAULT NULL" for name in TEXTS.split()]
        + [f"`image_{name}` datetime DEFAULT NULL" for name in DATES.split()]
    ),
    "images_hash": "`image_id` bigint(32) NOT NULL, `hash` varchar(255) NOT NULL",
    "likes": "`like_id` bigint(32), `like_date` datetime, `like_user_id` bigint(32), `like_content_id` bigint(32)",
    "requests": "`request_id` bigint(32), `request_type` varchar(32), `request_ip` varchar(255)",
    "settings": "`setting_id` int(11) NOT NULL, `setting_name` varchar(255), `setting_value` mediumtext",
    "tags_files": "`tag_file_tag_id` bigint(32), `tag_file_file_id` bigint(32)",
    "users": "`user_id` bigint(32) NOT NULL, `user_username` varchar(255)",
}


def image(number: int, dice: random.Random) -> str:
    is_photo = number % 5 < 3
    integers = [dice.randrange(20_000, 9_000_000), 4032, 3024, dice.randrange(1, 500), dice.randrange(1, 9000)]
    integers += [dice.randrange(5000), 3, 7, 24_000, 180_000, 0, dice.randrange(9), 0, 0, 1, 0, 0]
    texts = [f"img-{number:08}", "jpg", f"It\\'s picture no. {number}" if number % 7 else f"Großes Bild {number}"]
    texts += ["192.0.2.77", "datefolder", f"{dice.getrandbits(128):032x}", f"IMG_{number}.jpg"]
    name, extension, title, address, mode, md5, filename = (f"'{text}'" for text in texts)
    exif = f"'{exif_text(number, dice)}'" if is_photo else "NULL"
    written = [name, extension, title, "NULL", address, mode, "NULL", md5, "NULL", filename, exif]
    date = f"'2024-{number % 12 + 1:02}-{number % 28 + 1:02} 10:20:30'"
    return f"({number},{','.join(map(str, integers))},NULL,1,{','.join(written)},{date},{date},NULL)"


def exif_text(number: int, dice: random.Random) -> str:
    tags = {f"Tag{index}": f"{dice.randrange(10_000)}/{index + 1}" for index in range(25)}
    facts = {"FileName": f"IMG_{number}.jpg", "Model": 'Camera "X"\\1', "Artist": "Zoë", **tags}
    text = json.dumps(facts, ensure_ascii=False).replace("/", "\\/")  # as PHP writes it
    return text.replace("\\", "\\\\").replace('"', '\\"')


def chunk(first: int, dice: random.Random) -> Iterator[tuple[str, Iterable[str]]]:
    """The rows of so many images, and of all that belongs to them."""
    numbers = range(first, first + IMAGES_AT_ONCE)
    yield "images", (image(number, dice) for number in numbers)
    yield "images_hash", (f"({number},'$2y$10${dice.getrandbits(300):053x}')" for number in numbers)
    yield "likes", (f"({number},'2024-01-02 03:04:05',{number % 99},{number})" for number in numbers)
    yield "requests", (f"({number},'upload','192.0.2.{number % 250}')" for number in numbers)
    yield "tags_files", (f"({number % 50},{number})" for number in numbers)


def write(file: BinaryIO, size: int) -> int:
    """The size of what was written, which is at least `size`."""
    dice, written, first = random.Random(1), 0, 1
    for table, columns in TABLES.items():
        written += file.write(f"CREATE TABLE `chv_{table}` (\n{columns}\n) ENGINE=InnoDB;\n".encode())
    while written < size:
        for table, rows in chunk(first, dice):
            written += write_inserts(file, table, rows)
        first += IMAGES_AT_ONCE
    return written


def write_inserts(file: BinaryIO, table: str, rows: Iterable[str]) -> int:
    written, statement = 0, 0
    for row in rows:
        start = ",\n" if statement else f"INSERT INTO `chv_{table}` VALUES\n"
        statement += (count := file.write(f"{start}{row}".encode()))
        written += count
        if statement > STATEMENT_BYTES:
            written += file.write(b";\n")
            statement = 0
    return written + (file.write(b";\n") if statement else 0)


def read(path: Path) -> dict[str, float]:
    from migrate.sources.staging import Dump

    wall, cpu = time.perf_counter(), time.process_time()
    dump = Dump.open(path, path.parent, WANTED)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    again = time.perf_counter()
    images = sum(1 for _ in dump.rows("images", sorted(dump.columns("images")), ["image_id"]))
    again = time.perf_counter() - again
    dump.close()
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1000
    return {"wall": wall, "cpu": cpu, "images": images, "sorted": again, "peak_mb": peak}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2000, help="of the dump, in MB")
    parser.add_argument("--gzip", action="store_true", help="read it as .sql.gz")
    parser.add_argument("--folder", type=Path, help="where there is room for twice the size")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        print(json.dumps(read(asked.read)))
        return
    with tempfile.TemporaryDirectory(prefix="picgate-bench-", dir=asked.folder) as folder:
        path = Path(folder) / "site.sql"
        with gzip.open(path, "wb", 1) if asked.gzip else path.open("wb") as file:
            size = write(file, asked.size * MB) / MB
        command = [sys.executable, __file__, "--read", str(path)]
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    figures |= {"size_mb": size, "mb_per_second": size / figures["wall"], "mb_per_cpu_second": size / figures["cpu"]}
    print(f"{'dump':24}{size:10.0f} MB, {figures['images']} images")
    print(f"{'read':24}{figures['mb_per_second']:10.1f} MB/s (goal {GOAL_MB_PER_SECOND}), {figures['wall']:.1f} s")
    print(f"{'of CPU time':24}{figures['mb_per_cpu_second']:10.1f} MB/s")
    print(f"{'all images, sorted':24}{figures['images'] / figures['sorted']:10.0f} rows/s")
    print(f"{'peak memory':24}{figures['peak_mb']:10.1f} MB (goal {GOAL_MEMORY_MB})")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
