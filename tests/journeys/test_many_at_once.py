"""Many clients, two servers and the command line on one folder: limits hold, and nobody meets a locked database."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import LiveServer, draw
from tests.journeys.commands import gateway, gateway_json, until
from tests.journeys.folder import damage, incoming, known, query, stored
from tests.journeys.uploading import Acknowledged, acknowledged, get, lost, noise, picture, upload, upload_all

Serve = Callable[..., LiveServer]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "live"


def key_of_new_owner(data: Path, name: str, *flags: str) -> str:
    assert gateway(data, "owner", "add", name, *flags).returncode == 0
    key: str = gateway_json(data, "key", "add", "test", "--owner", name)["api_key"]
    return key


def test_r30_fifty_uploads_at_once_cannot_pass_a_quota(serve: Serve, data: Path) -> None:
    server = serve()
    key = key_of_new_owner(data, "alice", "--quota", "200 KB")
    pictures = [noise(number) for number in range(50)]
    answers = upload_all(server.url, key, pictures)

    promised = [acknowledged(one, sent) for one, sent in zip(answers, pictures, strict=True) if one.status == 200]
    refused = [one for one in answers if one.status != 200]
    assert {(one.status, one.code) for one in refused} == {(400, 104)}
    owner = gateway_json(data, "owner", "show", "alice")
    used = sum(len(sent) for one, sent in zip(answers, pictures, strict=True) if one.status == 200)
    assert owner["storage_used_bytes"] == used <= owner["quota_bytes"] < used + max(map(len, pictures))
    assert owner["media_count"] == len(promised)
    assert (incoming(data), damage(data), stored(data)) == ([], [], known(data))
    assert list(lost(server.url, promised)) == []


def test_r30_two_servers_cannot_pass_a_quota_either(serve: Serve, data: Path) -> None:
    servers = [serve(), serve()]
    key = key_of_new_owner(data, "alice", "--quota", "100 KB")
    pictures = [noise(number) for number in range(30)]
    with ThreadPoolExecutor(30) as threads:
        answers = list(threads.map(lambda at: upload(servers[at % 2].url, key, pictures[at]), range(30)))
    assert {one.code for one in answers if one.status != 200} == {104}
    used = gateway_json(data, "owner", "show", "alice")["storage_used_bytes"]
    assert used <= 100_000 < used + max(map(len, pictures))
    assert (incoming(data), damage(data), stored(data)) == ([], [], known(data))


def test_twenty_five_uploads_with_one_key_all_succeed(serve: Serve, data: Path) -> None:
    server = serve()
    pictures = [picture(number) for number in range(25)]
    answers = upload_all(server.url, server.key, pictures)
    promised = [acknowledged(one, sent) for one, sent in zip(answers, pictures, strict=True)]
    assert len({one.id for one in promised}) == 25
    assert list(lost(server.url, promised)) == []
    assert (incoming(data), damage(data), stored(data)) == ([], [], known(data))


def test_the_same_bytes_ten_times_at_once_end_in_one_record(serve: Serve, data: Path) -> None:
    servers = [serve(), serve()]
    key = servers[0].key
    sent = noise(1, 200, 150)
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda at: upload(servers[at % 2].url, key, sent), range(10)))
    promised = [acknowledged(one, sent) for one in answers]
    assert len({one.id for one in promised}) == 1
    assert len({one.json["image"]["delete_url"] for one in answers}) == 10
    assert gateway_json(data, "stats")["media_count"] == 1
    assert (incoming(data), damage(data), stored(data)) == ([], [], known(data))
    for server in servers:
        assert list(lost(server.url, promised)) == []


def test_two_servers_and_the_command_line_share_a_folder(serve: Serve, data: Path) -> None:
    servers = [serve(), serve()]
    key = servers[0].key
    assert servers[1].key == ""

    def send(number: int) -> Acknowledged:
        sent = picture(number)
        return acknowledged(upload(servers[number % 2].url, key, sent), sent)

    with ThreadPoolExecutor(12) as threads:
        sending = [threads.submit(send, number) for number in range(120)]
        keys = [gateway_json(data, "key", "add", f"key {number}")["api_key"] for number in range(3)]
        assert gateway_json(data, "stats")["media_count"] <= 120
        assert gateway(data, "album", "add", "holidays").returncode == 0
        assert gateway(data, "sweep").returncode == 0
        promised = [one.result(120) for one in sending]
    for at, made in enumerate(keys):
        promised.append(acknowledged(upload(servers[at % 2].url, made, noise(at)), noise(at)))

    for server in servers:
        assert list(lost(server.url, promised)) == []
    assert gateway_json(data, "stats")["media_count"] == 123
    assert (incoming(data), damage(data), stored(data)) == ([], [], known(data))
    assert "locked" not in data.with_name("live.log").read_text()


def test_a_key_revoked_by_the_command_line_is_refused_at_once(serve: Serve, data: Path) -> None:
    servers = [serve(), serve()]
    made = gateway_json(data, "key", "add", "lost laptop")
    for server in servers:
        assert upload(server.url, made["api_key"], draw(seed=1)).status == 200
    assert gateway(data, "key", "revoke", made["id"]).returncode == 0
    for server in servers:
        refused = upload(server.url, made["api_key"], draw(seed=2))
        assert (refused.status, refused.code) == (400, 100)
    assert gateway(data, "owner", "disable", "admin").returncode == 0
    for server in servers:
        refused = upload(server.url, servers[0].key, draw(seed=3))
        assert (refused.status, refused.code) == (400, 401)


def test_what_has_expired_is_gone_at_once_and_its_files_soon(serve: Serve, data: Path) -> None:
    servers = [serve(GATEWAY_SWEEPER__INTERVAL="1"), serve(GATEWAY_SWEEPER__INTERVAL="1")]
    key = servers[0].key
    kept = acknowledged(upload(servers[0].url, key, draw(seed=1)), draw(seed=1))
    pictures = [picture(number) for number in range(10, 20)]
    expiring = [
        acknowledged(upload(servers[at % 2].url, key, sent, expiration="1"), sent) for at, sent in enumerate(pictures)
    ]
    for one in expiring:
        until(lambda path=one.path: get(servers[0].url, path).status == 404, f"{one.path} is gone")  # type: ignore[misc]
        paths = [one.path, f"/image/{one.id}", *(path for path, _ in one.renditions)]
        for server in servers:
            assert {get(server.url, path).status for path in paths} == {404}
    until(lambda: len(stored(data)) == 2, "the files of what has expired are gone")

    assert list(lost(servers[1].url, [kept])) == []
    assert query(data, "SELECT count(*) FROM tombstones") == [(10,)]
    assert gateway_json(data, "stats")["media_count"] == 1
    assert (incoming(data), damage(data), stored(data)) == ([], [], known(data))
    removed = re.findall(r"removed (\d+) expired", data.with_name("live.log").read_text())
    assert sum(map(int, removed)) == 10, "each was removed by one of the two"
