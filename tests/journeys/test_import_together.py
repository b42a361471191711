"""Three real machines at one import into PostgreSQL and S3, one of which is killed in the middle."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import Settings, Storage
from gateway.store.opening import Opened, open_data
from tests.conftest import draw, gateway_environment
from tests.journeys.commands import until
from tests.stores import S3Server, a_database, execute, moto_server

PICTURES = 200
RANDOM = {"id": "", "owner_id": "", "album_id": None, "category_id": None, "updated_at": None}


@dataclass
class Place:
    """Where all machines bring things to; each has a folder of its own besides."""

    folder: Path
    catalog: str
    blobs: str
    server: S3Server

    def environment(self) -> dict[str, str]:
        return gateway_environment(
            GATEWAY_STORAGE__CATALOG=self.catalog, GATEWAY_STORAGE__BLOBS=self.blobs, **self.server.environment()
        )

    def start(self, machine: str, *words: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "migrate", *map(str, words), "--data", str(self.folder / machine)]
        return subprocess.Popen(
            command, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *words: object, code: int = 0) -> str:
        process = self.start("asking", *words)
        out, errors = process.communicate(timeout=240)
        assert process.returncode == code, errors
        return out

    def ask(self, sql: str) -> Any:
        return execute(self.catalog, sql)

    def machines(self) -> dict[int, str]:
        """Those that have begun to bring something, by their process."""
        if self.ask("SELECT to_regclass('imports.parts')") == [(None,)]:
            return {}
        parts = "SELECT m.process, m.id FROM imports.machines AS m JOIN imports.parts AS p ON p.machine = m.id"
        return dict(self.ask(parts))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with a_database() as catalog, moto_server() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield Place(tmp_path, catalog, server.place(server.bucket(), "library"), server)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    (folder / "holiday").mkdir(parents=True)
    for number in range(PICTURES):
        parent = folder / "holiday" if number % 2 else folder
        (parent / f"{number}.png").write_bytes(draw(640, 480, seed=number))
    (folder / "notes.txt").write_text("Not imported.")
    return folder


def told(opened: Opened) -> dict[str, Any]:
    """Everything an import made, without what is random."""
    here = opened.catalog.export_media("", PICTURES + 10)
    names = {one.media.id: one.media.filename for one in here}
    owners = {owner.id: owner.username for owner in opened.catalog.owners()}
    albums = {album.id: (album.name, album.media_count) for album in opened.catalog.albums()}
    return {
        "media": sorted(repr(replace(one.media, **RANDOM)) for one in here),  # type: ignore[arg-type]
        "whose": sorted((one.media.filename, owners[one.media.owner_id]) for one in here),
        "where": sorted((one.media.filename, albums.get(one.media.album_id or "")) for one in here),
        "albums": sorted(albums.values()),
        "owners": [(one.username, one.media_count, one.storage_used_bytes) for one in opened.catalog.owners()],
        "origins": sorted((origin.key, names[one.media.id]) for one in here for origin in one.origins),
        "addresses": sorted((address.path, names[one.media.id]) for one in here for address in one.addresses),
    }


def by_one_machine(old: Path, data: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "migrate", "import", "folder", str(old), "--data", str(data)]
    done = subprocess.run(command, env=gateway_environment(), capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    opened = open_data(Settings(storage=Storage(data=str(data))))
    try:
        return told(opened)
    finally:
        opened.close()


def test_three_machines_bring_what_one_would_although_one_is_killed(place: Place, old: Path, tmp_path: Path) -> None:
    first = place.start("first", "import", "folder", old, "--jobs", 1, "--json")
    until(place.machines, "the first machine began")
    second, third = (
        place.start(name, "join", "--jobs", jobs, "--json") for name, jobs in (("second", 1), ("third", 2))
    )
    until(lambda: len(place.machines()) == 3, "all three have begun")
    machine = place.machines()[second.pid]
    until(lambda: place.ask(f"SELECT 1 FROM imports.parts WHERE machine = '{machine}' AND NOT is_done"), "it is busy")
    second.send_signal(signal.SIGKILL)
    second.communicate()
    ends = [process.communicate(timeout=240) for process in (first, third)]
    assert [first.returncode, third.returncode] == [0, 0], ends
    summaries = [json.loads(out.splitlines()[-1]) for out, _ in ends]
    for facts in summaries:
        assert (facts["state"], facts["found"]) == ("finished", PICTURES + 1)
        assert facts["verdicts"] == {"imported": PICTURES, "skipped": 1}
    assert place.ask("SELECT count(*), count(DISTINCT key) FROM imports.items") == [(PICTURES + 1, PICTURES + 1)]
    [run] = json.loads(place.run("status", "--json"))
    assert (run["state"], run["machines"]) == ("finished", [])
    storage = Storage(data=str(tmp_path / "asking"), catalog=place.catalog, blobs=place.blobs)
    opened = open_data(Settings(storage=storage))
    try:
        assert told(opened) == by_one_machine(old, tmp_path / "alone")
        stored = {name for name, _, _ in opened.blobs.names()}
        named = {name for one in opened.catalog.export_media("", PICTURES + 10) for name in one.media.blobs()}
        assert named <= stored  # what was on its way when a machine was killed is nobody's, as `gateway check` says
    finally:
        opened.close()
    assert "safe to switch off" in place.run("verify", "--read-data")
    again = json.loads(place.run("import", "folder", old, "--json", code=4).splitlines()[-1])
    assert again["verdicts"]["already-imported"] == PICTURES
    removed = json.loads(place.run("undo", run["run"], "--yes", "--json"))
    assert removed["removed"]["media"] == PICTURES
    assert place.ask("SELECT count(*) FROM media") == [(0,)]


def test_asked_to_stop_one_machine_leaves_and_the_others_finish(place: Place, old: Path) -> None:
    first = place.start("first", "import", "folder", old, "--jobs", 1, "--json")
    until(place.machines, "the first machine began")
    second = place.start("second", "join", "--jobs", 1, "--json")
    until(lambda: len(place.machines()) == 2, "both have begun")
    first.send_signal(signal.SIGINT)
    out, errors = first.communicate(timeout=60)
    left = json.loads(out.splitlines()[-1])
    assert (first.returncode, left["state"]) == (3, "stopped"), errors
    assert "migrate join" in left["message"]
    out, errors = second.communicate(timeout=240)
    assert second.returncode == 0, errors
    assert json.loads(out.splitlines()[-1])["verdicts"]["imported"] == PICTURES


def test_hard_links_into_an_s3_store_are_refused(place: Place, old: Path) -> None:
    process = place.start("first", "import", "folder", old, "--link")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--link shares files on one disk, and storage.blobs is an S3 store" in errors
