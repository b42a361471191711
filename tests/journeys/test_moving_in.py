"""A real `migrate` that is killed, stopped, and runs out of room; and people who go on using the gateway meanwhile."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LiveServer, draw, gateway_environment
from tests.journeys.commands import gateway_json, until
from tests.journeys.folder import damage, known, query, stored
from tests.journeys.uploading import get, upload

PICTURES = 400
LARGE = 60
ROUNDS = int(os.environ.get("PICGATE_KILL_ROUNDS", "4"))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    (folder / "holiday").mkdir(parents=True)
    for number in range(PICTURES):
        place = folder / "holiday" if number % 2 else folder
        (place / f"{number}.png").write_bytes(draw(640, 480, seed=number))
    return folder


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "migrate", *map(str, words)]


def migrate(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), env=gateway_environment(), capture_output=True, text=True, timeout=120, check=False
    )


def start(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*words), env=gateway_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def summary(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert facts["event"] == "summary", done
    return facts


def rows(data: Path) -> int:
    file = data / "catalog.db"
    return query(data, "SELECT count(*) FROM media")[0][0] if file.exists() and file.stat().st_size > 50_000 else 0


def is_whole(data: Path) -> None:
    """Every file once, every record with its file, nothing doubled."""
    names = [name for (name,) in query(data, "SELECT filename FROM media")]
    assert sorted(names) == sorted(f"{number}.png" for number in range(PICTURES))
    assert known(data).items() <= stored(data).items()
    assert damage(data) == []


def test_r18_killed_again_and_again_it_finishes_with_nothing_doubled(tmp_path: Path, old: Path) -> None:
    data, chance, killed = tmp_path / "data", random.Random(), 0
    gateway_json(data, "init")
    for turn in range(ROUNDS):
        words = ("import", "folder", old, "--data", data, "--jobs", 2) if not turn else ("resume", "--data", data)
        before, some = rows(data), chance.randrange(20)
        process = start(*words)
        until(lambda: process.poll() is not None or rows(data) > before + some, "some files were brought")  # noqa: B023
        killed += process.poll() is None
        process.kill()
        process.communicate()
    assert killed
    assert migrate("resume", "--data", data).returncode in (0, 4)  # the last kill may have come too late
    facts = summary(migrate("report", "--data", data, "--json"))
    assert (facts["found"], facts["verdicts"]["imported"]) == (PICTURES, PICTURES)
    is_whole(data)
    again = migrate("import", "folder", old, "--data", data, "--json")
    assert (again.returncode, summary(again)["verdicts"]["already-imported"]) == (4, PICTURES)
    gateway_json(data, "sweep", GATEWAY_SWEEPER__INCOMING_AGE="0")
    assert stored(data) == known(data)


def test_asked_to_stop_it_finishes_what_it_began_and_goes_on_later(tmp_path: Path, old: Path) -> None:
    data = tmp_path / "data"
    gateway_json(data, "init")
    process = start("import", "folder", old, "--data", data, "--jobs", 1, "--json")
    until(lambda: rows(data), "the first files were brought")
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    stopped = json.loads(out.splitlines()[-1])
    assert "Traceback" not in errors
    assert stopped["state"] == "stopped" and process.returncode == 3
    assert 0 < stopped["verdicts"]["imported"] == rows(data) < PICTURES
    assert stored(data) == known(data)
    assert migrate("resume", "--data", data).returncode == 0
    is_whole(data)


@pytest.mark.parametrize("jobs", [1, 2])
def test_asked_to_stop_it_does_not_go_on_with_what_it_only_handed_out(tmp_path: Path, jobs: int) -> None:
    """Large pictures, each of which takes its time: no more of them come than were at hand or done already."""
    data, old = tmp_path / "data", tmp_path / "old"
    old.mkdir()
    picture = draw(2400, 1800)
    for number in range(LARGE):
        (old / f"{number}.png").write_bytes(picture)
    gateway_json(data, "init")
    process = start("import", "folder", old, "--data", data, "--jobs", jobs, "--json")
    until(lambda: rows(data), "the first file was brought")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    stopped = json.loads(out.splitlines()[-1])
    assert (stopped["state"], process.returncode) == ("stopped", 3)
    assert 0 < stopped["verdicts"]["imported"] < LARGE / 3
    assert stored(data) == known(data)
    assert migrate("resume", "--data", data).returncode == 0
    assert len(query(data, "SELECT id FROM media")) == LARGE


def test_asked_twice_it_stops_at_once_and_can_go_on(tmp_path: Path, old: Path) -> None:
    data = tmp_path / "data"
    gateway_json(data, "init")
    process = start("import", "folder", old, "--data", data, "--jobs", 2)
    until(lambda: rows(data), "the first files were brought")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert migrate("resume", "--data", data).returncode in (0, 4)
    is_whole(data)


def test_a_disk_that_fills_up_loses_nothing(tmp_path: Path, old: Path) -> None:
    """A disk of its own for the data, too small at first, in a namespace that ends with the shell."""
    data = tmp_path / "data"
    data.mkdir()
    run = f"{sys.executable} -m migrate"
    script = f"""
        mount -t tmpfs -o size=1500k tmpfs {data} || exit 99
        {run} import folder {old} --data {data} --json --jobs 2 > {tmp_path}/first.json 2> {tmp_path}/first.err
        echo $? > {tmp_path}/first.code
        mount -o remount,size=50m {data} || exit 99
        {run} resume --data {data} --json > {tmp_path}/second.json 2> {tmp_path}/second.err
        echo $? > {tmp_path}/second.code
        cp -r {data} {tmp_path}/copy
    """
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], env=gateway_environment(), capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done
    first = json.loads((tmp_path / "first.json").read_text().splitlines()[-1])
    assert first["state"] == "stopped", first
    assert "Traceback" not in (tmp_path / "first.err").read_text()
    assert (tmp_path / "first.code").read_text() == "3\n"
    second = json.loads((tmp_path / "second.json").read_text().splitlines()[-1])
    assert (second["state"], second["verdicts"]["imported"], second["found"]) == ("finished", PICTURES, PICTURES)
    is_whole(tmp_path / "copy")


def test_the_gateway_is_used_while_a_library_comes_in(
    serve: Callable[..., LiveServer], tmp_path: Path, old: Path
) -> None:
    server, data = serve(), tmp_path / "live"
    process = start("import", "folder", old, "--data", data, "--jobs", 1)
    uploaded = 0
    while process.poll() is None:
        upload(server.url, server.key, draw(seed=5000 + uploaded))
        uploaded += 1
    process.communicate()
    assert process.returncode == 0 and uploaded
    assert rows(data) == PICTURES + uploaded
    assert get(server.url, "/holiday/1.png").body == (old / "holiday" / "1.png").read_bytes()
    assert server.stop() == 0
