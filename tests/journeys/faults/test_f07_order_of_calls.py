"""F7. The order of the system calls of one upload: every byte is on the disk before anybody hears of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import LiveServer
from tests.journeys.faults.proof import send
from tests.journeys.faults.tracing import RENAME, SYNC, UNLINK, Call, calls, traced
from tests.journeys.uploading import ask, noise, upload

ANSWERING = "sendto,sendmsg"


def test_f07_everything_is_on_the_disk_before_the_first_byte_of_the_answer(
    serve: Callable[..., LiveServer], tmp_path: Path
) -> None:
    server = serve(GATEWAY_SWEEPER__INTERVAL="86400")
    send(server, noise(1))
    log = tmp_path / "trace"
    with traced(server.process.pid, log, "-e", f"trace={SYNC},{RENAME},{ANSWERING},mkdir"):
        one = send(server, noise(2))
    seen = calls(log)
    files = [one.path, *(path for path, _ in one.renditions)]
    folder = f"{server.data}/media/{one.id[:2]}"
    answered = first(seen, lambda call: call.name in ANSWERING and "HTTP/1.1 200" in call.told)
    committed = first(seen, lambda call: call.name in SYNC and call.path.endswith("catalog.db-wal"))
    listed = first(seen, lambda call: call.name in SYNC and call.path == folder)
    renamed = [first(seen, lambda call, path=path: is_rename(call, f"{folder}{path}")) for path in files]  # type: ignore[misc]
    for at in renamed:
        part = seen[at].told.split('"')[1]
        written = first(seen, lambda call, part=part: call.name in SYNC and call.path == part)  # type: ignore[misc]
        assert written < at < listed < committed < answered
    made = [at for at, call in enumerate(seen) if call.name == "mkdir" and f'"{folder}"' in call.told]
    noted = first(seen, lambda call: call.name in SYNC and call.path == f"{server.data}/media")
    assert all(at < noted < committed for at in made) and made


def test_f07_a_deletion_is_on_the_disk_before_its_files_go(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    server = serve(GATEWAY_SWEEPER__INTERVAL="86400")
    answer = upload(server.url, server.key, noise(1))
    link, id = urlsplit(answer.json["image"]["delete_url"]).path, answer.json["image"]["id_encoded"]
    log = tmp_path / "trace"
    with traced(server.process.pid, log, "-e", f"trace={SYNC},{UNLINK}"):
        ask(server.url, "GET", link)
    seen = calls(log)
    committed = first(seen, lambda call: call.name in SYNC and call.path.endswith("catalog.db-wal"))
    gone = [at for at, call in enumerate(seen) if call.name in UNLINK and f"/{id}." in call.told]
    assert len(gone) == 2 and all(committed < at for at in gone)


def is_rename(call: Call, target: str) -> bool:
    return call.name in RENAME and f'"{target}"' in call.told


def first(seen: list[Call], is_it: Callable[[Call], bool]) -> int:
    return next(at for at, call in enumerate(seen) if is_it(call))
