"""F3. A full disk: uploads are refused for now, reading goes on, nothing half-written stays, and room heals it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import LiveServer
from tests.journeys.commands import until
from tests.journeys.faults.disks import fill, small_disk
from tests.journeys.faults.proof import is_busy, nothing_lost, send
from tests.journeys.folder import incoming, known, stored
from tests.journeys.uploading import Acknowledged, Answer, acknowledged, get, lost, noise, upload, upload_all

Serve = Callable[..., LiveServer]
QUIET = {"GATEWAY_SWEEPER__INTERVAL": "86400", "GATEWAY_STORAGE__MIN_FREE": "0"}


def test_f03_a_full_disk_refuses_uploads_and_serves_on(serve: Serve, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "20m") as disk:
        data = disk / "data"
        server = serve(data=data, **QUIET)
        ballast = fill(disk, leave=1_500_000)
        promised, refusal = upload_until_refused(server)
        assert is_busy(refusal)
        assert len(promised) > 1
        at_once = upload_all(server.url, server.key, [noise(1000 + number, 300, 200) for number in range(6)])
        assert [one.status for one in at_once if not is_busy(one)] == []
        assert list(lost(server.url, promised)) == []
        assert (incoming(data), stored(data)) == ([], known(data))

        ballast.unlink()
        promised.append(send(server, noise(5000, 300, 200)))
        assert server.stop() == 0
        again = serve(data=data, **QUIET)
        nothing_lost(again, promised)
        assert again.stop() == 0


def test_f03_a_full_disk_of_the_catalog_alone_refuses_uploads_and_serves_on(serve: Serve, tmp_path: Path) -> None:
    files = tmp_path / "files"
    elsewhere = {**QUIET, "GATEWAY_STORAGE__BLOBS": str(files)}
    with small_disk(tmp_path / "disk", "20m") as disk:
        server = serve(data=disk / "data", **elsewhere)
        promised = [send(server, noise(number)) for number in range(3)]
        before = stored(files)
        ballast = fill(disk)
        refused = refused_in_the_end(server)
        assert is_busy(refused)
        kept = stored(files).keys() - before.keys()
        assert kept == {name for name in known(disk / "data") if name not in before}
        assert list(lost(server.url, promised)) == []

        ballast.unlink()
        promised.append(send(server, noise(6000)))
        assert list(lost(server.url, promised)) == []
        assert server.stop() == 0
        again = serve(data=disk / "data", **elsewhere)
        assert list(lost(again.url, promised)) == []
        assert stored(files) == known(disk / "data")
        assert again.stop() == 0


def test_f03_health_says_that_the_disk_is_full_and_then_that_it_is_not(serve: Serve, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "20m") as disk:
        server = serve(data=disk / "data", GATEWAY_STORAGE__MIN_FREE="2 MB")
        until(lambda: get(server.url, "/health").status == 200, "it is well")
        ballast = fill(disk)
        until(lambda: get(server.url, "/health").status == 503, "it says that it is not well")
        ballast.unlink()
        until(lambda: get(server.url, "/health").status == 200, "it is well again")
        assert server.stop() == 0


@pytest.mark.parametrize("room", [0, 16384])
def test_f03_however_little_room_is_left_it_starts_again_once_there_is_some(
    serve: Serve, tmp_path: Path, room: int
) -> None:
    with small_disk(tmp_path / "disk", "20m") as disk:
        server = serve(data=disk / "data", **QUIET)
        promised = [send(server, noise(1))]
        ballast = fill(disk, leave=room)
        more, _ = upload_until_refused(server)
        server.process.kill()
        server.process.wait(60)
        ballast.unlink()
        again = serve(data=disk / "data", **QUIET)
        nothing_lost(again, [*promised, *more])
        assert again.stop() == 0


def upload_until_refused(server: LiveServer) -> tuple[list[Acknowledged], Answer]:
    promised = []
    for number in range(100):
        sent = noise(number, 300, 200)
        if (answer := upload(server.url, server.key, sent)).status != 200:
            return promised, answer
        promised.append(acknowledged(answer, sent))
    raise AssertionError("the disk does not fill up")


def refused_in_the_end(server: LiveServer) -> Answer:
    """The file of the catalog may have some room in it."""
    for number in range(200):
        if (answer := upload(server.url, server.key, noise(2000 + number))).status != 200:
            return answer
    raise AssertionError("the disk does not fill up")
