"""F1. What was acknowledged is never lost: `kill -9` in the middle of parallel uploads, again and again on a folder."""

from __future__ import annotations

import http.client
import itertools
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import LiveServer
from tests.journeys.commands import gateway_json, until
from tests.journeys.faults.proof import nothing_lost
from tests.journeys.faults.rounds import ROUNDS
from tests.journeys.folder import damage, incoming, known, orphans, query, stored
from tests.journeys.uploading import Acknowledged, Answer, acknowledged, picture, upload

UPLOADERS = 6
MOST_ANSWERS = 8  # before the kill
LONGEST_WAIT = 0.1  # seconds after the last of them


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_f01_what_was_acknowledged_survives_kill_nine(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    data, numbers, promised = tmp_path / "live", itertools.count(), list[Acknowledged]()
    key, chance = "", random.Random()
    for _ in range(ROUNDS):
        server = serve()
        key = key or server.key
        promised += killed_after(chance.randint(1, MOST_ANSWERS), server, key, numbers)
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
    nothing_lost(server, promised)
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


def killed_after(answers: int, server: LiveServer, key: str, numbers: Iterator[int]) -> list[Acknowledged]:
    """Uploads until the process is killed, a moment after so many answers; what it said yes to before that."""
    promised: list[Acknowledged] = []
    with ThreadPoolExecutor(UPLOADERS) as threads:
        running = [threads.submit(upload_until_it_dies, server, key, numbers, promised) for _ in range(UPLOADERS)]
        until(lambda: len(promised) >= answers, "some uploads were acknowledged")
        threading.Event().wait(random.uniform(0, LONGEST_WAIT))
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
