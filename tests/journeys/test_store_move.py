"""A library moves to another catalog while people upload, and the move is killed again and again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import requests

from tests.conftest import LiveServer, draw, gateway_environment
from tests.journeys.commands import until
from tests.stores import EmptiedCatalog

Uploaded = dict[str, bytes]  # what was acknowledged: the address of the file, and what was sent


class Uploading:
    """One after the other, until it is stopped or the library takes no more."""

    def __init__(self, server: LiveServer, seed: int) -> None:
        self.server = server
        self.seed = seed
        self.acknowledged: Uploaded = {}
        self.refusals: list[requests.Response] = []
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        while not self.refusals:
            self.seed += 1
            data = draw(seed=self.seed, width=80 + self.seed % 500)
            answer = requests.post(
                f"{self.server.url}/api/1/upload", data={"key": self.server.key}, files={"source": ("p.png", data)}
            )
            if answer.status_code == 200:
                self.acknowledged[answer.json()["image"]["url"].removeprefix(self.server.url)] = data
            else:
                self.refusals.append(answer)


def moving(data: Path, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gateway", "store", "move", "--catalog", url, "--data", str(data)],
        env=gateway_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_nothing_acknowledged_is_lost_when_the_move_is_killed_at_any_time(
    serve: Callable[..., LiveServer], emptied_catalog: EmptiedCatalog
) -> None:
    old, url = serve(), emptied_catalog()
    uploading = [Uploading(old, 1000 * number) for number in range(3)]
    for one in uploading:
        one.thread.start()
    until(lambda: sum(len(one.acknowledged) for one in uploading) > 20, "twenty uploads")
    with ExitStack() as stack:
        ends = []
        for delay in (0.4, 0.7, 0.9, 1.1, 1.3):
            process = stack.enter_context(moving(old.data, url))
            try:
                process.communicate(timeout=delay)
            except subprocess.TimeoutExpired:
                process.kill()
            ends.append(process.wait())
        assert -signal.SIGKILL in ends
        last = stack.enter_context(moving(old.data, url))
        _, trouble = last.communicate(timeout=120)
    assert last.returncode in (0, 4), trouble
    for one in uploading:
        one.thread.join(60)
        assert [answer.status_code for answer in one.refusals] == [503]
        assert "has moved to" in one.refusals[0].text
        assert "Retry-After" in one.refusals[0].headers
    acknowledged = {path: data for one in uploading for path, data in one.acknowledged.items()}
    assert {requests.get(f"{old.url}{path}").status_code for path in acknowledged} == {200}  # it still shows them
    assert old.stop() == 0
    new = serve(data=old.data, GATEWAY_STORAGE__CATALOG=url)
    assert {path for path, data in acknowledged.items() if requests.get(f"{new.url}{path}").content != data} == set()
    again = requests.post(
        f"{new.url}/api/1/upload", data={"key": old.key}, files={"source": ("p.png", draw(seed=7, width=99))}
    )
    assert again.status_code == 200
