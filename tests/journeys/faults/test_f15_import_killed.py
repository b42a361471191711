"""F15. An import that is killed at every n-th item, and at each of its system calls, ends as one clean run does."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import draw, gateway_environment
from tests.journeys.commands import gateway_json, until
from tests.journeys.faults.proof import troubles
from tests.journeys.faults.rounds import IS_LONG
from tests.journeys.faults.tracing import deadly
from tests.journeys.folder import known, query, stored

KILLS = 100 if IS_LONG else 5
PICTURES = 3 * KILLS
FEW = 2
# One after the other, until a run comes to its end without calling it that often.
CALLS = ["fdatasync", "syncfs"]
CALLS += ["fsync", "sendfile", "rename", "unlink", "pwrite64", "ftruncate", "mkdir"] if IS_LONG else []
STEP = 1 if IS_LONG else 7
MOST = 2000
# What a clean run ends with. Ids are random, and are compared apart.
STATE = """
    SELECT filename, title, kind, size_bytes, sha256, md5, width, height, created_at, is_public, thumb_bytes,
        (SELECT name FROM albums WHERE albums.id = album_id),
        (SELECT group_concat(path, ' ') FROM (SELECT path FROM addresses WHERE target_id = media.id ORDER BY path))
    FROM media ORDER BY filename
"""


def make_old(folder: Path, number: int) -> Path:
    """Pictures of different days, half of them in an album."""
    (folder / "holiday").mkdir(parents=True)
    for at in range(number):
        file = (folder / "holiday" if at % 2 else folder) / f"{at:04}.png"
        file.write_bytes(draw(64, 48, seed=at) + str(at).encode())  # after the end of the picture: no two are the same
        os.utime(file, (1_500_000_000 + 86_400 * at, 1_500_000_000 + 86_400 * at))
    return folder


def fingerprint(folder: Path) -> dict[str, tuple[str, int, int]]:
    """What must not change in a source."""
    return {
        str(file.relative_to(folder)): (
            hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns, file.stat().st_nlink,
        )
        for file in sorted(folder.rglob("*")) if file.is_file()
    }  # fmt: skip


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "migrate", *map(str, words)]


def migrate(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), env=gateway_environment(), capture_output=True, text=True, timeout=200)


def summary(data: Path) -> Any:
    done = migrate("report", "--data", data, "--json")
    return json.loads(done.stdout.splitlines()[-1])


def ids(data: Path) -> dict[str, str]:
    return dict(query(data, "SELECT filename, id FROM media")) if (data / "catalog.db").exists() else {}


def words_for(data: Path, old: Path) -> list[object]:
    """Begin, or go on with what began."""
    begun = any((data / "imports").glob("*.db")) if (data / "imports").exists() else False
    return ["resume", "--data", data] if begun else ["import", "folder", old, "--data", data, "--jobs", 1]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[Any]]:
    """How a run ends that nobody kills."""
    ends = {}
    for number in (PICTURES, FEW):
        folder = tmp_path_factory.mktemp("clean")
        old, data = make_old(folder / "old", number), folder / "data"
        gateway_json(data, "init")
        assert migrate("import", "folder", old, "--data", data, "--jobs", 1).returncode == 0
        ends[number] = query(data, STATE)
        assert len(ends[number]) == number
    return ends


@pytest.mark.timeout(120 + 10 * KILLS)
def test_f15_killed_at_every_nth_item_it_ends_as_a_clean_run_does(tmp_path: Path, clean: dict[int, list[Any]]) -> None:
    old, data = make_old(tmp_path / "old", PICTURES), tmp_path / "data"
    before = fingerprint(old)
    gateway_json(data, "init")
    killed, seen = 0, dict[str, str]()
    for turn in range(KILLS):
        process = subprocess.Popen(
            command(*words_for(data, old)),
            env=gateway_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: process.poll() is not None or len(ids(data)) > 2 * turn, "another item was brought")  # noqa: B023
        killed += process.poll() is None
        process.kill()
        process.wait(60)
        there = ids(data)
        assert seen.items() <= there.items(), "what was brought stays, with its id"
        seen = there
    assert migrate(*words_for(data, old)).returncode in (0, 4)
    facts = summary(data)
    assert (facts["found"], facts["verdicts"]["imported"]) == (PICTURES, PICTURES)
    assert seen.items() <= ids(data).items()
    print(f"an import of {PICTURES} killed {killed} times: it ends as a clean run does")
    ends_clean(data, clean[PICTURES])
    assert fingerprint(old) == before


@pytest.mark.timeout(3600 if IS_LONG else 200)
@pytest.mark.parametrize("call", CALLS)
def test_f15_killed_at_any_system_call_it_ends_as_a_clean_run_does(
    tmp_path: Path, clean: dict[int, list[Any]], call: str
) -> None:
    old, data = make_old(tmp_path / "old", FEW), tmp_path / "data"
    before = fingerprint(old)
    gateway_json(data, "init")
    killed = 0
    for number in chain([1], range(2 + random.randrange(STEP), MOST, STEP)):
        words = [*deadly(call, number), *command(*words_for(data, old))]
        done = subprocess.run(words, env=gateway_environment(), capture_output=True, timeout=200)
        if done.returncode in (0, 4):
            break
        killed += 1
    assert killed, "the import does not make this call"
    assert migrate(*words_for(data, old)).returncode in (0, 4)
    print(f"an import killed at {killed} calls of {call}: it ends as a clean run does")
    ends_clean(data, clean[FEW])
    assert fingerprint(old) == before


def ends_clean(data: Path, clean: list[Any]) -> None:
    assert query(data, STATE) == clean
    gateway_json(data, "sweep", GATEWAY_SWEEPER__INCOMING_AGE="0")
    assert stored(data) == known(data)
    assert troubles(data) == []
