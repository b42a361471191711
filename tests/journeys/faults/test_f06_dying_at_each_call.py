"""F6. Dying at each system call of an upload, and of a deletion, one after the other."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import LiveServer
from tests.journeys.commands import gateway_json
from tests.journeys.faults.proof import missing, nothing_lost, send, troubles
from tests.journeys.faults.rounds import IS_LONG
from tests.journeys.faults.tracing import traced
from tests.journeys.folder import known, query, stored
from tests.journeys.uploading import Acknowledged, Answer, acknowledged, ask, get, noise, upload

CALLS = ["rename", "fsync", "fdatasync", "unlink", "mkdir"]
CALLS += ["openat", "write", "pwrite64", "ftruncate", "close", "fcntl"] if IS_LONG else []
MOST = 200  # times any of them is called
QUIET = {"GATEWAY_SWEEPER__INTERVAL": "86400"}
Serve = Callable[..., LiveServer]


def dying_at(call: str, number: int, server: LiveServer, log: Path, request: Callable[[], Answer]) -> Answer | None:
    """None when the process died before it answered."""
    deadly = f"inject={call}:signal=KILL:when={number}"
    with traced(server.process.pid, log, "-e", f"trace={call}", "-e", deadly):
        try:
            return request()
        except (OSError, http.client.HTTPException):
            server.process.wait(60)
            return None


def test_f06_an_upload_that_dies_at_any_call_is_there_or_not_acknowledged(serve: Serve, tmp_path: Path) -> None:
    server = serve(**QUIET)
    key, data = server.key, server.data
    promised, died = [send(server, noise(1), key)], Counter[str]()
    for call, number in calls_one_by_one(died):
        sent = noise(1000 * number + len(promised))
        answer = dying_at(call, number, server, tmp_path / "trace", lambda: upload(server.url, key, sent))  # noqa: B023
        promised += [acknowledged(answer, sent)] if answer else []
        if server.process.poll() is not None:
            died[call] += 1
            assert missing(data, promised) == []
            server = serve(**QUIET)
            promised.append(send(server, sent, key))  # what such a client does next
    assert {"rename", "fsync", "fdatasync"} <= died.keys()
    print(f"died at {died.total()} calls of an upload: {len(promised)} acknowledged, none lost. {dict(died)}")
    nothing_lost(server, promised)
    swept_clean(server)


def test_f06_a_deletion_that_dies_at_any_call_is_done_or_not(serve: Serve, tmp_path: Path) -> None:
    server = serve(**QUIET)
    key, data, died = server.key, server.data, Counter[str]()
    kept, sent_before = [send(server, noise(1), key)], 1
    for call, number in calls_one_by_one(died):
        sent_before += 1
        sent = noise(sent_before)
        answer = upload(server.url, key, sent)
        one, link = acknowledged(answer, sent), urlsplit(answer.json["image"]["delete_url"]).path
        gone = dying_at(call, number, server, tmp_path / "trace", lambda: ask(server.url, "GET", link))  # noqa: B023
        if server.process.poll() is not None:
            died[call] += 1
            server = serve(**QUIET)
        if is_there := (one.id,) in query(data, "SELECT id FROM media"):
            kept.append(one)
        assert not (gone and is_there), "it was said to be gone"
        assert is_whole_or_gone(server, one, is_there)
    assert {"fdatasync", "unlink"} <= died.keys()
    print(f"died at {died.total()} calls of a deletion: {len(kept)} are there, whole. {dict(died)}")
    nothing_lost(server, kept)
    swept_clean(server)


def calls_one_by_one(died: Counter[str]) -> Iterator[tuple[str, int]]:
    """The first of each kind, the second, and so on, as long as the process died of the one before."""
    for call in CALLS:
        for number in range(1, MOST):
            yield call, number
            if died[call] < number:
                break


def is_whole_or_gone(server: LiveServer, one: Acknowledged, is_there: bool) -> bool:
    """No address answers with half of it."""
    paths = [one.path, *(path for path, _ in one.renditions)]
    return {get(server.url, path).status for path in paths} == {200 if is_there else 404}


def swept_clean(server: LiveServer) -> None:
    """Only files without a record were left, and those are set aside."""
    assert server.stop() == 0
    assert {trouble for trouble in troubles(server.data) if "record" not in trouble} == set()
    gateway_json(server.data, "sweep", GATEWAY_SWEEPER__INCOMING_AGE="0")
    assert stored(server.data) == known(server.data)
    assert troubles(server.data, GATEWAY_SWEEPER__INCOMING_AGE="0") == []
