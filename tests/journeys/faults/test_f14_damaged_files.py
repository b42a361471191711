"""F14. Files that were damaged, swapped or lost behind the gateway's back: the check finds them by their hash, and
uploading the same once more puts them back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import LiveServer
from tests.journeys.commands import gateway, gateway_json
from tests.journeys.faults.proof import nothing_lost, send
from tests.journeys.uploading import Acknowledged, get, lost, noise

Harm = Callable[[Path, Path], None]


def flip_a_bit(file: Path, other: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def swap(file: Path, other: Path) -> None:
    mine, others = file.read_bytes(), other.read_bytes()
    file.write_bytes(others)
    other.write_bytes(mine)


HARMS: dict[str, tuple[Harm, int]] = {
    "a bit of it was flipped": (flip_a_bit, 1),
    "it was swapped with another": (swap, 2),
    "it is missing": (lambda file, other: file.unlink(), 1),
    "it is empty": (lambda file, other: file.write_bytes(b"") and None, 1),
    "it was cut": (lambda file, other: file.write_bytes(file.read_bytes()[:-100]) and None, 1),
}


def original(server: LiveServer, one: Acknowledged) -> Path:
    return server.data / "media" / one.id[:2] / one.path.removeprefix("/")


def found(server: LiveServer) -> list[str]:
    """The ids of what `gateway check --read-data` finds wrong."""
    done = gateway(server.data, "check", "--read-data", "--json")
    assert done.returncode in (0, 3), done.stderr
    return sorted(one["name"].partition(".")[0] for one in json.loads(done.stdout)["findings"])


@pytest.mark.parametrize("what", HARMS)
def test_f14_a_damaged_file_is_found_and_healed_by_the_same_upload(serve: Callable[..., LiveServer], what: str) -> None:
    server = serve(GATEWAY_SWEEPER__INTERVAL="86400")
    sent = [noise(number) for number in range(3)]
    promised = [send(server, one) for one in sent]
    assert found(server) == []
    harm, number = HARMS[what]
    harm(original(server, promised[0]), original(server, promised[1]))
    assert found(server) == sorted(one.id for one in promised[:number])
    for one in sent:
        send(server, one)
    assert [send(server, one).id for one in sent] == [one.id for one in promised], "the records are the same"
    nothing_lost(server, promised)


def test_f14_a_lost_rendition_is_made_anew_by_the_repair(serve: Callable[..., LiveServer]) -> None:
    server = serve(GATEWAY_SWEEPER__INTERVAL="86400")
    one = send(server, noise(1))
    [(path, _)] = one.renditions
    file = server.data / "media" / one.id[:2] / path.removeprefix("/")
    before = file.read_bytes()
    file.unlink()
    assert found(server) == [one.id]
    assert gateway_json(server.data, "check", "--repair")["mended"] == 1
    assert get(server.url, path).body == before
    nothing_lost(server, [one])


def test_f14_a_file_that_is_missing_is_said_to_be_missing_and_its_record_stays(
    serve: Callable[..., LiveServer],
) -> None:
    server = serve(GATEWAY_SWEEPER__INTERVAL="1")
    promised = [send(server, noise(number)) for number in range(3)]
    original(server, promised[0]).unlink()
    assert list(lost(server.url, promised)) == [f"{promised[0].path}: 404, {len(body(server, promised[0]))} bytes"]
    gateway_json(server.data, "sweep")
    assert gateway_json(server.data, "stats")["media_count"] == 3


def body(server: LiveServer, one: Acknowledged) -> bytes:
    return get(server.url, one.path).body
