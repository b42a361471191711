"""F11. Two gateways, an import, the sweepers and the command line at once: nothing is lost, and nobody meets a locked
catalog."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import LiveServer, draw, gateway_environment
from tests.journeys.commands import gateway
from tests.journeys.faults.proof import nothing_lost
from tests.journeys.folder import known, query, stored
from tests.journeys.uploading import Acknowledged, acknowledged, ask, form, noise

IMPORTED = 80
UPLOADERS = 4
LONGEST = 30  # seconds that anybody waits for an answer
BUSY = {"GATEWAY_SWEEPER__INTERVAL": "1", "GATEWAY_LIMITS__UPLOAD": "0", "GATEWAY_LIMITS__HOURLY": "0"}


def test_f11_two_gateways_an_import_and_the_sweeper(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    servers = [serve(**BUSY), serve(**BUSY)]
    data, key, old = servers[0].data, servers[0].key, tmp_path / "old"
    old.mkdir()
    for number in range(IMPORTED):
        (old / f"old {number}.png").write_bytes(draw(320, 240, seed=number))
    promised, numbers, over = list[Acknowledged](), itertools.count(), threading.Event()

    def upload_on() -> None:
        while not over.is_set():
            number = next(numbers)
            url = servers[number % 2].url
            body, kind = form(sent := noise(number))
            line = HTTPConnection(urlsplit(url).netloc, timeout=LONGEST)
            answer = ask(url, "POST", "/api/1/upload", body, {"X-API-Key": key, "Content-Type": kind}, line)
            line.close()
            promised.append(acknowledged(answer, sent))

    words = ["import", "folder", str(old), "--data", str(data), "--jobs", "2", "--json"]
    with ThreadPoolExecutor(UPLOADERS) as threads:
        uploading = [threads.submit(upload_on) for _ in range(UPLOADERS)]
        bringing = subprocess.Popen(
            [sys.executable, "-m", "migrate", *words],
            env=gateway_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            while bringing.poll() is None:
                assert gateway(data, "sweep").returncode == 0
            said = bringing.communicate()
        finally:
            over.set()
        for one in uploading:
            one.result()
    assert bringing.returncode == 0, said
    brought = query(data, "SELECT count(DISTINCT filename), count(*) FROM media WHERE filename LIKE 'old %'")
    assert brought == [(IMPORTED, IMPORTED)]
    print(f"{len(promised)} uploads through two gateways during an import of {IMPORTED}: none lost")
    assert len(promised) > UPLOADERS
    for server in servers:
        nothing_lost(server, promised)
    assert stored(data) == known(data)
    log = data.with_name("live.log").read_text()
    assert "locked" not in log and "Traceback" not in log
    assert [server.stop() for server in servers] == [0, 0]
