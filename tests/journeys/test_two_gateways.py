"""Real gateway processes over the same stores, in one folder or with a folder each: what is done at one counts at the
other at once, and one that was killed is not missed."""

from __future__ import annotations

import http.client
import json
import re
import signal
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.conftest import LiveServer, draw, free_port
from tests.journeys.commands import gateway, gateway_json, until
from tests.journeys.uploading import PATIENCE
from tests.stores import a_database, moto_server

Serve = Callable[..., LiveServer]


@dataclass(frozen=True, slots=True)
class Stores:
    """Where gateways keep things; `folders` are the data folders of the first and the second."""

    folders: tuple[Path, Path]
    settings: dict[str, str]

    def run(self, *command: str) -> Any:
        return gateway_json(self.folders[0], *command, **self.settings)


@pytest.fixture
def embedded(tmp_path: Path) -> Stores:
    return Stores((tmp_path / "one", tmp_path / "one"), {})


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Stores]:
    with a_database() as catalog, moto_server() as s3:
        settings = {"GATEWAY_STORAGE__CATALOG": catalog, "GATEWAY_STORAGE__BLOBS": s3.place(s3.bucket(), "library")}
        yield Stores((tmp_path / "one", tmp_path / "two"), settings | s3.environment())


@pytest.fixture(params=["embedded", "elsewhere"])
def stores(request: pytest.FixtureRequest) -> Stores:
    found: Stores = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def start(serve: Serve, stores: Stores) -> Callable[..., LiveServer]:
    """start(0) and start(1) are the two gateways, named a and b."""

    def begin(number: int, **settings: str) -> LiveServer:
        named = stores.settings | {"GATEWAY_SERVER__NODE": "ab"[number]} | settings
        return serve(data=stores.folders[number], **named)

    return begin


Start = Callable[..., LiveServer]


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(server: LiveServer, method: str, path: str, key: str = "", body: bytes = b"", **headers: str) -> Said:
    line = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, path, body or None, named | ({"Authorization": f"Bearer {key}"} if key else {}))
    answer = line.getresponse()
    said = Said(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    line.close()
    return said


def upload(server: LiveServer, key: str, seed: int) -> str:
    boundary = b"in-between"
    part = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n%s\r\n--%s--\r\n'
    body = part % (boundary, draw(seed=seed), boundary)
    said = ask(server, "POST", "/v1/images", key, body, Content_Type="multipart/form-data; boundary=in-between")
    assert said.status == 201, said.body
    media_id: str = json.loads(said.body)["data"]["id"]
    return media_id


def test_what_is_said_of_keys_and_owners_counts_at_either_at_once(start: Start, stores: Stores) -> None:
    one, other = start(0), start(1)
    assert one.key and not other.key, "the first owner is made once"
    gateway(stores.folders[0], "owner", "add", "alice", **stores.settings)
    made = stores.run("key", "add", "test", "--owner", "alice")
    spare = stores.run("key", "add", "spare", "--owner", "alice")

    def verify(server: LiveServer, key: str) -> int:
        return ask(server, "GET", "/v1/auth/verify", key).status

    assert [verify(server, made["api_key"]) for server in (one, other)] == [200, 200]
    named = next(key["id"] for key in stores.run("key", "list") if key["name"] == "test")
    gateway(stores.folders[0], "key", "revoke", named, **stores.settings)
    assert [verify(server, made["api_key"]) for server in (one, other)] == [401, 401]
    assert [verify(server, spare["api_key"]) for server in (one, other)] == [200, 200]
    gateway(stores.folders[0], "owner", "disable", "alice", **stores.settings)
    assert [verify(server, spare["api_key"]) for server in (one, other)] == [403, 403]


def test_an_upload_in_pieces_goes_on_at_the_other_when_one_is_killed(start: Start) -> None:
    one, other = start(0), start(1)
    data, tus = draw(400, 300, seed=7), {"Tus_Resumable": "1.0.0"}
    piece = tus | {"Content_Type": "application/offset+octet-stream"}
    begun = ask(one, "POST", "/v1/uploads", one.key, Upload_Length=str(len(data)), **tus)
    path = begun.headers["location"]
    assert ask(one, "PATCH", path, one.key, data[:1000], Upload_Offset="0", **piece).status == 204
    one.stop(signal.SIGKILL)
    told = ask(other, "HEAD", path, one.key, **tus)
    assert (told.status, told.headers["upload-offset"]) == (200, "1000")
    done = ask(other, "PATCH", path, one.key, data[1000:], Upload_Offset="1000", **piece)
    assert done.status == 204
    assert ask(other, "GET", f"/{done.headers['x-picora-id']}.png").body == data
    again = start(0)
    assert ask(again, "GET", f"/{done.headers['x-picora-id']}.png").body == data


def test_uploads_at_both_at_once_are_all_there_at_either(start: Start, stores: Stores) -> None:
    one, other = start(0), start(1)
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda at: upload((one, other)[at % 2], one.key, at), range(40)))
    assert len(set(ids)) == 40
    for server in (one, other):
        assert {ask(server, "GET", f"/{id}.png").body for id in ids} == {draw(seed=at) for at in range(40)}
    assert stores.run("stats")["media_count"] == 40


def test_the_same_picture_at_both_at_once_is_one_record(start: Start, stores: Stores) -> None:
    one, other = start(0), start(1)
    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(lambda at: upload((one, other)[at % 2], one.key, 0), range(16)))
    assert len(ids) == 1
    assert stores.run("stats")["media_count"] == 1


def test_request_ids_health_and_metrics_tell_which_gateway_it_is(start: Start) -> None:
    for number, name in enumerate("ab"):
        server = start(number)
        said = ask(server, "GET", "/health")
        assert said.headers["x-request-id"].startswith(f"{name}-")
        assert json.loads(said.body)["node"] == name
        assert f'node="{name}"' in ask(server, "GET", "/metrics").body.decode()
        assert json.loads(said.body)["checks"] == dict.fromkeys(("catalog", "files", "disk", "sweeper"), "ok")


def test_what_is_past_its_time_is_swept_by_whoever_is_left(start: Start, stores: Stores) -> None:
    often = {"GATEWAY_SWEEPER__INTERVAL": "1"}
    one, other = start(0, **often), start(1, **often)
    for number in range(6):
        source = b64encode(draw(seed=number)).decode()
        body = urlencode({"key": one.key, "expiration": "PT1S", "source": source}).encode()
        said = ask(one, "POST", "/api/1/upload", body=body, Content_Type="application/x-www-form-urlencoded")
        assert said.status == 200, said.body
    one.stop(signal.SIGKILL)
    until(lambda: stores.run("stats")["media_count"] == 0, "nothing is left")
    assert other.process.poll() is None


def test_without_its_redis_it_says_so_and_goes_on(serve: Serve, redis: str) -> None:
    server = serve(GATEWAY_LIMITS__STORE=f"redis://127.0.0.1:{free_port()}", GATEWAY_LIMITS__READ="2")
    codes = [ask(server, "GET", "/v1/auth/verify", "sk_live_nonsense").status for _ in range(3)]
    assert codes == [401, 401, 429]
    told = ask(server, "GET", "/health")
    assert (told.status, json.loads(told.body)["checks"]["limits"]) == (200, "lost")
    assert 'picgate_check_ok{check="limits"} 0.0' in ask(server, "GET", "/metrics").body.decode()
    assert upload(server, server.key, 1)
    log = server.data.with_name(server.data.name + ".log").read_text()
    assert len(re.findall("limits.store cannot be reached", log)) == 1
