"""R9: pictures are decoded in processes of their own, which are limited, and may die."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.core.errors import FileRefused, GatewayError
from gateway.core.formats import apart, raster
from gateway.core.formats.child import Pool
from gateway.core.library import Added
from gateway.store.opening import Opened
from tests.conftest import LiveServer, draw
from tests.core.drawing import ARRIVED_AT, FORMATS, LIMITS, WANTED, drawn
from tests.journeys.commands import until
from tests.journeys.uploading import acknowledged, get, noise, upload

pytestmark = pytest.mark.sqlite_disk_only("about what comes before the stores")

IN_PROCESS = ("open_image", "decode", "develop")


def children(server: LiveServer) -> list[int]:
    found = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return [int(pid) for file in found for pid in file.read_text().split()]


@pytest.mark.parametrize("format", FORMATS)
def test_r09_no_decoder_runs_in_the_server(
    add_image: Callable[..., Added], format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in IN_PROCESS:
        monkeypatch.setattr(raster, name, None)
    monkeypatch.setattr(apart, "develop_inside", None)
    assert add_image(data=drawn(format)).media.thumb_bytes


def test_r09_what_a_header_refuses_costs_no_child_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool(1)
    monkeypatch.setattr(pool, "run", None)
    small = type(LIMITS)(**{**vars_of(LIMITS), "max_pixels": 10})
    with pytest.raises(FileRefused, match="pixels"):
        apart.develop(
            io.BytesIO(draw()), raster.by_name("png"), small, WANTED, pool, filename="a.png", arrived_at=ARRIVED_AT
        )


def vars_of(limits: object) -> dict[str, int]:
    return {name: getattr(limits, name) for name in limits.__dataclass_fields__}  # type: ignore[attr-defined]


def test_r09_children_have_limits_of_their_own(serve: Callable[..., LiveServer]) -> None:
    server = serve()
    acknowledged(upload(server.url, server.key, data := draw(seed=1)), data)
    (child, *_) = children(server)
    limits = {line[:26].strip(): line[26:].split() for line in Path(f"/proc/{child}/limits").read_text().splitlines()}
    assert int(limits["Max address space"][1]) < 3 << 30
    assert limits["Max cpu time"][1] != "unlimited"
    assert limits["Max file size"][1] == limits["Max core file size"][1] == "0"
    assert int(limits["Max open files"][1]) <= 64
    assert b"GATEWAY" not in Path(f"/proc/{child}/environ").read_bytes()
    sockets = [os.readlink(link) for link in Path(f"/proc/{child}/fd").iterdir()]
    assert sum(name.startswith("socket:") for name in sockets) == 1


def test_r09_killing_decoders_costs_their_files_alone(serve: Callable[..., LiveServer]) -> None:
    """Killed as often as they come back, while one sends pictures that take their time."""
    server = serve()
    is_over = threading.Event()

    def kill() -> None:
        while not is_over.wait(0.05):
            for pid in children(server):
                with suppress(ProcessLookupError):  # gone by itself since
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        statuses = {upload(server.url, server.key, noise(seed, 900, 900)).status for seed in range(8)}
    finally:
        is_over.set()
        killer.join()
    assert statuses <= {200, 400, 503}, statuses
    assert 400 in statuses or 503 in statuses
    assert server.process.poll() is None
    assert get(server.url, "/health").status == 200
    acknowledged(upload(server.url, server.key, data := draw(seed=2)), data)
    until(lambda: not list((server.data / "incoming").iterdir()), "nothing is left of what was refused")


def test_r09_a_child_that_dies_refuses_its_file_and_leaves_nothing(
    opened: Opened, add_image: Callable[..., Added], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_image(data=draw(seed=1))
    taken = Pool._take

    def take(pool: Pool) -> object:
        child = taken(pool)
        os.kill(child.process.pid, signal.SIGKILL)
        child.process.wait()
        return child

    monkeypatch.setattr(Pool, "_take", take)
    with pytest.raises(GatewayError) as refused:
        add_image(data=draw(seed=2))
    assert refused.value.code == "FILE_BROKEN"
    assert opened.library.usage().media_count == 1
    monkeypatch.undo()
    assert add_image(data=draw(seed=2)).media.thumb_bytes
