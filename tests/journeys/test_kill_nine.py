"""What was acknowledged is never lost: `kill -9` in the middle of parallel uploads, again and again on one folder.

PICGATE_KILL_ROUNDS=200 is the long run.
"""

from __future__ import annotations

import http.client
import itertools
import os
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import LiveServer
from tests.journeys.commands import gateway_json
from tests.journeys.folder import damage, incoming, known, orphans, query, stored
from tests.journeys.uploading import Acknowledged, Answer, acknowledged, lost, picture, upload

ROUNDS = int(os.environ.get("PICGATE_KILL_ROUNDS", "10"))
UPLOADERS = 6
LONGEST_LIFE = 0.6  # seconds of uploads before the kill


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_what_was_acknowledged_survives_kill_nine(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    data, numbers, promised = tmp_path / "live", itertools.count(), list[Acknowledged]()
    key, chance = "", random.Random()
    for _ in range(ROUNDS):
        server = serve()
        key = key or server.key
        promised += killed_at(chance.uniform(0, LONGEST_LIFE), server, key, numbers)
        assert not damage(data)
    assert len(promised) >= ROUNDS, "hardly anything was acknowledged"

    left = orphans(data)
    rows = query(data, "SELECT count(*) FROM media")[0][0]
    print(
        f"{ROUNDS} kills: {len(promised)} uploads acknowledged, {len({one.id for one in promised})} ids, {rows} rows,"
        f" {len(left)} orphans, {len(incoming(data))} incoming parts"
    )
    assert {one.id for one in promised} <= {id for (id,) in query(data, "SELECT id FROM media")}
    server = serve()
    assert list(lost(server.url, promised)) == []
    assert server.stop() == 0

    stats = gateway_json(data, "stats")
    originals = {name: size for name, size in stored(data).items() if name in known(data) and name.count(".") == 1}
    assert (stats["media_count"], stats["media_bytes"]) == (len(originals), sum(originals.values()))

    parts = len(incoming(data))
    swept = gateway_json(data, "sweep", GATEWAY_SWEEPER__INCOMING_AGE="0")
    assert swept == {"expired": 0, "incoming": parts, "orphans": len(left)}
    assert stored(data) == known(data)
    assert incoming(data) == []
    assert damage(data) == []


def killed_at(seconds: float, server: LiveServer, key: str, numbers: Iterator[int]) -> list[Acknowledged]:
    """Uploads until the process is killed; what it said yes to before that."""
    promised: list[Acknowledged] = []
    with ThreadPoolExecutor(UPLOADERS) as threads:
        running = [threads.submit(upload_until_it_dies, server, key, numbers, promised) for _ in range(UPLOADERS)]
        threading.Event().wait(seconds)
        server.process.kill()
        server.process.wait(60)
        for one in running:
            one.result()
    return promised


def upload_until_it_dies(server: LiveServer, key: str, numbers: Iterator[int], promised: list[Acknowledged]) -> None:
    while True:
        number = next(numbers)
        data = picture(number - UPLOADERS // 2 if number % 5 == 4 else number)  # the second kind was sent before
        try:
            answer: Answer = upload(server.url, key, data)
        except (OSError, http.client.HTTPException):
            return
        promised.append(acknowledged(answer, data))
