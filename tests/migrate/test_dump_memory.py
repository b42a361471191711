"""A dump of any size takes little memory, even where it consists of few enormous statements or values."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrate.dumps import IMAGES, REST

ROOT = Path(__file__).parents[2]
LIMIT_MB = 120
READ = """
import sys
from pathlib import Path
from migrate.sources.staging import Dump
path = Path(sys.argv[1])
dump = Dump.open(path, path.parent, ["images", "albums", "users", "settings"])
assert sum(1 for _ in dump.rows("images", ["id", "a", "b"], ["id"])) == dump.count("images")
print(dump.count("images"), Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
@pytest.mark.parametrize("shape", ["one statement", "many statements", "one value that nobody wants"])
def test_sixty_megabytes_are_read_in_little_memory(tmp_path: Path, shape: str) -> None:
    row = ("(%d,'" + "It''s \\\\ text é; " * 40 + "','y')").encode()
    rows, path = 60_000_000 // len(row), tmp_path / "site.sql"
    with path.open("wb") as file:
        file.write(REST + IMAGES)
        if shape == "one value that nobody wants":
            rows = 1
            file.writelines([b"INSERT INTO `assets` VALUES ('", *[b"'');\\'" * 170_000] * 60, b"');\n"])
        at_once = 500 if shape == "many statements" else rows
        for first in range(0, rows, at_once):
            some = (row % number for number in range(first, min(first + at_once, rows)))
            file.writelines([b"INSERT INTO `chv_images` VALUES ", next(some)])
            file.writelines(b",\n" + each for each in some)
            file.write(b";\n")
    command = [sys.executable, "-c", READ, str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.split()
    assert int(printed[0]) == rows
    assert int(printed[1]) / 1000 < LIMIT_MB
