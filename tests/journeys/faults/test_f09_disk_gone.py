"""F9. A disk that may not be written, belongs to somebody else, or is not there: it is said, and never taken for files
that are gone."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import cli
from tests.conftest import LiveServer, draw
from tests.journeys.commands import gateway, gateway_json
from tests.journeys.faults.disks import make_image, mounted, remount, small_disk
from tests.journeys.faults.proof import is_busy, nothing_lost, refused_start, send
from tests.journeys.folder import query
from tests.journeys.uploading import Acknowledged, get, lost, noise, upload
from tests.nobody import nobody

Serve = Callable[..., LiveServer]
QUIET = {"GATEWAY_SWEEPER__INTERVAL": "86400"}


def count(data: Path) -> int:
    number: int = query(data, "SELECT count(*) FROM media")[0][0]
    return number


def is_unavailable(url: str, promised: list[Acknowledged]) -> bool:
    """Not one of them is called gone."""
    return {get(url, one.path).status for one in promised} == {503}


def test_f09_a_disk_that_turns_read_only_serves_on_and_takes_nothing(serve: Serve, tmp_path: Path) -> None:
    image = make_image(tmp_path / "disk.img", 48 << 20)
    with mounted(tmp_path / "disk", "-o", "loop", str(image)) as disk:
        server = serve(data=disk / "data", **QUIET)
        promised = [send(server, noise(number)) for number in range(3)]
        remount(disk, "abort")  # what the system does by itself when a disk fails
        assert is_busy(upload(server.url, server.key, noise(10)))
        assert list(lost(server.url, promised)) == []
        assert get(server.url, "/health").status == 503
        server.process.kill()
        server.process.wait(60)
    with mounted(tmp_path / "disk", "-o", "loop", str(image)) as disk:
        again = serve(data=disk / "data", **QUIET)
        nothing_lost(again, [*promised, send(again, noise(10), server.key)])
        assert again.stop() == 0


def test_f09_on_a_read_only_disk_it_does_not_start(serve: Serve, tmp_path: Path) -> None:
    image = make_image(tmp_path / "disk.img", 48 << 20)
    with mounted(tmp_path / "disk", "-o", "loop", str(image)) as disk:
        server = serve(data=disk / "data")
        send(server, noise(1))
        assert server.stop() == 0
    with mounted(tmp_path / "disk", "-o", "loop,ro", str(image)) as disk:
        what, _ = refused_start(disk / "data")
        assert str(disk / "data") in what
        assert gateway_json(disk / "data", "stats")["media_count"] == 1


def test_f09_on_a_folder_of_somebody_else_it_does_not_start(open_folder: Path) -> None:
    if os.getuid():
        pytest.skip("only root can become somebody else")
    data = open_folder / "data"
    assert gateway(data, "init").returncode == 0
    data.chmod(0o755)
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    with nobody():
        done = CliRunner().invoke(cli, ["serve", "--data", str(data)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ") and len(done.stderr.splitlines()) == 2, done.stderr
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before


def test_f09_files_on_a_disk_that_is_not_mounted_are_not_gone(serve: Serve, tmp_path: Path) -> None:
    data, files = tmp_path / "data", tmp_path / "files"
    elsewhere = {"GATEWAY_STORAGE__BLOBS": str(files), **QUIET}
    image = make_image(tmp_path / "disk.img", 32 << 20)
    with ExitStack() as stack:
        stack.enter_context(mounted(files, "-o", "loop", str(image)))
        server = serve(data=data, **elsewhere)
        promised = [send(server, noise(number)) for number in range(21)]
        stack.close()
        assert is_unavailable(server.url, promised)
        assert is_busy(upload(server.url, server.key, noise(100)))
        assert is_busy(upload(server.url, server.key, noise(1))), "nobody is told that it is here already"
        assert get(server.url, "/health").status == 503
        assert gateway(data, "check", "--repair", **elsewhere).returncode == 1
        assert gateway(data, "sweep", **elsewhere).returncode == 1
        assert server.stop() == 0
        _, advice = refused_start(data, **elsewhere)
        assert "is mounted" in advice
        assert (count(data), list(files.rglob("*.png"))) == (21, [])
    with mounted(files, "-o", "loop", str(image)):
        again = serve(data=data, **elsewhere)
        assert list(lost(again.url, promised)) == []
        assert gateway_json(data, "check", "--read-data", **elsewhere)["clean"]
        assert again.stop() == 0


def test_f09_a_data_folder_that_is_not_mounted_any_more_is_not_written(serve: Serve, tmp_path: Path) -> None:
    image = make_image(tmp_path / "disk.img", 32 << 20)
    with mounted(tmp_path / "disk", "-o", "loop", str(image)) as disk:
        server = serve(data=disk, **QUIET)
        promised = [send(server, noise(number)) for number in range(3)]
    before = list(disk.iterdir())
    assert is_unavailable(server.url, promised)
    assert is_busy(upload(server.url, server.key, noise(100)))
    assert get(server.url, "/health").status == 503
    assert list(disk.iterdir()) == before == []
    assert server.stop() == 0
    with mounted(disk, "-o", "loop", str(image)):
        again = serve(data=disk, **QUIET)
        nothing_lost(again, promised)
        assert again.stop() == 0


def test_f09_a_folder_that_says_it_is_not_mounted_becomes_no_library(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "not-mounted").touch()
    _, advice = refused_start(folder)
    assert advice.startswith("Mount it.")
    assert gateway(folder, "init").returncode == 1
    assert [path.name for path in folder.iterdir()] == ["not-mounted"]
    with small_disk(folder, "10m"):
        server = serve(data=folder)
        send(server, draw())
        assert server.stop() == 0
