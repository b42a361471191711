"""What has to hold after every fault: nothing that was acknowledged is lost, and nothing half-written is left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from tests.conftest import LiveServer, free_port
from tests.journeys.commands import gateway
from tests.journeys.folder import damage, query, stored
from tests.journeys.uploading import Acknowledged, Answer, acknowledged, lost, upload


def missing(data: Path, promised: Iterable[Acknowledged]) -> list[str]:
    """Of what was promised, what is not in this folder, looked at without a gateway."""
    hashes, files = dict(query(data, "SELECT id, sha256 FROM media")), stored(data)
    gone = []
    for one in promised:
        file = data / "media" / one.id[:2] / one.path.rsplit("/", 1)[-1]
        if file.name not in files or hashlib.sha256(file.read_bytes()).hexdigest() != one.sha256:
            gone.append(f"{file.name} is not as it was sent")
        elif hashes.get(one.id) != one.sha256:
            gone.append(f"{one.id} has no record")
    return gone


def troubles(data: Path, **settings: str) -> list[str]:
    """What `gateway check` finds when it reads everything, and what a look from outside finds."""
    done = gateway(data, "check", "--read-data", "--json", **settings)
    assert done.returncode in (0, 3), done.stderr
    return [*(one["sentence"] for one in json.loads(done.stdout)["findings"]), *damage(data)]


def nothing_lost(server: LiveServer, promised: Iterable[Acknowledged], **settings: str) -> None:
    assert list(lost(server.url, promised)) == []
    assert troubles(server.data, **settings) == []


def send(server: LiveServer, data: bytes, key: str = "") -> Acknowledged:
    return acknowledged(upload(server.url, key or server.key, data), data)


def is_busy(answer: Answer) -> bool:
    """Refused in words, for now, as something the client may send again."""
    return answer.status in (503, 507) and bool(answer.json["error"]["message"])


def refused_start(data: Path, **settings: str) -> list[str]:
    """The lines with which `gateway serve` ends at once: what happened, and what to do."""
    done = gateway(data, "serve", "--port", str(free_port()), **settings)
    assert done.returncode == 1, done
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 2 and lines[0].startswith("Error: "), done.stderr
    return lines
